package io.novacron.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.inference.Bounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFolderTest {
    @TempDir private Path folder;

    private TraceFolder read() throws TrainingException {
        return TraceFolder.read(folder, new ReadOptions(300, 1000, 100, 28));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    @Test
    void readsOneLinePerEntityWithMissingCells() throws Exception {
        write("cpu_percent.csv", "vm1,1,,3\nvm2,4,5.5,\n");
        Trace trace = read().traces().getFirst();
        assertThat(trace.metric()).isEqualTo("cpu_percent");
        assertThat(trace.entities()).containsExactly("vm1", "vm2");
        assertThat(trace.steps()).isEqualTo(3);
        assertThat(trace.at(0, 1)).isEqualTo(4);
        assertThat(trace.at(1, 0)).isNaN();
        assertThat(trace.at(1, 1)).isEqualTo(5.5f);
        assertThat(trace.at(2, 1)).isNaN();
        assertThat(trace.bounds()).isEqualTo(Bounds.PERCENT);
        assertThat(trace.windowAt(1).endTimeMs()).isEqualTo(1000 + 300_000);
    }

    @Test
    void leavesAHeaderOutAndKnowsOpenMetrics() throws Exception {
        write("network_kilobytes.csv", "vm,s000,s001\nvm1,1,2\n");
        Trace trace = read().traces().getFirst();
        assertThat(trace.entities()).containsExactly("vm1");
        assertThat(trace.bounds()).isEqualTo(Bounds.NON_NEGATIVE);
    }

    @Test
    void mistakesAreNamedByFileAndLine() throws Exception {
        write("cpu.csv", "vm1,1,2\nvm2,1,two\n");
        assertThatThrownBy(this::read).hasMessageContaining("cpu.csv:2: value 2 is 'two'");
        write("cpu.csv", "vm1,1,2\nvm2,1\n");
        assertThatThrownBy(this::read).hasMessageContaining("cpu.csv:2: has 1 values");
        write("cpu.csv", "\n");
        assertThatThrownBy(this::read).hasMessageContaining("holds no line");
    }

    @Test
    void anEmptyFolderSaysWhatToRun() {
        assertThatThrownBy(this::read)
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("make-traces");
    }

    @Test
    void madeTracesComeBackAsTheyWere() throws Exception {
        var made = new SyntheticTraces(3, 6, 2);
        made.write(folder, "./novacron make-traces --seed 3");
        TraceFolder read = read();
        assertThat(read.command()).isEqualTo("./novacron make-traces --seed 3");
        assertThat(read.traces()).hasSize(4);
        for (Trace trace : made.generate()) {
            Trace back =
                    read.traces().stream()
                            .filter(candidate -> candidate.metric().equals(trace.metric()))
                            .findFirst()
                            .orElseThrow();
            assertThat(back.values()).isEqualTo(trace.values());
            assertThat(back.startTimeMs()).isEqualTo(trace.startTimeMs());
        }
    }
}
