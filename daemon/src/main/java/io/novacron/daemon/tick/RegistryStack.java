package io.novacron.daemon.tick;

import io.novacron.inference.ModelRegistry;
import io.novacron.inference.ModelRegistry.State;
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

/// The stacked models that the registry has in service and in its shadow. Each tick looks whether
/// the registry was replaced; what it names is verified and opened by another thread meanwhile and
/// changes places between two ticks, so that no tick waits.
///
/// A version that is refused, gives what is not a number, fails, or takes too long leaves at once
/// and in the registry; in place of one that served the one before comes back.
///
/// The analysis thread owns it; a loader hands its result over through one reference.
public final class RegistryStack implements StackSource {
    private static final FileTime NEVER = FileTime.fromMillis(-1);

    private final ModelRegistry registry;
    private final StackSlot serving;
    private final StackSlot shadow;
    private final Executor loader;
    private final Consumer<String> onSwitch;
    // Set by the loader, taken by the analysis thread.
    private final AtomicReference<@Nullable Loaded> loaded = new AtomicReference<>();
    private boolean loading;
    private FileTime seen = NEVER;
    private volatile Status status = Status.NO_MODEL;

    private record Loaded(StackSlot.Loaded serving, StackSlot.Loaded shadow) {}

    /// @param root of the models
    /// @param timeLimit of all runs of a model in one tick
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
        this.registry = new ModelRegistry(root, StackPackage.NAME);
        this.serving = new StackSlot(root, trust, timeLimit, stepSeconds, nanoClock, State.SERVING);
        this.shadow = new StackSlot(root, trust, timeLimit, stepSeconds, nanoClock, State.SHADOW);
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
            int present = serving.version();
            int presentShadow = shadow.version();
            loader.execute(() ->
                    loaded.set(new Loaded(serving.load(present), shadow.load(presentShadow))));
            take(); // where the loader is this thread
        }
        StackedModel model = serving.startTick();
        status = serving.status(shadow);
        return model;
    }

    @Override
    public @Nullable StackedModel shadow() {
        return shadow.startTick();
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
        if (serving.take(result.serving())) {
            onSwitch.accept(serving.detail());
        }
        shadow.take(result.shadow());
    }

    @Override
    public void afterTick() {
        if (serving.dropFailed()) {
            onSwitch.accept("none, " + serving.detail());
        }
        shadow.dropFailed();
        status = serving.status(shadow);
    }

    @Override
    public Status status() {
        return status;
    }

    @Override
    public void close() {
        serving.close();
        shadow.close();
    }
}
