package io.novacron.daemon.config;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.List;

/// Collects everything that is wrong with a piece of configuration, so that one start-up failure
/// lists every bad property. A problem begins with the full path of its property and `=`.
public final class ConfigProblems {
    private final List<String> problems = new ArrayList<>();

    @FormatMethod
    public ConfigProblems check(boolean holds, @FormatString String problem, Object... arguments) {
        if (!holds) {
            problems.add(problem.formatted(arguments));
        }
        return this;
    }

    public ConfigProblems addAll(List<String> others) {
        problems.addAll(others);
        return this;
    }

    public void throwIfAny() {
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }
}
