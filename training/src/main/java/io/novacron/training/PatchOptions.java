package io.novacron.training;

/// How the patch network is trained.
///
/// @param seed of the draw of windows, the first weights and the order of rows
/// @param rows windows to draw
/// @param epochs at most; training ends before when held-back windows do not get better
/// @param batch rows of one step
/// @param hidden state of the recurrent layer, and units of the layer after it
/// @param learningRate at the beginning; falls to a tenth of it
public record PatchOptions(
        long seed, int rows, int epochs, int batch, int hidden, float learningRate) {
    /// What `novacron train` does unless told otherwise.
    public static final PatchOptions DEFAULT = new PatchOptions(1, 60_000, 10, 256, 64, .001f);

    public PatchOptions {
        check("rows", rows, 100, 1_000_000);
        check("epochs", epochs, 1, 1_000);
        check("batch", batch, 1, 65_536);
        check("hidden", hidden, 4, 1_024);
        if (!(learningRate > 0 && learningRate <= 1)) {
            throw new IllegalArgumentException(
                    "learningRate=%s must be in (0, 1]".formatted(learningRate));
        }
    }

    private static void check(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "%s=%d must be in [%d, %d]".formatted(name, value, min, max));
        }
    }
}
