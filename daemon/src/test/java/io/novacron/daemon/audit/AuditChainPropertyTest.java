package io.novacron.daemon.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;

/// Whatever is done to a chain is found, and the record at which it was done is named.
class AuditChainPropertyTest {
    private static final long DAY_MS = Duration.ofDays(1).toMillis();

    private final Path folder;
    private final Path log;
    private final Path anchor;

    AuditChainPropertyTest() throws IOException {
        folder = Files.createTempDirectory("audit-chain");
        log = folder.resolve("audit.jsonl");
        anchor = folder.resolve("elsewhere/audit.json");
    }

    @AfterProperty
    void removeFolder() throws IOException {
        try (var files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> {
                        try {
                            Files.delete(file);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }

    @Property(tries = 300)
    void anEditOfAnyByteIsFoundAtItsRecord(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 12) int records,
            @ForAll boolean shortened)
            throws IOException {
        write(seed, records, shortened);
        assertThat(verify().problems()).as("untouched").isEmpty();
        byte[] bytes = Files.readAllBytes(log);
        var random = new Random(seed);
        int at = random.nextInt(bytes.length);
        byte old = bytes[at];
        do {
            bytes[at] = (byte) random.nextInt(256);
        } while (bytes[at] == old);
        Files.write(log, bytes);
        var found = verify();
        assertThat(found.broken()).as("byte %d was %d", at, old).isPositive();
        if (!shortened) {
            long record = 1;
            for (int i = 0; i < at; i++) {
                record += bytes[i] == '\n' ? 1 : 0;
            }
            assertThat(found.problems().getFirst()).startsWith("record " + record + ": ");
        }
    }

    @Property(tries = 300)
    void aCutOfAnyBytesIsFound(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 12) int records,
            @ForAll boolean shortened)
            throws IOException {
        write(seed, records, shortened);
        byte[] bytes = Files.readAllBytes(log);
        var random = new Random(seed);
        int from = random.nextInt(bytes.length);
        int to = from + 1 + random.nextInt(bytes.length - from);
        var rest = new ByteArrayOutputStream();
        rest.write(bytes, 0, from);
        rest.write(bytes, to, bytes.length - to);
        Files.write(log, rest.toByteArray());
        assertThat(verify().broken()).as("bytes [%d, %d)", from, to).isPositive();
    }

    @Property(tries = 300)
    void wholeLinesThatAreCutSwappedOrPutInAreFound(
            @ForAll long seed,
            @ForAll @IntRange(min = 2, max = 12) int records,
            @ForAll @IntRange(max = 2) int what)
            throws IOException {
        write(seed, records, false);
        List<String> lines = new ArrayList<>(Files.readAllLines(log));
        var random = new Random(seed);
        int first = random.nextInt(lines.size());
        int second = (first + 1 + random.nextInt(lines.size() - 1)) % lines.size();
        switch (what) {
            case 0 -> lines.remove(first);
            case 1 -> lines.set(first, lines.set(second, lines.get(first)));
            default -> lines.add(second, lines.get(first));
        }
        Files.writeString(log, String.join("\n", lines) + "\n");
        assertThat(verify().broken()).isPositive();
    }

    @Property(tries = 100)
    void aChainThatIsWrittenAnewIsFoundByItsAnchor(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int records)
            throws IOException {
        write(seed, records, false);
        byte[] kept = Files.readAllBytes(anchor);
        write(seed + 1, records, false);
        Files.write(anchor, kept);
        var found = verify();
        assertThat(found.problems())
                .singleElement()
                .asString()
                .startsWith("record " + records + ": ")
                .contains("written anew");
        assertThat(AuditVerification.of(log, null, List.of()).ok())
                .as("in itself it is whole")
                .isTrue();
    }

    @Property(tries = 100)
    void aTailThatIsCutAtALineIsFoundByItsAnchorAndByAKeptHead(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int records)
            throws IOException {
        AuditPlace place = write(seed, records, false);
        List<String> lines = Files.readAllLines(log);
        int left = new Random(seed).nextInt(lines.size());
        Files.writeString(
                log,
                lines.subList(0, left).stream()
                        .map(line -> line + "\n")
                        .reduce("", (a, b) -> a + b));
        assertThat(verify().problems())
                .singleElement()
                .asString()
                .startsWith("record " + (left + 1) + " and all after it are missing");
        Files.delete(anchor);
        var kept = new AuditAnchor.Head(place.lines(), place.head());
        assertThat(AuditVerification.of(log, null, List.of(kept)).broken()).isEqualTo(1);
    }

    @Property(tries = 100)
    void anEditOfTheAnchorIsFound(@ForAll long seed) throws IOException {
        write(seed, 5, false);
        byte[] bytes = Files.readAllBytes(anchor);
        var random = new Random(seed);
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
        Files.write(anchor, bytes);
        assertThat(verify().broken()).isPositive();
    }

    private AuditVerification verify() throws IOException {
        return AuditVerification.of(log, anchor, List.of());
    }

    /// @param shortened whether the first half is retired and a last record says so
    private AuditPlace write(long seed, int records, boolean shortened) throws IOException {
        Files.deleteIfExists(log);
        var random = new Random(seed);
        AuditPlace place;
        try (var written = new AuditLog(log)) {
            written.commit();
            AuditPlace middle = AuditPlace.BEGINNING;
            for (int i = 0; i < records; i++) {
                written.append(i * DAY_MS, fields(random, i * DAY_MS));
                if (i == records / 2) {
                    middle = written.place();
                }
            }
            if (shortened) {
                Map<String, Object> says = new LinkedHashMap<>(fields(random, records * DAY_MS));
                says.put("kind", "AUDIT_RETIRED");
                says.put("facts", AuditLog.retirementFacts(middle));
                written.append(records * DAY_MS, says);
                written.retire(middle);
            }
            place = written.place();
        }
        try (var keeper = new AuditAnchor(log, anchor)) {
            keeper.start();
            keeper.offer(place);
        }
        return place;
    }

    private static Map<String, Object> fields(Random random, long atMs) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("atMs", atMs);
        fields.put("kind", "STEP");
        byte[] text = new byte[random.nextInt(40)];
        random.nextBytes(text);
        fields.put("text", new String(text, StandardCharsets.ISO_8859_1) + " ü – \"}\n");
        fields.put("decision", random.nextInt(100));
        return fields;
    }
}
