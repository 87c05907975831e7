package io.novacron.agent.libvirt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A `/proc` file that stays open: each read from offset 0 makes the kernel write it anew, without
/// another path lookup (1.7 µs instead of 8). It belongs to the process it was opened for: when
/// that one is gone reads fail, and never show another process that got the same pid.
final class ProcessFile implements AutoCloseable {
    private static final int MAX_LENGTH = 1024;

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_LENGTH);

    private ProcessFile(FileChannel channel) {
        this.channel = channel;
    }

    static ProcessFile open(Path path) throws IOException {
        return new ProcessFile(FileChannel.open(path, StandardOpenOption.READ));
    }

    /// Reads the file anew; false when its process is gone.
    boolean refresh() {
        try {
            buffer.clear();
            int length = channel.read(buffer, 0);
            buffer.flip();
            return length > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /// The number that starts at or after the read position; moves behind it.
    long nextLong() {
        while (buffer.hasRemaining() && !isDigit(buffer.get(buffer.position()))) {
            buffer.get();
        }
        long value = 0;
        while (buffer.hasRemaining() && isDigit(buffer.get(buffer.position()))) {
            value = value * 10 + (buffer.get() - '0');
        }
        return value;
    }

    /// Moves behind the last `)` and the blank after it: a command's name may hold anything.
    void skipCommand() {
        int end = buffer.limit() - 1;
        while (end > 0 && buffer.get(end) != ')') {
            end--;
        }
        buffer.position(Math.min(end + 2, buffer.limit()));
    }

    /// The next character, or NUL at the end.
    char nextChar() {
        return buffer.hasRemaining() ? (char) buffer.get() : '\0';
    }

    /// Moves behind the next `count` blank-separated words.
    void skipWords(int count) {
        for (int i = 0; i < count; i++) {
            while (buffer.hasRemaining() && buffer.get(buffer.position()) == ' ') {
                buffer.get();
            }
            while (buffer.hasRemaining() && buffer.get(buffer.position()) != ' ') {
                buffer.get();
            }
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // a read-only descriptor has nothing to lose
        }
    }

    private static boolean isDigit(byte character) {
        return character >= '0' && character <= '9';
    }
}
