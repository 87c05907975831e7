package io.novacron.solver.search;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import org.jspecify.annotations.Nullable;

/// Runs walks side by side, one thread each. After each of a fixed number of equal shares of the
/// limit they meet and learn from each other; so the outcome depends on seed, threads and moves,
/// not on which thread was faster.
public final class SearchTeam<W extends Walk<W>> {
    private final List<W> walks;
    private final SearchLimit limit;
    private final int meetings;
    private final CyclicBarrier barrier;
    private int meeting; // only while all wait
    private volatile @Nullable Throwable failure;

    /// @param meetings how often walks meet; the last time is at the end
    public SearchTeam(List<W> walks, SearchLimit limit, int meetings) {
        if (walks.size() != limit.threads()) {
            throw new IllegalArgumentException(
                    "there are %d walks for %d threads".formatted(walks.size(), limit.threads()));
        }
        this.walks = List.copyOf(walks);
        this.limit = limit;
        this.meetings = meetings;
        barrier = new CyclicBarrier(walks.size(), this::meet);
    }

    /// Walks until the limit; the caller's thread is one of those that walk.
    public void run() {
        List<Thread> helpers = new ArrayList<>();
        for (W walk : walks.subList(1, walks.size())) {
            helpers.add(
                    Thread.ofPlatform().name("search-" + helpers.size()).start(() -> walk(walk)));
        }
        walk(walks.getFirst());
        boolean interrupted = false;
        for (Thread helper : helpers) {
            while (true) {
                try {
                    helper.join();
                    break;
                } catch (InterruptedException _) {
                    interrupted = true; // the helper sees the broken barrier or its limit
                    barrier.reset();
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IllegalStateException("a walk failed", failure);
        }
    }

    @SuppressWarnings("IllegalCatch") // whatever fails in a walk must free those who wait for it
    private void walk(W walk) {
        try {
            long proposed = 0;
            for (int round = 1; round <= meetings; round++) {
                double until = (double) round / meetings;
                double share = limit.share(proposed);
                while (share < until) {
                    proposed += walk.step(share);
                    share = limit.share(proposed);
                }
                barrier.await();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the best plan so far stands
        } catch (BrokenBarrierException _) {
            return; // another walk failed or was interrupted
        } catch (RuntimeException | Error e) {
            failure = e;
            barrier.reset();
        }
    }

    private void meet() {
        meeting++;
        walks.getFirst().meet(walks, (double) meeting / meetings);
    }
}
