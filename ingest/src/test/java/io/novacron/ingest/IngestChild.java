package io.novacron.ingest;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// An ingest in a process of its own, for tests that kill it. Prints `port=…` and serves.
final class IngestChild {
    private IngestChild() {}

    public static void main(String[] arguments) throws Exception {
        IngestConfig config = IngestHarness.config(Path.of(arguments[0]));
        Ingest ingest = Ingest.open(config, new VirtualClock(), IngestListener.DEAF, null);
        ingest.start();
        System.out.println("port=" + ingest.port());
        System.out.flush();
        new CountDownLatch(1).await();
    }
}
