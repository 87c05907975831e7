package io.novacron.perf.consolidation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DayTraceTest {
    @TempDir private Path folder;

    static String row(String name, int... firstValues) {
        var row = new StringBuilder(name);
        for (int step = 0; step < DayTrace.STEPS; step++) {
            row.append(',').append(step < firstValues.length ? firstValues[step] : 0);
        }
        return row.append('\n').toString();
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("day.csv"), text);
    }

    private void assertRefused(String text, String... parts) throws IOException {
        Path file = file(text);
        assertThatThrownBy(() -> DayTrace.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void demandLiesOnALineBetweenSamples() throws IOException {
        var day = DayTrace.read(file("vm,s000\n" + row("a", 10, 20)));

        assertThat(day.utilisation(0, 0)).isEqualTo(.1);
        assertThat(day.utilisation(0, 75)).isCloseTo(.125, within(1e-12));
        assertThat(day.utilisation(0, 300)).isEqualTo(.2);
    }

    @Test
    void demandStaysAtTheLastSample() throws IOException {
        int[] values = new int[DayTrace.STEPS];
        values[DayTrace.STEPS - 1] = 40;
        var day = DayTrace.read(file("vm,s000\n" + row("a", values)));

        assertThat(day.utilisation(0, 86_399)).isEqualTo(.4);
    }

    @Test
    void gzipIsUnpacked() throws IOException {
        Path file = folder.resolve("day.csv.gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(
                    ("vm,s000\n" + row("a", 7)).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }

        assertThat(DayTrace.read(file).utilisation(0, 0)).isEqualTo(.07);
    }

    @Test
    void aValueOutOfRangeIsNamedWithItsPlace() throws IOException {
        assertRefused(
                "vm,s000\n" + row("a") + row("b", 1, 101), "day.csv:3", "s001=101", "[0, 100]");
    }

    @Test
    void aWordIsNoPercent() throws IOException {
        assertRefused("vm,s000\n" + row("a").replaceFirst(",0", ",x"), "day.csv:2", "s000=x");
    }

    @Test
    void aShortRowIsRefused() throws IOException {
        assertRefused("vm,s000\na,1,2\n", "day.csv:2", "2 values", "288");
    }

    @Test
    void aNameTwiceIsRefused() throws IOException {
        assertRefused("vm,s000\n" + row("a") + row("a"), "day.csv:3", "\"a\"");
    }

    @Test
    void anotherKindOfFileIsRefused() throws IOException {
        assertRefused("", "day.csv:1", "header");
        assertRefused("time,value\n", "day.csv:1", "\"time,value\"", "header");
        assertRefused("vm,s000\n", "no vms");
    }

    @Test
    void aDamagedGzipFileIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("day.csv.gz"), "not packed");

        assertThatThrownBy(() -> DayTrace.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("day.csv.gz", "gzip");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> DayTrace.read(folder.resolve("none.csv")))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("none.csv", "no such file");
    }
}
