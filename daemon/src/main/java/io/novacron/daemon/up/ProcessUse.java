package io.novacron.daemon.up;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a process has used, from `/proc`. Zero when it is gone.
public final class ProcessUse {
    /// USER_HZ is 100 on every Linux that Java runs on.
    private static final double TICKS_PER_SECOND = 100;

    private static final int UTIME = 11; // fields after the command's closing bracket
    private static final int STIME = 12;

    private ProcessUse() {}

    public static double cpuSeconds(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]))
                    / TICKS_PER_SECOND;
        } catch (IOException _) {
            return 0;
        }
    }

    public static double rssMb(long pid) {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElse(0)
                    / 1024.0;
        } catch (IOException | java.io.UncheckedIOException _) {
            return 0;
        }
    }
}
