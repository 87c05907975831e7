package io.novacron.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Collects all that is wrong with a configuration, to be told at once.
public final class ConfigProblems {
    private final List<String> problems = new ArrayList<>();

    /// Notes a problem unless the condition holds; the format is that of [String#format].
    public ConfigProblems check(boolean holds, String format, Object... arguments) {
        if (!holds) {
            problems.add(String.format(Locale.ROOT, format, arguments));
        }
        return this;
    }

    /// Throws one exception that lists every problem.
    public void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    problems.size() == 1
                            ? problems.getFirst()
                            : "%d mistakes:%n- %s"
                                    .formatted(
                                            problems.size(),
                                            String.join(System.lineSeparator() + "- ", problems)));
        }
    }
}
