package io.novacron.inference.features;

import io.novacron.inference.kernel.BlockKernels;

/// Least-squares cubic spline of two pieces, joined smoothly at the middle: the trend that catch22
/// takes off a series before it looks for a period.
///
/// The five functions of the basis depend on the length alone, so they are made orthonormal once,
/// and a fit is five dot products. Immutable.
final class SplineTrend {
    private static final int BASIS = 5;

    private final int steps;
    private final double[] basis; // basis[step * BASIS + function]

    SplineTrend(int steps) {
        this.steps = steps;
        basis = new double[steps * BASIS];
        int joint = steps / 2 - 1;
        for (int step = 0; step < steps; step++) {
            double time = 2.0 * step / (steps - 1) - 1;
            double late = step > joint ? 2.0 * (step - joint) / (steps - 1) : 0;
            int at = step * BASIS;
            basis[at] = 1;
            basis[at + 1] = time;
            basis[at + 2] = time * time;
            basis[at + 3] = time * time * time;
            basis[at + 4] = late * late * late;
        }
        for (int pass = 0; pass < 2; pass++) { // twice is enough for orthogonality to the last bits
            for (int function = 0; function < BASIS; function++) {
                orthonormalise(function);
            }
        }
    }

    private void orthonormalise(int function) {
        for (int other = 0; other < function; other++) {
            double dot = dot(function, other);
            for (int at = 0; at < basis.length; at += BASIS) {
                basis[at + function] -= dot * basis[at + other];
            }
        }
        double length = Math.sqrt(dot(function, function));
        for (int at = 0; at < basis.length; at += BASIS) {
            basis[at + function] /= length;
        }
    }

    private double dot(int left, int right) {
        double sum = 0;
        for (int at = 0; at < basis.length; at += BASIS) {
            sum += basis[at + left] * basis[at + right];
        }
        return sum;
    }

    /// Writes what is left of each series of a block.
    void subtract(BlockKernels kernels, double[] block, double[] rest) {
        kernels.subtractProjection(block, steps, basis, rest);
    }
}
