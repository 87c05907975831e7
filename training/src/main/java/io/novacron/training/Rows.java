package io.novacron.training;

import io.novacron.inference.ForecastFeatures;
import java.util.Arrays;

/// Training rows: features, scaled target, weight and horizon, side by side.
final class Rows {
    private float[] features = new float[1024 * ForecastFeatures.COUNT];
    private float[] targets = new float[1024];
    private float[] weights = new float[1024];
    private int[] horizons = new int[1024];
    private int count;

    void add(float[] from, int offset, float target, float weight, int horizon) {
        if (count == targets.length) {
            features = Arrays.copyOf(features, 2 * features.length);
            targets = Arrays.copyOf(targets, 2 * count);
            weights = Arrays.copyOf(weights, 2 * count);
            horizons = Arrays.copyOf(horizons, 2 * count);
        }
        System.arraycopy(
                from, offset, features, count * ForecastFeatures.COUNT, ForecastFeatures.COUNT);
        targets[count] = target;
        weights[count] = weight;
        horizons[count++] = horizon;
    }

    int count() {
        return count;
    }

    float[] features() {
        return Arrays.copyOf(features, count * ForecastFeatures.COUNT);
    }

    float[] targets() {
        return Arrays.copyOf(targets, count);
    }

    float[] weights() {
        return Arrays.copyOf(weights, count);
    }

    float target(int row) {
        return targets[row];
    }

    int horizon(int row) {
        return horizons[row];
    }
}
