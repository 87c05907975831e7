package io.novacron.perf.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/// A relay on a loopback port of its own that handles what goes through badly, in both directions.
///
/// What it drops or swaps is shorter than a frame: a stream that loses or swaps whole frames
/// between two good ones is not TCP, and a frame missing between two of a connection looks to the
/// server like one that the agent's spool has given up.
final class UnrulyProxy implements AutoCloseable {
    private enum Mischief {
        CUT,
        DELAYED,
        DROPPED,
        DOUBLED,
        SWAPPED,
        DAMAGED
    }

    private static final int CHUNK = 4 * 1024;
    private static final int LESS_THAN_A_FRAME = 16;
    private static final double MISCHIEF_SHARE = 0.03; // of chunks
    private static final long LONGEST_DELAY_NS = 30_000_000;

    private final int serverPort;
    private final ServerSocket listening;
    private final SplittableRandom seeds;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Map<Mischief, LongAdder> done = new EnumMap<>(Mischief.class);
    private volatile boolean unruly = true;

    UnrulyProxy(int serverPort, SplittableRandom seeds) throws IOException {
        this.serverPort = serverPort;
        this.seeds = seeds;
        this.listening = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
        for (Mischief mischief : Mischief.values()) {
            done.put(mischief, new LongAdder());
        }
        Thread.ofVirtual().name("unruly-proxy").start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /// From now on everything goes through as it came.
    void behave() {
        unruly = false;
    }

    /// How often it did what.
    Map<String, Number> mischief() {
        var counts = new LinkedHashMap<String, Number>();
        done.forEach(
                (what, count) -> counts.put(what.name().toLowerCase(Locale.ROOT), count.sum()));
        return counts;
    }

    private void accept() {
        try {
            while (true) {
                Socket agent = listening.accept();
                sockets.add(agent);
                try {
                    var server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                    sockets.add(server);
                    SplittableRandom up = seeds.split();
                    SplittableRandom down = seeds.split();
                    Thread.ofVirtual().start(() -> relay(agent, server, up));
                    Thread.ofVirtual().start(() -> relay(server, agent, down));
                } catch (IOException e) {
                    close(agent);
                }
            }
        } catch (IOException e) {
            sockets.forEach(this::close); // closed: that is the end
        }
    }

    private void relay(Socket from, Socket to, SplittableRandom random) {
        var bytes = new byte[CHUNK];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(bytes); length > 0; length = in.read(bytes)) {
                if (unruly && random.nextDouble() < MISCHIEF_SHARE) {
                    pass(bytes, length, out, random);
                } else {
                    out.write(bytes, 0, length);
                }
            }
        } catch (IOException e) {
            // cut, from whichever side: both ends go
        } finally {
            close(from);
            close(to);
        }
    }

    private void pass(byte[] bytes, int length, OutputStream out, SplittableRandom random)
            throws IOException {
        Mischief mischief = Mischief.values()[random.nextInt(Mischief.values().length)];
        count(mischief);
        int at = random.nextInt(length);
        int piece = Math.min(length - at, 1 + random.nextInt(LESS_THAN_A_FRAME));
        switch (mischief) {
            case CUT -> {
                out.write(bytes, 0, at);
                throw new IOException("cut");
            }
            case DELAYED -> {
                out.write(bytes, 0, at);
                out.flush();
                LockSupport.parkNanos(random.nextLong(LONGEST_DELAY_NS));
                out.write(bytes, at, length - at);
            }
            case DROPPED -> {
                out.write(bytes, 0, at);
                out.write(bytes, at + piece, length - at - piece);
            }
            case DOUBLED -> {
                out.write(bytes, 0, length);
                out.write(bytes, at, length - at);
            }
            case SWAPPED -> {
                byte[] swapped = Arrays.copyOf(bytes, length);
                int half = piece / 2;
                System.arraycopy(bytes, at + half, swapped, at, piece - half);
                System.arraycopy(bytes, at, swapped, at + piece - half, half);
                out.write(swapped);
            }
            case DAMAGED -> {
                bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
                out.write(bytes, 0, length);
            }
        }
    }

    private void count(Mischief mischief) {
        LongAdder counter = done.get(mischief);
        if (counter != null) {
            counter.increment();
        }
    }

    private void close(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // it is closed already
        }
    }

    @Override
    public void close() throws IOException {
        unruly = false;
        listening.close();
        sockets.forEach(this::close);
    }
}
