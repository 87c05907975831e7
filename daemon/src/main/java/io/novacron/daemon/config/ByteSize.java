package io.novacron.daemon.config;

import java.util.Locale;
import java.util.regex.Pattern;

/// A number of bytes, written with a binary unit: `64MiB`, `2GiB`, `4096`.
public record ByteSize(long bytes) {
    private static final Pattern FORM =
            Pattern.compile("(\\d{1,15})\\s*(|[bB]|[kKmMgGtT][iI]?[bB]?)");
    private static final String UNITS = "kmgt";

    public static ByteSize ofMebibytes(long mebibytes) {
        return new ByteSize(mebibytes << 20);
    }

    /// @throws IllegalArgumentException when the text is not a size
    public static ByteSize parse(String text) {
        var matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("is not a size such as 64MiB or 2GiB");
        }
        long number = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2).toLowerCase(Locale.ROOT);
        int power = unit.isEmpty() ? 0 : UNITS.indexOf(unit.charAt(0)) + 1;
        int shift = 10 * power;
        if (shift > 0 && number > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("is larger than can be counted");
        }
        return new ByteSize(number << shift);
    }

    @Override
    public String toString() {
        for (int power = UNITS.length(); power > 0; power--) {
            long unit = 1L << 10 * power;
            if (bytes >= unit && bytes % unit == 0) {
                return bytes / unit
                        + UNITS.substring(power - 1, power).toUpperCase(Locale.ROOT)
                        + "iB";
            }
        }
        return Long.toString(bytes);
    }
}
