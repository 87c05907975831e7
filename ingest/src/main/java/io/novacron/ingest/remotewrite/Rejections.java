package io.novacron.ingest.remotewrite;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/// What of one request was refused, by reason, each with its first example.
final class Rejections {
    private record Reason(long count, String example) {}

    private final Map<RemoteWriteCounter, Reason> reasons = new EnumMap<>(RemoteWriteCounter.class);

    void add(RemoteWriteCounter reason, long count, Supplier<String> example) {
        Reason before = reasons.get(reason);
        reasons.put(
                reason,
                before == null
                        ? new Reason(count, example.get())
                        : new Reason(before.count() + count, before.example()));
    }

    boolean isEmpty() {
        return reasons.isEmpty();
    }

    /// For people: how many of how many, why, and an example of each.
    String text(long received) {
        long refused = reasons.values().stream().mapToLong(Reason::count).sum();
        var text =
                new StringBuilder(
                        "%d of %d samples, histograms and exemplars were not written"
                                .formatted(refused, received));
        reasons.forEach((counter, reason) ->
                text.append(
                        "; %d: %s (the first: %s)"
                                .formatted(
                                        reason.count(),
                                        counter.help().replaceFirst("samples refused: ", ""),
                                        reason.example())));
        return text.append('\n').toString();
    }
}
