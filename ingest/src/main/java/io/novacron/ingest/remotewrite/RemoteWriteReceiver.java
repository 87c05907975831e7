package io.novacron.ingest.remotewrite;

import io.novacron.ingest.Delivery;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.VirtualAgents;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Takes bodies of remote-write requests, version 1 and 2, and hands what they mean to virtual
/// agents. Any thread; one request is looked at at a time, so that series are found in one plain
/// table and one buffer serves all.
///
/// A request that comes again after a 503 or a lost answer is known by a hash of its body (the last
/// 1,024 are remembered) and answered as the first time: the specifications ask for that where a
/// part of it may have been taken.
public final class RemoteWriteReceiver {
    private static final int REMEMBERED = 1_024;

    private record Fingerprint(long hash1, long hash2, int length) {}

    private final RemoteWriteConfig config;
    private final InstantSource clock;
    private final Supplier<@Nullable String> journalProblem;
    private final VirtualAgents agents;
    private final RemoteWriteCounters counters = new RemoteWriteCounters();
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final SampleMapper mapper;
    private final RequestReader reader;
    private final long seed1;
    private final long seed2;
    private final Map<Fingerprint, WriteResult> recent =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Fingerprint, WriteResult> eldest) {
                    return size() > REMEMBERED;
                }
            };
    private byte[] decompressed = new byte[256 * 1024];

    /// @param clock as of the ingest: what is too old, and what is ahead
    public RemoteWriteReceiver(
            RemoteWriteConfig config, MappingTable table, Ingest ingest, InstantSource clock) {
        var random = new SecureRandom();
        this.config = config;
        this.clock = clock;
        this.journalProblem = ingest::problem;
        this.agents = ingest.virtualAgents();
        this.mapper = new SampleMapper(config, table, agents, counters);
        this.seed1 = random.nextLong();
        this.seed2 = random.nextLong();
        this.reader = new RequestReader(seed1, seed2);
    }

    public RemoteWriteCounters counters() {
        return counters;
    }

    /// Takes one body.
    ///
    /// @param body compressed with snappy's block format; only the first `length` bytes
    /// @param version2 whether it is an `io.prometheus.write.v2.Request`
    public WriteResult write(byte[] body, int length, boolean version2) {
        counters.add(RemoteWriteCounter.BYTES_RECEIVED, length);
        String problem = journalProblem.get();
        if (problem != null) {
            counters.increment(RemoteWriteCounter.REQUESTS_UNAVAILABLE);
            return WriteResult.nothing(
                    WriteResult.Status.UNAVAILABLE, "the journal is not available: " + problem);
        }
        lock.lock();
        try {
            var fingerprint =
                    new Fingerprint(
                            RequestReader.hash(body, length, seed1),
                            RequestReader.hash(body, length, seed2),
                            version2 ? -length : length);
            WriteResult before = recent.get(fingerprint);
            if (before != null) {
                counters.increment(RemoteWriteCounter.REQUESTS_REPEATED);
                return before;
            }
            if (agents.bytesPending() > config.maxPendingBytes()) {
                counters.increment(RemoteWriteCounter.REQUESTS_UNAVAILABLE);
                return WriteResult.nothing(
                        WriteResult.Status.UNAVAILABLE,
                        "%d bytes wait for the journal, it is behind"
                                .formatted(agents.bytesPending()));
            }
            WriteResult result = take(body, length, version2);
            recent.put(fingerprint, result);
            return result;
        } finally {
            lock.unlock();
        }
    }

    private WriteResult take(byte[] body, int length, boolean version2) {
        try {
            int size = SnappyBlock.decodedLength(body, length, config.maxDecompressed());
            if (decompressed.length < size + SnappyBlock.SLACK) {
                decompressed =
                        new byte[Math.max(size + SnappyBlock.SLACK, 2 * decompressed.length)];
            }
            SnappyBlock.decode(body, length, decompressed, size);
            counters.add(RemoteWriteCounter.BYTES_DECOMPRESSED, size);
            return read(size, version2);
        } catch (RemoteWriteException e) {
            counters.increment(
                    e.tooLarge()
                            ? RemoteWriteCounter.REQUESTS_TOO_LARGE
                            : RemoteWriteCounter.REQUESTS_UNDECODABLE);
            return WriteResult.nothing(
                    e.tooLarge() ? WriteResult.Status.TOO_LARGE : WriteResult.Status.UNDECODABLE,
                    String.valueOf(e.getMessage()));
        }
    }

    /// What was read before a mistake in the message is taken, and counted in the answer.
    private WriteResult read(int size, boolean version2) {
        mapper.begin(clock.millis());
        String problem = "";
        try {
            if (version2) {
                reader.readVersion2(decompressed, size, mapper);
            } else {
                reader.readVersion1(decompressed, size, mapper);
            }
        } catch (RemoteWriteException e) {
            problem = String.valueOf(e.getMessage());
        }
        WriteResult result = mapper.end(problem);
        counters.increment(
                switch (result.status()) {
                    case WRITTEN -> RemoteWriteCounter.REQUESTS_WRITTEN;
                    case PARTLY_WRITTEN -> RemoteWriteCounter.REQUESTS_PARTLY_WRITTEN;
                    default -> RemoteWriteCounter.REQUESTS_UNDECODABLE;
                });
        return result;
    }

    /// Closes scrapes that have waited long enough, keeps hosts online that are heard of. To be
    /// called about once a second.
    public void upkeep() {
        lock.lock();
        try {
            mapper.upkeep(clock.millis(), false);
        } finally {
            lock.unlock();
        }
    }

    /// Closes every scrape: before the ingest is closed.
    ///
    /// @return what is on its way to the journal
    public Delivery flush() {
        lock.lock();
        try {
            return mapper.upkeep(clock.millis(), true);
        } finally {
            lock.unlock();
        }
    }

    /// Series that are known and live.
    public int liveSeries() {
        lock.lock();
        try {
            return mapper.liveSeries();
        } finally {
            lock.unlock();
        }
    }

    /// Hosts that are known.
    public int hosts() {
        lock.lock();
        try {
            return mapper.hosts();
        } finally {
            lock.unlock();
        }
    }
}
