package io.novacron.training;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `novacron make-traces`: a folder of imagined traces to train from.
@Command(
        name = "make-traces",
        mixinStandardHelpOptions = true,
        description = "Makes traces of imagined vms, in the format that train reads.")
public final class TracesCommand implements Callable<Integer> {
    private static final int MAX_VMS = 20_000;
    private static final int MAX_DAYS = 400;
    private static final int MAX_CELLS = 1 << 28;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder to write.")
    private Path out = Path.of("");

    @Option(names = "--vms", defaultValue = "200", description = "Default: ${DEFAULT-VALUE}")
    private int vms = 200;

    @Option(names = "--days", defaultValue = "21", description = "Default: ${DEFAULT-VALUE}")
    private int days = 21;

    @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}")
    private long seed = 1;

    @Option(names = "--json", description = "End with one JSON line of figures.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter progress = spec.commandLine().getErr();
        long cells = (long) vms * days * SyntheticTraces.DAY;
        if (vms < 1 || vms > MAX_VMS || days < 1 || days > MAX_DAYS || cells > MAX_CELLS) {
            progress.printf(
                    "make-traces: --vms=%d must be in [1, %d], --days=%d in [1, %d], together at most %d"
                            + " vm-days%n",
                    vms, MAX_VMS, days, MAX_DAYS, MAX_CELLS / SyntheticTraces.DAY);
            progress.flush();
            return 1;
        }
        try {
            String command =
                    "./novacron make-traces --out %s --vms %d --days %d --seed %d"
                            .formatted(out, vms, days, seed);
            new SyntheticTraces(seed, vms, days).write(out, command);
        } catch (IOException e) {
            progress.printf("make-traces: %s cannot be written: %s%n", out, e);
            progress.flush();
            return 1;
        }
        report(cells);
        return 0;
    }

    private void report(long cells) {
        PrintWriter output = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("vms", vms);
            figures.put("days", days);
            figures.put("metrics", SyntheticTraces.METRICS.size());
            figures.put("samples", cells * SyntheticTraces.METRICS.size());
            output.println(JsonLine.of("make-traces", figures));
        } else {
            output.printf("wrote %s: %d vms, %d days%n", out, vms, days);
        }
        output.flush();
    }
}
