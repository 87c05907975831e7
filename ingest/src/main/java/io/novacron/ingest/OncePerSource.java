package io.novacron.ingest;

import java.util.HashSet;
import java.util.Set;

/// Says yes once for each kind and source, so that one broken or hostile peer cannot fill the log.
/// Holds at most 1,024 pairs; past that it says no. The event loop owns it.
final class OncePerSource {
    private static final int MAX = 1_024;

    private final Set<String> seen = new HashSet<>();

    boolean first(String kind, String source) {
        return seen.size() < MAX && seen.add(kind + ' ' + source);
    }
}
