package io.novacron.agent;

import io.novacron.agent.spool.Spool.FrameMaker;
import io.novacron.wire.message.EntityDescription;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Messages;
import io.novacron.wire.sbe.EntityKind;
import io.novacron.wire.sbe.EntityState;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;

/// Frames of a wanted length.
final class Frames {
    private static final int LABEL_LENGTH = 4_000;

    private Frames() {}

    /// An inventory of about a length.
    static FrameMaker inventoryOfLength(int length) {
        var messages = new Messages();
        List<EntityDescription> entities =
                IntStream.range(0, Math.max(1, length / LABEL_LENGTH))
                        .mapToObj(Frames::entity)
                        .toList();
        return (sequence, buffer) ->
                messages.encode(new Inventory(sequence, sequence, 0, entities), buffer, 0);
    }

    private static EntityDescription entity(int id) {
        return new EntityDescription(
                id,
                EntityKind.VM,
                EntityState.RUNNING,
                new UUID(5, id),
                1,
                1,
                1,
                1,
                1,
                Map.of("filler", "x".repeat(LABEL_LENGTH)),
                "vm");
    }
}
