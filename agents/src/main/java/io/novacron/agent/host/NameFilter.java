package io.novacron.agent.host;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;

/// Decides once for each device name whether it counts, and remembers, so that parsing looks no
/// file up and makes no garbage. Forgets everything past [#MAX_NAMES], which costs only look-ups.
final class NameFilter {
    static final int MAX_NAMES = 4096;

    private final Predicate<String> counts;
    private byte[][] names = new byte[16][];
    private boolean[] verdicts = new boolean[16];
    private int size;

    NameFilter(Predicate<String> counts) {
        this.counts = counts;
    }

    /// @return the name's index times two, plus one when it counts
    int verdict(ProcFile file, int start, int length) {
        for (int i = 0; i < size; i++) {
            if (matches(names[i], file, start, length)) {
                return i * 2 + (verdicts[i] ? 1 : 0);
            }
        }
        if (size == MAX_NAMES) {
            size = 0;
        }
        if (size == names.length) {
            names = Arrays.copyOf(names, size * 2);
            verdicts = Arrays.copyOf(verdicts, size * 2);
        }
        var name = new byte[length];
        for (int i = 0; i < length; i++) {
            name[i] = file.at(start + i);
        }
        names[size] = name;
        verdicts[size] = counts.test(new String(name, StandardCharsets.UTF_8));
        size++;
        return (size - 1) * 2 + (verdicts[size - 1] ? 1 : 0);
    }

    private static boolean matches(byte[] name, ProcFile file, int start, int length) {
        if (name.length != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (name[i] != file.at(start + i)) {
                return false;
            }
        }
        return true;
    }
}
