package io.novacron.daemon.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// A text table: a header, rows, columns as wide as their widest cell. Numbers go to the right.
final class Table {
    private static final String GAP = "  ";

    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] right;

    /// @param columns titles; one that begins with `>` is a column of numbers
    Table(String... columns) {
        right = new boolean[columns.length];
        var titles = new String[columns.length];
        for (int column = 0; column < columns.length; column++) {
            right[column] = columns[column].startsWith(">");
            titles[column] = right[column] ? columns[column].substring(1) : columns[column];
        }
        rows.add(titles);
    }

    Table row(String... cells) {
        if (cells.length != right.length) {
            throw new IllegalArgumentException(
                    "row has %d cells, the table %d columns".formatted(cells.length, right.length));
        }
        rows.add(cells);
        return this;
    }

    /// Prints the table, or `none` when it has no rows.
    void print(PrintWriter out, String none) {
        if (rows.size() == 1) {
            out.println(none);
            return;
        }
        var widths = new int[right.length];
        for (var row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], length(row[column]));
            }
        }
        for (var row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                String pad = " ".repeat(widths[column] - length(row[column]));
                line.append(column == 0 ? "" : GAP)
                        .append(right[column] ? pad + row[column] : row[column] + pad);
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
