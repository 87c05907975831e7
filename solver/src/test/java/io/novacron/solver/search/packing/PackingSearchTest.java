package io.novacron.solver.search.packing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.solver.search.SearchLimit;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PackingSearchTest {
    private static final long MOVES = 1_000_000;

    @Property(tries = 30, seed = "20261121")
    void findsTheFewestHostsOfSmallProblems(@ForAll long seed) {
        var problem = random(seed, 8);
        var plan = PackingSearch.search(problem, SearchLimit.ofMoves(MOVES, seed, 2));
        assertThat(PackingCheck.faults(problem, plan.hostOf())).isEmpty();
        assertThat(plan.hosts()).isEqualTo(fewest(problem, new int[problem.vms], 0, 0));
    }

    @Property(tries = 30, seed = "20261121")
    void packsSoundlyAndNotBelowTheBound(@ForAll long seed) {
        var problem = random(seed, 120);
        var plan = PackingSearch.search(problem, SearchLimit.ofMoves(200_000, seed, 2));
        assertThat(PackingCheck.faults(problem, plan.hostOf())).isEmpty();
        assertThat(PackingCheck.hosts(plan.hostOf())).isEqualTo(plan.hosts());
        assertThat(plan.hosts()).isGreaterThanOrEqualTo(problem.lowerBound());
    }

    @Test
    void givesTheSamePackingForTheSameSeedAndMoves() {
        var problem = random(5, 200);
        var limit = SearchLimit.ofMoves(300_000, 9, 2);
        assertThat(PackingSearch.search(problem, limit).hostOf())
                .isEqualTo(PackingSearch.search(problem, limit).hostOf());
    }

    @Test
    void packsSoundlyWithoutTime() {
        var problem = random(6, 500);
        var now = new AtomicLong();
        for (long timeNs : new long[] {0, 1_000_000}) {
            var plan =
                    PackingSearch.search(
                            problem, SearchLimit.ofTime(timeNs, () -> now.addAndGet(10_000), 1, 2));
            assertThat(PackingCheck.faults(problem, plan.hostOf())).isEmpty();
        }
    }

    @Test
    void packsNothingOntoNoHost() {
        var problem = new PackingProblem(new int[] {10}, new int[0]);
        assertThat(PackingSearch.search(problem, SearchLimit.ofMoves(10, 1, 1)).hosts()).isZero();
    }

    @Test
    void namesAVmThatFitsOnNoHost() {
        assertThatThrownBy(() -> new PackingProblem(new int[] {10, 20}, new int[] {1, 2, 3, 21}))
                .hasMessageContaining("vm 1 needs 21 of resource 1, not in [0, 20]");
        assertThatThrownBy(() -> new PackingProblem(new int[0], new int[0]))
                .hasMessageContaining("no resources");
    }

    private static PackingProblem random(long seed, int mostVms) {
        var random = new SplittableRandom(seed);
        int resources = 1 + random.nextInt(3);
        int[] need = random.ints((long) resources * (1 + random.nextInt(mostVms)), 0, 60).toArray();
        var capacity = new int[resources];
        Arrays.fill(capacity, 100);
        return new PackingProblem(capacity, need);
    }

    private static int fewest(PackingProblem problem, int[] hostOf, int vm, int hosts) {
        if (vm == problem.vms) {
            return PackingCheck.faults(problem, hostOf).isEmpty() ? hosts : Integer.MAX_VALUE;
        }
        int fewest = Integer.MAX_VALUE;
        for (int host = 0; host <= hosts; host++) {
            hostOf[vm] = host;
            fewest = Math.min(fewest, fewest(problem, hostOf, vm + 1, Math.max(hosts, host + 1)));
        }
        return fewest;
    }
}
