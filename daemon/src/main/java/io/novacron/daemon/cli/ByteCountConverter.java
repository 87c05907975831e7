package io.novacron.daemon.cli;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads `4GiB`, `512MiB`, `1.5TiB`, `4GB` (decimal) or `4294967296` (bytes).
final class ByteCountConverter implements ITypeConverter<Long> {
    private static final Pattern FORM =
            Pattern.compile("(\\d{1,19}(?:\\.\\d{1,6})?)\\s*(?:([kmgt])(i?)b?|b)?");

    @Override
    public Long convert(String text) {
        var form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!form.matches()) {
            throw notASize(text);
        }
        var bytes = new BigDecimal(form.group(1));
        String prefix = form.group(2);
        if (prefix != null) {
            // "4G" without a B means GiB, as in qemu and libvirt; "4GB" is decimal
            boolean binary = !form.group(3).isEmpty() || !text.strip().matches("(?i).*b");
            bytes =
                    bytes.multiply(
                            BigDecimal.valueOf(binary ? 1024 : 1000)
                                    .pow("kmgt".indexOf(prefix) + 1));
        }
        try {
            return bytes.toBigInteger().longValueExact();
        } catch (ArithmeticException _) {
            throw notASize(text);
        }
    }

    private static TypeConversionException notASize(String text) {
        return new TypeConversionException(
                "'%s' is not a size. Maybe a number and a unit, e.g. 4GiB?".formatted(text));
    }
}
