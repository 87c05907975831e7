package io.novacron.inference;

/// Why a series was not answered by the best model, or by none at all. The ordinal is the byte in
/// [Forecasts], so the order is fixed: new reasons go at the end.
public enum FallbackReason {
    NONE("the best model answered"),
    ALL_MISSING("the window holds no valid value"),
    TOO_LITTLE_HISTORY("the model needs a longer history"),
    STALE("the newest valid value is too old for the model"),
    MODEL_MISSING("no model is installed"),
    MODEL_REJECTED("the model was refused when it was loaded"),
    MODEL_FAILED("the model run failed"),
    MODEL_NAN("the model gave a value that is not a number"),
    MODEL_TOO_SLOW("the model ran out of its time"),
    MODEL_PAUSED("the model is paused after it ran out of its time"),
    WRONG_STEP("the model was trained on another step length"),
    HORIZON_TOO_LONG("the model was not trained for so long a horizon"),
    OVER_MEMORY("the ensemble has no room for the series: forecast.memory is used up");

    private static final FallbackReason[] ALL = values();

    private final String text;

    FallbackReason(String text) {
        this.text = text;
    }

    /// Text for people.
    public String text() {
        return text;
    }

    public byte code() {
        return (byte) ordinal();
    }

    public static FallbackReason of(byte code) {
        return ALL[code];
    }
}
