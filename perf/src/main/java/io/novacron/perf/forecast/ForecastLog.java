package io.novacron.perf.forecast;

import io.novacron.inference.Quantiles;
import io.novacron.inference.ensemble.FleetEnsemble;
import java.util.ArrayList;
import java.util.List;

/// What was forecast for one target at every judged origin, for plots.
final class ForecastLog {
    private final int target;
    private final List<Integer> origins = new ArrayList<>();
    private final List<float[]> answers = new ArrayList<>();

    ForecastLog(int target) {
        this.target = target;
    }

    /// The horizon that is drawn: an hour ahead where there is one, else the last.
    static int target(List<Horizon> horizons) {
        for (int i = 0; i < horizons.size(); i++) {
            if (horizons.get(i).name().equals("60m")) {
                return i;
            }
        }
        return horizons.size() - 1;
    }

    int target() {
        return target;
    }

    void add(int origin, FleetEnsemble fleet) {
        float[] answer = new float[fleet.size() * Quantiles.COUNT];
        for (int i = 0; i < answer.length; i++) {
            answer[i] = fleet.quantile(i / Quantiles.COUNT, target, i % Quantiles.COUNT);
        }
        origins.add(origin);
        answers.add(answer);
    }

    int size() {
        return origins.size();
    }

    int origin(int at) {
        return origins.get(at);
    }

    float quantile(int at, int index, int level) {
        return answers.get(at)[index * Quantiles.COUNT + level];
    }
}
