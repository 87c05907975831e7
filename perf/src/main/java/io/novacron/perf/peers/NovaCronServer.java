package io.novacron.perf.peers;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Ours: [IngestServerMain] with the heap and collector of the daemon's unit. 200 agents on as many
/// connections, a frame of 50 vms each a round, packed and checksummed as agents do; ticks are
/// closed two rounds behind. Journaled before it is acknowledged, forced to the device every
/// second.
///
/// Bytes on disk are those of the journal's cycles after an orderly stop: records with their
/// headers, the queue's index, what is reserved ahead. The registry and the watermarks beside them
/// do not grow with samples and are left out, as the indexes of peers are where they are apart.
final class NovaCronServer extends Server {
    private static final int ROUNDS_IN_FLIGHT = 2;
    private static final List<String> HEAP = List.of("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC");
    private static final long STOP_SECONDS = 30;

    private final int agents;
    private @Nullable Path folder;
    private @Nullable BufferedReader answers;
    private @Nullable Writer commands;
    private @Nullable FleetConnections connections;
    private long sent;
    private long closed;

    NovaCronServer(int agents) {
        super("novacron");
        this.agents = agents;
    }

    @Override
    @Nullable String absence() {
        return null;
    }

    @Override
    String version() {
        String version = getClass().getPackage().getImplementationVersion();
        return version == null ? "this build" : version;
    }

    @Override
    void start(Path where) throws IOException, InterruptedException {
        folder = where.resolve("journal");
        runs(ServerProcess.startTalking(where, command(folder)));
        Process process = process().process();
        answers = process.inputReader(StandardCharsets.UTF_8);
        commands = process.outputWriter(StandardCharsets.UTF_8);
        int port = Integer.parseInt(answer("port")[1]);
        connections = new FleetConnections(port, agents);
    }

    private static List<String> command(Path journal) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument ->
                        !argument.startsWith("-X") && !argument.startsWith("-javaagent"))
                .forEach(command::add);
        command.addAll(HEAP);
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        IngestServerMain.class.getName(),
                        journal.toString()));
        return command;
    }

    @Override
    void send(FleetRound round) throws IOException, InterruptedException {
        ask("at", round.timestampMs());
        connections().send(round);
        sent++;
        closeUpTo(sent - ROUNDS_IN_FLIGHT);
    }

    @Override
    void awaitStored() throws IOException, InterruptedException {
        closeUpTo(sent);
    }

    /// Ticks are numbered from 1, rounds from 0.
    private void closeUpTo(long tick) throws IOException, InterruptedException {
        while (closed < tick) {
            connections().awaitJournaled(closed + 1, process());
            ask("close", closed + 1, GaugeStream.timestampMs(closed));
            closed++;
        }
    }

    @Override
    long samplesStored() throws IOException {
        String[] stored = ask("stored");
        if (!stored[2].equals("0")) {
            throw new IOException(stored[2] + " samples came too late, must be none");
        }
        return Long.parseLong(stored[1]);
    }

    @Override
    long bytesOnDisk() throws IOException, InterruptedException {
        disconnect();
        Objects.requireNonNull(commands).close(); // the end of input: it closes in good order
        process().process().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
        long bytes = 0;
        try (Stream<Path> files = Files.list(Objects.requireNonNull(folder))) {
            for (Path generation : files.filter(Files::isDirectory).toList()) {
                bytes += ServerProcess.bytesOnDisk(generation);
            }
        }
        return bytes;
    }

    private String[] ask(String command, Object... values) throws IOException {
        var out = new PrintWriter(Objects.requireNonNull(commands));
        out.print(command);
        for (Object value : values) {
            out.print(" " + value);
        }
        out.print('\n');
        out.flush();
        return answer(command);
    }

    private String[] answer(String to) throws IOException {
        var reader = Objects.requireNonNull(answers);
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.startsWith(IngestServerMain.PREFIX)) {
                return line.substring(IngestServerMain.PREFIX.length()).split(" ", -1);
            }
        }
        throw new EOFException("our server ended before it answered '%s'".formatted(to));
    }

    private FleetConnections connections() {
        return Objects.requireNonNull(connections, "not started");
    }

    @Override
    void disconnect() throws IOException {
        if (connections != null) {
            connections.close();
        }
    }
}
