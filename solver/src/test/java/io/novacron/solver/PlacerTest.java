package io.novacron.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PlacerTest {
    private static final long GIB = 1L << 30;
    private static final Horizon HORIZON = Horizon.ofQuantiles(4, 0.9, 0.5, 0.9);

    private static FleetProblemBuilder hosts(int count) {
        var builder = FleetProblem.builder(HORIZON, Resource.CPU, Resource.MEMORY);
        for (int i = 0; i < count; i++) {
            builder.host("h" + i)
                    .capacity(Resource.CPU, 16)
                    .overCommit(Resource.CPU, 2)
                    .capacity(Resource.MEMORY, 64.0 * GIB)
                    .labels("rack=" + i % 2);
        }
        return builder;
    }

    private static FleetProblemBuilder.Vm vm(
            FleetProblemBuilder builder, String id, String host, double cores) {
        return builder.vm(id)
                .on(host)
                .vcpus(8, 8)
                .memoryBytes(8 * GIB, 8 * GIB)
                .demand(Resource.CPU, (float) cores, (float) cores)
                .demand(Resource.MEMORY, 8f * GIB, 8f * GIB);
    }

    private static Placement place(FleetProblemBuilder builder, PlacementRequest request) {
        return PlacementIndex.publish(builder.build(), PlacementPolicy.DEFAULT).place(request);
    }

    @Test
    void prefersTheHostWithTheMostRoom() {
        var builder = hosts(3);
        vm(builder, "v0", "h0", 8);
        vm(builder, "v1", "h2", 2);
        var placement = place(builder, PlacementRequest.of(4, 8 * GIB, 3));
        assertThat(placement.candidates())
                .extracting(Placement.Candidate::hostId)
                .containsExactly("h1", "h2", "h0");
        assertThat(placement.accepted()).isEqualTo(3);
        assertThat(placement.rejected()).isEmpty();
        var best = placement.candidates().getFirst();
        assertThat(best.score()).isBetween(0.0, 1.0);
        assertThat(best.grounds().confidence()).isEqualTo(1.0, within(1e-9));
        assertThat(best.grounds().reasons())
                .extracting(Reason::code)
                .containsExactly(Reason.Code.CONTENTION, Reason.Code.SHAPE, Reason.Code.PACKING);
        assertThat(best.grounds().cost(Figure.OVERLOAD_HOURS_ADDED)).hasValue(0);
        assertThat(best.grounds().benefit(Figure.HEADROOM)).isPresent();
    }

    @Test
    void keepsHostsThatAreAlikeInSlotOrder() {
        var placement = place(hosts(130), PlacementRequest.of(1, GIB, 4));
        assertThat(placement.candidates())
                .extracting(Placement.Candidate::host)
                .containsExactly(0, 1, 2, 3);
        assertThat(placement.accepted()).isEqualTo(130);
    }

    @Test
    void countsRejectedHostsUnderTheFirstReason() {
        var builder = hosts(7);
        builder.host("off")
                .capacity(Resource.CPU, 16)
                .capacity(Resource.MEMORY, 64.0 * GIB)
                .labels(FleetProblem.OPT_OUT_LABEL);
        builder.host("closed")
                .capacity(Resource.CPU, 16)
                .capacity(Resource.MEMORY, 64.0 * GIB)
                .cordon();
        vm(builder, "neighbour", "h0", 1);
        vm(builder, "hot", "h2", 12.5);
        vm(builder, "big", "h4", 1).memoryBytes(60 * GIB, 60 * GIB);
        var request =
                PlacementRequest.of(4, 8 * GIB, 5)
                        .withLabels(List.of("rack=0"), List.of())
                        .withNeighbours(List.of(), List.of("neighbour"))
                        .withExpectedPeaks(Map.of("cpu", 1.0));
        var placement = place(builder, request);
        assertThat(placement.candidates())
                .extracting(Placement.Candidate::hostId)
                .containsExactly("h6");
        assertThat(placement.rejected())
                .containsExactly(
                        new Placement.Rejected(Rejection.OPTED_OUT, null, 1),
                        new Placement.Rejected(Rejection.CORDONED, null, 1),
                        new Placement.Rejected(Rejection.LABEL, null, 3),
                        new Placement.Rejected(Rejection.ANTI_AFFINITY, null, 1),
                        new Placement.Rejected(Rejection.CAPACITY, "memory", 1),
                        new Placement.Rejected(Rejection.SAFETY_LEVEL, "cpu", 1));
    }

    @Test
    void saysWhyAVmLargerThanAnyHostFitsNowhere() {
        var placement = place(hosts(3), PlacementRequest.of(64, GIB, 5));
        assertThat(placement.candidates()).isEmpty();
        assertThat(placement.rejected())
                .containsExactly(new Placement.Rejected(Rejection.CAPACITY, "cpu", 3));
    }

    @Test
    void followsGroupsAndNeighbours() {
        var builder = hosts(4);
        vm(builder, "v0", "h1", 1);
        vm(builder, "v1", "h2", 1);
        vm(builder, "v2", "h3", 1);
        builder.affinity("near", "v0").antiAffinity("far", "v1", "v2");
        var index = PlacementIndex.publish(builder.build(), PlacementPolicy.DEFAULT);
        var request = PlacementRequest.of(1, GIB, 5);
        assertThat(index.place(request.withGroups(List.of("near"), List.of())).candidates())
                .extracting(Placement.Candidate::hostId)
                .containsExactly("h1");
        assertThat(index.place(request.withGroups(List.of(), List.of("far"))).candidates())
                .extracting(Placement.Candidate::hostId)
                .containsExactly("h0", "h1");
        assertThat(index.place(request.withNeighbours(List.of("v2"), List.of())).candidates())
                .extracting(Placement.Candidate::hostId)
                .containsExactly("h3");
        assertThat(index.place(request.withNeighbours(List.of("v2"), List.of("v2"))).rejected())
                .containsExactly(
                        new Placement.Rejected(Rejection.AFFINITY, null, 3),
                        new Placement.Rejected(Rejection.ANTI_AFFINITY, null, 1));
    }

    @Test
    void takesANewVmToPeakLikeTheRestOfTheFleet() {
        var builder = hosts(1);
        vm(builder, "v0", "h0", 2); // 2 of 8 vCPUs
        var index = PlacementIndex.publish(builder.build(), PlacementPolicy.DEFAULT);
        var request = PlacementRequest.of(4, GIB, 1);
        assertThat(index.peakOf(request, 0)).isEqualTo(1, within(1e-9));
        assertThat(index.peakOf(request.withExpectedPeaks(Map.of("cpu", 3.5)), 0)).isEqualTo(3.5);
    }

    @Test
    void listsAllThatARequestRefersToInVain() {
        var index = PlacementIndex.publish(hosts(1).build(), PlacementPolicy.DEFAULT);
        var request =
                PlacementRequest.of(1, GIB, 1)
                        .withNeighbours(List.of("ghost"), List.of("spectre"))
                        .withGroups(List.of("a"), List.of("x"))
                        .withOtherSizes(Map.of("cpu", 1.0))
                        .withExpectedPeaks(Map.of("gpu", 1.0));
        var refusal = catchThrowableOfType(InvalidInputException.class, () -> index.place(request));
        assertThat(refusal.mistakes()).hasSize(6);
    }

    @Test
    void refusesABadRequestWithEveryMistakeListed() {
        var refusal =
                catchThrowableOfType(
                        InvalidInputException.class,
                        () ->
                                new PlacementRequest(
                                        0,
                                        0,
                                        Map.of("disk", -1.0),
                                        Map.of("cpu", Double.NaN),
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        65));
        assertThat(refusal.mistakes()).hasSize(5);
    }

    @Test
    void searchesWithoutAllocatingOnceWarm() {
        var problem = RandomFleets.fleet(4, 200, 400);
        var index = PlacementIndex.publish(problem, PlacementPolicy.DEFAULT);
        var placer = new Placer();
        var request =
                PlacementRequest.of(1, GIB, 8)
                        .withLabels(List.of("zone=1"), List.of("zone=2"))
                        .withNeighbours(List.of(), List.of("v0"));
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 20_000; i++) {
            placer.search(index, request);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1_000; i++) {
            placer.search(index, request);
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(bytes).as("bytes for 1,000 searches").isLessThan(16_000);
    }

    /// The plain definition: every host by itself, with nothing shared but the problem.
    @Property(tries = 300, seed = "20261121")
    void agreesWithTheDefinition(@ForAll long seed) {
        var problem = RandomFleets.fleet(seed, 150, 200);
        var random = new SplittableRandom(seed);
        var request = randomRequest(problem, random);
        var index = PlacementIndex.publish(problem, PlacementPolicy.DEFAULT);
        var placer = new Placer();
        placer.place(index, PlacementRequest.of(1, GIB, 64)); // leaves something to be forgotten
        var placement = placer.place(index, request);

        var fitting = new ArrayList<Integer>();
        for (int host = 0; host < problem.hostCount(); host++) {
            if (fits(problem, index, request, host)) {
                fitting.add(host);
            }
        }
        assertThat(placement.accepted()).isEqualTo(fitting.size());
        int rejected = placement.rejected().stream().mapToInt(Placement.Rejected::hosts).sum();
        assertThat(rejected + placement.accepted()).isEqualTo(problem.hostCount());
        var all = placer.place(index, withLimit(request, PlacementRequest.RESULT_LIMIT));
        assertThat(fitting).containsAll(hostsOf(all));
        assertThat(hostsOf(placement))
                .as("a smaller limit gives the front of the same order")
                .isEqualTo(hostsOf(all).stream().limit(request.limit()).toList());
        assertThat(all.candidates())
                .isSortedAccordingTo(
                        Comparator.comparingDouble(Placement.Candidate::score)
                                .reversed()
                                .thenComparing(Placement.Candidate::host));
        assertThat(placement.candidates()).hasSize(Math.min(request.limit(), fitting.size()));
    }

    private static List<Integer> hostsOf(Placement placement) {
        return placement.candidates().stream().map(Placement.Candidate::host).toList();
    }

    private static PlacementRequest withLimit(PlacementRequest request, int limit) {
        return new PlacementRequest(
                request.vcpus(),
                request.memoryBytes(),
                request.otherSizes(),
                request.expectedPeaks(),
                request.requiredLabels(),
                request.excludedLabels(),
                request.withVms(),
                request.apartFromVms(),
                request.affinityGroups(),
                request.antiAffinityGroups(),
                limit);
    }

    private static PlacementRequest randomRequest(FleetProblem problem, SplittableRandom random) {
        var request =
                PlacementRequest.of(
                        1 + random.nextInt(6),
                        (1 + random.nextInt(32)) * GIB,
                        1 + random.nextInt(10));
        if (random.nextBoolean()) {
            request = request.withLabels(List.of("zone=1"), List.of());
        } else if (random.nextBoolean()) {
            request = request.withLabels(List.of(), List.of("zone=1", "zone=9"));
        }
        if (random.nextBoolean() && problem.vmCount() > 0) {
            String vm = problem.vmId(random.nextInt(problem.vmCount()));
            request = request.withNeighbours(List.of(), List.of(vm));
        }
        if (random.nextBoolean()) {
            request = request.withExpectedPeaks(Map.of("cpu", 3 * random.nextDouble()));
        }
        if (random.nextBoolean()) {
            request = request.withOtherSizes(Map.of("network", 5e8 * random.nextDouble()));
        }
        if (problem.antiAffinityGroupCount() > 0 && random.nextBoolean()) {
            request = request.withGroups(List.of(), List.of(problem.antiAffinityGroupName(0)));
        }
        return request;
    }

    private static boolean fits(
            FleetProblem problem, PlacementIndex index, PlacementRequest request, int host) {
        var labels = problem.hostLabels(host);
        boolean fits =
                !problem.isHostOptedOut(host)
                        && !problem.isCordoned(host)
                        && labels.containsAll(request.requiredLabels())
                        && request.excludedLabels().stream().noneMatch(labels::contains);
        for (String vm : request.apartFromVms()) {
            fits &= problem.hostOf(problem.vmIndex(vm)) != host;
        }
        if (!request.antiAffinityGroups().isEmpty()) {
            for (int vm : problem.antiAffinityMembers(0)) {
                fits &= problem.hostOf(vm) != host;
            }
        }
        for (int resource = 0; resource < problem.resourceCount(); resource++) {
            double allocated = 0;
            for (int vm = 0; vm < problem.vmCount(); vm++) {
                allocated += problem.hostOf(vm) == host ? problem.size(resource, vm) : 0;
            }
            double size = index.sizeOf(request, resource);
            double peak = index.peakOf(request, resource);
            double before = FleetScore.peak(problem, problem.hostOf, resource, host);
            fits &= size == 0 || problem.allocationLimit(resource, host) - allocated >= size;
            fits &= peak == 0 || problem.safeLoad(resource, host) - before >= peak;
        }
        return fits;
    }
}
