package io.novacron.ingest.journal;

import io.novacron.ingest.journal.JournalVerification.SpoolRow;
import io.novacron.wire.message.Hello;
import io.novacron.wire.message.Messages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.agrona.DirectBuffer;

/// Which frames of which spools are in the journal, and how often: what a verification compares
/// with the promises. It can be written as lines and read back, so that retired records still
/// count.
final class JournalTally implements RecordHandler {
    /// One spool's life of one stream of one agent.
    record SpoolKey(int source, int stream, long epoch) {}

    /// So many frames of a spool, up to a sequence, were acknowledged.
    record Promise(SpoolKey key, long sequence, long frames) {}

    private static final String AGENT = "agent";
    private static final String EPOCH = "epoch";
    private static final String SPOOL = "spool";
    private static final int SPOOL_FIELDS = 7; // and its ranges, two fields each

    private static final class Spool {
        final Sequences journaled = new Sequences();
        long duplicated;
        long acknowledgedSequence;
        long framesAcknowledged;
        boolean ended;
    }

    private final Messages messages = new Messages();
    private final Map<Integer, UUID> agents = new TreeMap<>();
    private final Map<Integer, long[]> epochs = new TreeMap<>();
    private final Map<SpoolKey, Spool> spools = new LinkedHashMap<>();

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
        } else if (type == RecordType.ACKNOWLEDGED) {
            var key =
                    new SpoolKey(
                            source,
                            AcknowledgedRecord.stream(buffer, offset),
                            AcknowledgedRecord.epoch(buffer, offset));
            promise(new Promise(key, sequence, AcknowledgedRecord.frames(buffer, offset)));
            spool(key).ended = true;
        } else if (type == RecordType.OUTCOME) {
            onFrame(source, WatermarkFile.CONTROL, sequence);
        } else if (type == RecordType.FRAME || type == RecordType.INVENTORY) {
            onFrame(source, WatermarkFile.DATA, sequence);
        }
    }

    private void onSession(int source, DirectBuffer buffer, int offset, int length) {
        if (SessionRecord.event(buffer, offset) == SessionRecord.BEGIN) {
            int header = SessionRecord.HEADER_LENGTH;
            Hello hello = (Hello) messages.decode(buffer, offset + header, length - header);
            agents.put(source, hello.agentId());
            epochs.computeIfAbsent(source, _ -> new long[WatermarkFile.STREAMS])[
                            SessionRecord.kind(buffer, offset)] =
                    hello.spoolEpoch();
        }
    }

    private void onFrame(int source, int stream, long sequence) {
        long[] of = epochs.get(source);
        if (sequence != 0 && of != null) {
            Spool spool = spool(new SpoolKey(source, stream, of[stream]));
            spool.duplicated += spool.journaled.add(sequence) ? 0 : 1;
        }
    }

    private Spool spool(SpoolKey key) {
        return spools.computeIfAbsent(key, _ -> new Spool());
    }

    void promise(Promise promise) {
        Spool spool = spool(promise.key());
        spool.acknowledgedSequence = promise.sequence();
        spool.framesAcknowledged = promise.frames();
    }

    List<SpoolRow> rows() {
        var rows = new ArrayList<SpoolRow>();
        spools.forEach((key, spool) -> rows.add(row(key, spool)));
        return rows;
    }

    private SpoolRow row(SpoolKey key, Spool spool) {
        long kept = spool.journaled.countUpTo(spool.acknowledgedSequence);
        long highest = spool.journaled.highest();
        return new SpoolRow(
                Objects.requireNonNullElse(agents.get(key.source()), new UUID(0, 0)),
                key.stream() == WatermarkFile.CONTROL,
                key.epoch(),
                spool.acknowledgedSequence,
                spool.framesAcknowledged,
                highest,
                spool.journaled.count(),
                Math.max(0, spool.framesAcknowledged - kept),
                spool.duplicated,
                Math.max(0, highest - spool.journaled.lowest() + 1 - spool.journaled.count()));
    }

    /// Writes what is known, but for spools that ended with every promise kept: bounded by the
    /// agents, not by the years.
    List<String> lines() {
        var lines = new ArrayList<String>();
        agents.forEach((source, id) -> lines.add("%s %d %s".formatted(AGENT, source, id)));
        epochs.forEach(
                (source, of) -> lines.add("%s %d %d %d".formatted(EPOCH, source, of[0], of[1])));
        spools.forEach((key, spool) -> {
            SpoolRow row = row(key, spool);
            if (!spool.ended || row.missing() + row.duplicated() > 0) {
                lines.add(line(key, spool));
            }
        });
        return lines;
    }

    private static String line(SpoolKey key, Spool spool) {
        var line = new StringBuilder();
        line.append(SPOOL)
                .append(" %d %d %d".formatted(key.source(), key.stream(), key.epoch()))
                .append(" %d %d".formatted(spool.acknowledgedSequence, spool.framesAcknowledged))
                .append(" %d".formatted(spool.duplicated));
        spool.journaled.forEachRange((start, end) -> line.append(" %d %d".formatted(start, end)));
        return line.toString();
    }

    /// Takes over what [#lines] wrote.
    ///
    /// @throws IllegalArgumentException when they are not such lines
    void restore(List<String> lines) {
        for (String line : lines) {
            String[] fields = line.split(" ");
            switch (fields[0]) {
                case AGENT -> agents.put(Integer.parseInt(fields[1]), UUID.fromString(fields[2]));
                case EPOCH ->
                        epochs.put(
                                Integer.parseInt(fields[1]),
                                new long[] {Long.parseLong(fields[2]), Long.parseLong(fields[3])});
                case SPOOL -> restoreSpool(fields);
                default -> throw new IllegalArgumentException("'%s' is unknown".formatted(line));
            }
        }
    }

    private void restoreSpool(String[] fields) {
        Spool spool =
                spool(
                        new SpoolKey(
                                Integer.parseInt(fields[1]),
                                Integer.parseInt(fields[2]),
                                Long.parseLong(fields[3])));
        spool.acknowledgedSequence = Long.parseLong(fields[4]);
        spool.framesAcknowledged = Long.parseLong(fields[5]);
        spool.duplicated = Long.parseLong(fields[6]);
        for (int i = SPOOL_FIELDS; i < fields.length; i += 2) {
            spool.journaled.addRange(Long.parseLong(fields[i]), Long.parseLong(fields[i + 1]));
        }
    }
}
