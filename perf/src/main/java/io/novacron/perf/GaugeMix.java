package io.novacron.perf;

import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.column.ColumnBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Batches as a fleet sends them: of 20 metrics, 8 are percentages at 0.1 resolution, 6 are rates
/// spread over orders of magnitude, 3 are slow integers (bytes in pages) and 3 are constant.
///
/// The catalogue gives a vm fewer than 20 metrics and a host more, so that a receiver keeps every
/// sample only of entities that it knows as hosts.
public final class GaugeMix {
    public static final int METRICS = 20;

    private static final int PAGE = 4_096;
    private static final Map<Integer, Shape> SHAPES = shapes(); // ascending, as a batch wants them

    private enum Shape {
        PERCENTAGE,
        RATE,
        SLOW_INTEGER,
        CONSTANT;

        float value(SplittableRandom random, int metricId) {
            return switch (this) {
                case PERCENTAGE -> random.nextInt(1_001) / 10f;
                case RATE -> (float) Math.exp(random.nextGaussian() * 2.5 + 9);
                case SLOW_INTEGER -> (float) ((1L << 30) + (long) PAGE * random.nextInt(1 << 18));
                case CONSTANT -> metricId;
            };
        }
    }

    private GaugeMix() {}

    /// A batch of entities 0 to `entities - 1`.
    public static ColumnBatch batch(SplittableRandom random, int entities) {
        var batch = new ColumnBatch(entities, METRICS);
        for (int entity = 0; entity < entities; entity++) {
            batch.addEntity(entity);
        }
        SHAPES.forEach((metricId, shape) -> {
            int metric = batch.addMetric(metricId);
            for (int entity = 0; entity < entities; entity++) {
                batch.set(metric, entity, shape.value(random, metricId));
            }
        });
        return batch;
    }

    /// Different batches, so that no branch predictor learns one by heart. Same seed, same batches.
    public static List<ColumnBatch> batches(long seed, int count, int entities) {
        var random = new SplittableRandom(seed);
        var batches = new ArrayList<ColumnBatch>();
        for (int i = 0; i < count; i++) {
            batches.add(batch(random, entities));
        }
        return batches;
    }

    private static Map<Integer, Shape> shapes() {
        var shapes = new TreeMap<Integer, Shape>();
        put(
                shapes,
                Shape.PERCENTAGE,
                Metrics.CPU_USAGE,
                Metrics.MEMORY_USAGE,
                Metrics.CPU_STEAL,
                Metrics.CPU_IOWAIT,
                Metrics.CPU_PRESSURE,
                Metrics.MEMORY_PRESSURE,
                Metrics.IO_PRESSURE,
                Metrics.AGENT_CPU);
        put(
                shapes,
                Shape.RATE,
                Metrics.DISK_THROUGHPUT,
                Metrics.NETWORK_THROUGHPUT,
                Metrics.DISK_READ,
                Metrics.DISK_WRITE,
                Metrics.NETWORK_RECEIVE,
                Metrics.NETWORK_TRANSMIT);
        put(shapes, Shape.SLOW_INTEGER, Metrics.MEMORY_USED, Metrics.AGENT_RSS, Metrics.SWAP_IO);
        put(
                shapes,
                Shape.CONSTANT,
                Metrics.MEMORY_MAJOR_FAULTS,
                Metrics.NETWORK_ERRORS,
                Metrics.LOAD_ONE);
        return shapes;
    }

    private static void put(Map<Integer, Shape> shapes, Shape shape, int... metricIds) {
        for (int metricId : metricIds) {
            shapes.put(metricId, shape);
        }
    }
}
