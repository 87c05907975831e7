package io.novacron.perf.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What every fault needs: a folder, a seed, a size, and a server, the next of which is kept ready.
final class Stage implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long MINUTE_MS = 60_000;

    private final Path folder;
    private final long seed;
    private final int rounds;
    private final double scale;
    private final Consumer<String> progress;
    private final Path log;
    private @Nullable ServerImage image;
    private @Nullable FaultServer ready;
    private long lastTick;

    /// @param rounds of the faults that are done again and again
    /// @param scale share of the full size of crowds and of the time that a load lasts
    Stage(Path folder, long seed, int rounds, double scale, Consumer<String> progress) {
        this.folder = folder;
        this.seed = seed;
        this.rounds = rounds;
        this.scale = scale;
        this.progress = progress;
        this.log = folder.resolve("server.log");
    }

    /// Where one fault keeps its journal.
    Path journal(String fault) {
        return folder.resolve(fault);
    }

    Path folder() {
        return folder;
    }

    /// What servers said on standard error.
    Path log() {
        return log;
    }

    /// The same numbers for the same seed, whichever faults are chosen.
    SplittableRandom random(String fault) {
        return new SplittableRandom(seed * 31 + fault.hashCode());
    }

    int rounds() {
        return rounds;
    }

    int scaled(int full, int least) {
        return (int) Math.max(least, Math.round(full * scale));
    }

    Duration scaled(Duration full) {
        return Duration.ofMillis(Math.max(100, Math.round(full.toMillis() * scale)));
    }

    void report(String what) {
        progress.accept(what);
    }

    /// Starts the next server's process, so that it is there when it is needed.
    void prepare() throws IOException {
        if (ready == null) {
            ServerImage known = image;
            if (known == null) {
                known = ServerImage.of(folder.resolve("image"), log);
                image = known;
            }
            ready = known.start(log);
        }
    }

    /// A server that has opened nothing. The caller closes it or gives it back.
    FaultServer server() throws IOException {
        prepare();
        FaultServer server = ready;
        ready = null;
        if (server == null) {
            throw new IOException("no server");
        }
        return server;
    }

    /// Keeps a server for the next fault.
    void giveBack(FaultServer server) {
        if (ready == null && server.isAlive()) {
            ready = server;
        } else {
            server.close();
        }
    }

    /// Closes the minutes that are over.
    void tick(FaultServer server) throws IOException {
        lastTick++;
        server.tell("tick " + lastTick + " " + System.currentTimeMillis());
    }

    /// Ends the server in order and checks what it has left.
    FaultResult finish(
            String fault, int done, FaultServer server, int agents, Path journal, Swarm... swarms)
            throws IOException {
        return finish(fault, done, server, agents, journal, Map.of(), List.of(), swarms);
    }

    FaultResult finish(
            String fault,
            int done,
            FaultServer server,
            int agents,
            Path journal,
            Map<String, Number> figures,
            List<String> problems,
            Swarm... swarms)
            throws IOException {
        var all = new ArrayList<String>(problems);
        var promises = new ArrayList<SpoolingAgent.Promise>();
        long takenBack = 0;
        for (Swarm swarm : swarms) {
            all.addAll(swarm.violations());
            promises.addAll(swarm.promises());
            takenBack += swarm.takenBack();
        }
        lastTick++;
        long hash = server.hashAfterTick(lastTick, System.currentTimeMillis() + MINUTE_MS);
        for (Swarm swarm : swarms) {
            swarm.close();
        }
        server.closeIngest();
        Audit audit = Audit.of(journal, agents, promises, hash);
        all.addAll(audit.problems());
        var shown = new LinkedHashMap<String, Number>(figures);
        if (takenBack > 0) {
            shown.put("takenBack", takenBack);
        }
        return new FaultResult(
                fault,
                done,
                audit.acknowledged(),
                audit.journaled(),
                audit.lost(),
                audit.duplicated(),
                shown,
                all);
    }

    @Override
    public void close() {
        FaultServer server = ready;
        if (server != null) {
            server.close();
        }
    }
}
