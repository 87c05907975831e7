package io.novacron.daemon.tick;

import io.novacron.inference.FallbackReason;
import io.novacron.inference.ModelRegistry;
import io.novacron.inference.ModelRegistry.State;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.ModelTrust;
import io.novacron.inference.serving.StackPackage;
import io.novacron.inference.serving.StackedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The stacked model that the registry has in one state: the one that serves, or its shadow. A
/// version that is refused or fails leaves at once, here and in the registry.
///
/// The analysis thread owns it, but for [#load].
final class StackSlot {
    private static final Logger LOGGER = LoggerFactory.getLogger(StackSlot.class);

    private final Path root;
    private final ModelRegistry registry;
    private final ModelTrust trust;
    private final Duration timeLimit;
    private final int stepSeconds;
    private final LongSupplier nanoClock;
    private final State state;
    private @Nullable StackedModel current;
    private int version;
    private FallbackReason refusal = FallbackReason.MODEL_MISSING;
    private String detail;
    private long switches;
    private long overruns;
    private long notFinite;
    private long failures;

    /// What a loader found.
    record Loaded(
            int version, @Nullable StackedModel model, FallbackReason refusal, String detail) {}

    /// @param state SERVING or SHADOW
    StackSlot(
            Path root,
            ModelTrust trust,
            Duration timeLimit,
            int stepSeconds,
            LongSupplier nanoClock,
            State state) {
        this.root = root;
        this.registry = new ModelRegistry(root, StackPackage.NAME);
        this.trust = trust;
        this.timeLimit = timeLimit;
        this.stepSeconds = stepSeconds;
        this.nanoClock = nanoClock;
        this.state = state;
        this.detail = none();
    }

    private String none() {
        return state == State.SERVING ? "none is in service" : "none is in the shadow";
    }

    /// Reads, verifies and opens what the registry names. On the loader's thread.
    ///
    /// @param present the version that is open, 0 for none
    Loaded load(int present) {
        int wanted = 0;
        try {
            wanted = registry.read().in(state);
            if (wanted == 0) {
                return new Loaded(0, null, FallbackReason.MODEL_MISSING, none());
            }
            if (wanted == present) {
                return new Loaded(wanted, null, FallbackReason.NONE, name(wanted));
            }
            StackPackage stack = StackPackage.read(root, wanted, trust);
            if (stack.card().version() != wanted || stack.card().stepSeconds() != stepSeconds) {
                throw new ModelRejectedException(
                        "%s: version=%d stepSeconds=%d must be %d and %d. Maybe it was copied from elsewhere?"
                                .formatted(
                                        StackPackage.directory(root, wanted),
                                        stack.card().version(),
                                        stack.card().stepSeconds(),
                                        wanted,
                                        stepSeconds));
            }
            var model =
                    new StackedModel(name(wanted), stack.open(), timeLimit.toNanos(), nanoClock);
            return new Loaded(wanted, model, FallbackReason.NONE, name(wanted));
        } catch (ModelRejectedException | IOException e) {
            return new Loaded(
                    wanted, null, FallbackReason.MODEL_REJECTED, String.valueOf(e.getMessage()));
        }
    }

    private static String name(int version) {
        return "%s version %d".formatted(StackPackage.NAME, version);
    }

    /// Takes what was loaded; a version that was refused leaves the present one where it is.
    ///
    /// @return whether another model, or none, is here now
    boolean take(Loaded result) {
        refusal = result.refusal();
        detail = result.detail();
        if (result.refusal() == FallbackReason.MODEL_REJECTED) {
            LOGGER.warn("a stacked model is refused: {}", result.detail());
            leave(result.version(), result.detail());
            return false;
        }
        if (result.model() == null && result.version() == version) {
            return false; // the same one, or still none
        }
        close();
        current = result.model();
        version = result.version();
        switches++;
        LOGGER.info("stacked model, {}: {}", state.label(), detail);
        return true;
    }

    /// The time of its runs begins anew. Null where there is none.
    @Nullable StackedModel startTick() {
        StackedModel model = current;
        if (model != null) {
            model.startTick();
        }
        return model;
    }

    /// A model that failed in this tick leaves.
    ///
    /// @return whether one did
    boolean dropFailed() {
        StackedModel model = current;
        if (model == null || model.reason() == FallbackReason.NONE) {
            return false;
        }
        refusal = model.reason();
        detail = model.detail();
        overruns += refusal == FallbackReason.MODEL_TOO_SLOW ? 1 : 0;
        notFinite += refusal == FallbackReason.MODEL_NAN ? 1 : 0;
        failures += refusal == FallbackReason.MODEL_FAILED ? 1 : 0;
        LOGGER.warn("a stacked model leaves, {}: {}", state.label(), detail);
        close();
        leave(version, detail);
        version = 0;
        return true;
    }

    /// The registry puts the version that served before back; a shadow retires.
    private void leave(int from, String why) {
        String reason = why.lines().findFirst().orElse("");
        try {
            if (state == State.SERVING) {
                registry.rollBack(from, reason);
            } else if (from != 0 && registry.read().in(state) == from) {
                registry.retire(from, reason);
            }
        } catch (IOException e) {
            detail += "; and the registry cannot be written: " + e;
            LOGGER.warn("{} cannot be written", registry.file(), e);
        }
    }

    /// The version that is open, 0 for none.
    int version() {
        return current == null ? 0 : version;
    }

    /// One line for people.
    String detail() {
        return detail;
    }

    StackSource.Status status(StackSlot shadow) {
        String text =
                current != null && refusal != FallbackReason.NONE
                        ? "%s; refused: %s".formatted(name(version), detail)
                        : detail;
        return new StackSource.Status(
                version(),
                current == null ? refusal : FallbackReason.NONE,
                text,
                shadow.version(),
                shadow.detail(),
                switches,
                overruns,
                notFinite,
                failures);
    }

    void close() {
        if (current != null) {
            current.close();
            current = null;
        }
    }
}
