package io.novacron.ingest.journal;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Forces journal files to the device on a thread of its own, so that an `fdatasync` of tens of
/// milliseconds never delays an append or an acknowledgement. One request at a time.
final class Synchroniser implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Synchroniser.class);

    /// Files to force; all but the last are closed afterwards.
    record Request(List<NativeFile> files, long ordinal) {}

    private final Thread thread;
    // Handed over with a release store by the journal thread, read with acquire by the sync thread,
    // and set back to null by the sync thread: the same pairing the other way round.
    private volatile @Nullable Request request;
    private volatile long completedOrdinal;
    private volatile @Nullable IOException failure;
    private volatile boolean closed;
    private volatile LongConsumer onSynced = _ -> {};

    Synchroniser() {
        thread = Thread.ofPlatform().name("novacron-journal-sync").daemon().start(this::run);
    }

    boolean busy() {
        return request != null;
    }

    void start(Request next) {
        request = next;
        LockSupport.unpark(thread);
    }

    void onSynced(LongConsumer listener) {
        onSynced = listener;
    }

    /// The last ordinal known to be on the device.
    long completedOrdinal() {
        return completedOrdinal;
    }

    /// After a failed sync the kernel may have dropped the dirty pages: nothing later can be
    /// trusted.
    @Nullable IOException failure() {
        return failure;
    }

    private void run() {
        while (!closed || request != null) {
            Request current = request;
            if (current == null) {
                LockSupport.park(this);
                continue;
            }
            boolean synced = false;
            try {
                perform(current);
                completedOrdinal = current.ordinal();
                synced = true;
            } catch (IOException | RuntimeException e) {
                LOGGER.error("journal sync failed at record {}", current.ordinal(), e);
                failure = e instanceof IOException io ? io : new IOException(e);
            }
            request = null;
            if (synced) {
                onSynced.accept(current.ordinal()); // when the next request may come
            }
        }
    }

    private static void perform(Request request) throws IOException {
        List<NativeFile> files = request.files();
        for (int i = 0; i < files.size(); i++) {
            files.get(i).sync();
            if (i < files.size() - 1) {
                files.get(i).close();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
