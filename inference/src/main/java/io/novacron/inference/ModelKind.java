package io.novacron.inference;

/// Which model answered, from none to the best. The ordinal is the byte in [Forecasts] and in
/// whatever the caller stores, so the order is fixed: new kinds go at the end.
public enum ModelKind {
    NONE("none"),
    LAST_VALUE("last-value"),
    SEASONAL_NAIVE("seasonal-naive"),
    HOLT_WINTERS("holt-winters"),
    GBT("gbt"),
    ENSEMBLE("ensemble");

    private static final ModelKind[] ALL = values();

    private final String label;

    ModelKind(String label) {
        this.label = label;
    }

    /// Name for people, metrics and files.
    public String label() {
        return label;
    }

    public byte code() {
        return (byte) ordinal();
    }

    public static ModelKind of(byte code) {
        return ALL[code];
    }
}
