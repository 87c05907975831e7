package io.novacron.solver.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class FragmentationPlacerTest {
    private static final int CPU = 32_000;
    private static final int MEMORY = 64_000;

    private static GpuRequest share(int cpuMilli, int gpuMilli) {
        return new GpuRequest(cpuMilli, 0, 1, gpuMilli, 0);
    }

    private static GpuRequest whole(int cpuMilli, int gpus) {
        return new GpuRequest(cpuMilli, 0, gpus, GpuRequest.WHOLE, 0);
    }

    private static GpuFleet fleet(GpuHost... hosts) {
        return new GpuFleet(List.of(hosts));
    }

    private static GpuHost host(int cpuMilli, int gpus) {
        return new GpuHost(cpuMilli, MEMORY, gpus, 1);
    }

    @Test
    void aShareGoesWhereItFillsAGpu() {
        var fleet = fleet(host(CPU, 2), host(CPU, 1));
        fleet.place(share(1_000, 600), 0, 1);
        var placer =
                FragmentationPlacer.of(
                        fleet, GpuWorkload.of(List.of(share(1_000, 600), whole(1_000, 1))));

        assertThat(placer.place(share(1_000, 400))).isZero();
        assertThat(placer.gpu()).isEqualTo(1);
    }

    @Test
    void workWithoutGpusKeepsAwayFromHostsThatWillLackCpu() {
        var fleet = fleet(host(16_000, 2), host(64_000, 2));
        var placer = FragmentationPlacer.of(fleet, GpuWorkload.of(List.of(whole(8_000, 1))));

        assertThat(placer.place(new GpuRequest(8_000, 0, 0, 0, 0))).isEqualTo(1);
        assertThat(placer.gpu()).isEqualTo(-1);
    }

    @Test
    void whatFitsNowhereIsToldSo() {
        var placer =
                FragmentationPlacer.of(
                        fleet(host(CPU, 1)), GpuWorkload.of(List.of(whole(1_000, 1))));

        assertThat(placer.place(whole(1_000, 2))).isEqualTo(FragmentationPlacer.NOWHERE);
        assertThat(placer.place(whole(1_000, 1))).isZero();
        assertThat(placer.place(whole(1_000, 1))).isEqualTo(FragmentationPlacer.NOWHERE);
    }

    @Test
    void theModelIsThatAskedFor() {
        var fleet = fleet(new GpuHost(CPU, MEMORY, 1, 1), new GpuHost(CPU, MEMORY, 1, 2));
        var placer = FragmentationPlacer.of(fleet, GpuWorkload.of(List.of(whole(1_000, 1))));

        assertThat(placer.place(new GpuRequest(1_000, 0, 1, 500, 2))).isEqualTo(1);
    }

    @Test
    void ofNextCountsWhatTheNextOneCannotUse() {
        var next = WasteMeasure.ofNext(GpuWorkload.of(List.of(share(4_000, 500))));

        assertThat(next.waste(4_000, new int[] {500, 499, 1_000})).isEqualTo(499);
        assertThat(next.waste(3_999, new int[] {500, 499, 1_000})).isEqualTo(1_999);
        assertThat(next.waste(4_000, new int[] {499})).isEqualTo(499);
    }

    @Test
    void ofManyCountsWhatIsLeftWhenFull() {
        var many = WasteMeasure.ofMany(GpuWorkload.of(List.of(share(4_000, 400))));

        assertThat(many.waste(40_000, new int[] {1_000, 500})).isEqualTo(300);
        assertThat(many.waste(7_999, new int[] {1_000, 500})).as("CPU for one").isEqualTo(1_100);
    }

    @Test
    void aWorkloadWithoutGpusIsRefused() {
        assertThatThrownBy(() -> GpuWorkload.of(List.of(new GpuRequest(1, 0, 0, 0, 0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none of 1");
    }

    @Test
    void impossibleRequestsAndHostsAreRefused() {
        assertThatThrownBy(() -> new GpuRequest(1, 1, 2, 500, 0))
                .hasMessageContaining("gpuMilli=500");
        assertThatThrownBy(() -> new GpuRequest(1, 1, 0, 500, 0)).hasMessageContaining("gpus=0");
        assertThatThrownBy(() -> new GpuRequest(-1, 1, 0, 0, 0))
                .hasMessageContaining("cpuMilli=-1");
        assertThatThrownBy(() -> new GpuHost(1, 1, 1, 3)).hasMessageContaining("one bit");
        assertThatThrownBy(() -> fleet(host(CPU, 1)).place(whole(1, 2), 0, -1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no room");
    }

    /// Brute force: with all hosts and GPUs looked at anew each time, the same choices come out.
    @Property(tries = 50)
    void rememberingChangesNothing(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        List<GpuHost> hosts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            hosts.add(host(8_000 * (1 + random.nextInt(4)), 1 + random.nextInt(4)));
        }
        List<GpuRequest> kinds = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            kinds.add(
                    random.nextInt(3) == 0
                            ? whole(1_000 * random.nextInt(8), 1 + random.nextInt(2))
                            : share(1_000 * random.nextInt(8), 1 + random.nextInt(999)));
        }
        kinds.add(new GpuRequest(4_000, 0, 0, 0, 0));
        var workload = GpuWorkload.of(kinds);
        var fleet = new GpuFleet(hosts);
        var placer = new FragmentationPlacer(fleet, WasteMeasure.ofMany(workload));
        List<int[]> placed = new ArrayList<>();
        List<GpuRequest> requests = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            var request = kinds.get(random.nextInt(kinds.size()));
            var twin = new GpuFleet(hosts);
            for (int j = 0; j < placed.size(); j++) {
                twin.place(requests.get(j), placed.get(j)[0], placed.get(j)[1]);
            }
            var fresh = new FragmentationPlacer(twin, WasteMeasure.ofMany(workload));
            int host = placer.place(request);

            assertThat(fresh.place(request)).isEqualTo(host);
            assertThat(fresh.gpu()).isEqualTo(placer.gpu());
            if (host >= 0) {
                placed.add(new int[] {host, placer.gpu()});
                requests.add(request);
            }
        }
        for (int i = 0; i < fleet.hosts(); i++) {
            assertThat(fleet.freeCpuMilli(i)).isNotNegative();
        }
    }
}
