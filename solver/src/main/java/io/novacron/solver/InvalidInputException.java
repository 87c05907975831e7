package io.novacron.solver;

import java.util.List;

/// Refuses a problem, request or policy, and lists every mistake found in it.
public final class InvalidInputException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> mistakes;
    private final long mistakeCount;

    InvalidInputException(String subject, List<String> mistakes, long mistakeCount) {
        super(message(subject, mistakes, mistakeCount));
        this.mistakes = List.copyOf(mistakes);
        this.mistakeCount = mistakeCount;
    }

    private static String message(String subject, List<String> mistakes, long mistakeCount) {
        var text = new StringBuilder("%s has %d mistake(s):".formatted(subject, mistakeCount));
        for (String mistake : mistakes) {
            text.append("\n  - ").append(mistake);
        }
        if (mistakeCount > mistakes.size()) {
            text.append("\n  - and %d more".formatted(mistakeCount - mistakes.size()));
        }
        return text.toString();
    }

    /// The first [Mistakes#LISTED_LIMIT] mistakes, in the order in which they were found.
    public List<String> mistakes() {
        return mistakes;
    }

    /// How many there were, listed or not.
    public long mistakeCount() {
        return mistakeCount;
    }
}
