package io.novacron.perf.faults;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Processes that open connections by the thousand, send the first bytes of a hello on each, and
/// nothing more. Several, for a process may have only so many files open.
final class FloodProcess implements AutoCloseable {
    private static final int CONNECTIONS_EACH = 10_000;
    private static final int FIRST_BYTES = 9;

    private final List<Process> processes;

    private FloodProcess(List<Process> processes) {
        this.processes = processes;
    }

    static FloodProcess start(int port, int connections, Path log) throws IOException {
        var processes = new ArrayList<Process>();
        for (int left = connections; left > 0; left -= CONNECTIONS_EACH) {
            var command = new ArrayList<String>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.removeIf(argument -> argument.startsWith("-javaagent"));
            command.add("-Xmx128m");
            command.add("-XX:TieredStopAtLevel=1");
            command.add("-cp");
            command.add(System.getProperty("java.class.path"));
            command.add(FloodProcess.class.getName());
            command.add(Integer.toString(port));
            command.add(Integer.toString(Math.min(left, CONNECTIONS_EACH)));
            var builder = new ProcessBuilder(command);
            builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
            processes.add(builder.start());
        }
        return new FloodProcess(processes);
    }

    /// Whether all connections have been opened.
    boolean done() {
        for (Process process : processes) {
            try {
                if (process.getInputStream().available() == 0 && process.isAlive()) {
                    return false;
                }
            } catch (IOException e) {
                return true; // it has ended
            }
        }
        return true;
    }

    /// @param arguments port, connections
    public static void main(String[] arguments) throws IOException {
        var server =
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        byte[] hello = new FrameMaker(1).inventory(new java.util.UUID(9, 9), 1);
        var channels = new ArrayList<SocketChannel>();
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            SocketChannel channel = SocketChannel.open(server);
            channels.add(channel);
            try {
                channel.write(ByteBuffer.wrap(hello, 0, FIRST_BYTES));
            } catch (IOException e) {
                channel.close(); // it was refused already
            }
        }
        System.out.println(channels.size());
        while (System.in.read() >= 0) {
            // until whoever started us is done
        }
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}
