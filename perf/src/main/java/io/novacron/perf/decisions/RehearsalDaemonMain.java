package io.novacron.perf.decisions;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.config.DaemonConfig;
import io.novacron.daemon.decision.Lifecycle;
import io.novacron.daemon.service.Daemon;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.wire.sbe.LifecycleState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The whole daemon in a process to be killed, with advice that nobody needed, a person who
/// approves and rejects, ten ticks a second, and a clock that jumps over the time in which effects
/// are measured. It obeys lines on standard input:
///
/// ```text
///  open FOLDER PORT VMS SEED SHIFT_MS   answers `serving STATE=COUNT …`: what the replay gave
///  quiet                                no more advice and approvals; answers `quiet`
///  rows FROM                            answers `rows [...]`: decisions from that id on
/// ```
///
/// Unasked it says `told ID STATE` when a caller has been told what became of a decision, and
/// `shift MS` before its clock jumps. The end of the input stops it in order.
final class RehearsalDaemonMain {
    private static final long TICK_MS = 100;
    private static final long PERSON_MS = 20;
    private static final long JUMP_MS = Duration.ofMinutes(7).plusSeconds(5).toMillis();
    private static final int TICKS_BETWEEN_JUMPS = 8;
    private static final int CALM_TICKS = 3;

    private final PrintStream out = System.out;
    private final ObjectMapper json = new ObjectMapper();
    private final ScheduledExecutorService timer =
            Executors.newScheduledThreadPool(2, Thread.ofPlatform().daemon().factory());
    private final Set<Long> answered = new HashSet<>();
    private volatile long shiftMs;
    private volatile boolean quiet;
    private @Nullable Daemon daemon;
    private @Nullable RehearsalAdvice advice;
    private SplittableRandom person = new SplittableRandom();
    private int ticks;
    private int calm;

    private RehearsalDaemonMain() {}

    public static void main(String[] arguments) throws IOException {
        var main = new RehearsalDaemonMain();
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            main.obey(line.split(" "));
        }
        main.close();
    }

    private void obey(String[] words) throws IOException {
        switch (words[0]) {
            case "open" -> open(words);
            case "quiet" -> {
                quiet = true;
                say("quiet");
            }
            case "rows" -> say("rows " + rows(Long.parseLong(words[1])));
            default -> throw new IOException("line=%s is not known".formatted(words[0]));
        }
    }

    private void open(String[] words) throws IOException {
        long seed = Long.parseLong(words[4]);
        shiftMs = Long.parseLong(words[5]);
        person = new SplittableRandom(seed);
        InstantSource clock = () -> Instant.ofEpochMilli(System.currentTimeMillis() + shiftMs);
        var stage =
                new RehearsalAdvice(
                        Integer.parseInt(words[3]), seed + 1, () -> !quiet && calm == 0);
        Daemon started =
                Daemon.start(
                        config(Path.of(words[1]), Integer.parseInt(words[2])),
                        clock,
                        "rehearsal",
                        stage);
        stage.rows(() -> started.decisions().rows());
        daemon = started;
        advice = stage;
        say("serving" + states(started.decisions().rows()));
        timer.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
        timer.scheduleWithFixedDelay(this::act, PERSON_MS, PERSON_MS, TimeUnit.MILLISECONDS);
    }

    private static DaemonConfig config(Path folder, int port) {
        return DaemonConfig.parse(
                """
                data-directory: "%s"
                tick: {interval: 1h}
                agents:
                  listen: "127.0.0.1:%d"
                  heartbeat-interval: 1s
                  max-agents: 16
                  max-connections: 256
                control: {listen: "127.0.0.1:0"}
                query: {listen: "127.0.0.1:0"}
                journal: {ring: 4MiB}
                store: {max-entities: 256}
                models: {onnx: false}
                prometheus: {enabled: false}
                policy:
                  mode: automatic
                  cool-down: 0s
                  rejected-for: 0s
                  action-timeout: 2m
                  settle: 2m
                  measure: 10m
                automation:
                  allow: ["some: any where auto=yes"]
                  reversal-after: 0s
                  max-concurrent-per-host: 10000
                  max-concurrent-per-cluster: 10000
                  max-concurrent-per-kind: 10000
                  max-hourly-per-host: 10000
                  max-hourly-per-cluster: 10000
                  max-hourly-per-kind: 10000
                """
                        .formatted(folder.resolve("daemon"), port));
    }

    /// Every so often nothing is begun until nothing is under way, and then the clock jumps: what
    /// is under way would not live through it.
    private void tick() {
        Daemon running = daemon;
        if (running == null) {
            return;
        }
        try {
            ticks++;
            List<DecisionRow> rows = running.decisions().rows();
            boolean anyVerifying = false;
            boolean anyUnderWay = false;
            for (DecisionRow row : rows) {
                anyVerifying |= row.state() == LifecycleState.VERIFYING;
                anyUnderWay |=
                        Lifecycle.isInHand(row.state()) && row.state() != LifecycleState.VERIFYING;
            }
            if (calm == 0 && anyVerifying && ticks >= TICKS_BETWEEN_JUMPS) {
                calm = 1;
            } else if (calm > 0) {
                calm = anyUnderWay ? 1 : calm + 1;
                if (calm > CALM_TICKS) {
                    say("shift " + (shiftMs + JUMP_MS));
                    shiftMs += JUMP_MS;
                    calm = 0;
                    ticks = 0;
                }
            }
            running.closeTick();
        } catch (RuntimeException e) {
            e.printStackTrace();
        }
    }

    /// A person looks at what is open: approves most of it, rejects some, leaves some.
    private void act() {
        Daemon running = daemon;
        RehearsalAdvice stage = advice;
        if (running == null || stage == null || calm > 0) {
            return;
        }
        for (DecisionRow row : running.decisions().rows()) {
            if (row.state() != LifecycleState.PROPOSED
                    || RehearsalAdvice.isAutomatic(row.vmId())
                    || (quiet && !RehearsalAdvice.undoes(row))
                    || (!answered.add(row.id()) && !quiet)) {
                continue;
            }
            int chance = quiet ? 0 : person.nextInt(100);
            if (chance < 75) {
                tell(row.id(), running.decisions().approve(row.id(), "ann", "rehearsal"));
            } else if (chance < 85) {
                tell(row.id(), running.decisions().reject(row.id(), "bob", "rehearsal"));
            }
        }
    }

    private void tell(long id, java.util.concurrent.CompletionStage<DecisionRow> answer) {
        answer.whenComplete((row, problem) -> {
            if (problem == null) {
                say("told %d %s".formatted(id, row.state()));
            }
        });
    }

    private static String states(List<DecisionRow> rows) {
        var counts = new EnumMap<LifecycleState, Integer>(LifecycleState.class);
        rows.forEach(row -> counts.merge(row.state(), 1, Integer::sum));
        var text = new StringBuilder();
        counts.forEach((state, count) -> text.append(' ').append(state).append('=').append(count));
        return text.toString();
    }

    private String rows(long from) throws IOException {
        Daemon running = daemon;
        var rows = new ArrayList<Map<String, Object>>();
        if (running != null) {
            for (DecisionRow row : running.decisions().rows()) {
                if (row.id() >= from) {
                    rows.add(row(row));
                }
            }
        }
        return json.writeValueAsString(rows);
    }

    private static Map<String, Object> row(DecisionRow row) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("id", row.id());
        fields.put("vm", PaperFleet.index(row.vmId()));
        fields.put("undoes", RehearsalAdvice.undone(row));
        fields.put("states", row.transitions().stream().map(step -> step.state().name()).toList());
        fields.put("outcome", row.outcome());
        return fields;
    }

    private synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    private void close() {
        timer.shutdownNow();
        Daemon running = daemon;
        if (running != null) {
            running.close();
        }
    }
}
