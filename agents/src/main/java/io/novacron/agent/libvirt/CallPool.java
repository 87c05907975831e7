package io.novacron.agent.libvirt;

import io.novacron.agent.libvirt.LibvirtException.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Runs libvirt calls on threads of its own, each with its own connection, under a watchdog.
///
/// A call that overruns is abandoned with its thread and its connection: nobody waits for it any
/// more, and the next call gets fresh ones. When it returns after all, its thread closes the
/// connection and ends. Bounded: at most `maxConnections` calls are under way, and once
/// `maxAbandoned` hang, further calls are refused at once and counted, until one returns.
final class CallPool implements AutoCloseable {

    /// A call, given an open connection.
    @FunctionalInterface
    interface Call<T> {
        T on(Connection connection) throws LibvirtException;
    }

    private final String name;
    private final String uri;
    private final int maxAbandoned;
    private final LongSupplier nanoClock;
    private final Semaphore permits;
    private final ArrayDeque<Worker> idle = new ArrayDeque<>(); // guarded by itself
    private final AtomicInteger abandoned = new AtomicInteger();
    private final AtomicInteger threadsStarted = new AtomicInteger();
    private final AtomicInteger epoch = new AtomicInteger(); // goes up when a connection was lost
    private final AtomicLong overruns = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean closed;

    CallPool(
            String name, String uri, int maxConnections, int maxAbandoned, LongSupplier nanoClock) {
        this.name = name;
        this.uri = uri;
        this.maxAbandoned = maxAbandoned;
        this.nanoClock = nanoClock;
        this.permits = new Semaphore(maxConnections);
    }

    /// Makes a call and waits for it; abandons it when it overruns.
    <T> T call(String what, Duration timeout, Call<T> call) throws LibvirtException {
        long deadlineNs = nanoClock.getAsLong() + timeout.toNanos();
        var inFlight = start(what, timeout, call);
        try {
            return inFlight.await(Duration.ofNanos(deadlineNs - nanoClock.getAsLong()));
        } finally {
            inFlight.abandon(); // nothing to do when it has ended
        }
    }

    /// Begins a call. Whoever begins it either awaits its end or abandons it.
    ///
    /// @param patience how long to wait while all connections are in use
    <T> InFlight<T> start(String what, Duration patience, Call<T> call) throws LibvirtException {
        if (closed) {
            throw new LibvirtException(Kind.DEGRADED, what + ": the agent is stopping");
        }
        if (abandoned.get() >= maxAbandoned) {
            refused.incrementAndGet();
            throw new LibvirtException(
                    Kind.DEGRADED,
                    "%s: %d %s calls to %s hang, which is the limit. Maybe a guest is stopped or its storage is gone?"
                            .formatted(what, abandoned.get(), name, uri));
        }
        try {
            if (!permits.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                refused.incrementAndGet();
                throw new LibvirtException(
                        Kind.DEGRADED,
                        "%s: all %s connections to %s were in use for %s"
                                .formatted(what, name, uri, patience));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LibvirtException(
                    Kind.INTERRUPTED, what + ": interrupted while waiting for a connection");
        }
        Worker worker;
        synchronized (idle) {
            worker = idle.pollFirst();
        }
        if (worker == null) {
            worker = new Worker();
            worker.thread.start();
        }
        var inFlight = new InFlight<T>(what, call);
        worker.tasks.add(inFlight);
        return inFlight;
    }

    /// Calls that hang now.
    int abandoned() {
        return abandoned.get();
    }

    /// Calls that overran since the start.
    long overruns() {
        return overruns.get();
    }

    /// Calls refused since the start, because of a bound.
    long refused() {
        return refused.get();
    }

    /// Ends the idle threads; those in a call end after it.
    @Override
    public void close() {
        closed = true;
        synchronized (idle) {
            idle.forEach(worker -> worker.thread.interrupt());
            idle.clear();
        }
    }

    private void release(Worker worker) {
        boolean stop;
        synchronized (idle) {
            stop = closed;
            if (!stop) {
                idle.addFirst(worker);
            }
        }
        if (stop) {
            worker.thread.interrupt();
        }
        permits.release();
    }

    /// A call under way.
    final class InFlight<T> {
        private final String what;
        private final Call<T> call;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private volatile boolean ended;

        private InFlight(String what, Call<T> call) {
            this.what = what;
            this.call = call;
        }

        /// Waits for the result; an overrun leaves the call under way.
        T await(Duration timeout) throws LibvirtException {
            try {
                return result.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                throw new LibvirtException(
                        Kind.OVERRAN, what + ": no answer within " + timeout.toMillis() + " ms");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new LibvirtException(
                        Kind.INTERRUPTED, what + ": interrupted while waiting for libvirt");
            } catch (ExecutionException e) {
                if (e.getCause() instanceof LibvirtException cause) {
                    throw cause;
                }
                throw new IllegalStateException(what + " failed unexpectedly", e.getCause());
            }
        }

        /// Gives the call up, with its thread and connection; false when it has ended.
        boolean abandon() {
            // Whoever completes the future first decides: this, or the worker with a result.
            abandoned.incrementAndGet();
            if (result.completeExceptionally(
                    new LibvirtException(Kind.OVERRAN, what + ": abandoned"))) {
                overruns.incrementAndGet();
                permits.release();
                return true;
            }
            abandoned.decrementAndGet();
            return false;
        }

        /// Whether the call has returned, abandoned or not.
        boolean ended() {
            return ended;
        }

        /// Makes the call; false when it was abandoned meanwhile.
        private boolean run(Worker worker) {
            try {
                return result.complete(call.on(worker.connection()));
            } catch (LibvirtException e) {
                if (e.kind() == Kind.CONNECTION_LOST) {
                    epoch.incrementAndGet();
                }
                return result.completeExceptionally(e);
            } catch (RuntimeException e) {
                var failure =
                        new LibvirtException(Kind.REFUSED, what + " failed unexpectedly: " + e);
                failure.initCause(e);
                return result.completeExceptionally(failure);
            } catch (Error e) {
                return result.completeExceptionally(e);
            } finally {
                ended = true;
            }
        }
    }

    /// One thread and the connection that only it uses.
    private final class Worker implements Runnable {
        final BlockingQueue<InFlight<?>> tasks = new ArrayBlockingQueue<>(1);
        final Thread thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("libvirt-" + name + "-" + threadsStarted.incrementAndGet())
                        .unstarted(this);
        private @Nullable Connection connection;
        private int connectionEpoch;

        /// The open connection; opens it, or opens it again after one was lost somewhere.
        Connection connection() throws LibvirtException {
            int current = epoch.get();
            if (connection != null && connectionEpoch != current) {
                disconnect();
            }
            var open = connection;
            if (open == null) {
                open = Connection.open(uri);
                connection = open;
                connectionEpoch = current;
            }
            return open;
        }

        @Override
        public void run() {
            try {
                while (true) {
                    if (!tasks.take().run(this)) {
                        abandoned.decrementAndGet();
                        return; // the permit was given back when the call was abandoned
                    }
                    release(this);
                }
            } catch (InterruptedException e) {
                // closed
            } finally {
                disconnect();
            }
        }

        private void disconnect() {
            if (connection != null) {
                connection.close();
                connection = null;
            }
        }
    }
}
