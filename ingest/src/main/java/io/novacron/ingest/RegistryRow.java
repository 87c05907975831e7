package io.novacron.ingest;

import io.novacron.wire.sbe.EntityKind;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// What the registry holds of one entity.
///
/// @param host the host's id, the zero UUID when no host claims it
/// @param asOfMs the tick it was written at
/// @param last last values of the catalogue's forecast metrics, in its order; NaN where unknown
public record RegistryRow(
        UUID uuid,
        EntityKind kind,
        String name,
        UUID host,
        int vcpus,
        long memoryBytes,
        long diskBytes,
        Map<String, String> labels,
        long asOfMs,
        List<Float> last) {
    public RegistryRow {
        labels = Map.copyOf(labels);
        last = List.copyOf(last);
    }
}
