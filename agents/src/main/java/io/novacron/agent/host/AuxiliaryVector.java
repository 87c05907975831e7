package io.novacron.agent.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/// Two constants the kernel tells each process at its start, read from `/proc/self/auxv`: the page
/// size and the length of a jiffy. Elsewhere they need a system call that Java does not have.
record AuxiliaryVector(long pageBytes, long jiffiesPerSecond) {
    private static final long PAGE_SIZE = 6; // AT_PAGESZ
    private static final long CLOCK_TICKS = 17; // AT_CLKTCK

    /// What nearly every Linux has, used where the file is missing.
    static final AuxiliaryVector USUAL = new AuxiliaryVector(4096, 100);

    static AuxiliaryVector read(Path proc) {
        long pageBytes = USUAL.pageBytes;
        long jiffiesPerSecond = USUAL.jiffiesPerSecond;
        try {
            var pairs =
                    ByteBuffer.wrap(Files.readAllBytes(proc.resolve("self/auxv")))
                            .order(ByteOrder.nativeOrder());
            while (pairs.remaining() >= 2 * Long.BYTES) {
                long type = pairs.getLong();
                long value = pairs.getLong();
                if (type == PAGE_SIZE && value > 0) {
                    pageBytes = value;
                } else if (type == CLOCK_TICKS && value > 0) {
                    jiffiesPerSecond = value;
                }
            }
        } catch (IOException e) {
            return USUAL;
        }
        return new AuxiliaryVector(pageBytes, jiffiesPerSecond);
    }
}
