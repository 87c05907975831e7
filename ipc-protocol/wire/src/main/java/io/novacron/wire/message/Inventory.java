package io.novacron.wire.message;

import java.util.List;

/// The full list of a host's entities. Entity ids are never reused within a spool epoch.
///
/// @param sequence 0 for a snapshot at connect, which is not acknowledged
public record Inventory(
        long sequence, long revision, long timestampMs, List<EntityDescription> entities)
        implements Message {
    public Inventory {
        entities = List.copyOf(entities);
    }
}
