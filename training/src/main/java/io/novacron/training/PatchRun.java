package io.novacron.training;

import io.novacron.inference.Bounds;
import io.novacron.inference.ModelPackage;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.member.Target;
import io.novacron.inference.patch.PatchCard;
import io.novacron.inference.patch.PatchFeatures;
import io.novacron.inference.patch.PatchModel;
import io.novacron.inference.patch.PatchPackage;
import io.novacron.training.PatchTraining.Trained;
import io.novacron.training.PatchWindows.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// One training of the patch network as `novacron train` does it: from traces to a package in
/// memory.
///
/// Time is cut at 70 %, as for the stacked trees. The rest judges the network: over all targets,
/// its mean quantile loss must be below that of the newest value.
///
/// @param card with everything but the version's directory
/// @param onnx the bytes of `model.onnx`
/// @param isAccepted whether it passed the accuracy gate
/// @param verdict of the accuracy gate, one line
record PatchRun(
        PatchCard card,
        byte[] onnx,
        boolean isAccepted,
        String verdict,
        Map<String, Double> figures) {
    /// 5 minutes, an hour, its mean, a day, the mean of the hour that ends then.
    static final List<Target> TARGETS =
            List.of(
                    Target.at(1),
                    Target.at(12),
                    new Target(1, 12),
                    Target.at(288),
                    new Target(277, 288));

    private static final double TRAINED = .7;
    private static final int MIN_DAYS = 3;
    private static final int TEST_ROWS = 20_000;

    /// Bytes must save this much of the time, and cost no more than so much of the loss.
    private static final double INT8_TIME = .8;

    private static final double INT8_LOSS = 1.002;

    /// Whether the traces are long enough, and of the right step.
    static boolean isEnough(TraceFolder folder) {
        return folder.traces().stream()
                .allMatch(trace ->
                        trace.stepSeconds() == PatchFeatures.STEP_SECONDS
                                && trace.steps() >= MIN_DAYS * 86_400 / PatchFeatures.STEP_SECONDS);
    }

    /// Trains and judges.
    static PatchRun run(
            TraceFolder folder,
            PatchOptions options,
            int version,
            List<String> commands,
            Consumer<String> progress)
            throws TrainingException {
        List<Part> parts = new ArrayList<>();
        List<Part> test = new ArrayList<>();
        for (Trace trace : folder.traces()) {
            int end = (int) (trace.steps() * TRAINED);
            float unit = unit(trace, end);
            parts.add(Part.until(trace, unit, end));
            test.add(new Part(trace, unit, end, end, trace.steps()));
        }
        Trained trained = PatchTraining.train(parts, TARGETS, options, progress);
        PatchWindows unseen = PatchWindows.draw(test, TARGETS, TEST_ROWS, options.seed() + 3);
        PatchScore exact = score(trained.onnx(), unseen);
        PatchScore rough = score(trained.int8(), unseen);
        boolean bytes =
                trained.int8MicrosecondsPerRow() < INT8_TIME * trained.microsecondsPerRow()
                        && rough.wql() <= INT8_LOSS * exact.wql();
        PatchScore chosen = bytes ? rough : exact;
        boolean accepted = chosen.wql() < chosen.lastValueWql(); // false for NaN
        String verdict =
                "mean quantile loss %.5f, of the newest value %.5f: %s"
                        .formatted(
                                chosen.wql(),
                                chosen.lastValueWql(),
                                accepted ? "accepted" : "refused");
        progress.accept("patch network: " + verdict);
        Map<String, Double> metrics = new LinkedHashMap<>(chosen.figures());
        metrics.put("wql", exact.wql());
        metrics.put("int8.wql", rough.wql());
        metrics.put("int8.microsecondsPerRow", trained.int8MicrosecondsPerRow());
        metrics.put("float.microsecondsPerRow", trained.microsecondsPerRow());
        metrics.put("heldBackLoss", trained.loss());
        byte[] onnx = bytes ? trained.int8() : trained.onnx();
        double cost = bytes ? trained.int8MicrosecondsPerRow() : trained.microsecondsPerRow();
        var card =
                new PatchCard(
                        PatchPackage.NAME,
                        PatchPackage.KIND,
                        version,
                        ModelPackage.sha256(onnx),
                        bytes ? "int8" : "float",
                        PatchFeatures.STEP_SECONDS,
                        PatchFeatures.WIDTH,
                        PatchFeatures.LAYOUT,
                        TARGETS,
                        trained.windows(),
                        trained.epochs(),
                        folder.sha256(),
                        commands,
                        Map.of(
                                "pytorch",
                                trained.trainer(),
                                "seed",
                                Long.toString(options.seed()),
                                "gate",
                                verdict),
                        Map.of(
                                "rows",
                                (double) ParityGate.MIN_ROWS,
                                "maxDifference",
                                trained.maxDifference()),
                        metrics,
                        Math.round(cost * 100) / 100.0);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("lstmWindows", (double) trained.windows());
        figures.put("lstmEpochs", (double) trained.epochs());
        figures.put("lstmParityMaxDifference", trained.maxDifference());
        figures.put("lstmBytes", (double) onnx.length);
        figures.put("lstmUsPerRow", card.microsecondsPerRow());
        figures.put("lstmInt8", bytes ? 1.0 : 0);
        figures.put("lstmAccepted", accepted ? 1.0 : 0);
        figures.put("lstmCpuSeconds", trained.cpuSeconds());
        metrics.forEach((name, value) -> figures.put("lstm." + name, value));
        return new PatchRun(card, onnx, accepted, verdict, figures);
    }

    /// One point of a percentage, else a tenth of the mean before step `end`.
    private static float unit(Trace trace, int end) {
        if (trace.bounds().equals(Bounds.PERCENT)) {
            return 1;
        }
        double sum = 0;
        long count = 0;
        for (int i = 0; i < end * trace.series(); i++) {
            float value = Math.abs(trace.values()[i]);
            if (Float.isFinite(value)) {
                sum += Math.min(value, 1e12);
                count++;
            }
        }
        return sum > 0 ? (float) (sum / count / 10) : 1;
    }

    private static PatchScore score(byte[] onnx, PatchWindows unseen) throws TrainingException {
        try (PatchModel model = PatchModel.open(onnx, TARGETS)) {
            return PatchScore.of(model, unseen);
        } catch (ModelRejectedException e) {
            throw new TrainingException("the trained network is refused: " + e.getMessage(), e);
        }
    }
}
