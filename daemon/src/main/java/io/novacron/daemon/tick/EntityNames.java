package io.novacron.daemon.tick;

import io.novacron.ingest.fleet.Entity;
import io.novacron.ingest.fleet.FleetView;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The solver speaks of entities by their id; people know them by name.
final class EntityNames {
    private static final Pattern ID =
            Pattern.compile("\\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b");

    private EntityNames() {}

    /// The text with every known id replaced by the entity's name.
    static String inWords(FleetView view, String text) {
        Matcher ids = ID.matcher(text);
        return ids.replaceAll(id -> {
            int slot = view.slotOf(UUID.fromString(id.group()));
            Entity entity = slot < 0 ? null : view.entity(slot);
            return Matcher.quoteReplacement(entity == null ? id.group() : entity.name());
        });
    }
}
