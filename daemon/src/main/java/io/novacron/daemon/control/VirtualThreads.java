package io.novacron.daemon.control;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Runs each task on a virtual thread of its own; delayed tasks wait on one timer thread.
///
/// Armeria wants a [ScheduledExecutorService] for blocking work, which the JDK does not offer on
/// virtual threads. How many tasks run at a time is bounded where requests come in (`BusyGate`).
final class VirtualThreads extends AbstractExecutorService implements ScheduledExecutorService {
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("control-", 0).factory());
    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("control-timer").factory());

    VirtualThreads() {
        timer.setRemoveOnCancelPolicy(true);
    }

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        return timer.schedule(() -> threads.execute(task), delay, unit);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        return timer.schedule(() -> threads.submit(task).get(), delay, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
            Runnable task, long delay, long period, TimeUnit unit) {
        return timer.scheduleAtFixedRate(() -> threads.execute(task), delay, period, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
            Runnable task, long delay, long period, TimeUnit unit) {
        return timer.scheduleWithFixedDelay(() -> threads.execute(task), delay, period, unit);
    }

    @Override
    public void shutdown() {
        timer.shutdown();
        threads.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        var waiting = new ArrayList<>(timer.shutdownNow());
        waiting.addAll(threads.shutdownNow());
        return waiting;
    }

    @Override
    public boolean isShutdown() {
        return threads.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return threads.isTerminated() && timer.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        long deadlineNs = System.nanoTime() + unit.toNanos(timeout);
        return timer.awaitTermination(timeout, unit)
                && threads.awaitTermination(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
}
