package io.novacron.perf.solvers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.perf.BenchCommand;
import io.novacron.perf.solvers.ortools.CpSatPacking;
import io.novacron.perf.solvers.ortools.CpSatRoadef;
import io.novacron.perf.solvers.timefold.PackingTally;
import io.novacron.perf.solvers.timefold.RoadefTally;
import io.novacron.solver.search.packing.PackingCheck;
import io.novacron.solver.search.packing.PackingProblem;
import io.novacron.solver.search.reassignment.ReassignmentProblem;
import io.novacron.solver.search.reassignment.ReassignmentRecount;
import io.novacron.solver.search.reassignment.RoadefFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SolverPeersBenchTest {
    private static final String TWO_MACHINES =
            """
            1
            0 10
            2
            0 0 100 10 0 1
            0 1 100 90 1 0
            2
            1 0
            1 0
            2
            0 40 1
            1 40 1
            0
            1 1 1
            """;

    private static final double PLENTY_SECONDS = 60;

    @TempDir private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void everyCostIsBetweenTheBestAndTheStartAndRatiosAreOfCosts() throws IOException {
        pack("model_tiny.txt.gz", TWO_MACHINES);
        pack("assignment_tiny.txt.gz", "0 0\n");
        JsonNode figures = figures("--seconds", "0.5", "--vms", "4", "--instances", "tiny,absent");

        for (String problem : new String[] {"packing-4", "tiny"}) {
            long start = figures.get("start." + problem).asLong();
            long best = problem.equals("tiny") ? 5 : 1;
            double ours = figures.get("cost.novacron." + problem).asDouble();
            assertThat(ours).as(problem).isBetween((double) best, (double) start);
            for (String peer : new String[] {"timefold", "ortools"}) {
                JsonNode cost = figures.get("cost." + peer + "." + problem);
                JsonNode ratio = figures.get("ratio." + peer + "." + problem);
                if (cost.isNumber()) { // in so short a time a peer may find nothing
                    assertThat(cost.asLong()).as(peer).isBetween(best, start);
                    assertThat(ratio.asDouble()).isCloseTo(cost.asLong() / ours, within(0.01));
                } else {
                    assertThat(cost.asText()).isEqualTo("none");
                    assertThat(ratio.asText()).isEqualTo("unknown");
                }
            }
        }
        assertThat(figures.get("start.tiny").asLong()).isEqualTo(700);
        assertThat(figures.get("skipped.absent").asText()).isEqualTo("no file");
    }

    @Test
    void cpSatFindsTheBestOfWhatIsTiny() throws IOException {
        RoadefModel model = RoadefModel.read(pack("model_tiny.txt.gz", TWO_MACHINES));
        PeerPlan plan = CpSatRoadef.solve(model, new int[] {0, 0}, PLENTY_SECONDS, 1, 1);
        assertThat(Objects.requireNonNull(plan).placeOf())
                .as("proved, long before its time is over")
                .containsExactly(1, 1);
        int[] need = {5, 5, 5, 5, 4, 6};
        plan =
                CpSatPacking.solve(
                        new int[] {10},
                        need,
                        new int[] {0, 1, 2, 3, 4, 5},
                        6,
                        PLENTY_SECONDS,
                        1,
                        1);
        assertThat(PackingCheck.hosts(Objects.requireNonNull(plan).placeOf())).isEqualTo(3);
    }

    @Test
    void refusesBadOptionsByName() {
        assertThat(run("--threads", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--threads=0 must be in [1, 64]. Maybe");
        assertThat(run("--vms", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--vms=0 must be in [1, 100000]. Maybe");
    }

    @Test
    void timefoldsScoreOfAReassignmentIsTheRecount() throws IOException {
        var random = new SplittableRandom(20261121);
        for (int round = 0; round < 30; round++) {
            String text = model(random);
            Path file = pack("model_random.txt.gz", text);
            RoadefModel model = RoadefModel.read(file);
            ReassignmentProblem problem = RoadefFiles.readModel(file);
            int[] initial = places(random, model.service.length, model.machines());
            int[] plan = initial.clone();
            var tally = new RoadefTally(model, initial);
            for (int process = 0; process < plan.length; process++) {
                tally.add(process, plan[process]);
            }
            for (int move = 0; move < 50; move++) {
                int process = random.nextInt(plan.length);
                tally.remove(process, plan[process]);
                plan[process] = random.nextInt(model.machines());
                tally.add(process, plan[process]);
                assertThat(tally.score().softScore())
                        .isEqualTo(-ReassignmentRecount.cost(problem, initial, plan));
                assertThat(tally.score().hardScore() == 0)
                        .isEqualTo(ReassignmentRecount.faults(problem, initial, plan).isEmpty());
            }
        }
    }

    @Test
    void timefoldsScoreOfAPackingIsTheRecount() {
        var random = new SplittableRandom(20261121);
        int[] capacity = {100, 80};
        for (int round = 0; round < 30; round++) {
            int[] need = random.ints(24, 0, 60).toArray();
            int[] plan = PackingStart.firstFitDecreasing(capacity, need);
            var problem = new PackingProblem(capacity, need);
            assertThat(PackingCheck.faults(problem, plan)).isEmpty();
            int hosts = PackingStart.hosts(plan);
            var tally = new PackingTally(capacity, need, hosts);
            for (int vm = 0; vm < plan.length; vm++) {
                tally.add(vm, plan[vm]);
            }
            for (int move = 0; move < 50; move++) {
                int vm = random.nextInt(plan.length);
                tally.remove(vm, plan[vm]);
                plan[vm] = random.nextInt(hosts);
                tally.add(vm, plan[vm]);
                assertThat(tally.score().mediumScore()).isEqualTo(-PackingCheck.hosts(plan));
                assertThat(tally.score().hardScore() == 0)
                        .isEqualTo(PackingCheck.faults(problem, plan).isEmpty());
            }
        }
    }

    /// Three resources, the first one transient; four machines in two neighbourhoods and locations.
    private static String model(SplittableRandom random) {
        var text = new StringBuilder("3\n1 10\n0 3\n0 0\n4\n");
        for (int machine = 0; machine < 4; machine++) {
            text.append(machine % 2).append(' ').append(machine / 2);
            text.append(" 90 150 150 40 60 20");
            for (int other = 0; other < 4; other++) {
                text.append(' ').append(Math.floorMod(other - machine, 4));
            }
            text.append('\n');
        }
        text.append("3\n1 0\n2 1 0\n1 2 0 1\n7\n");
        for (int process = 0; process < 7; process++) {
            text.append(process % 3);
            for (int value = 0; value < 4; value++) {
                text.append(' ').append(random.nextInt(40));
            }
            text.append('\n');
        }
        return text.append("1\n1 2 2\n5\n1 10 100\n").toString();
    }

    private static int[] places(SplittableRandom random, int count, int end) {
        return random.ints(count, 0, end).toArray();
    }

    private Path pack(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        try (var gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
            gzip.write(text.getBytes(StandardCharsets.US_ASCII));
        }
        return file;
    }

    private JsonNode figures(String... options) throws IOException {
        assertThat(run(options)).as(err::toString).isZero();
        JsonNode line = new ObjectMapper().readTree(out.toString());
        assertThat(line.get("benchmark").asText()).isEqualTo("solver-peers");
        return line.get("figures");
    }

    private int run(String... options) {
        String[] first = {"solver-peers", "--data", folder.toString(), "--json"};
        String[] all = new String[first.length + options.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(options, 0, all, first.length, options.length);
        return new CommandLine(new BenchCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }
}
