package io.novacron.agent.libvirt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/// The fast path: what the kernel knows of one guest's QEMU process, read from kept-open files at
/// no cost to libvirtd. One thread owns it.
///
/// CPU and delay come from the vCPU threads alone (`CPU 0/KVM`; libvirt always asks QEMU to name
/// them), so that emulator and I/O threads do not count as the guest's use.
final class GuestProcess implements AutoCloseable {
    static final long MISSING = Long.MIN_VALUE;

    private static final Pattern VCPU_THREAD = Pattern.compile("(?:CPU \\d+|ALL CPUs)/.*");
    private static final int READS_BETWEEN_SCANS = 6;
    private static final int WORDS_FROM_STATE_TO_RSS = 20; // fields 4 to 23 of proc(5), stat

    private final Path folder;
    private final long pageSize;
    private final ProcessFile stat;
    private final Map<String, VcpuThread> threads = new HashMap<>();
    private int expectedVcpus;
    private int readsSinceScan;

    private long cpuNs;
    private long delayNs;
    private long residentBytes;
    private boolean stopped;

    private GuestProcess(Path folder, long pageSize, ProcessFile stat) {
        this.folder = folder;
        this.pageSize = pageSize;
        this.stat = stat;
    }

    static GuestProcess open(Path folder, long pageSize) throws IOException {
        var process = new GuestProcess(folder, pageSize, ProcessFile.open(folder.resolve("stat")));
        process.scanThreads();
        return process;
    }

    /// Reads all files; false when the process is gone.
    ///
    /// @param vcpus how many vCPUs the vm has by the last word of libvirt; a change makes this look
    ///   for new threads
    boolean refresh(int vcpus) {
        if (!stat.refresh()) {
            return false;
        }
        stat.skipCommand();
        char state = stat.nextChar();
        stopped = state == 'T' || state == 't';
        stat.skipWords(WORDS_FROM_STATE_TO_RSS);
        residentBytes = stat.nextLong() * pageSize;
        if (state == 'Z' || state == 'X') {
            return false;
        }

        readsSinceScan++;
        if (vcpus != expectedVcpus
                || threads.size() != vcpus && readsSinceScan >= READS_BETWEEN_SCANS) {
            expectedVcpus = vcpus;
            scanThreads();
        }
        cpuNs = MISSING;
        delayNs = MISSING;
        threads.values().removeIf(this::addThread);
        return true;
    }

    /// CPU time of the vCPUs since the last read, or [#MISSING].
    long cpuNs() {
        return cpuNs;
    }

    /// Time in which vCPUs could run but waited for a CPU since the last read, or [#MISSING].
    long delayNs() {
        return delayNs;
    }

    long residentBytes() {
        return residentBytes;
    }

    /// Whether somebody stopped the process with a signal or a debugger.
    boolean stopped() {
        return stopped;
    }

    @Override
    public void close() {
        stat.close();
        threads.values().forEach(thread -> thread.file.close());
        threads.clear();
    }

    /// Adds one thread's progress; true when the thread is gone.
    private boolean addThread(VcpuThread thread) {
        if (!thread.file.refresh()) {
            thread.file.close();
            return true;
        }
        long cpu = thread.file.nextLong();
        long delay = thread.file.nextLong();
        if (thread.cpuNs != MISSING && cpu >= thread.cpuNs && delay >= thread.delayNs) {
            cpuNs = (cpuNs == MISSING ? 0 : cpuNs) + cpu - thread.cpuNs;
            delayNs = (delayNs == MISSING ? 0 : delayNs) + delay - thread.delayNs;
        }
        thread.cpuNs = cpu;
        thread.delayNs = delay;
        return false;
    }

    private void scanThreads() {
        readsSinceScan = 0;
        try (var tasks = Files.newDirectoryStream(folder.resolve("task"))) {
            for (var task : tasks) {
                var id = task.getFileName().toString();
                if (!threads.containsKey(id) && isVcpu(task)) {
                    threads.put(id, new VcpuThread(ProcessFile.open(task.resolve("schedstat"))));
                }
            }
        } catch (IOException e) {
            // the process ended meanwhile, which the next read tells
        }
    }

    private static boolean isVcpu(Path task) throws IOException {
        return VCPU_THREAD.matcher(Files.readString(task.resolve("comm")).strip()).matches();
    }

    private static final class VcpuThread {
        final ProcessFile file;
        long cpuNs = MISSING;
        long delayNs = MISSING;

        VcpuThread(ProcessFile file) {
            this.file = file;
        }
    }
}
