package io.novacron.inference.serving;

import io.novacron.inference.FallbackReason;
import java.util.function.LongSupplier;

/// A [RowModel] in service: its time is limited, and a value that is not a number, a failure or an
/// overrun takes it out of service until another one is installed. The members answer then.
///
/// One thread owns it.
public final class StackedModel implements AutoCloseable {
    private final RowModel model;
    private final long limitNs;
    private final LongSupplier nanoClock;
    private final String name;
    private FallbackReason reason = FallbackReason.NONE;
    private String detail = "";
    private long usedNs;
    private long rows;

    /// @param name for people, such as `forecast-stack version 3`
    /// @param limitNs what all runs between two calls of [#startTick] may take
    public StackedModel(String name, RowModel model, long limitNs, LongSupplier nanoClock) {
        this.name = name;
        this.model = model;
        this.limitNs = limitNs;
        this.nanoClock = nanoClock;
    }

    /// The time begins anew.
    public void startTick() {
        usedNs = 0;
    }

    /// Answers `count` rows; look at [#reason] afterwards.
    void run(float[] features, int count, float[] answers) {
        if (reason != FallbackReason.NONE || count == 0) {
            return;
        }
        long startNs = nanoClock.getAsLong();
        try {
            model.run(features, count, answers);
        } catch (RowModel.RowModelException e) {
            fail(FallbackReason.MODEL_FAILED, String.valueOf(e.getMessage()));
            return;
        }
        usedNs += nanoClock.getAsLong() - startNs;
        rows += count;
        int levels = io.novacron.inference.ensemble.StackModel.LEVELS.length;
        for (int i = 0; i < count * levels; i++) {
            if (!Float.isFinite(answers[i])) {
                fail(FallbackReason.MODEL_NAN, "it gave " + answers[i]);
                return;
            }
        }
        if (usedNs > limitNs) {
            fail(
                    FallbackReason.MODEL_TOO_SLOW,
                    "it took %d ms in one tick, the limit is %d ms"
                            .formatted(usedNs / 1_000_000, limitNs / 1_000_000));
        }
    }

    private void fail(FallbackReason why, String what) {
        reason = why;
        detail = "%s: %s".formatted(name, what);
    }

    /// [FallbackReason#NONE] while it serves.
    public FallbackReason reason() {
        return reason;
    }

    /// Why it does not serve, for people; its name while it does.
    public String detail() {
        return reason == FallbackReason.NONE ? name : detail;
    }

    /// Rows answered.
    public long rows() {
        return rows;
    }

    @Override
    public void close() {
        model.close();
    }
}
