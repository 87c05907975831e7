package io.novacron.daemon.decision;

import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.sbe.ActionType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// How a vm, its host and its neighbours fared, minute by minute, before or after an action.
/// Immutable.
final class Effects {
    private static final int NEIGHBOURS = 32;
    private static final String PEAK = "forecastPeak";

    /// What an action is judged by.
    ///
    /// A rise below `leastRise` is nothing that anybody would undo an action for.
    enum Signal {
        STEAL("steal of the vm", Metrics.CPU_STEAL, 5),
        MAJOR_FAULTS("major faults of the vm", Metrics.MEMORY_MAJOR_FAULTS, 50),
        NETWORK_ERRORS("network errors of the vm", Metrics.NETWORK_ERRORS, 5),
        HOST_CPU_PRESSURE("CPU pressure of the host", Metrics.CPU_PRESSURE, 10),
        HOST_MEMORY_PRESSURE("memory pressure of the host", Metrics.MEMORY_PRESSURE, 5),
        NEIGHBOUR_STEAL("steal of its neighbours", Metrics.CPU_STEAL, 5),
        USAGE("usage of the vm", Metrics.CPU_USAGE, 5);

        final String words;
        final double leastRise;
        private final int metricId;

        Signal(String words, int metricId, double leastRise) {
            this.words = words;
            this.metricId = metricId;
            this.leastRise = leastRise;
        }

        private boolean ofHost() {
            return this == HOST_CPU_PRESSURE || this == HOST_MEMORY_PRESSURE;
        }
    }

    private final Map<Signal, double[]> minutes = new EnumMap<>(Signal.class);
    private final double[] forecastPeak;

    private Effects(double[] forecastPeak) {
        this.forecastPeak = forecastPeak;
    }

    /// Reads the last minutes.
    static Effects read(FleetFacts facts, Proposal proposal, int length) {
        UUID host =
                proposal.type() == ActionType.LIVE_MIGRATE && proposal.targetHostId() != null
                        ? proposal.targetHostId()
                        : proposal.hostId();
        int usage = usageMetric(proposal.type());
        var effects = new Effects(doubles(facts.forecastPeak(proposal.vmId(), usage)));
        for (Signal signal : Signal.values()) {
            double[] values;
            if (signal == Signal.NEIGHBOUR_STEAL) {
                values = neighbours(facts, host, proposal.vmId(), length);
            } else {
                int metricId = signal == Signal.USAGE ? usage : signal.metricId;
                UUID of = signal.ofHost() ? host : proposal.vmId();
                values = present(facts.history(of, metricId, length));
            }
            effects.minutes.put(signal, values);
        }
        return effects;
    }

    private static int usageMetric(ActionType type) {
        return type == ActionType.SET_MEMORY ? Metrics.MEMORY_USAGE : Metrics.CPU_USAGE;
    }

    /// Minute by minute the mean over the neighbours that have a sample.
    private static double[] neighbours(FleetFacts facts, UUID host, UUID vm, int length) {
        double[] sums = new double[length];
        int[] counts = new int[length];
        int read = 0;
        for (UUID neighbour : facts.vmsOf(host)) {
            if (neighbour.equals(vm) || read++ >= NEIGHBOURS) {
                continue;
            }
            float[] values = facts.history(neighbour, Metrics.CPU_STEAL, length);
            for (int i = 0; i < Math.min(length, values.length); i++) {
                if (Float.isFinite(values[i])) {
                    sums[i] += values[i];
                    counts[i]++;
                }
            }
        }
        List<Double> means = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            if (counts[i] > 0) {
                means.add(sums[i] / counts[i]);
            }
        }
        return means.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double[] present(float[] values) {
        List<Double> present = new ArrayList<>();
        for (float value : values) {
            if (Float.isFinite(value)) {
                present.add((double) value);
            }
        }
        return present.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    static Effects of(Map<Signal, double[]> minutes, double[] forecastPeak) {
        var effects = new Effects(forecastPeak.clone());
        minutes.forEach((signal, values) -> effects.minutes.put(signal, values.clone()));
        return effects;
    }

    /// The minutes that have a sample, oldest first.
    double[] minutes(Signal signal) {
        return minutes.getOrDefault(signal, new double[0]);
    }

    /// Highest usage that was forecast for the hour ahead, at a level of `[0, 8]` (.1 to .9); NaN
    /// without a forecast.
    double forecastPeak(int level) {
        return forecastPeak.length > level ? forecastPeak[level] : Double.NaN;
    }

    /// As facts of a note: the same effects give the same facts.
    Map<String, String> facts() {
        Map<String, String> facts = new TreeMap<>();
        minutes.forEach((signal, values) -> facts.put(signal.name(), text(values)));
        facts.put(PEAK, text(forecastPeak));
        return facts;
    }

    /// From the facts of a note; null when they are of no use.
    static @Nullable Effects parse(Map<String, String> facts) {
        if (facts.isEmpty()) {
            return null;
        }
        var effects = new Effects(numbers(facts.getOrDefault(PEAK, "")));
        for (Signal signal : Signal.values()) {
            effects.minutes.put(signal, numbers(facts.getOrDefault(signal.name(), "")));
        }
        return effects;
    }

    private static String text(double[] values) {
        var text = new StringBuilder();
        for (double value : values) {
            text.append(text.isEmpty() ? "" : " ")
                    .append(String.format(Locale.ROOT, "%.3f", value));
        }
        return text.toString();
    }

    private static double[] numbers(String text) {
        if (text.isEmpty()) {
            return new double[0];
        }
        String[] parts = text.split(" ", -1);
        double[] numbers = new double[parts.length];
        for (int i = 0; i < parts.length; i++) {
            numbers[i] = Double.parseDouble(parts[i]);
        }
        return numbers;
    }
}
