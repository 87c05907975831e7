package io.novacron.perf.faults;

import io.novacron.ingest.IngestListener;
import io.novacron.ingest.ReplayedFleet;
import io.novacron.ingest.fleet.FleetConfig;
import io.novacron.ingest.fleet.FleetView;
import io.novacron.ingest.journal.JournalCursor;
import io.novacron.ingest.journal.JournalVerification;
import io.novacron.ingest.journal.RecordHandler;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.journal.SessionRecord;
import io.novacron.ingest.statistics.Counter;
import io.novacron.ingest.statistics.IngestStatistics;
import io.novacron.wire.WireException;
import io.novacron.wire.column.MetricBatchReader;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Messages;
import io.novacron.wire.sbe.ConnectionKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/// Acknowledged = journaled = applied, checked from the outside: what agents noted of the server's
/// promises, against every record of the journal, against a fleet store replayed from it, against
/// `journal verify`.
///
/// @param acknowledged frames promised
/// @param lost promised frames that are not in the journal, and journaled ones that are not applied
/// @param duplicated frames that are in the journal more than once
/// @param journaled frames in the journal, each counted once
/// @param problems everything else that must not be; empty when all is well
record Audit(long acknowledged, long lost, long duplicated, long journaled, List<String> problems) {
    private static final int BATCH = 4_096;
    private static final int MAX_ENTITIES = 24_000;
    private static final int MAX_ENTITIES_PER_AGENT = 200;
    private static final long AHEAD_MS = 60_000; // stamped later than that is quarantined

    /// The counters of which each batch that is read moves exactly one.
    private static final List<Counter> FATES =
            List.of(
                    Counter.BATCHES_APPLIED,
                    Counter.BATCHES_QUARANTINED,
                    Counter.BATCHES_TOO_OLD,
                    Counter.BATCHES_OUT_OF_INTERVAL,
                    Counter.BATCHES_UNDECODABLE);

    /// @param liveHash digest of the server's fleet store at its last tick; null when there is none
    static Audit of(
            Path journal, int agents, List<SpoolingAgent.Promise> promises, @Nullable Long liveHash)
            throws IOException {
        var tally = new Tally();
        try (JournalCursor cursor = JournalCursor.open(journal)) {
            while (cursor.read(tally, BATCH) > 0) {
                // reads to the end
            }
            tally.check(cursor.recordsLost() == 0, "records lost: " + cursor.recordsLost());
            tally.check(cursor.recordsDamaged() == 0, "damaged: " + cursor.recordsDamaged());
        }
        long acknowledged = 0;
        long lost = 0;
        for (SpoolingAgent.Promise promise : promises) {
            BitSet journaled = tally.spool(promise.agentId(), promise.epoch());
            int upTo = Math.toIntExact(promise.journaledSequence());
            acknowledged += upTo;
            lost += upTo - journaled.get(1, upTo + 1).cardinality();
        }
        long notApplied = tally.batches - replay(journal, agents, tally, liveHash);
        tally.check(notApplied >= 0, "batches applied more than once: " + -notApplied);
        JournalVerification verification = JournalVerification.of(journal);
        tally.check(verification.ok(), "journal verify: " + withoutRows(verification));
        return new Audit(
                acknowledged,
                lost + Math.max(0, notApplied),
                tally.duplicated,
                tally.journaled,
                List.copyOf(tally.problems));
    }

    private static String withoutRows(JournalVerification verification) {
        return "missing=%d duplicated=%d damaged=%d lost=%d"
                .formatted(
                        verification.missing(),
                        verification.duplicated(),
                        verification.recordsDamaged(),
                        verification.recordsLost());
    }

    /// @return batches that the replay saw to
    private static long replay(Path journal, int agents, Tally tally, @Nullable Long liveHash)
            throws IOException {
        var config =
                new FleetConfig(
                        agents,
                        MAX_ENTITIES,
                        MAX_ENTITIES_PER_AGENT,
                        Duration.ofMinutes(10),
                        Duration.ofDays(7));
        try (var fleet = ReplayedFleet.open(journal, config, IngestListener.DEAF)) {
            while (fleet.advance()) {
                // replays to the end
            }
            if (liveHash != null) {
                try (FleetView view = fleet.store().pin()) {
                    tally.check(
                            view.stateHash() == liveHash,
                            "a replay ends in another fleet store than the server's");
                    tally.lastApplied.forEach((agentId, sequence) -> {
                        int slot = view.slotOf(FrameMaker.uuid(agentId, 0));
                        int metric = FrameMaker.METRICS[FrameMaker.SEQUENCE_METRIC];
                        tally.check(
                                view.last(metric, slot) == sequence,
                                "agent %s: last value %s in the fleet store must be %d"
                                        .formatted(agentId, view.last(metric, slot), sequence));
                    });
                }
            }
            IngestStatistics statistics = fleet.statistics();
            return FATES.stream().mapToLong(statistics::get).sum();
        }
    }

    /// Counts the frames of a journal by agent, spool epoch and sequence.
    private static final class Tally implements RecordHandler {
        private static final int PROBLEMS_KEPT = 10;

        private final Messages messages = new Messages();
        private final MetricBatchReader reader =
                new MetricBatchReader(MAX_ENTITIES_PER_AGENT, FrameMaker.METRICS.length);
        private final float[] column = new float[MAX_ENTITIES_PER_AGENT];
        private final Map<Integer, Hello> hellos = new HashMap<>();
        private final Map<UUID, Map<Long, BitSet>> spools = new HashMap<>();
        final Map<UUID, Long> lastApplied = new HashMap<>();
        final List<String> problems = new ArrayList<>();
        long journaled;
        long duplicated;
        long batches;

        void check(boolean holds, String problem) {
            if (!holds && problems.size() < PROBLEMS_KEPT) {
                problems.add(problem);
            }
        }

        BitSet spool(UUID agentId, long epoch) {
            return spools.computeIfAbsent(agentId, _ -> new HashMap<>())
                    .computeIfAbsent(epoch, _ -> new BitSet());
        }

        @Override
        public void onRecord(
                int typeCode,
                int source,
                long ordinal,
                long timeMs,
                long sequence,
                DirectBuffer buffer,
                int offset,
                int length) {
            RecordType type = RecordType.ofCode(typeCode);
            if (type == RecordType.SESSION) {
                onSession(source, buffer, offset, length);
            } else if (type == RecordType.FRAME || type == RecordType.INVENTORY) {
                Hello hello = hellos.get(source);
                if (hello == null) {
                    check(false, "record %d comes before its hello".formatted(ordinal));
                    return;
                }
                BitSet seen = spool(hello.agentId(), hello.spoolEpoch());
                int number = Math.toIntExact(sequence);
                if (seen.get(number)) {
                    duplicated++;
                } else {
                    journaled++;
                    seen.set(number);
                }
                if (type == RecordType.FRAME) {
                    batches++;
                    onBatch(hello, sequence, timeMs, buffer, offset, length);
                }
            }
        }

        private void onSession(int source, DirectBuffer buffer, int offset, int length) {
            if (SessionRecord.event(buffer, offset) == SessionRecord.BEGIN) {
                int header = SessionRecord.HEADER_LENGTH;
                Hello hello = (Hello) messages.decode(buffer, offset + header, length - header);
                if (hello.connection() == ConnectionKind.DATA) {
                    hellos.put(source, hello);
                }
            }
        }

        private void onBatch(
                Hello hello,
                long sequence,
                long timeMs,
                DirectBuffer buffer,
                int offset,
                int length) {
            try {
                reader.wrap(buffer, offset, length);
                reader.block().column(FrameMaker.SEQUENCE_METRIC, column);
            } catch (WireException e) {
                check(false, "sequence %d does not decode: %s".formatted(sequence, e));
                return;
            }
            check(
                    reader.sequence() == sequence && column[0] == sequence,
                    "sequence %d has the content of %s".formatted(sequence, column[0]));
            boolean kept = reader.timestampMs() <= timeMs + AHEAD_MS;
            if (kept && reader.timestampMs() > timeMs - Duration.ofDays(1).toMillis()) {
                lastApplied.put(hello.agentId(), sequence);
            }
        }
    }
}
