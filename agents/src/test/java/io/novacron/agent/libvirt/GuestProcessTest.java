package io.novacron.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestProcessTest {
    private static final UUID VM = UUID.fromString("11111111-2222-4333-8444-555555555555");

    @TempDir Path proc;

    @Test
    void addsUpTheVcpuThreadsAlone() throws IOException {
        var folder = qemu(42, "S", "CPU 0/KVM", "CPU 1/KVM", "IO mon_iothread");
        try (var process = GuestProcess.open(folder, 4096)) {
            assertThat(process.refresh(2)).isTrue();
            assertThat(process.cpuNs()).as("a baseline").isEqualTo(GuestProcess.MISSING);
            assertThat(process.residentBytes()).isEqualTo(58_545L * 4096);
            assertThat(process.stopped()).isFalse();

            schedstat(folder, 0, 1_500, 30);
            schedstat(folder, 1, 1_007, 2);
            schedstat(folder, 2, 900_000, 900_000);
            assertThat(process.refresh(2)).isTrue();
            assertThat(process.cpuNs()).isEqualTo(507);
            assertThat(process.delayNs()).isEqualTo(32);
        }
    }

    @Test
    void aHotAddedThreadStartsWithABaseline() throws IOException {
        var folder = qemu(42, "S", "CPU 0/TCG");
        try (var process = GuestProcess.open(folder, 4096)) {
            process.refresh(1);
            thread(folder, 7, "CPU 1/TCG");
            schedstat(folder, 0, 1_010, 0);
            process.refresh(2);
            assertThat(process.cpuNs()).isEqualTo(10);

            schedstat(folder, 7, 1_005, 0);
            process.refresh(2);
            assertThat(process.cpuNs()).isEqualTo(5);
        }
    }

    @Test
    void seesThatTheProcessIsStopped() throws IOException {
        try (var process = GuestProcess.open(qemu(42, "T", "CPU 0/KVM"), 4096)) {
            assertThat(process.refresh(1)).isTrue();
            assertThat(process.stopped()).isTrue();
        }
    }

    @Test
    void aProcessThatEndedIsGone() throws IOException {
        try (var process = GuestProcess.open(qemu(42, "Z", "CPU 0/KVM"), 4096)) {
            assertThat(process.refresh(1)).isFalse();
        }
    }

    @Test
    void findsGuestsByTheUuidInTheirCommand() throws IOException {
        qemu(42, "S", "CPU 0/KVM");
        var other = Files.createDirectories(proc.resolve("43"));
        Files.writeString(other.resolve("comm"), "bash\n");
        Files.writeString(other.resolve("cmdline"), "bash\0-uuid\0" + new UUID(1, 1) + "\0");
        var without = Files.createDirectories(proc.resolve("44"));
        Files.writeString(without.resolve("comm"), "qemu-img\n");
        Files.writeString(without.resolve("cmdline"), "qemu-img\0create\0-uuid\0");

        assertThat(new ProcessFinder(proc).guests(Posix.UNKNOWN))
                .containsOnly(Map.entry(VM, proc.resolve("42")));
    }

    @Test
    void theOnlyManagementDaemonIsTheOneMeant() throws IOException {
        var finder = new ProcessFinder(proc);
        var uri = LibvirtUri.parse("qemu:///system?socket=" + proc.resolve("none"));
        assertThat(finder.daemon(uri)).isEqualTo(Posix.UNKNOWN);

        Files.writeString(
                Files.createDirectories(proc.resolve("7")).resolve("comm"), "virtqemud\n");
        assertThat(finder.daemon(uri)).isEqualTo(7);

        Files.writeString(Files.createDirectories(proc.resolve("8")).resolve("comm"), "libvirtd\n");
        assertThat(finder.daemon(uri)).as("two of them: no guess").isEqualTo(Posix.UNKNOWN);
    }

    private Path qemu(int pid, String state, String... threads) throws IOException {
        var folder = Files.createDirectories(proc.resolve("" + pid));
        Files.writeString(folder.resolve("comm"), "qemu-system-x86\n");
        Files.writeString(
                folder.resolve("cmdline"),
                "/usr/bin/qemu-system-x86_64\0-name\0guest=a\0-uuid\0" + VM + "\0-S\0");
        Files.writeString(
                folder.resolve("stat"),
                "42 (qemu) S (x)) %s 1 2 3 0 -1 138412416 5 6 7 8 9 10 0 0 20 0 5 0 99 1234567 58545 18446744073709551615 1\n"
                        .formatted(state));
        for (int i = 0; i < threads.length; i++) {
            thread(folder, i, threads[i]);
        }
        return folder;
    }

    private static void thread(Path folder, int id, String comm) throws IOException {
        Files.writeString(
                Files.createDirectories(folder.resolve("task/" + id)).resolve("comm"), comm + "\n");
        schedstat(folder, id, 1_000, 0);
    }

    /// Overwrites in place: the reader keeps the file open, as it does in `/proc`.
    private static void schedstat(Path folder, int id, long cpuNs, long delayNs)
            throws IOException {
        Files.writeString(
                folder.resolve("task/" + id + "/schedstat"),
                "%d %d 17\n".formatted(cpuNs, delayNs));
    }
}
