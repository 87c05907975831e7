package io.novacron.agent;

import java.io.PrintStream;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Writes JSON lines; a logging framework would cost more memory than the rest of the agent.
/// Thread-safe: one line is one write.
public final class AgentLog {
    private final PrintStream out;
    private final LongSupplier clockMs;

    public AgentLog(PrintStream out, LongSupplier clockMs) {
        this.out = out;
        this.clockMs = clockMs;
    }

    /// Something a reader of the log wants to know: `log.info("connected", "daemon", address)`.
    public void info(String event, @Nullable Object... namesAndValues) {
        write("info", event, namesAndValues);
    }

    /// Something that a person may have to mend.
    public void warn(String event, @Nullable Object... namesAndValues) {
        write("warn", event, namesAndValues);
    }

    private void write(String level, String event, @Nullable Object... namesAndValues) {
        var line = new StringBuilder(160);
        line.append("{\"time\":\"").append(Instant.ofEpochMilli(clockMs.getAsLong()));
        line.append("\",\"level\":\"").append(level).append("\",\"event\":\"");
        escape(line, event);
        line.append('"');
        for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
            line.append(",\"");
            escape(line, String.valueOf(namesAndValues[i]));
            line.append("\":");
            Object value = namesAndValues[i + 1];
            if (value instanceof Integer || value instanceof Long || value instanceof Boolean) {
                line.append(value);
            } else {
                line.append('"');
                escape(line, String.valueOf(value));
                line.append('"');
            }
        }
        out.println(line.append('}'));
    }

    private static void escape(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> line.append("\\\"");
                case '\\' -> line.append("\\\\");
                case '\n' -> line.append("\\n");
                default -> {
                    if (c < ' ') {
                        line.append(String.format("\\u%04x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
    }
}
