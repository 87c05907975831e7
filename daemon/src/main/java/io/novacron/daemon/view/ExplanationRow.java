package io.novacron.daemon.view;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a change was proposed: computed once, when it was, and journaled with it. Bounded.
///
/// @param factors what decided, each number with the limit that it was held against
/// @param alternatives what else was looked at and lost; the most telling first
/// @param flips smallest changes of one input that would have led to no such proposal
public record ExplanationRow(
        List<FactorRow> factors, List<AlternativeRow> alternatives, List<FlipRow> flips) {
    public static final ExplanationRow NONE = new ExplanationRow(List.of(), List.of(), List.of());
    private static final int MOST = 16;

    /// @param limit what the value is held against
    public record FactorRow(String name, double value, double limit, String unit, String text) {}

    /// @param value by which it was judged, in `unit`
    /// @param lostBy how much worse that is than what was chosen, or than a limit
    public record AlternativeRow(
            String what, double value, double lostBy, String unit, String text) {}

    /// @param from what the input is
    /// @param to what it would have to be
    public record FlipRow(String input, double from, double to, String unit, String text) {}

    public ExplanationRow {
        factors = first(factors);
        alternatives = first(alternatives);
        flips = first(flips);
    }

    /// Absent in journals of earlier versions.
    private static <T> List<T> first(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list.subList(0, Math.min(MOST, list.size())));
    }
}
