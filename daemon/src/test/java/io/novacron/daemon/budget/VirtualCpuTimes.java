package io.novacron.daemon.budget;

/// Times that pass when a test says so. The process and its one thread have used the same.
public final class VirtualCpuTimes implements CpuTimes {
    private long wallNs;
    private long processNs;

    public void pass(long wall, long process) {
        wallNs += wall;
        processNs += process;
    }

    /// Puts the CPU time that was used so far.
    void processNs(long processNs) {
        this.processNs = processNs;
    }

    @Override
    public long wallNs() {
        return wallNs;
    }

    @Override
    public long processNs() {
        return processNs;
    }

    @Override
    public long threadNs() {
        return processNs;
    }
}
