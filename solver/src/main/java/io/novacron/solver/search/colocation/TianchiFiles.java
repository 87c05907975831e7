package io.novacron.solver.search.colocation;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/// Reads the four tables of a preliminary round of the Tianchi contest of 2018 from a folder; each
/// may be packed (`.gz`).
public final class TianchiFiles {
    private static final int MILLION = 1_000_000;
    private static final int MACHINE_FIELDS = 7;
    private static final int APP_FIELDS = 7;
    private static final int RULE_FIELDS = 3;

    private final Path folder;
    private String file = "";
    private int line;

    private TianchiFiles(Path folder) {
        this.folder = folder;
    }

    /// @throws IOException naming file, line, value and rule of the first mistake
    public static ColocationProblem read(Path folder) throws IOException {
        return new TianchiFiles(folder).read();
    }

    private ColocationProblem read() throws IOException {
        Map<String, Integer> machineOf = new HashMap<>();
        List<String> machineIds = new ArrayList<>();
        List<String[]> machineRows = rows("machine_resources");
        var cpuCapacity = new int[machineRows.size()];
        var memoryCapacity = new int[machineRows.size()];
        var singleCapacity = new long[machineRows.size() * ColocationProblem.SINGLES];
        for (String[] row : machineRows) {
            line++;
            fields(row, MACHINE_FIELDS);
            int machine = add(machineOf, machineIds, row[0], "machine");
            cpuCapacity[machine] = positive(row[1], "CPU");
            memoryCapacity[machine] = amount(row[2], "memory");
            for (int single = 0; single < ColocationProblem.SINGLES; single++) {
                singleCapacity[machine * ColocationProblem.SINGLES + single] =
                        longAmount(row[3 + single], "resource");
            }
        }
        Map<String, Integer> appOf = new HashMap<>();
        List<String> appIds = new ArrayList<>();
        List<String[]> appRows = rows("app_resources");
        int times = appRows.isEmpty() ? 1 : appRows.getFirst()[1].split("\\|").length;
        var cpu = new int[appRows.size() * times];
        var memory = new int[appRows.size() * times];
        var single = new long[appRows.size() * ColocationProblem.SINGLES];
        for (String[] row : appRows) {
            line++;
            fields(row, APP_FIELDS);
            int app = add(appOf, appIds, row[0], "application");
            series(row[1], "CPU", cpu, app, times);
            series(row[2], "memory", memory, app, times);
            for (int index = 0; index < ColocationProblem.SINGLES; index++) {
                single[app * ColocationProblem.SINGLES + index] =
                        longAmount(row[3 + index], "resource");
            }
        }
        Map<String, Integer> instanceOf = new HashMap<>();
        List<String> instanceIds = new ArrayList<>();
        List<String[]> instanceRows = rows("instance_deploy");
        var app = new int[instanceRows.size()];
        var initial = new int[instanceRows.size()];
        for (String[] row : instanceRows) {
            line++;
            check(row.length >= 2, "there are %d fields, 3 are needed", row.length);
            int instance = add(instanceOf, instanceIds, row[0], "instance");
            app[instance] = known(appOf, row[1], "application");
            boolean isPlaced = row.length > 2 && !row[2].isEmpty();
            initial[instance] = isPlaced ? known(machineOf, row[2], "machine") : -1;
        }
        List<String[]> ruleRows = rows("app_interference");
        var first = new int[ruleRows.size()];
        var second = new int[ruleRows.size()];
        var most = new int[ruleRows.size()];
        for (int rule = 0; rule < first.length; rule++) {
            line++;
            String[] row = ruleRows.get(rule);
            fields(row, RULE_FIELDS);
            first[rule] = known(appOf, row[0], "application");
            second[rule] = known(appOf, row[1], "application");
            most[rule] = amount(row[2], "limit") / MILLION;
        }
        return new ColocationProblem(
                times,
                machineIds,
                cpuCapacity,
                memoryCapacity,
                singleCapacity,
                cpu,
                memory,
                single,
                instanceIds,
                app,
                initial,
                first,
                second,
                most);
    }

    private List<String[]> rows(String table) throws IOException {
        Path path = find(table);
        file = path.toString();
        line = 0;
        List<String[]> rows = new ArrayList<>();
        try (InputStream raw = Files.newInputStream(path);
                InputStream unpacked = file.endsWith(".gz") ? new GZIPInputStream(raw) : raw;
                var reader =
                        new BufferedReader(
                                new InputStreamReader(unpacked, StandardCharsets.UTF_8))) {
            String text;
            while ((text = reader.readLine()) != null) {
                rows.add(text.split(",", -1));
            }
        }
        return rows;
    }

    private Path find(String table) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(
                    "there is no folder %s. Maybe it is elsewhere?".formatted(folder));
        }
        try (var files = Files.list(folder)) {
            return files.filter(path -> path.getFileName().toString().contains(table))
                    .sorted()
                    .findFirst()
                    .orElseThrow(() ->
                            new IOException(
                                    "%s has no file whose name contains %s. Maybe another folder?"
                                            .formatted(folder, table)));
        }
    }

    private int add(Map<String, Integer> places, List<String> ids, String id, String kind)
            throws IOException {
        check(places.putIfAbsent(id, ids.size()) == null, "the %s %s is there twice", kind, id);
        ids.add(id);
        return ids.size() - 1;
    }

    private int known(Map<String, Integer> places, String id, String kind) throws IOException {
        Integer place = places.get(id);
        check(place != null, "the %s %s is not known", kind, id);
        return place == null ? -1 : place;
    }

    private void series(String text, String name, int[] values, int app, int times)
            throws IOException {
        String[] parts = text.split("\\|");
        check(parts.length == times, "%s has %d times, %d are needed", name, parts.length, times);
        for (int time = 0; time < times; time++) {
            values[app * times + time] = amount(parts[time], name);
        }
    }

    private int positive(String text, String name) throws IOException {
        int amount = amount(text, name);
        check(amount > 0, "%s is '%s'; a number above 0 is needed", name, text);
        return amount;
    }

    private int amount(String text, String name) throws IOException {
        long amount = longAmount(text, name);
        check(
                amount <= Integer.MAX_VALUE / 2,
                "%s is '%s'; at most %d is allowed",
                name,
                text,
                Integer.MAX_VALUE / 2 / MILLION);
        return (int) amount;
    }

    private long longAmount(String text, String name) throws IOException {
        try {
            long amount = Math.round(Double.parseDouble(text) * MILLION);
            check(amount >= 0, "%s is '%s'; a number of at least 0 is needed", name, text);
            return amount;
        } catch (NumberFormatException e) {
            throw new IOException(
                    "%s, line %d: %s is '%s'; a number is needed".formatted(file, line, name, text),
                    e);
        }
    }

    private void fields(String[] row, int count) throws IOException {
        check(row.length == count, "there are %d fields, %d are needed", row.length, count);
    }

    private void check(boolean holds, String format, Object... values) throws IOException {
        if (!holds) {
            throw new IOException(
                    "%s, line %d: %s".formatted(file, line, format.formatted(values)));
        }
    }
}
