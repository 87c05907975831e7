package io.novacron.inference;

/// A model that maps rows of features to quantiles in the units of [ForecastFeatures#toTarget].
interface QuantileModel extends AutoCloseable {
    ModelCard card();

    /// Maps the first `rows` rows of `features`, row-major, to `card().quantiles()` values each.
    void run(float[] features, int rows, float[] quantiles) throws QuantileModelException;

    @Override
    void close();

    /// A run that failed.
    final class QuantileModelException extends Exception {
        private static final long serialVersionUID = 1;

        QuantileModelException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
