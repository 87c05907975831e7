package io.novacron.agent.simulation;

import io.novacron.agent.AgentClock;
import io.novacron.agent.AgentLog;
import io.novacron.agent.ConfigProblems;
import io.novacron.agent.Dialer;
import io.novacron.agent.Quantity;
import io.novacron.agent.host.SelfMeter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `novacron simulate`: a fleet that does not exist, for a daemon that does.
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Simulate a fleet: its past first, then its present, and act on decisions.")
public final class SimulateCommand implements Callable<Integer> {
    private static final Duration MAX_BACKFILL = Duration.ofDays(35);

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--daemon",
            required = true,
            paramLabel = "HOST:PORT",
            description = "where the daemon listens for agents")
    private String daemon = "";

    @Option(names = "--hosts", description = "default ${DEFAULT-VALUE}")
    private int hosts = 20;

    @Option(names = "--vms", description = "in the whole fleet; default ${DEFAULT-VALUE}")
    private int vms = 400;

    @Option(
            names = "--seed",
            description = "the same seed is the same fleet; default ${DEFAULT-VALUE}")
    private long seed = 7;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "time between samples, 1s to 60s; default ${DEFAULT-VALUE}")
    private Duration interval = Duration.ofSeconds(10);

    @Option(
            names = "--backfill",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "how much past to send first, up to 35d; 0s for none; default 3d")
    private Duration backfill = Duration.ofDays(3);

    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            return Quantity.duration(value);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var log = new AgentLog(System.err, System::currentTimeMillis);
        int colon = daemon.lastIndexOf(':');
        String portText = colon < 0 ? "" : daemon.substring(colon + 1);
        try {
            new ConfigProblems()
                    .check(
                            colon > 0 && portText.matches("\\d{1,5}"),
                            "daemon=%s must be HOST:PORT. Maybe 127.0.0.1:7070?",
                            daemon)
                    .check(
                            hosts >= 1 && hosts <= SimulatedFleet.MAX_HOSTS,
                            "hosts=%d must be in [1, %d]",
                            hosts,
                            SimulatedFleet.MAX_HOSTS)
                    .check(
                            vms >= 0 && vms <= SimulatedFleet.MAX_VMS,
                            "vms=%d must be in [0, %d]",
                            vms,
                            SimulatedFleet.MAX_VMS)
                    .check(
                            interval.toMillis() >= 1_000 && interval.toMillis() <= 60_000,
                            "interval=%s must be in [1s, 60s]",
                            interval)
                    .check(
                            backfill.compareTo(MAX_BACKFILL) <= 0,
                            "backfill=%s must be at most %s",
                            backfill,
                            MAX_BACKFILL)
                    .throwIfAny();
        } catch (IllegalArgumentException e) {
            CommandSpec command = spec;
            if (command == null) {
                throw e;
            }
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
        String host = daemon.substring(0, colon).replaceAll("[\\[\\]]", "");
        var selfMeter = new SelfMeter(Path.of("/proc"));
        var simulation =
                new Simulation(
                        new Simulation.Plan(hosts, vms, seed, interval, backfill),
                        Dialer.plain(host, Integer.parseInt(portText)),
                        AgentClock.system(),
                        selfMeter,
                        log);
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    try (selfMeter) {
                                        simulation.close();
                                    } catch (IOException e) {
                                        log.warn("not closed in order", "error", e.getMessage());
                                    }
                                    stopped.countDown();
                                },
                                "stop"));
        log.info("simulation", "hosts", hosts, "vms", vms, "seed", seed, "backfill", backfill);
        simulation.start();
        stopped.await();
        return 0;
    }
}
