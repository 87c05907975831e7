package io.novacron.perf.openb;

import io.novacron.solver.gpu.GpuHost;
import io.novacron.solver.gpu.GpuRequest;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// Hosts and pods as published, `.csv` or `.csv.gz`. Refuses a line that does not follow the
/// format.
record OpenbData(List<GpuHost> hosts, List<GpuRequest> pods) {
    private static final String HOST_FILE = "openb_node_list_gpu_node.csv";
    private static final int MODEL_LIMIT = Long.SIZE;
    private static final int HOST_COLUMNS = 5;
    private static final int POD_COLUMNS = 6;

    /// @param trace the name of a pod list, such as `default` or `gpushare40`
    static OpenbData read(Path folder, String trace) throws IOException {
        Map<String, Long> models = new HashMap<>();
        List<GpuHost> hosts = new ArrayList<>();
        for (var row : rows(folder, HOST_FILE, "sn,cpu_milli,memory_mib,gpu,model", HOST_COLUMNS)) {
            int gpus = row.number(3, "gpu");
            long model = gpus == 0 ? 0 : row.model(models, row.cells[4]);
            hosts.add(
                    row.made(() ->
                            new GpuHost(
                                    row.number(1, "cpu_milli"),
                                    row.number(2, "memory_mib"),
                                    gpus,
                                    model)));
        }
        List<GpuRequest> pods = new ArrayList<>();
        String podFile = "openb_pod_list_%s.csv".formatted(trace);
        for (var row :
                rows(
                        folder,
                        podFile,
                        "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec",
                        POD_COLUMNS)) {
            long accepted = 0;
            if (!row.cells[5].isEmpty()) {
                for (String name : row.cells[5].split("\\|", -1)) {
                    accepted |= row.model(models, name);
                }
            }
            long specification = accepted;
            pods.add(
                    row.made(() ->
                            new GpuRequest(
                                    row.number(1, "cpu_milli"),
                                    row.number(2, "memory_mib"),
                                    row.number(3, "num_gpu"),
                                    row.number(4, "gpu_milli"),
                                    specification)));
        }
        return new OpenbData(List.copyOf(hosts), List.copyOf(pods));
    }

    private static List<Row> rows(Path folder, String name, String header, int columns)
            throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            file = folder.resolve(name + ".gz");
        }
        List<Row> rows = new ArrayList<>();
        try (var in = Files.newInputStream(file);
                var reader =
                        new BufferedReader(
                                new InputStreamReader(
                                        file.toString().endsWith(".gz")
                                                ? new GZIPInputStream(in)
                                                : in,
                                        StandardCharsets.UTF_8))) {
            String first = reader.readLine();
            if (first == null || !first.startsWith(header)) {
                throw new IOException(
                        "%s:1: \"%s\" must begin with %s. Maybe this is another kind of file?"
                                .formatted(file, first, header));
            }
            int line = 1;
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                line++;
                if (text.isEmpty()) {
                    continue;
                }
                String[] cells = text.split(",", -1);
                if (cells.length < columns) {
                    throw new IOException(
                            "%s:%d: %d values, and a line has at least %d. Maybe it was cut?"
                                    .formatted(file, line, cells.length, columns));
                }
                rows.add(new Row(file, line, cells));
            }
        } catch (NoSuchFileException missing) {
            throw new FileNotFoundException(
                    "%s: there is no such file. Maybe another --data or --trace?".formatted(file));
        } catch (ZipException damaged) {
            throw new IOException(
                    "%s: not a readable gzip file (%s)".formatted(file, damaged.getMessage()),
                    damaged);
        }
        if (rows.isEmpty()) {
            throw new IOException("%s: no lines after the header".formatted(file));
        }
        return rows;
    }

    private static final class Row {
        final Path file;
        final int line;
        final String[] cells;

        Row(Path file, int line, String[] cells) {
            this.file = file;
            this.line = line;
            this.cells = cells;
        }

        int number(int column, String name) throws IOException {
            try {
                int value = Integer.parseInt(cells[column].strip());
                if (value >= 0) {
                    return value;
                }
            } catch (NumberFormatException notANumber) {
                // told below, with its place
            }
            throw new IOException(
                    "%s:%d: %s=%s must be a whole number of at least 0"
                            .formatted(file, line, name, cells[column]));
        }

        long model(Map<String, Long> models, String name) throws IOException {
            Long known = models.get(name);
            if (known != null) {
                return known;
            }
            if (name.isBlank() || models.size() == MODEL_LIMIT) {
                throw new IOException(
                        "%s:%d: GPU model \"%s\" must have a name, and there are at most %d"
                                .formatted(file, line, name, MODEL_LIMIT));
            }
            long bit = 1L << models.size();
            models.put(name, bit);
            return bit;
        }

        <T> T made(Maker<T> maker) throws IOException {
            try {
                return maker.make();
            } catch (IllegalArgumentException rule) {
                throw new IOException("%s:%d: %s".formatted(file, line, rule.getMessage()), rule);
            }
        }
    }

    private interface Maker<T> {
        T make() throws IOException;
    }
}
