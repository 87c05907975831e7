package io.novacron.perf.consolidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.novacron.solver.consolidation.ConsolidationPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The public day 20110303: CloudSim's policies come out as CloudSim's, to the last migration, and
/// ours holds what it promises beside them.
class PublishedDayTest {
    static DayTrace day() throws IOException {
        String set = System.getenv("NOVACRON_DATA");
        Path module = Path.of("").toAbsolutePath();
        Path root = Objects.requireNonNullElse(module.getParent(), module);
        Path data = set == null ? root.resolve("../shared/data").normalize() : Path.of(set);
        Path file = data.resolve("planetlab").resolve("20110303.csv.gz");
        assumeTrue(
                Files.isRegularFile(file),
                "skipped: %s is not there; set NOVACRON_DATA to the folder of public traces"
                        .formatted(file));
        return DayTrace.read(file);
    }

    @Test
    void thresholdPolicyComesOutAsInCloudSim() throws IOException {
        var day = day();
        var estate = PlanetLab.estate(day.vms());

        var outcome =
                new Simulation(
                                day,
                                estate,
                                Mode.AS_RELEASED,
                                CloudSimPlanner.thrMmt(estate, Mode.AS_RELEASED))
                        .run();

        assertThat(outcome.energyKwh()).isCloseTo(192.625, within(.006));
        assertThat(outcome.migrations()).isEqualTo(26_711);
        assertThat(outcome.slav() * 100).isCloseTo(.00318, within(.000005));
        assertThat(outcome.hostShutdowns()).isEqualTo(5_885);
    }

    @Test
    void regressionPolicyComesOutAsInCloudSimAndOursBeatsIt() throws IOException {
        var day = day();
        var estate = PlanetLab.estate(day.vms());
        var mode = Mode.AS_RELEASED;

        var peer = new Simulation(day, estate, mode, CloudSimPlanner.lrMmt(estate, mode)).run();
        var ours =
                new Simulation(
                                day,
                                estate,
                                mode,
                                new OurPlanner(estate, ConsolidationPolicy.DEFAULT, mode))
                        .run();

        assertThat(peer.energyKwh()).isCloseTo(163.48, within(.005));
        assertThat(peer.migrations()).isEqualTo(27_859);
        assertThat(peer.slav() * 100).isCloseTo(.00464, within(.000005));
        assertThat(peer.slatah() * 100).isCloseTo(5.86, within(.005));
        assertThat(peer.unserved() * 100).isCloseTo(.15, within(.005));
        assertThat(peer.hostShutdowns()).isEqualTo(5_053);
        assertThat(ours.energyKwh()).isLessThanOrEqualTo(.74 * peer.energyKwh());
        assertThat(ours.migrations()).isLessThanOrEqualTo(peer.migrations() / 12);
        assertThat(ours.slav()).isLessThanOrEqualTo(peer.slav() / 20);
        assertThat(ours.unserved()).isLessThanOrEqualTo(peer.unserved() / 3);
        assertThat(ours.energyKwh()).isGreaterThan(EnergyBound.kwh(day, estate, mode));
    }

    @Test
    void keepingAllVmsOursNeedsLessEnergyAndFewerMigrations() throws IOException {
        var day = day();
        var estate = PlanetLab.estate(day.vms());
        var mode = Mode.KEEP;

        var peer = new Simulation(day, estate, mode, CloudSimPlanner.lrMmt(estate, mode)).run();
        var ours =
                new Simulation(
                                day,
                                estate,
                                mode,
                                new OurPlanner(estate, ConsolidationPolicy.DEFAULT, mode))
                        .run();

        assertThat(ours.energyKwh()).isLessThanOrEqualTo(.64 * peer.energyKwh());
        assertThat(ours.migrations()).isLessThanOrEqualTo(peer.migrations() / 12);
        assertThat(ours.unserved()).isLessThanOrEqualTo(.0006);
    }

    @Test
    void withHardMemoryEachVmMovesOnceAndEnergyIsNearTheBound() throws IOException {
        var day = day();
        var estate = PlanetLab.estate(day.vms());
        var mode = Mode.HARD;

        var ours =
                new Simulation(
                                day,
                                estate,
                                mode,
                                new OurPlanner(estate, ConsolidationPolicy.DEFAULT, mode))
                        .run();

        assertThat(EnergyBound.leastHosts(estate)).isEqualTo(329);
        assertThat(EnergyBound.kwh(day, estate, mode)).isCloseTo(711.8, within(.05));
        assertThat(ours.energyKwh()).isLessThanOrEqualTo(1.035 * 711.8);
        assertThat(ours.unserved()).isLessThanOrEqualTo(.0002);
        assertThat(ours.mostMigrationsOfVm()).isLessThanOrEqualTo(1);
    }

    @Test
    void boundsAreThoseOfTheDemand() throws IOException {
        var day = day();
        var estate = PlanetLab.estate(day.vms());

        assertThat(EnergyBound.kwh(day, estate, Mode.AS_RELEASED)).isCloseTo(95.4, within(.05));
        assertThat(EnergyBound.kwh(day, estate, Mode.KEEP)).isCloseTo(114.2, within(.05));
    }
}
