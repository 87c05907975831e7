package io.novacron.daemon.config;

import java.util.Locale;

/// A share in percent, as people write it: `2%`, `0.5%`.
///
/// @param value in percent
public record Percent(double value) {
    /// @throws IllegalArgumentException saying what is wrong, without the text itself
    public static Percent parse(String text) {
        String number = text.endsWith("%") ? text.substring(0, text.length() - 1).strip() : "";
        try {
            return new Percent(Double.parseDouble(number));
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException("is not a share in percent. Maybe 2%?");
        }
    }

    /// Of one.
    public double share() {
        return value / 100;
    }

    @Override
    public String toString() {
        return value == Math.rint(value)
                ? String.format(Locale.ROOT, "%.0f%%", value)
                : String.format(Locale.ROOT, "%s%%", value);
    }
}
