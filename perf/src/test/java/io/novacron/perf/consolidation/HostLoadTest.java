package io.novacron.perf.consolidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/// Shares on a G4: two cores of 1,860 MIPS.
class HostLoadTest {
    private final HostLoad load = new HostLoad(PlanetLab.G4);
    private final boolean[] moving = new boolean[4];

    private double share(double... demand) {
        return load.share(demand, moving);
    }

    @Test
    void eachGetsWhatItAsksForWhenAllFits() {
        load.add(0, false);
        load.add(1, false);

        assertThat(share(500, 700)).isEqualTo(3_720 - 1_200);
        assertThat(load.given).startsWith(500, 700);
    }

    @Test
    void noVmGetsMoreThanOneCore() {
        load.add(0, false);

        assertThat(share(2_500)).isEqualTo(1_860);
        assertThat(load.given[0]).isEqualTo(1_860);
    }

    @Test
    void aLeavingVmGetsNineTenthsButReservesAll() {
        load.add(0, false);
        moving[0] = true;

        assertThat(share(1_000)).isEqualTo(2_720);
        assertThat(load.given[0]).isCloseTo(900, within(1e-9));
    }

    @Test
    void anArrivingVmGetsATenth() {
        load.add(0, true);
        moving[0] = true;

        assertThat(share(1_000)).isEqualTo(3_620);
        assertThat(load.given[0]).isEqualTo(100);
    }

    @Test
    void anOverloadedHostScalesAndRoundsDown() {
        load.add(0, false);
        load.add(1, false);
        load.add(2, false);

        assertThat(share(1_860, 1_860, 930)).isZero();
        assertThat(load.given).startsWith(1_488, 1_488, 744); // 3,720 of 4,650 is 0.8
    }

    @Test
    void aVmThatLeftIsForgotten() {
        load.add(0, false);
        load.add(1, false);
        load.remove(0);

        assertThat(load.has(0)).isFalse();
        assertThat(share(500, 700)).isEqualTo(3_020);
        assertThat(load.given[0]).isEqualTo(700);
    }
}
