package io.novacron.daemon.config;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// A group of like vms that share their load.
///
/// @param name of letters, digits and hyphens; members that are cloned are called by it
/// @param selector labels that its members have, `a=b`, several with commas; all must hold
/// @param min members that it always has
/// @param max members that it may have
/// @param targetUtilisation of its members' vCPUs that demand may take
/// @param quantile of the forecast that is served at that utilisation, 0.5 to 0.9
/// @param leadTime from the start of a member until it serves
/// @param outCoolDown least time between two times that members are started
/// @param inCoolDown least time from any scaling until members are removed
/// @param stabilise so long before and after now the fewer members must suffice
/// @param hysteresis share of the target below which demand must stay for members to be removed
/// @param maxAdded members started in one `scaling.interval`
/// @param maxRemoved members removed at one time
/// @param executor what adds and removes members
/// @param template name of the vm that is cloned, on each host that may run members
/// @param stopOthers whether members that scaling did not create are shut down (never removed) when
///   fewer are wanted
public record ScalingGroupConfig(
        String name,
        String selector,
        int min,
        int max,
        Percent targetUtilisation,
        double quantile,
        Duration leadTime,
        Duration outCoolDown,
        Duration inCoolDown,
        Duration stabilise,
        Percent hysteresis,
        int maxAdded,
        int maxRemoved,
        Executor executor,
        String template,
        boolean stopOthers,
        WebhookConfig webhook) {

    /// What adds and removes members.
    public enum Executor {
        /// An agent clones the template, and removes what it has cloned.
        LIBVIRT,
        /// Somebody else is told by HTTP how many there should be.
        WEBHOOK
    }

    /// What a group has that the file leaves out. It has no name, so it is no group by itself.
    public static final ScalingGroupConfig DEFAULT =
            new ScalingGroupConfig(
                    "",
                    "",
                    1,
                    1,
                    new Percent(70),
                    0.9,
                    Duration.ofMinutes(3),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(15),
                    new Percent(10),
                    10,
                    2,
                    Executor.LIBVIRT,
                    "",
                    false,
                    WebhookConfig.DEFAULT);

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,39}");
    private static final Pattern SELECTOR =
            Pattern.compile("[^=,!\\s]+=[^=,\\s]+(,[^=,!\\s]+=[^=,\\s]+){0,7}");
    private static final int MOST_MEMBERS = 10_000;

    /// Whether a vm with these labels is a member.
    public boolean selects(Map<String, String> labels) {
        for (String part : selector.split(",", -1)) {
            int at = part.indexOf('=');
            if (!part.substring(at + 1).equals(labels.get(part.substring(0, at)))) {
                return false;
            }
        }
        return true;
    }

    void check(ConfigProblems problems, String path) {
        problems.check(
                        NAME.matcher(name).matches(),
                        "%sname=%s must be small letters, digits and hyphens, 40 at most. Maybe web?",
                        path,
                        name)
                .check(
                        SELECTOR.matcher(selector).matches(),
                        "%sselector=%s must be labels of vms like a=b, several with commas. Maybe app=%s?",
                        path,
                        selector,
                        name)
                .check(
                        min >= 0 && min <= max,
                        "%smin=%d must be in [0, max=%d]. Maybe they are the wrong way round?",
                        path,
                        min,
                        max)
                .check(
                        max >= 1 && max <= MOST_MEMBERS,
                        "%smax=%d must be in [1, %d]",
                        path,
                        max,
                        MOST_MEMBERS)
                .check(
                        targetUtilisation.value() >= 10 && targetUtilisation.value() <= 95,
                        "%starget-utilisation=%s must be in [10%%, 95%%]. Maybe 70%%?",
                        path,
                        targetUtilisation)
                .check(
                        quantile >= 0.5 && quantile <= 0.9,
                        "%squantile=%s must be in [0.5, 0.9], which forecasts have. Maybe 0.9?",
                        path,
                        quantile)
                .check(
                        hysteresis.value() >= 0 && hysteresis.value() <= 50,
                        "%shysteresis=%s must be in [0%%, 50%%]. Maybe 10%%?",
                        path,
                        hysteresis)
                .check(
                        maxAdded >= 1 && maxAdded <= MOST_MEMBERS,
                        "%smax-added=%d must be in [1, %d]",
                        path,
                        maxAdded,
                        MOST_MEMBERS)
                .check(
                        maxRemoved >= 1 && maxRemoved <= MOST_MEMBERS,
                        "%smax-removed=%d must be in [1, %d]",
                        path,
                        maxRemoved,
                        MOST_MEMBERS)
                .check(
                        executor == Executor.WEBHOOK || !template.isBlank(),
                        "%stemplate=%s must name the vm to clone. Maybe %s-template, or executor: webhook?",
                        path,
                        template,
                        name);
        time(problems, path + "lead-time", leadTime, Duration.ofMinutes(45));
        time(problems, path + "out-cool-down", outCoolDown, Duration.ofHours(24));
        time(problems, path + "in-cool-down", inCoolDown, Duration.ofHours(24));
        time(problems, path + "stabilise", stabilise, Duration.ofHours(2));
        if (executor == Executor.WEBHOOK) {
            webhook.check(problems, path + "webhook.");
        }
    }

    private static void time(
            ConfigProblems problems, String property, Duration time, Duration most) {
        problems.check(
                Durations.between(time, Duration.ZERO, most),
                "%s=%s must be in [0s, %s]",
                property,
                Durations.format(time),
                Durations.format(most));
    }

    /// Where a group's scaling is told.
    ///
    /// @param url `https`, or `http` on this machine
    /// @param secretFile file with the secret that signs what is told, 24 characters at least
    /// @param timeout of one attempt
    /// @param attempts before it is left to the next tick
    public record WebhookConfig(String url, Path secretFile, Duration timeout, int attempts) {
        public static final WebhookConfig DEFAULT =
                new WebhookConfig("", Path.of(""), Duration.ofSeconds(10), 3);

        private static final int LEAST_SECRET = 24;
        private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

        void check(ConfigProblems problems, String path) {
            problems.check(
                            isSafe(url),
                            "%surl=%s must begin with https://, or http:// on 127.0.0.1. Maybe https://HOST/scale?",
                            path,
                            url)
                    .check(
                            Durations.between(
                                    timeout, Duration.ofMillis(100), Duration.ofMinutes(1)),
                            "%stimeout=%s must be in [100ms, 1m]. Maybe 10s?",
                            path,
                            Durations.format(timeout))
                    .check(
                            attempts >= 1 && attempts <= 10,
                            "%sattempts=%d must be in [1, 10]. Maybe 3?",
                            path,
                            attempts);
            try {
                byte[] secret = secret();
                problems.check(
                        secret.length >= LEAST_SECRET,
                        "%ssecret-file=%s holds %d characters, it must hold %d at least. Maybe `openssl rand -hex 32`?",
                        path,
                        secretFile,
                        secret.length,
                        LEAST_SECRET);
            } catch (IOException e) {
                problems.check(
                        false,
                        "%ssecret-file=%s cannot be read: %s. Maybe the path or the permissions are wrong?",
                        path,
                        secretFile,
                        e);
            }
        }

        private static boolean isSafe(String url) {
            try {
                var uri = new URI(url);
                String host = uri.getHost();
                return host != null
                        && uri.getUserInfo() == null
                        && ("https".equals(uri.getScheme())
                                || ("http".equals(uri.getScheme()) && THIS_MACHINE.contains(host)));
            } catch (URISyntaxException _) {
                return false;
            }
        }

        /// What signs.
        ///
        /// @throws IOException when the file cannot be read
        public byte[] secret() throws IOException {
            return Files.readString(secretFile).strip().getBytes(StandardCharsets.UTF_8);
        }
    }
}
