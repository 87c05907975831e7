package io.novacron.perf.forecast;

import io.novacron.inference.member.History;
import io.novacron.inference.member.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A named target of the evaluation, such as `60m-mean`.
record Horizon(String name, Target target) {
    private static final Pattern LENGTH = Pattern.compile("([1-9][0-9]{0,4})([mhd])");

    /// Horizons of a list such as `5m,60m,24h`. Each gives the value at its end; from an hour on
    /// also the mean up to it (`60m-mean`), from a day on instead the mean of the hour that ends
    /// there (`24h-hour-mean`).
    static List<Horizon> parse(String list, int stepSeconds) {
        List<Horizon> horizons = new ArrayList<>();
        for (String name : list.split(",", -1)) {
            Matcher matcher = LENGTH.matcher(name.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "horizon '%s' must be a number and m, h or d. Maybe 5m,60m,24h?"
                                .formatted(name));
            }
            long seconds =
                    Long.parseLong(matcher.group(1))
                            * switch (matcher.group(2)) {
                                case "m" -> 60;
                                case "h" -> 3_600;
                                default -> 86_400;
                            };
            if (seconds % stepSeconds != 0 || seconds / stepSeconds > Target.MAX_STEPS) {
                throw new IllegalArgumentException(
                        "horizon %s must be whole steps of %d s, at most %d of them"
                                .formatted(name, stepSeconds, Target.MAX_STEPS));
            }
            int steps = (int) (seconds / stepSeconds);
            horizons.add(new Horizon(matcher.group(), Target.at(steps)));
            int hour = Math.max(2, 3_600 / stepSeconds);
            if (steps >= hour && seconds < 86_400) {
                horizons.add(new Horizon(matcher.group() + "-mean", new Target(1, steps)));
            } else if (seconds >= 86_400) {
                horizons.add(
                        new Horizon(
                                matcher.group() + "-hour-mean",
                                new Target(steps - hour + 1, steps)));
            }
        }
        return horizons;
    }

    /// A length as horizons are named: `5m`, `60m`, `24h`.
    static String label(int seconds) {
        return seconds < 86_400 ? seconds / 60 + "m" : seconds / 3_600 + "h";
    }

    /// Means of an hour are kept ready by [History].
    static boolean isReady(Target target) {
        return target.span() == 1 || target.span() == History.MEAN_SPAN;
    }
}
