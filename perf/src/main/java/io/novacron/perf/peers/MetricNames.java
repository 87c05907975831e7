package io.novacron.perf.peers;

import io.novacron.wire.catalogue.MetricCatalogue;
import io.novacron.wire.column.ColumnBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What peers call our metrics and vms: `cpu.usage` is `cpu_usage`, vm 42 is `vm-00042`.
final class MetricNames {
    private MetricNames() {}

    /// In the order of the batch's columns.
    static List<String> of(ColumnBatch batch) {
        var names = new ArrayList<String>();
        for (int metric = 0; metric < batch.metricCount(); metric++) {
            int id = batch.metricId(metric);
            names.add(
                    Objects.requireNonNull(MetricCatalogue.INSTANCE.byId(id))
                            .name()
                            .replaceAll("[^A-Za-z0-9_]", "_"));
        }
        return names;
    }

    static String vm(int vm) {
        return "vm-%05d".formatted(vm);
    }
}
