package io.novacron.perf.forecast;

import io.novacron.inference.ensemble.FleetEnsemble;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/// Spreads the series of a round over some threads.
final class Cores implements FleetEnsemble.Rounds, AutoCloseable {
    private final ForkJoinPool pool;

    Cores(int threads) {
        pool = new ForkJoinPool(threads);
    }

    @Override
    public void run(int count, IntConsumer body) {
        pool.submit(() -> IntStream.range(0, count).parallel().forEach(body)).join();
    }

    @Override
    public void close() {
        pool.close();
    }
}
