package io.novacron.agent.libvirt;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Set;

/// A connection URI with the agent's own options taken out of it, for example
/// `qemu:///system?socket=/run/other/libvirt-sock&novacron.unsafe-migration=true`.
///
/// @param uri what libvirt gets
/// @param socket the socket that the URI names, or empty
/// @param unsafeMigration `novacron.unsafe-migration`: migrate although the disks do not look
///   shared; for labs, and for storage that libvirt does not know as shared
/// @param callTimeout `novacron.call-timeout`, e.g. `5s`: after this a read is given up
/// @param slowInterval `novacron.slow-interval`, e.g. `10s`: bulk reads are no closer than this
record LibvirtUri(
        String uri,
        String socket,
        boolean unsafeMigration,
        Duration callTimeout,
        Duration slowInterval) {
    private static final String OPTION = "novacron.";
    private static final Set<String> DRIVERS = Set.of("qemu", "xen", "lxc", "ch", "test");
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SLOW_INTERVAL = Duration.ofSeconds(10);

    /// Whether libvirt has a driver for the URI's scheme.
    static boolean accepts(String uri) {
        int end = uri.indexOf(':');
        if (end < 0) {
            return false;
        }
        var scheme = uri.substring(0, end);
        int transport = scheme.indexOf('+');
        return DRIVERS.contains(transport < 0 ? scheme : scheme.substring(0, transport));
    }

    static LibvirtUri parse(String text) {
        int query = text.indexOf('?');
        var kept = new ArrayList<String>();
        var socket = "";
        boolean unsafeMigration = false;
        var callTimeout = CALL_TIMEOUT;
        var slowInterval = SLOW_INTERVAL;
        for (var part : query < 0 ? new String[0] : text.substring(query + 1).split("&")) {
            int equals = part.indexOf('=');
            var key = equals < 0 ? part : part.substring(0, equals);
            var value = equals < 0 ? "" : part.substring(equals + 1);
            switch (key) {
                case "novacron.unsafe-migration" -> unsafeMigration = truth(key, value);
                case "novacron.call-timeout" -> callTimeout = duration(key, value);
                case "novacron.slow-interval" -> slowInterval = duration(key, value);
                default -> {
                    if (key.startsWith(OPTION)) {
                        throw new IllegalArgumentException(
                                "%s in %s is no option. Maybe novacron.unsafe-migration, novacron.call-timeout or novacron.slow-interval?"
                                        .formatted(key, text));
                    }
                    if (key.equals("socket")) {
                        socket = value;
                    }
                    kept.add(part);
                }
            }
        }
        var base = query < 0 ? text : text.substring(0, query);
        var uri = kept.isEmpty() ? base : base + "?" + String.join("&", kept);
        return new LibvirtUri(uri, socket, unsafeMigration, callTimeout, slowInterval);
    }

    private static boolean truth(String key, String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new IllegalArgumentException(
                            "%s=%s must be true or false".formatted(key, value));
        };
    }

    private static Duration duration(String key, String value) {
        try {
            if (value.endsWith("ms")) {
                return positive(
                        Duration.ofMillis(Long.parseLong(value.substring(0, value.length() - 2))));
            }
            if (value.endsWith("s")) {
                return positive(
                        Duration.ofSeconds(Long.parseLong(value.substring(0, value.length() - 1))));
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "%s=%s must be a positive duration. Maybe a unit is missing, e.g. 10s or 500ms?"
                        .formatted(key, value));
    }

    private static Duration positive(Duration duration) {
        if (!duration.isPositive()) {
            throw new NumberFormatException("not positive");
        }
        return duration;
    }
}
