package io.novacron.agent;

import io.novacron.wire.sbe.ActionType;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Everything an agent can be told. All mistakes come in one exception.
///
/// @param interval between samples; zero follows the daemon's wish
/// @param libvirtUri `none` reports the host alone
/// @param agentId null takes the host's machine id
/// @param tls null talks in the clear, which only a daemon on this machine gets
record AgentConfig(
        String daemonHost,
        int daemonPort,
        Path spool,
        long spoolBytes,
        Duration spoolAge,
        Duration interval,
        String libvirtUri,
        Path procRoot,
        Path sysRoot,
        Map<String, String> labels,
        Set<ActionType> allowed,
        @Nullable UUID agentId,
        @Nullable String hostName,
        @Nullable Tls tls) {

    static final String NO_LIBVIRT = "none";
    private static final long MIN_SPOOL_BYTES = 1024 * 1024;
    private static final Duration MIN_INTERVAL = Duration.ofSeconds(1);
    private static final Duration MAX_INTERVAL = Duration.ofSeconds(60);

    /// PEM files.
    record Tls(Path certificate, Path key, Path authority) {}

    AgentConfig {
        labels = Map.copyOf(labels);
        allowed = Set.copyOf(allowed);
        var problems = new ConfigProblems();
        problems.check(
                        !daemonHost.isBlank(),
                        "daemon=%s must be HOST:PORT. Maybe 127.0.0.1:7070?",
                        daemonHost)
                .check(
                        daemonPort > 0 && daemonPort < 65_536,
                        "daemon port=%d must be in [1, 65535]",
                        daemonPort)
                .check(
                        spoolBytes >= MIN_SPOOL_BYTES,
                        "spool-size=%d must be at least %d bytes. Maybe a unit is missing, e.g."
                                + " 256m?",
                        spoolBytes,
                        MIN_SPOOL_BYTES)
                .check(spoolAge.isPositive(), "spool-age=%s must be positive. Maybe 24h?", spoolAge)
                .check(
                        interval.isZero()
                                || (interval.compareTo(MIN_INTERVAL) >= 0
                                        && interval.compareTo(MAX_INTERVAL) <= 0),
                        "interval=%s must be in [%s, %s]. Maybe a unit is missing, e.g. 10s?",
                        interval,
                        MIN_INTERVAL,
                        MAX_INTERVAL)
                .check(
                        Files.isDirectory(procRoot),
                        "proc=%s must be a folder. Maybe the host's /proc is not mounted?",
                        procRoot)
                .check(
                        Files.isDirectory(sysRoot),
                        "sys=%s must be a folder. Maybe the host's /sys is not mounted?",
                        sysRoot);
        for (String key : labels.keySet()) {
            problems.check(
                    !key.isBlank(), "label=%s must be KEY=VALUE", key + "=" + labels.get(key));
        }
        if (tls != null) {
            checkReadable(problems, "tls-cert", tls.certificate());
            checkReadable(problems, "tls-key", tls.key());
            checkReadable(problems, "tls-ca", tls.authority());
        } else {
            problems.check(
                    daemonHost.isBlank() || isLoopback(daemonHost),
                    "daemon=%s is not on this machine and there is no TLS: whoever answers there"
                            + " could change this host's vms. Maybe give --tls-cert, --tls-key and"
                            + " --tls-ca?",
                    daemonHost);
        }
        problems.throwIfAny();
    }

    private static void checkReadable(ConfigProblems problems, String name, Path file) {
        problems.check(
                Files.isReadable(file),
                "%s=%s must be a file this user can read. Maybe the path or its permissions?",
                name,
                file);
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
