package io.novacron.daemon.tick;

import io.novacron.inference.ModelKind;
import io.novacron.inference.Quantiles;
import io.novacron.wire.catalogue.Metrics;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The forecasts that decisions rest on (CPU and memory usage, the hour ahead) as payloads of
/// journal records: the rows of a table that differ from those of the one before.
///
/// ```text
///  payload: version u8, then rows up to the end of the record
///  row:     slot - last slot varint · history hours f32 · a column each: model u8, and when there is one:
///           horizons × levels steps of 1/32, each the zigzag varint difference to the one before it
/// ```
///
/// Forecasts of these columns are whole steps of 1/32 (see [#rounded]), so nothing is lost.
/// Stateless.
final class ForecastRecords {
    private static final int VERSION = 1;
    private static final int STEPS_PER_UNIT = 32;
    private static final int RECORD_LIMIT = 16 * 1024;
    private static final int[] METRICS = {Metrics.CPU_USAGE, Metrics.MEMORY_USAGE};
    private static final int VALUES = ForecastTable.HOUR_HORIZONS * Quantiles.COUNT;
    private static final int NO_VALUE = -(1 << 28);
    private static final int ROW_LIMIT = 16 + METRICS.length * (1 + 5 * VALUES);

    private ForecastRecords() {}

    /// Whether a column is journaled.
    static boolean isJournaled(int metricId) {
        return metricId == Metrics.CPU_USAGE || metricId == Metrics.MEMORY_USAGE;
    }

    /// A value of a journaled column as it is kept: to 1/32 of a percent.
    static float rounded(float value) {
        return value(steps(value));
    }

    private static int steps(float value) {
        return Float.isNaN(value) ? NO_VALUE : Math.round(value * STEPS_PER_UNIT);
    }

    private static float value(int steps) {
        return steps == NO_VALUE ? Float.NaN : steps / (float) STEPS_PER_UNIT;
    }

    /// Records that lead from one table to the other.
    static List<byte[]> between(ForecastTable before, ForecastTable after) {
        List<byte[]> records = new ArrayList<>();
        var buffer = ByteBuffer.allocate(RECORD_LIMIT);
        int lastSlot = 0;
        for (int slot = 0; slot < after.slots(); slot++) {
            if (isSame(before, after, slot)) {
                continue;
            }
            if (buffer.position() > 0 && buffer.remaining() < ROW_LIMIT) {
                records.add(Arrays.copyOf(buffer.array(), buffer.position()));
                buffer.clear();
            }
            if (buffer.position() == 0) {
                buffer.put((byte) VERSION);
                lastSlot = 0;
            }
            writeVarint(buffer, slot - lastSlot);
            lastSlot = slot;
            writeRow(buffer, after, slot);
        }
        if (buffer.position() > 0) {
            records.add(Arrays.copyOf(buffer.array(), buffer.position()));
        }
        return records;
    }

    private static boolean isSame(ForecastTable before, ForecastTable after, int slot) {
        if (slot >= before.slots()) {
            return false;
        }
        if (Float.compare(before.historyHours[slot], after.historyHours[slot]) != 0) {
            return false;
        }
        for (int metricId : METRICS) {
            int column = after.column(metricId);
            if (before.models[column][slot] != after.models[column][slot]) {
                return false;
            }
            if (after.models[column][slot] == ModelKind.NONE.code()) {
                continue;
            }
            int row = ForecastTable.row(slot);
            if (!Arrays.equals(
                    before.quantiles[column],
                    row,
                    row + VALUES,
                    after.quantiles[column],
                    row,
                    row + VALUES)) {
                return false;
            }
        }
        return true;
    }

    private static void writeRow(ByteBuffer buffer, ForecastTable table, int slot) {
        buffer.putFloat(table.historyHours[slot]);
        for (int metricId : METRICS) {
            int column = table.column(metricId);
            byte model = table.models[column][slot];
            buffer.put(model);
            if (model == ModelKind.NONE.code()) {
                continue;
            }
            int row = ForecastTable.row(slot);
            int last = 0;
            for (int i = 0; i < VALUES; i++) {
                int steps = steps(table.quantiles[column][row + i]);
                int difference = steps - last;
                writeVarint(buffer, difference << 1 ^ difference >> 31);
                last = steps;
            }
        }
    }

    /// Puts the rows of a record into a table that has room for them.
    ///
    /// @throws IOException when the bytes are not rows that this version knows
    static void apply(byte[] record, ForecastTable table) throws IOException {
        var buffer = ByteBuffer.wrap(record);
        try {
            int version = buffer.get();
            if (version != VERSION) {
                throw new IOException(
                        "version=%d of journaled forecasts must be %d. Maybe another version wrote them?"
                                .formatted(version, VERSION));
            }
            int slot = 0;
            while (buffer.hasRemaining()) {
                slot += readVarint(buffer);
                if (slot < 0 || slot >= table.slots()) {
                    throw new IOException(
                            "slot=%d of journaled forecasts must be in [0, %d)"
                                    .formatted(slot, table.slots()));
                }
                readRow(buffer, table, slot);
            }
        } catch (BufferUnderflowException e) {
            throw new IOException("journaled forecasts end in the middle of a row", e);
        }
    }

    private static void readRow(ByteBuffer buffer, ForecastTable table, int slot)
            throws IOException {
        table.historyHours[slot] = buffer.getFloat();
        for (int metricId : METRICS) {
            int column = table.column(metricId);
            byte model = buffer.get();
            if (model < 0 || model >= ModelKind.values().length) {
                throw new IOException(
                        "model=%d of a journaled forecast is not known".formatted(model));
            }
            table.models[column][slot] = model;
            if (model == ModelKind.NONE.code()) {
                continue;
            }
            int row = ForecastTable.row(slot);
            int steps = 0;
            for (int i = 0; i < VALUES; i++) {
                int zigzag = readVarint(buffer);
                steps += zigzag >>> 1 ^ -(zigzag & 1);
                table.quantiles[column][row + i] = value(steps);
            }
        }
    }

    private static void writeVarint(ByteBuffer buffer, int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            buffer.put((byte) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        buffer.put((byte) rest);
    }

    private static int readVarint(ByteBuffer buffer) {
        int value = 0;
        for (int shift = 0; shift < Integer.SIZE; shift += 7) {
            byte next = buffer.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new BufferUnderflowException();
    }
}
