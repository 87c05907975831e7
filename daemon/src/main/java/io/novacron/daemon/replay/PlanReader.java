package io.novacron.daemon.replay;

import io.novacron.daemon.tick.TickPlan;
import io.novacron.ingest.journal.JournalCursor;
import io.novacron.ingest.journal.RecordType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/// Reads the plans of a journal, each with the forecasts that were journaled before it, ahead of
/// the replay. One thread owns it.
final class PlanReader implements AutoCloseable {
    private static final int BATCH = 1_024;

    private final JournalCursor cursor;
    private final Deque<Planned> found = new ArrayDeque<>();
    private List<byte[]> forecasts = new ArrayList<>();

    /// A plan, and payloads of the records of forecasts that belong to it.
    record Planned(TickPlan plan, List<byte[]> forecasts) {}

    PlanReader(Path journal) throws IOException {
        cursor = JournalCursor.open(journal);
    }

    /// Every journaled step of a decision, in order.
    static void forEachDecision(Path journal, Consumer<byte[]> consumer) throws IOException {
        try (var steps = JournalCursor.open(journal)) {
            int read;
            do {
                read =
                        steps.read(
                                (type,
                                        source,
                                        ordinal,
                                        timeMs,
                                        sequence,
                                        buffer,
                                        offset,
                                        length) -> {
                                    if (type == RecordType.DECISION.code()) {
                                        consumer.accept(bytes(buffer, offset, length));
                                    }
                                },
                                BATCH);
            } while (read > 0);
        }
    }

    /// The next plan; null at the end.
    @Nullable Planned next() throws IOException {
        while (found.isEmpty()) {
            if (cursor.read(this::onRecord, BATCH) == 0) {
                return null;
            }
        }
        return found.remove();
    }

    private void onRecord(
            int type,
            int source,
            long ordinal,
            long timeMs,
            long sequence,
            DirectBuffer buffer,
            int offset,
            int length) {
        if (type == RecordType.FORECASTS.code()) {
            forecasts.add(bytes(buffer, offset, length));
        } else if (type == RecordType.TICK_PLAN.code()) {
            try {
                TickPlan plan = TickPlan.decode(bytes(buffer, offset, length));
                int from = Math.max(0, forecasts.size() - plan.forecastRecords());
                found.add(
                        new Planned(plan, List.copyOf(forecasts.subList(from, forecasts.size()))));
            } catch (IOException _) {
                // of another version: the replay goes without it, and says how many it went without
            }
            forecasts = new ArrayList<>();
        }
    }

    private static byte[] bytes(DirectBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    @Override
    public void close() {
        cursor.close();
    }
}
