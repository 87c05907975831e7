package io.novacron.perf.peers;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What a process and all its descendants have used, from `/proc/PID/stat`.
///
/// CPU time is user and system time, of children that have ended and been waited for as well. The
/// kernel counts in ticks of 10 ms: measure over seconds.
///
/// @param cpuNs since the processes began
/// @param rssBytes resident now; pages that several processes share count several times
record ProcessTree(long cpuNs, long rssBytes, int processes) {
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(10); // USER_HZ is 100
    private static final long PAGE_BYTES = 4_096;
    // fields after the name in parentheses, from 0: state, ppid, …
    private static final int PARENT = 1;
    private static final int USER_TIME = 11;
    private static final int CHILDREN_SYSTEM_TIME = 14;
    private static final int RESIDENT = 21;

    private record Stat(long parent, long cpuTicks, long residentPages) {}

    /// @param proc where proc is mounted
    /// @throws IOException when the process itself is gone
    static ProcessTree read(Path proc, long pid) throws IOException {
        Map<Long, Stat> stats = stats(proc);
        if (!stats.containsKey(pid)) {
            throw new IOException("process %s has ended".formatted(pid));
        }
        Map<Long, List<Long>> children = new HashMap<>();
        stats.forEach((child, stat) ->
                children.computeIfAbsent(stat.parent(), parent -> new ArrayList<>()).add(child));
        long cpuTicks = 0;
        long pages = 0;
        int processes = 0;
        var todo = new ArrayDeque<>(List.of(pid));
        while (!todo.isEmpty()) {
            long next = todo.remove();
            Stat stat = stats.getOrDefault(next, new Stat(0, 0, 0));
            cpuTicks += stat.cpuTicks();
            pages += stat.residentPages();
            processes++;
            todo.addAll(children.getOrDefault(next, List.of()));
        }
        return new ProcessTree(cpuTicks * TICK_NS, pages * PAGE_BYTES, processes);
    }

    private static Map<Long, Stat> stats(Path proc) throws IOException {
        Map<Long, Stat> stats = new HashMap<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path folder : folders) {
                try {
                    long pid = Long.parseLong(folder.getFileName().toString());
                    stats.put(pid, parse(Files.readString(folder.resolve("stat"))));
                } catch (IOException gone) {
                    // it ended meanwhile; whoever waited for it has its time
                }
            }
        }
        return stats;
    }

    private static Stat parse(String line) {
        // the name in parentheses may hold anything, even parentheses
        String[] fields = line.substring(line.lastIndexOf(')') + 2).strip().split(" ", -1);
        long ticks = 0;
        for (int i = USER_TIME; i <= CHILDREN_SYSTEM_TIME; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return new Stat(Long.parseLong(fields[PARENT]), ticks, Long.parseLong(fields[RESIDENT]));
    }
}
