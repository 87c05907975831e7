package io.novacron.daemon.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    private static final long DAY_MS = Duration.ofDays(1).toMillis();

    @TempDir private Path folder;

    @Test
    void linesThatAreOldAreRetiredAndTheRestIsGoneOnWith() throws IOException {
        AuditPlace checkpoint;
        try (var log = opened()) {
            append(log, 0, 20);
            assertThat(log.retirable(5 * DAY_MS, Duration.ofDays(10), 1 << 20)).isNull();
            AuditPlace place = retirable(log, 20 * DAY_MS, 1 << 20);
            assertThat(place.lines()).as("days 0 to 9").isEqualTo(10);
            retire(log, place, 20);
            assertThat(log.retirable(20 * DAY_MS, Duration.ofDays(10), 1 << 20)).isNull();
            assertThat(verify().problems()).isEmpty();
            assertThat(verify().firstRecord()).isEqualTo(11);
            assertThat(log.hashOf(10)).isEqualTo(place.head());
            checkpoint = log.place();
            append(log, 21, 1);
        }
        try (var again = new AuditLog(file())) {
            again.restore(checkpoint);
            append(again, 21, 1);
            assertThat(again.commit()).as("nothing is set aside").isNull();
            append(again, 22, 1);
            retire(again, retirable(again, 31 * DAY_MS, 1 << 20), 31);
        }
        assertThat(verify().problems()).isEmpty();
        assertThat(verify().records()).isEqualTo(3);
    }

    @Test
    void linesOverTheBytesAreRetiredUnlessTheyAreYoung() throws IOException {
        try (var log = opened()) {
            append(log, 0, 20);
            long size = log.place().bytes();
            assertThat(log.retirable(20 * DAY_MS, Duration.ofDays(400), size)).isNull();
            AuditPlace place = retirable(log, 20 * DAY_MS, size / 2);
            assertThat(place.bytes()).isGreaterThanOrEqualTo(size / 2);
            AuditPlace most = retirable(log, 20 * DAY_MS, 1);
            assertThat(most.lines()).as("the last two days stay").isEqualTo(18);
        }
    }

    @Test
    void aFrontThatIsCutWithoutALineThatSaysSoIsFound() throws IOException {
        try (var log = opened()) {
            append(log, 0, 20);
            log.retire(retirable(log, 20 * DAY_MS, 1 << 20));
        }
        assertThat(verify().problems())
                .singleElement()
                .asString()
                .startsWith("records 1 to 10 are missing");
    }

    @Test
    void aCheckpointFromBeforeTheRetiredLinesIsRefused() throws IOException {
        AuditPlace early;
        try (var log = opened()) {
            append(log, 0, 5);
            early = log.place();
            append(log, 5, 15);
            retire(log, retirable(log, 20 * DAY_MS, 1 << 20), 20);
        }
        try (var again = new AuditLog(file())) {
            assertThatThrownBy(() -> again.restore(early))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("begins after line 10 and must have line 5");
        }
    }

    @Test
    void whatTheJournalDoesNotGiveAgainIsSetAside() throws IOException {
        AuditPlace middle;
        try (var log = opened()) {
            append(log, 0, 3);
            middle = log.place();
            append(log, 3, 3);
        }
        byte[] first = Files.readAllBytes(file());
        Path aside;
        try (var again = new AuditLog(file())) {
            again.restore(middle);
            append(again, 3, 2); // one less
            aside = again.commit();
        }
        assertThat(aside).isNotNull().hasFileName("audit.jsonl.aside-1");
        byte[] tail = Files.readAllBytes(aside);
        assertThat(first).endsWith(tail);
        assertThat(tail).hasSize(first.length - (int) middle.bytes());
        try (var whole = new AuditLog(file())) {
            append(whole, 7, 1);
            assertThat(whole.commit()).hasFileName("audit.jsonl.aside-2");
        }
    }

    private AuditLog opened() throws IOException {
        var log = new AuditLog(file());
        log.commit();
        return log;
    }

    private static AuditPlace retirable(AuditLog log, long nowMs, long bytes) throws IOException {
        @Nullable AuditPlace place =
                log.retirable(
                        nowMs, bytes < 1 << 20 ? Duration.ofDays(400) : Duration.ofDays(10), bytes);
        return Objects.requireNonNull(place);
    }

    private static void retire(AuditLog log, AuditPlace place, long day) throws IOException {
        log.append(
                day * DAY_MS,
                Map.of(
                        "atMs",
                        day * DAY_MS,
                        "kind",
                        "AUDIT_RETIRED",
                        "facts",
                        AuditLog.retirementFacts(place)));
        log.retire(place);
    }

    private static void append(AuditLog log, long firstDay, int days) {
        for (long day = firstDay; day < firstDay + days; day++) {
            log.append(day * DAY_MS, Map.of("atMs", day * DAY_MS));
        }
    }

    private AuditVerification verify() throws IOException {
        return AuditVerification.of(file(), null, List.of());
    }

    private Path file() {
        return folder.resolve("audit.jsonl");
    }
}
