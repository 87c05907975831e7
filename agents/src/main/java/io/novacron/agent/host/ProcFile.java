package io.novacron.agent.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// One text file of `/proc`, kept open, read at offset 0 into a buffer that is used again, and a
/// cursor to parse it in place.
///
/// The buffer doubles up to [#MAX_LENGTH]; what lies beyond is not read, which cuts the file at a
/// line's middle: [#isCut] says so. Not thread-safe.
final class ProcFile implements AutoCloseable {
    static final int MAX_LENGTH = 1 << 20;

    private final Path path;
    private ByteBuffer buffer;
    private @Nullable FileChannel channel;
    private int length;
    private int position;

    ProcFile(Path path, int initialLength) {
        this.path = path;
        this.buffer = ByteBuffer.allocateDirect(initialLength);
    }

    /// Reads the whole file again and puts the cursor at its start.
    ///
    /// @return false when it cannot be read now; the next call opens it anew
    boolean read() {
        position = 0;
        length = 0;
        try {
            FileChannel open = channel;
            if (open == null || !open.isOpen()) {
                open = FileChannel.open(path, StandardOpenOption.READ);
                channel = open;
            }
            buffer.clear();
            while (true) {
                int count = open.read(buffer, buffer.position());
                if (count < 0) {
                    break;
                }
                if (!buffer.hasRemaining()) {
                    if (buffer.capacity() >= MAX_LENGTH) {
                        break;
                    }
                    grow();
                }
            }
            length = buffer.position();
            return length > 0;
        } catch (IOException e) {
            close();
            return false;
        }
    }

    /// Reads only what fits into the buffer, for files of which the first lines are enough.
    boolean readStart() {
        position = 0;
        length = 0;
        try {
            FileChannel open = channel;
            if (open == null || !open.isOpen()) {
                open = FileChannel.open(path, StandardOpenOption.READ);
                channel = open;
            }
            buffer.clear();
            length = Math.max(0, open.read(buffer, 0));
            return length > 0;
        } catch (IOException e) {
            close();
            return false;
        }
    }

    boolean isCut() {
        return length == MAX_LENGTH;
    }

    boolean hasMore() {
        return position < length;
    }

    /// Moves past blanks inside the line, then takes digits as a number that is not negative.
    ///
    /// @return -1 when there is no digit here; a number above 2^63 - 1 wraps and may be negative
    long nextLong() {
        skipBlanks();
        if (position >= length || !isDigit(buffer.get(position))) {
            return -1;
        }
        long value = 0;
        while (position < length && isDigit(buffer.get(position))) {
            value = value * 10 + (buffer.get(position++) - '0');
        }
        return value;
    }

    /// Takes a decimal fraction such as `12.34`; NaN when there is none.
    double nextDouble() {
        long whole = nextLong();
        if (whole < 0) {
            return Double.NaN;
        }
        double value = whole;
        if (position < length && buffer.get(position) == '.') {
            position++;
            for (double unit = 0.1;
                    position < length && isDigit(buffer.get(position));
                    unit *= 0.1) {
                value += unit * (buffer.get(position++) - '0');
            }
        }
        return value;
    }

    /// Takes the text when it comes next, and says whether it did.
    boolean take(byte[] text) {
        if (position + text.length > length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (buffer.get(position + i) != text[i]) {
                return false;
            }
        }
        position += text.length;
        return true;
    }

    void skipBlanks() {
        while (position < length && buffer.get(position) == ' ') {
            position++;
        }
    }

    /// Moves past blanks and a word, which ends before a blank, a line's end or the terminator.
    ///
    /// @return the length of the word, which lies at [#wordStart]
    int skipWord(char terminator) {
        skipBlanks();
        wordStart = position;
        while (position < length) {
            byte b = buffer.get(position);
            if (b == ' ' || b == '\n' || b == terminator) {
                break;
            }
            position++;
        }
        return position - wordStart;
    }

    private int wordStart;

    int wordStart() {
        return wordStart;
    }

    byte at(int index) {
        return buffer.get(index);
    }

    void skipByte() {
        position = Math.min(length, position + 1);
    }

    /// Moves the cursor to the start of the next line.
    void skipLine() {
        while (position < length && buffer.get(position++) != '\n') {}
    }

    /// Moves past the last occurrence of the byte in the whole text.
    ///
    /// @return whether there is one
    boolean skipPastLast(char wanted) {
        for (int i = length - 1; i >= 0; i--) {
            if (buffer.get(i) == wanted) {
                position = i + 1;
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // a file of /proc that was only read has nothing to lose
            }
            channel = null;
        }
    }

    private void grow() {
        var larger = ByteBuffer.allocateDirect(Math.min(MAX_LENGTH, buffer.capacity() * 2));
        larger.put(buffer.flip());
        buffer = larger;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }
}
