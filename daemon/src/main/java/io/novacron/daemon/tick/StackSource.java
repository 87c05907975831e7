package io.novacron.daemon.tick;

import io.novacron.inference.FallbackReason;
import io.novacron.inference.serving.StackedModel;
import org.jspecify.annotations.Nullable;

/// Where the model stacked on the ensemble's members comes from. The analysis thread calls it.
public interface StackSource extends AutoCloseable {
    /// No model, on purpose.
    StackSource NONE =
            new StackSource() {
                @Override
                public @Nullable StackedModel forTick() {
                    return null;
                }

                @Override
                public void afterTick() {}

                @Override
                public Status status() {
                    return Status.NO_MODEL;
                }

                @Override
                public void close() {}
            };

    /// The model for this tick, or null.
    @Nullable StackedModel forTick();

    /// The model that runs beside it in this tick, whose answers are judged and not used; or null.
    default @Nullable StackedModel shadow() {
        return null;
    }

    /// The tick's forecasts are made: a model that failed gives way to the one before.
    void afterTick();

    /// A snapshot.
    Status status();

    @Override
    void close();

    /// How the model in service does.
    ///
    /// @param version in service, 0 for none
    /// @param reason [FallbackReason#NONE] while a model serves
    /// @param detail one line for people
    /// @param shadowVersion that runs beside it, 0 for none
    record Status(
            int version,
            FallbackReason reason,
            String detail,
            int shadowVersion,
            String shadowDetail,
            long switches,
            long overruns,
            long notFinite,
            long failures) {
        static final Status NO_MODEL =
                new Status(
                        0,
                        FallbackReason.MODEL_MISSING,
                        "none is in service",
                        0,
                        "none is in the shadow",
                        0,
                        0,
                        0,
                        0);
    }
}
