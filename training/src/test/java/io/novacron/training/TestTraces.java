package io.novacron.training;

import java.util.List;

/// Small traces for tests, made once.
final class TestTraces {
    static final TrainingOptions TINY = new TrainingOptions(1, 3000, 4, 3, .3f);

    private TestTraces() {}

    static TraceFolder tiny() {
        List<Trace> traces = new SyntheticTraces(5, 20, 4).generate();
        return new TraceFolder(traces, "tiny", "./novacron make-traces");
    }

    static TrainingRun train(TraceFolder folder, TrainingOptions options) throws TrainingException {
        return TrainingRun.run(folder, options, 1, "./novacron train", _ -> {});
    }
}
