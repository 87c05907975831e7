package io.novacron.training;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// Reads a folder of traces: a Parquet history ([ParquetHistory]), or one `METRIC.csv` or
/// `METRIC.csv.gz` per metric, one line per entity: `name,v0,v1,…` on an even grid, an empty cell
/// where a sample is missing. A first line whose second cell is a word is taken as a header and
/// left out.
///
/// Where `traces.json` lies beside such files, it says step, start and the command that made them.
///
/// @param traces one per metric, by name
/// @param sha256 hash over the names and bytes of the files read
/// @param command the command that made the traces, or null
public record TraceFolder(List<Trace> traces, String sha256, @Nullable String command) {
    static final String ABOUT_FILE = "traces.json";
    private static final int MAX_METRICS = 64;
    private static final int MAX_CELLS = 1 << 28;
    private static final Pattern TRACE_FILE = Pattern.compile("(.+)\\.csv(\\.gz)?");
    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .build();

    /// What `traces.json` says.
    record About(String command, int stepSeconds, long startTimeMs) {
        byte[] toJson() throws IOException {
            return (MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n")
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    /// Reads the folder.
    public static TraceFolder read(Path folder, ReadOptions options) throws TrainingException {
        try {
            List<Path> parquet = ParquetHistory.files(folder);
            List<Path> files = files(folder);
            if (!parquet.isEmpty() && !files.isEmpty()) {
                throw new TrainingException(
                        "%s: holds both %s and %s. Which of the two are the traces?"
                                .formatted(folder, parquet.getFirst(), files.getFirst()));
            }
            return parquet.isEmpty()
                    ? readLines(folder, files, options)
                    : readHistory(folder, parquet, options);
        } catch (IOException e) {
            throw new TrainingException("%s: cannot be read: %s".formatted(folder, e), e);
        }
    }

    private static TraceFolder readHistory(Path folder, List<Path> files, ReadOptions options)
            throws TrainingException, IOException {
        MessageDigest digest = newDigest();
        var piece = new byte[1 << 16];
        for (Path file : files) {
            digest.update(folder.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
            try (InputStream in = Files.newInputStream(file)) {
                for (int read = in.read(piece); read > 0; read = in.read(piece)) {
                    digest.update(piece, 0, read);
                }
            }
        }
        return new TraceFolder(
                ParquetHistory.read(folder, files, options),
                HexFormat.of().formatHex(digest.digest()),
                null);
    }

    private static TraceFolder readLines(Path folder, List<Path> files, ReadOptions options)
            throws TrainingException, IOException {
        if (files.isEmpty() || files.size() > MAX_METRICS) {
            throw new TrainingException(
                    ("%s: holds %d files named METRIC.csv or METRIC.csv.gz, must be 1 to %d, or a Parquet"
                                    + " history. Maybe run ./novacron make-traces --out %s first?")
                            .formatted(folder, files.size(), MAX_METRICS, folder));
        }
        Path aboutFile = folder.resolve(ABOUT_FILE);
        About about =
                Files.exists(aboutFile)
                        ? MAPPER.readValue(Files.readAllBytes(aboutFile), About.class)
                        : null;
        int step = about == null ? options.stepSeconds() : about.stepSeconds();
        long start = about == null ? options.startTimeMs() : about.startTimeMs();
        MessageDigest digest = newDigest();
        List<Trace> traces = new ArrayList<>();
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            String name = file.getFileName().toString();
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
            traces.add(parse(file, name, bytes, step, start, options.maxEntities()));
        }
        return new TraceFolder(
                List.copyOf(traces),
                HexFormat.of().formatHex(digest.digest()),
                about == null ? null : about.command());
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> TRACE_FILE.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        }
    }

    private static Trace parse(
            Path file,
            String name,
            byte[] bytes,
            int stepSeconds,
            long startTimeMs,
            int maxEntities)
            throws IOException, TrainingException {
        List<String> entities = new ArrayList<>();
        List<float[]> lines = new ArrayList<>();
        int steps = -1;
        try (var reader =
                new BufferedReader(
                        new InputStreamReader(open(name, bytes), StandardCharsets.UTF_8))) {
            int number = 0;
            for (String line = reader.readLine();
                    line != null && entities.size() < maxEntities;
                    line = reader.readLine()) {
                number++;
                int comma = line.indexOf(',');
                if (line.isBlank() || (number == 1 && isHeader(line, comma))) {
                    continue;
                }
                float[] values = values(line, comma, file, number);
                if (steps < 0) {
                    steps = values.length;
                }
                if (values.length != steps || comma <= 0) {
                    throw new TrainingException(
                            "%s:%d: has %d values, the lines before have %d. Maybe it was cut off?"
                                    .formatted(file, number, values.length, steps));
                }
                if ((long) steps * (lines.size() + 1) > MAX_CELLS) {
                    throw new TrainingException(
                            "%s: has more than %d cells. Maybe use --max-entities?"
                                    .formatted(file, MAX_CELLS));
                }
                entities.add(line.substring(0, comma));
                lines.add(values);
            }
        }
        if (lines.isEmpty()) {
            throw new TrainingException("%s: holds no line".formatted(file));
        }
        var matcher = TRACE_FILE.matcher(name);
        String metric = matcher.matches() ? matcher.group(1) : name;
        return new Trace(
                metric,
                List.copyOf(entities),
                transpose(lines, steps),
                steps,
                stepSeconds,
                startTimeMs);
    }

    private static InputStream open(String name, byte[] bytes) throws IOException {
        var in = new ByteArrayInputStream(bytes);
        return name.endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in;
    }

    private static boolean isHeader(String line, int comma) {
        return comma >= 0
                && comma + 1 < line.length()
                && Character.isLetter(line.charAt(comma + 1));
    }

    private static float[] values(String line, int comma, Path file, int number)
            throws TrainingException {
        float[] values = new float[1024];
        int count = 0;
        int from = comma + 1;
        while (comma >= 0 && from <= line.length()) {
            int to = line.indexOf(',', from);
            to = to < 0 ? line.length() : to;
            if (count == values.length) {
                values = Arrays.copyOf(values, 2 * count);
            }
            values[count++] = cell(line.substring(from, to), file, number, count);
            from = to + 1;
        }
        return Arrays.copyOf(values, count);
    }

    private static float cell(String text, Path file, int number, int column)
            throws TrainingException {
        if (text.isBlank()) {
            return Float.NaN;
        }
        try {
            float value = Float.parseFloat(text);
            return Float.isFinite(value) ? value : Float.NaN;
        } catch (NumberFormatException e) {
            throw new TrainingException(
                    "%s:%d: value %d is '%s', must be a number or empty"
                            .formatted(file, number, column, text),
                    e);
        }
    }

    private static float[] transpose(List<float[]> lines, int steps) {
        int series = lines.size();
        float[] values = new float[series * steps];
        for (int i = 0; i < series; i++) {
            float[] line = lines.get(i);
            for (int step = 0; step < steps; step++) {
                values[step * series + i] = line[step];
            }
        }
        return values;
    }
}
