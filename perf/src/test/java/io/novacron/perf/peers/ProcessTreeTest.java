package io.novacron.perf.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTreeTest {
    @TempDir private Path proc;

    @BeforeEach
    void makeProcesses() throws IOException {
        process(10, "server", 1, 300, 50, 0, 0, 100);
        process(11, "worker (2) R 1 9", 10, 20, 5, 0, 0, 30); // a name may look like fields
        process(12, "grandchild", 11, 1, 2, 3, 4, 7);
        process(20, "stranger", 1, 10_000, 10_000, 0, 0, 10_000);
        Files.createDirectories(proc.resolve("sys"));
    }

    @Test
    void sumsAProcessAndItsDescendants() throws IOException {
        ProcessTree use = ProcessTree.read(proc, 10);

        assertThat(use.processes()).isEqualTo(3);
        assertThat(use.cpuNs()).isEqualTo((350 + 25 + 10) * 10_000_000L);
        assertThat(use.rssBytes()).isEqualTo(137 * 4_096L);
    }

    @Test
    void countsChildrenThatEndedByTheirParentsAccount() throws IOException {
        ProcessTree use = ProcessTree.read(proc, 12);

        assertThat(use.cpuNs()).as("3 and 4 ticks of ended children").isEqualTo(100_000_000L);
    }

    @Test
    void ignoresAProcessThatEndsWhileItIsRead() throws IOException {
        Files.createDirectories(proc.resolve("13")); // its stat is gone already

        assertThat(ProcessTree.read(proc, 10).processes()).isEqualTo(3);
    }

    @Test
    void saysThatTheProcessHasEnded() {
        assertThatThrownBy(() -> ProcessTree.read(proc, 99))
                .isInstanceOf(IOException.class)
                .hasMessage("process 99 has ended");
    }

    @Test
    void readsThisProcess() throws IOException {
        ProcessTree use = ProcessTree.read(Path.of("/proc"), ProcessHandle.current().pid());

        assertThat(use.cpuNs()).isPositive();
        assertThat(use.rssBytes()).isGreaterThan(1 << 20);
    }

    private void process(
            long pid,
            String name,
            long parent,
            long user,
            long system,
            long childrenUser,
            long childrenSystem,
            long pages)
            throws IOException {
        String faults = "1 1 0 -1 4194304 900 0 0 0"; // process group … children's major faults
        String rest = "20 0 4 0 5000 123456789";
        String limits = String.join(" ", Collections.nCopies(28, "0"));
        Files.writeString(
                Files.createDirectories(proc.resolve(Long.toString(pid))).resolve("stat"),
                "%d (%s) S %d %s %d %d %d %d %s %d %s\n"
                        .formatted(
                                pid,
                                name,
                                parent,
                                faults,
                                user,
                                system,
                                childrenUser,
                                childrenSystem,
                                rest,
                                pages,
                                limits));
    }
}
