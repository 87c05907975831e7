package io.novacron.perf.consolidation;

import io.novacron.perf.Figures;
import io.novacron.perf.Measurement;
import io.novacron.solver.consolidation.ConsolidationPolicy;
import io.novacron.solver.consolidation.Estate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `evaluate consolidation`: energy, migrations and unserved demand of a day, ours beside
/// LR-MMT-1.2 in the same simulator.
@Command(
        name = "consolidation",
        description = "Keep a recorded day of vms on few hosts; LR-MMT-1.2 beside it")
public final class ConsolidationEvaluation extends Measurement {
    private static final double PERCENT = 100;
    private static final int VMS_PER_HOST_LIMIT = 2;

    @Option(
            names = "--trace",
            required = true,
            paramLabel = "FILE",
            description = "Rows vm,s000,…,s287 of CPU percent each 300 s; .csv or .csv.gz")
    private Path trace = Path.of("");

    @Option(
            names = "--vms",
            paramLabel = "as-released|keep",
            description =
                    "Whether a vm without demand is destroyed, as CloudSim does, or kept; default"
                            + " ${DEFAULT-VALUE}")
    private String vms = "as-released";

    @Option(
            names = "--ram",
            paramLabel = "as-released|hard",
            description =
                    "Whether memory counts for the first placement alone, as in CloudSim, or"
                            + " always; default ${DEFAULT-VALUE}")
    private String ram = "as-released";

    @Override
    protected Figures measure() throws IOException {
        var mode = new Mode(isHonest("--vms", vms, "keep"), isHonest("--ram", ram, "hard"));
        var day = read();
        int vmLimit = VMS_PER_HOST_LIMIT * PlanetLab.HOSTS;
        check(
                day.vms() <= vmLimit,
                "--trace=%s has %d vms, and %d hosts hold at most %d at full size. Maybe split it?",
                trace,
                day.vms(),
                PlanetLab.HOSTS,
                vmLimit);
        var estate = PlanetLab.estate(day.vms());
        report("%d vms on %d hosts, %s", day.vms(), PlanetLab.HOSTS, mode);
        report("LR-MMT-1.2 …");
        var peer = run(day, estate, mode, CloudSimPlanner.lrMmt(estate, mode));
        report("ours …");
        var ours =
                run(day, estate, mode, new OurPlanner(estate, ConsolidationPolicy.DEFAULT, mode));
        var figures = Figures.ofEvaluation("consolidation");
        add(figures, "", ours);
        figures.add("boundKwh", EnergyBound.kwh(day, estate, mode));
        add(figures, "lr.", peer);
        return figures.add("energyRatio", ours.energyKwh() / peer.energyKwh())
                .add("vms", day.vms())
                .add("trace", Objects.toString(trace.getFileName()))
                .add("mode.vms", vms)
                .add("mode.ram", ram);
    }

    private DayTrace read() {
        try {
            return DayTrace.read(trace);
        } catch (IOException unreadable) {
            throw usage("--trace: %s", String.valueOf(unreadable.getMessage()));
        }
    }

    private boolean isHonest(String option, String value, String honest) {
        check(
                value.equals("as-released") || value.equals(honest),
                "%s=%s must be as-released or %s",
                option,
                value,
                honest);
        return value.equals(honest);
    }

    private Outcome run(DayTrace day, Estate estate, Mode mode, Planner planner) {
        try {
            return new Simulation(day, estate, mode, planner).run();
        } catch (IllegalArgumentException tooMany) {
            throw usage("--trace=%s: %s", trace, String.valueOf(tooMany.getMessage()));
        }
    }

    private static void add(Figures figures, String prefix, Outcome outcome) {
        figures.add(prefix + "energyKwh", outcome.energyKwh())
                .add(prefix + "migrations", outcome.migrations())
                .add(prefix + "slavPercent", PERCENT * outcome.slav())
                .add(prefix + "slatahPercent", PERCENT * outcome.slatah())
                .add(prefix + "pdmPercent", PERCENT * outcome.pdm())
                .add(prefix + "unservedPercent", PERCENT * outcome.unserved())
                .add(prefix + "hostShutdowns", outcome.hostShutdowns())
                .add(prefix + "mostMigrationsOfVm", outcome.mostMigrationsOfVm())
                .add(prefix + "heldIdleKwh", outcome.heldKwh());
    }
}
