package io.novacron.perf.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A server that can be loaded: ours or a peer. One thread drives it: [#start], then rounds of
/// [#send] and [#awaitStored], then [#samplesStored] and [#bytesOnDisk] once each, then [#close].
///
/// What is sent is made in the calling process, so that only the server's work is in its cost.
abstract class Server {
    private final String name;
    private @Nullable ServerProcess process;

    Server(String name) {
        this.name = name;
    }

    /// As in figures and options.
    final String name() {
        return name;
    }

    /// Why it cannot be had here and how to get it, or null when it can.
    abstract @Nullable String absence();

    /// What is run, told by itself where it can.
    abstract String version() throws IOException, InterruptedException;

    /// Starts it and waits until it takes samples.
    ///
    /// @param folder empty, its own
    abstract void start(Path folder) throws IOException, InterruptedException;

    /// Sends all samples of a round; what is acknowledged when is the server's affair.
    abstract void send(FleetRound round) throws IOException, InterruptedException;

    /// Waits until all that was sent is acknowledged, and can be read where that comes later.
    abstract void awaitStored() throws IOException, InterruptedException;

    /// How many samples the server itself says it has.
    abstract long samplesStored() throws IOException, InterruptedException;

    /// What all samples so far take on disk, after the server's own flush and merge. May stop it.
    abstract long bytesOnDisk() throws IOException, InterruptedException;

    final void runs(ServerProcess started) {
        process = started;
    }

    final ServerProcess process() {
        return Objects.requireNonNull(process, "not started");
    }

    /// Gives back what the loading side holds. Idempotent.
    void disconnect() throws IOException {}

    /// Stops it. Idempotent.
    final void close() throws IOException, InterruptedException {
        try {
            disconnect();
        } finally {
            if (process != null) {
                process.close();
            }
        }
    }
}
