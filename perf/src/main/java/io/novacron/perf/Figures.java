package io.novacron.perf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Map;

/// The named figures of one run, in the order in which they were added.
public final class Figures {
    private static final MathContext DIGITS = new MathContext(4); // more would be noise

    private final String benchmark;
    private final Map<String, Object> values = new LinkedHashMap<>();

    public Figures(String benchmark) {
        this.benchmark = benchmark;
    }

    public Figures add(String name, double value) {
        Object rounded = Double.isFinite(value) ? rounded(value) : "unknown";
        values.put(name, rounded);
        return this;
    }

    public Figures add(String name, long value) {
        values.put(name, value);
        return this;
    }

    public Figures add(String name, String value) {
        values.put(name, value);
        return this;
    }

    String json() throws JsonProcessingException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("benchmark", benchmark);
        line.put("figures", values);
        return new ObjectMapper().writeValueAsString(line);
    }

    void print(PrintWriter out) {
        values.forEach((name, value) -> out.printf("%-40s %s%n", name, value));
    }

    private static Number rounded(double value) {
        double result = new BigDecimal(value).round(DIGITS).doubleValue();
        return Math.abs(result) >= 1_000 ? (Number) Math.round(result) : (Number) result;
    }
}
