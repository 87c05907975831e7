package io.novacron.inference.serving;

/// A model stacked on the members: rows of [RowWriter#NAMES] in, ascending levels
/// [io.novacron.inference.ensemble.StackModel#LEVELS] out, in the units of
/// [io.novacron.inference.ensemble.StackFeatures#toTarget].
public interface RowModel extends AutoCloseable {
    /// Answers the first `rows` rows.
    ///
    /// @throws RowModelException when it cannot; nothing it wrote counts then
    void run(float[] features, int rows, float[] answers) throws RowModelException;

    @Override
    void close();

    /// A run that failed.
    final class RowModelException extends Exception {
        private static final long serialVersionUID = 1;

        public RowModelException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
