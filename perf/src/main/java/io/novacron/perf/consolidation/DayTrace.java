package io.novacron.perf.consolidation;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// CPU utilisation of vms over a day: one sample each 300 s, in whole percent of what the vm may
/// have.
final class DayTrace {
    static final int STEPS = 288;
    static final double STEP_SECONDS = 300;
    private static final int VM_LIMIT = 100_000;
    private static final double PERCENT = 100.0;

    private final List<String> names;
    private final byte[][] percent;

    DayTrace(List<String> names, byte[][] percent) {
        this.names = List.copyOf(names);
        this.percent = percent;
    }

    int vms() {
        return percent.length;
    }

    String name(int vm) {
        return names.get(vm);
    }

    /// Share of its MIPS that the vm asks for, on a straight line between samples; after the last
    /// sample, the last.
    double utilisation(int vm, double seconds) {
        if (seconds % STEP_SECONDS == 0) {
            return sample(vm, (int) seconds / (int) STEP_SECONDS);
        }
        int before = (int) Math.floor(seconds / STEP_SECONDS);
        double from = sample(vm, before);
        double slope = (sample(vm, before + 1) - from) / STEP_SECONDS;
        return from + slope * (seconds - before * STEP_SECONDS);
    }

    private double sample(int vm, int step) {
        return percent[vm][Math.min(step, STEPS - 1)] / PERCENT;
    }

    /// Reads rows `vm,s000,…,s287` under a header; `.gz` is unpacked. Refuses a file with anything
    /// else in it.
    static DayTrace read(Path file) throws IOException {
        try (var reader =
                new BufferedReader(new InputStreamReader(unpacked(file), StandardCharsets.UTF_8))) {
            String header = reader.readLine();
            check(
                    header != null && header.startsWith("vm,"),
                    file,
                    1,
                    "\"%s\" must be the header vm,s000,…,s287. Maybe this is another kind of file?",
                    shortened(header));
            List<String> names = new ArrayList<>();
            List<byte[]> rows = new ArrayList<>();
            HashSet<String> seen = new HashSet<>();
            int line = 1;
            for (String row = reader.readLine(); row != null; row = reader.readLine()) {
                line++;
                if (row.isEmpty()) {
                    continue;
                }
                check(rows.size() < VM_LIMIT, file, line, "more than %d vms", VM_LIMIT);
                String[] cells = row.split(",", -1);
                check(
                        cells.length == STEPS + 1,
                        file,
                        line,
                        "%d values, and a day has 288 (each 300 s). Maybe the line was cut?",
                        cells.length - 1);
                check(
                        !cells[0].isEmpty() && seen.add(cells[0]),
                        file,
                        line,
                        "vm \"%s\" must have a name of its own. Maybe the line is there twice?",
                        cells[0]);
                names.add(cells[0]);
                rows.add(samples(file, line, cells));
            }
            check(!rows.isEmpty(), file, line, "no vms. Maybe the file was cut after its header?");
            return new DayTrace(names, rows.toArray(byte[][]::new));
        } catch (ZipException | UncheckedIOException damaged) {
            throw new IOException(
                    "%s: not a readable gzip file (%s)".formatted(file, damaged.getMessage()),
                    damaged);
        }
    }

    private static InputStream unpacked(Path file) throws IOException {
        try {
            var in = Files.newInputStream(file);
            return file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
        } catch (NoSuchFileException missing) {
            throw new FileNotFoundException("%s: there is no such file".formatted(file));
        }
    }

    private static byte[] samples(Path file, int line, String[] cells) throws IOException {
        byte[] samples = new byte[STEPS];
        for (int step = 0; step < STEPS; step++) {
            int value = number(cells[step + 1]);
            check(
                    value >= 0 && value <= PERCENT,
                    file,
                    line,
                    "s%03d=%s must be a whole number in [0, 100], the percent of CPU",
                    step,
                    cells[step + 1]);
            samples[step] = (byte) value;
        }
        return samples;
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException notANumber) {
            return -1;
        }
    }

    private static String shortened(@org.jspecify.annotations.Nullable String text) {
        return text == null ? "" : text.substring(0, Math.min(40, text.length()));
    }

    private static void check(boolean holds, Path file, int line, String rule, Object... values)
            throws IOException {
        if (!holds) {
            throw new IOException("%s:%d: %s".formatted(file, line, rule.formatted(values)));
        }
    }
}
