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
    private static final MathContext NOISY = new MathContext(4); // more would be noise
    private static final MathContext EXACT = new MathContext(6);

    private final String kind;
    private final String name;
    private final MathContext digits;
    private final Map<String, Object> values = new LinkedHashMap<>();

    private Figures(String kind, String name, MathContext digits) {
        this.kind = kind;
        this.name = name;
        this.digits = digits;
    }

    /// Figures of a benchmark: times and rates, to four digits.
    public Figures(String benchmark) {
        this("benchmark", benchmark, NOISY);
    }

    /// Figures of an evaluation, the same each time for the same data and seed: six digits.
    public static Figures ofEvaluation(String name) {
        return new Figures("evaluation", name, EXACT);
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

    public Figures add(String name, boolean value) {
        values.put(name, value);
        return this;
    }

    public Figures add(String name, String value) {
        values.put(name, value);
        return this;
    }

    String json() throws JsonProcessingException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put(kind, name);
        line.put("figures", values);
        return new ObjectMapper().writeValueAsString(line);
    }

    void print(PrintWriter out) {
        values.forEach((name, value) -> out.printf("%-40s %s%n", name, value));
    }

    private Number rounded(double value) {
        double result = new BigDecimal(value).round(digits).doubleValue();
        double limit = Math.pow(10, digits.getPrecision() - 1);
        return Math.abs(result) >= limit ? (Number) Math.round(result) : (Number) result;
    }
}
