package io.novacron.daemon.tick;

import io.novacron.inference.FallbackReason;
import io.novacron.inference.ModelRegistry;
import io.novacron.inference.ModelRegistry.State;
import io.novacron.inference.ModelRejectedException;
import io.novacron.inference.ModelTrust;
import io.novacron.inference.serving.StackPackage;
import io.novacron.inference.serving.StackedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The stacked model that the registry has in service. Each tick looks whether the registry was
/// replaced; what it names is verified and opened by another thread meanwhile and changes places
/// between two ticks, so that no tick waits.
///
/// A version that is refused, gives what is not a number, fails, or takes too long goes out of
/// service at once and in the registry, and the one before comes back.
///
/// The analysis thread owns it; a loader hands its result over through one reference.
public final class RegistryStack implements StackSource {
    private static final Logger LOGGER = LoggerFactory.getLogger(RegistryStack.class);
    private static final FileTime NEVER = FileTime.fromMillis(-1);

    private final Path root;
    private final ModelRegistry registry;
    private final ModelTrust trust;
    private final Duration timeLimit;
    private final int stepSeconds;
    private final LongSupplier nanoClock;
    private final Executor loader;
    private final Consumer<String> onSwitch;
    // Set by the loader, taken by the analysis thread.
    private final AtomicReference<@Nullable Loaded> loaded = new AtomicReference<>();
    private boolean loading;
    private FileTime seen = NEVER;
    private @Nullable StackedModel current;
    private int version;
    private FallbackReason refusal = FallbackReason.MODEL_MISSING;
    private String detail = "none is in service";
    private long switches;
    private long overruns;
    private long notFinite;
    private long failures;
    private volatile Status status = Status.NO_MODEL;

    /// What a loader found.
    private record Loaded(
            int version, @Nullable StackedModel model, FallbackReason refusal, String detail) {}

    /// @param root of the models
    /// @param timeLimit of all its runs in one tick
    /// @param loader runs what takes time, such as reading and opening a model
    /// @param onSwitch hears which model serves from now on, on the analysis thread
    public RegistryStack(
            Path root,
            ModelTrust trust,
            Duration timeLimit,
            int stepSeconds,
            LongSupplier nanoClock,
            Executor loader,
            Consumer<String> onSwitch) {
        this.root = root;
        this.registry = new ModelRegistry(root, StackPackage.NAME);
        this.trust = trust;
        this.timeLimit = timeLimit;
        this.stepSeconds = stepSeconds;
        this.nanoClock = nanoClock;
        this.loader = loader;
        this.onSwitch = onSwitch;
    }

    @Override
    public @Nullable StackedModel forTick() {
        take();
        FileTime changed = changed();
        if (!loading && !changed.equals(seen)) {
            seen = changed;
            loading = true;
            int present = current == null ? 0 : version;
            loader.execute(() -> loaded.set(load(present)));
            take(); // where the loader is this thread
        }
        StackedModel model = current;
        if (model != null) {
            model.startTick();
        }
        publish();
        return model;
    }

    private FileTime changed() {
        try {
            return Files.getLastModifiedTime(registry.file());
        } catch (IOException e) {
            return NEVER;
        }
    }

    private void take() {
        Loaded result = loaded.getAndSet(null);
        if (result == null) {
            return;
        }
        loading = false;
        refusal = result.refusal();
        detail = result.detail();
        if (result.refusal() == FallbackReason.MODEL_REJECTED) {
            LOGGER.warn("a stacked model is refused: {}", result.detail());
            rollBack(result.version(), result.detail());
            return; // the present one goes on
        }
        if (result.model() == null && result.version() == version && version != 0) {
            return; // the same one
        }
        closeCurrent();
        current = result.model();
        version = result.version();
        switches++;
        onSwitch.accept(detail);
        LOGGER.info("stacked model: {}", detail);
    }

    /// On the loader's thread.
    private Loaded load(int present) {
        int wanted = 0;
        try {
            wanted = registry.read().in(State.SERVING);
            if (wanted == 0) {
                return new Loaded(0, null, FallbackReason.MODEL_MISSING, "none is in service");
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

    @Override
    public void afterTick() {
        StackedModel model = current;
        if (model == null || model.reason() == FallbackReason.NONE) {
            return;
        }
        refusal = model.reason();
        detail = model.detail();
        overruns += refusal == FallbackReason.MODEL_TOO_SLOW ? 1 : 0;
        notFinite += refusal == FallbackReason.MODEL_NAN ? 1 : 0;
        failures += refusal == FallbackReason.MODEL_FAILED ? 1 : 0;
        LOGGER.warn("a stacked model goes out of service: {}", detail);
        closeCurrent();
        onSwitch.accept("none, " + detail);
        rollBack(version, detail);
        version = 0;
        publish();
    }

    private void rollBack(int from, String why) {
        try {
            registry.rollBack(from, why.lines().findFirst().orElse(""));
        } catch (IOException e) {
            detail += "; and the registry cannot be written: " + e;
            LOGGER.warn("{} cannot be written", registry.file(), e);
        }
    }

    private void closeCurrent() {
        if (current != null) {
            current.close();
            current = null;
        }
    }

    private void publish() {
        FallbackReason reason = current == null ? refusal : FallbackReason.NONE;
        String text =
                current != null && refusal != FallbackReason.NONE
                        ? "%s; refused: %s".formatted(name(version), detail)
                        : detail;
        status =
                new Status(
                        current == null ? 0 : version,
                        reason,
                        text,
                        switches,
                        overruns,
                        notFinite,
                        failures);
    }

    @Override
    public Status status() {
        return status;
    }

    @Override
    public void close() {
        closeCurrent();
    }
}
