package io.novacron.perf.forecast;

/// Whose forecasts are judged: single vms, means of a hundred, the mean of all.
enum Level {
    VM("vm"),
    GROUP("group100"),
    FLEET("fleet");

    static final int GROUP_SIZE = 100;

    private final String label;

    Level(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }
}
