package io.novacron.solver;

import java.util.ArrayList;
import java.util.List;

/// Collects mistakes in an input so that one exception can list them all. Bounded: past the limit
/// they are only counted.
public final class Mistakes {
    static final int LISTED_LIMIT = 100;

    private final String subject;
    private final List<String> listed = new ArrayList<>();
    private long count;

    public Mistakes(String subject) {
        this.subject = subject;
    }

    /// Records a mistake unless `isRight`. The text is formatted only when it will be listed.
    public Mistakes check(boolean isRight, String format, Object... arguments) {
        if (!isRight) {
            if (listed.size() < LISTED_LIMIT) {
                listed.add(format.formatted(arguments));
            }
            count++;
        }
        return this;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    public void throwIfAny() {
        if (count > 0) {
            throw new InvalidInputException(subject, listed, count);
        }
    }
}
