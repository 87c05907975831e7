package io.novacron.daemon.tick;

import io.novacron.inference.WorkPlan;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/// What the analysis of one tick does, and what it knew beside the fleet store. Measured time only
/// ever writes a plan; the work obeys it. So a journaled plan makes a replay do the same work.
///
/// Chunks are [FleetForecaster#CHUNK] neighbouring slots.
///
/// @param tick whose view is analysed
/// @param timeMs of that tick
/// @param full whether the journaled forecasts are all there are; else those that have changed
/// @param forecastRecords how many records of forecasts go before the plan
/// @param refresh chunks that are forecast from their five-minute steps
/// @param backtest of these, the ones whose confidence is measured
/// @param youngFrom first slot whose minutes are looked at
/// @param youngLimit most series a metric that are forecast from minutes
/// @param solverMoves limit of the solver; 0: not asked
/// @param ensembleChunks chunks of [EnsembleForecaster#CHUNK] slots that the ensemble serves
/// @param entitiesDue how many entities' forecasts were due
/// @param entitiesLeftOut of these, how many must wait because of the budget
/// @param notHeard hosts on which nothing may be decided
/// @param calls how far each model came in each call, once it is done: models have time limits
/// @param reported until when it is known what is on the hosts of decisions that are read back
/// @param draining hosts that are being emptied
public record TickPlan(
        long tick,
        long timeMs,
        boolean full,
        int forecastRecords,
        BitSet refresh,
        BitSet backtest,
        int youngFrom,
        int youngLimit,
        long solverMoves,
        int ensembleChunks,
        int entitiesDue,
        int entitiesLeftOut,
        List<UUID> notHeard,
        List<WorkPlan> calls,
        Map<UUID, Long> reported,
        List<UUID> draining) {
    private static final int VERSION = 1;
    private static final int WITH_DRAINING = 2; // written only where there are such hosts
    private static final int MOST_HOSTS = 1_000_000;
    private static final int MOST_WORDS = 1 << 16;
    private static final int MOST_KINDS = 1_000;
    private static final int MOST_CALLS = 1 << 20;

    public TickPlan {
        notHeard = List.copyOf(notHeard);
        calls = List.copyOf(calls);
        reported = Map.copyOf(reported);
        draining = List.copyOf(draining);
    }

    /// Whether the solver is asked.
    public boolean advises() {
        return solverMoves > 0;
    }

    /// The same, once it is carried out.
    TickPlan asDone(
            boolean allForecasts,
            int records,
            Map<UUID, Long> reportedUntil,
            List<WorkPlan> callsDone) {
        return new TickPlan(
                tick,
                timeMs,
                allForecasts,
                records,
                refresh,
                backtest,
                youngFrom,
                youngLimit,
                solverMoves,
                ensembleChunks,
                entitiesDue,
                entitiesLeftOut,
                notHeard,
                callsDone,
                reportedUntil,
                draining);
    }

    /// The tick of an encoded plan.
    public static long tickOf(byte[] bytes) {
        try {
            return decode(bytes).tick();
        } catch (IOException _) {
            return -1; // of a newer version: nobody waits for it
        }
    }

    /// As the payload of a journal record, big-endian.
    public byte[] encode() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(draining.isEmpty() ? VERSION : WITH_DRAINING);
            out.writeLong(tick);
            out.writeLong(timeMs);
            out.writeBoolean(full);
            out.writeInt(forecastRecords);
            write(out, refresh);
            write(out, backtest);
            out.writeInt(youngFrom);
            out.writeInt(youngLimit);
            out.writeLong(solverMoves);
            out.writeInt(ensembleChunks);
            out.writeInt(entitiesDue);
            out.writeInt(entitiesLeftOut);
            writeHosts(out, notHeard);
            writeCalls(out);
            out.writeInt(reported.size());
            for (var host : new TreeMap<>(reported).entrySet()) { // the same plan, the same bytes
                out.writeLong(host.getKey().getMostSignificantBits());
                out.writeLong(host.getKey().getLeastSignificantBits());
                out.writeLong(host.getValue());
            }
            if (!draining.isEmpty()) {
                writeHosts(out, draining);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    /// @throws IOException when the bytes are not a plan that this version knows
    public static TickPlan decode(byte[] bytes) throws IOException {
        var in = new DataInputStream(new ByteArrayInputStream(bytes));
        int version = in.readByte();
        if (version != VERSION && version != WITH_DRAINING) {
            throw new IOException(
                    "version=%d of a tick plan must be %d or %d. Maybe another version wrote it?"
                            .formatted(version, VERSION, WITH_DRAINING));
        }
        long tick = in.readLong();
        long timeMs = in.readLong();
        boolean full = in.readBoolean();
        int records = in.readInt();
        BitSet refresh = readBits(in);
        BitSet backtest = readBits(in);
        int youngFrom = in.readInt();
        int youngLimit = in.readInt();
        long moves = in.readLong();
        int ensembleChunks = in.readInt();
        int due = in.readInt();
        int leftOut = in.readInt();
        List<UUID> notHeard = readHosts(in);
        List<WorkPlan> calls = readCalls(in);
        int known = bounded(in.readInt(), MOST_HOSTS);
        Map<UUID, Long> reported = new HashMap<>();
        for (int i = 0; i < known; i++) {
            reported.put(new UUID(in.readLong(), in.readLong()), in.readLong());
        }
        return new TickPlan(
                tick,
                timeMs,
                full,
                records,
                refresh,
                backtest,
                youngFrom,
                youngLimit,
                moves,
                ensembleChunks,
                due,
                leftOut,
                notHeard,
                calls,
                reported,
                version == VERSION ? List.of() : readHosts(in));
    }

    private static void writeHosts(DataOutputStream out, List<UUID> hosts) throws IOException {
        out.writeInt(hosts.size());
        for (UUID host : hosts) {
            out.writeLong(host.getMostSignificantBits());
            out.writeLong(host.getLeastSignificantBits());
        }
    }

    private static List<UUID> readHosts(DataInputStream in) throws IOException {
        int count = bounded(in.readInt(), MOST_HOSTS);
        List<UUID> hosts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            hosts.add(new UUID(in.readLong(), in.readLong()));
        }
        return hosts;
    }

    private static void write(DataOutputStream out, BitSet bits) throws IOException {
        long[] words = bits.toLongArray();
        out.writeInt(words.length);
        for (long word : words) {
            out.writeLong(word);
        }
    }

    private static BitSet readBits(DataInputStream in) throws IOException {
        long[] words = new long[bounded(in.readInt(), MOST_WORDS)];
        for (int i = 0; i < words.length; i++) {
            words[i] = in.readLong();
        }
        return BitSet.valueOf(words);
    }

    /// Most calls of a tick are alike: each different one once, then which one each call was.
    private void writeCalls(DataOutputStream out) throws IOException {
        List<WorkPlan> different = calls.stream().distinct().toList();
        out.writeInt(different.size());
        for (WorkPlan plan : different) {
            List<Integer> limits = plan.seriesLimits();
            out.writeInt(limits.size());
            for (int limit : limits) {
                out.writeInt(limit);
            }
            out.writeInt(plan.backtestOrigins());
        }
        out.writeInt(calls.size());
        for (WorkPlan plan : calls) {
            out.writeShort(different.indexOf(plan));
        }
    }

    private static List<WorkPlan> readCalls(DataInputStream in) throws IOException {
        List<WorkPlan> different = new ArrayList<>();
        int count = bounded(in.readInt(), Short.MAX_VALUE);
        for (int i = 0; i < count; i++) {
            List<Integer> limits = new ArrayList<>();
            int kinds = bounded(in.readInt(), MOST_KINDS);
            for (int kind = 0; kind < kinds; kind++) {
                limits.add(in.readInt());
            }
            different.add(WorkPlan.of(limits, in.readInt()));
        }
        List<WorkPlan> all = new ArrayList<>();
        int size = bounded(in.readInt(), MOST_CALLS);
        for (int i = 0; i < size; i++) {
            all.add(different.get(bounded(in.readShort(), different.size() - 1)));
        }
        return all;
    }

    private static int bounded(int count, int most) throws IOException {
        if (count < 0 || count > most) {
            throw new IOException(
                    "count=%d in a tick plan must be in [0, %d]".formatted(count, most));
        }
        return count;
    }
}
