package io.novacron.daemon.service;

import io.novacron.agent.systemd.SystemdNotifier;
import io.novacron.daemon.config.ConfigException;
import io.novacron.daemon.config.DaemonConfig;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs the daemon in the foreground until SIGTERM or SIGINT, as systemd wants it.
@Command(name = "daemon", description = "Run the daemon in the foreground")
public final class DaemonCommand implements Callable<Integer> {
    private static final int CONFIG_ERROR = 78; // EX_CONFIG of sysexits(3)

    @Option(
            names = "--config",
            description = "Configuration file; without one every property has its default")
    private @Nullable Path config;

    @Option(names = "--check", description = "Check the configuration and stop")
    private boolean check;

    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    @Override
    public Integer call() throws Exception {
        WarmUp.begin();
        DaemonConfig settings;
        try {
            settings = config == null ? DaemonConfig.DEFAULT : DaemonConfig.load(config);
        } catch (ConfigException e) {
            System.err.println(e.getMessage());
            return CONFIG_ERROR;
        }
        if (check) {
            System.out.println("configuration is valid");
            return 0;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopAndWait, "novacron-stop"));
        var manager = SystemdNotifier.of(System.getenv());
        try (var daemon = Daemon.start(settings, InstantSource.system(), version())) {
            manager.ready("serving on port " + daemon.controlPort());
            wait(manager, daemon);
            manager.stopping();
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    /// The watchdog is fed only while the stages are alive.
    private void wait(SystemdNotifier manager, Daemon daemon) throws InterruptedException {
        long feedMs = manager.watchdog().toMillis() / 2;
        if (feedMs == 0) {
            stop.await();
            return;
        }
        while (!stop.await(feedMs, TimeUnit.MILLISECONDS)) {
            if (daemon.isAlive()) {
                manager.alive();
            }
        }
    }

    private void stopAndWait() {
        stop.countDown();
        try {
            if (!stopped.await(25, TimeUnit.SECONDS)) {
                System.err.println("novacron: did not stop in 25 s");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    static String version() {
        String version = DaemonCommand.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
