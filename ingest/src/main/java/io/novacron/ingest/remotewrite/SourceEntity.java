package io.novacron.ingest.remotewrite;

import io.novacron.wire.sbe.EntityKind;
import java.util.UUID;

/// A host or vm that series tell of. Its id is never used again, its sizes come with the samples.
final class SourceEntity {
    final int id;
    final EntityKind kind;
    final UUID uuid;
    final String name;

    int vcpus;
    long memoryBytes;
    long diskBytes;
    int liveSeries;
    boolean listed;

    SourceEntity(int id, EntityKind kind, UUID uuid, String name) {
        this.id = id;
        this.kind = kind;
        this.uuid = uuid;
        this.name = name;
    }
}
