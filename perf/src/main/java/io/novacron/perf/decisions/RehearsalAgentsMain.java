package io.novacron.perf.decisions;

import io.novacron.agent.AgentLog;
import io.novacron.perf.decisions.PaperHypervisor.Course;
import io.novacron.perf.decisions.PaperHypervisor.Manner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;

/// All agents of a rehearsal in one process that may be killed. `open FOLDER PORT HOSTS VMS SEED`
/// on standard input starts them, which is answered by `agents`; the end of the input ends them.
final class RehearsalAgentsMain {
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private RehearsalAgentsMain() {}

    public static void main(String[] arguments) throws IOException {
        String[] words =
                new java.io.BufferedReader(
                                new java.io.InputStreamReader(
                                        System.in, java.nio.charset.StandardCharsets.UTF_8))
                        .lines()
                        .findFirst()
                        .orElse("")
                        .split(" ");
        if (words.length < 6) {
            return;
        }
        Path folder = Path.of(words[1]);
        long seed = Long.parseLong(words[5]);
        try (var fleet =
                        PaperFleet.open(
                                log(folder),
                                Integer.parseInt(words[3]),
                                Integer.parseInt(words[4]));
                var agents =
                        new PaperAgents(
                                fleet,
                                Integer.parseInt(words[2]),
                                folder,
                                LOOK,
                                id -> manner(id, seed),
                                _ -> {},
                                new AgentLog(System.err, System::currentTimeMillis))) {
            agents.start();
            System.out.println("agents");
            System.out.flush();
            while (System.in.read() >= 0) {
                // until nobody writes any more
            }
        }
    }

    /// Where the fleet on paper is.
    static Path log(Path folder) {
        return folder.resolve("done.log");
    }

    /// Three of four go well, at once or after a while.
    static Manner manner(long actionId, long seed) {
        var random = new SplittableRandom(seed + GOLDEN * actionId);
        int chance = random.nextInt(100);
        Course course =
                chance < 76
                        ? Course.DONE
                        : chance < 84
                                ? Course.REFUSED
                                : chance < 92
                                        ? Course.UNDONE
                                        : chance < 96 ? Course.DONE_LATE : Course.NEVER_DONE;
        return new Manner(
                course,
                random.nextBoolean() ? 0 : random.nextInt(250),
                random.nextBoolean() ? 0 : random.nextInt(250));
    }
}
