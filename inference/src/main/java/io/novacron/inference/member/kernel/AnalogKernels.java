package io.novacron.inference.member.kernel;

import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The recursive analog distance and the search for the nearest analogs.
///
/// How far is the newest stretch of a series from the stretch that ended `lag` steps earlier? With
/// weights that fade by `decay` a step, `D_t(lag) = Σ_k decay^k · (x[t-k] − x[t-k-lag])²`, one step
/// later is `D_{t+1}(lag) = decay · D_t(lag) + (x[t+1] − x[t+1-lag])²`: one fused multiply-add for
/// each lag, in place, because a lag keeps its slot while time goes on.
///
/// Implementations keep no state, so one instance serves every thread.
public sealed interface AnalogKernels permits ScalarAnalogKernels, VectorAnalogKernels {

    /// Name for logs and reports, such as `vector-512` or `scalar`.
    String name();

    /// Advances the distances of lags `1..count` by one step: `distances[lag - 1]` becomes `decay ·
    /// distances[lag - 1] + (newest − past[from + lag - 1])²`, where `past[from + lag - 1]` is the
    /// value `lag` steps before `newest` (newest first).
    void advance(float[] distances, float[] past, int from, int count, float newest, float decay);

    /// Finds the `nearest.length` lowest scores `scale · distances[i] + penalties[i]` of indexes
    /// `[from, to)`, lowest first; of equal scores the lower index comes first. Scores that are NaN
    /// are passed over. Returns how many were found; writes their indexes and scores.
    int nearest(
            float[] distances,
            float[] penalties,
            float scale,
            int from,
            int to,
            int[] nearest,
            float[] scores);

    /// The fastest implementation this JVM offers, chosen once and logged.
    static AnalogKernels best() {
        return Best.KERNELS;
    }

    /// The specification, for tests and for machines without vectors.
    static AnalogKernels scalar() {
        return ScalarAnalogKernels.INSTANCE;
    }

    /// Checks the shape once for both twins.
    static void checkAdvance(float[] distances, float[] past, int from, int count) {
        Objects.checkFromIndexSize(0, count, distances.length);
        Objects.checkFromIndexSize(from, count, past.length);
    }

    /// Checks the shape once for both twins.
    static void checkNearest(
            float[] distances, float[] penalties, int from, int to, int[] nearest, float[] scores) {
        Objects.checkFromToIndex(from, to, distances.length);
        Objects.checkFromToIndex(from, to, penalties.length);
        Objects.checkFromIndexSize(0, nearest.length, scores.length);
        Objects.checkIndex(0, nearest.length); // at least one is wanted
    }

    /// Puts a candidate into the sorted list when it is better than the last; returns the count.
    static int insert(int index, float score, int[] nearest, float[] scores, int count) {
        int at = count;
        if (count == nearest.length) {
            if (count == 0 || !(score < scores[count - 1])) {
                return count;
            }
            at--;
        }
        while (at > 0 && score < scores[at - 1]) {
            scores[at] = scores[at - 1];
            nearest[at] = nearest[at - 1];
            at--;
        }
        scores[at] = score;
        nearest[at] = index;
        return Math.min(count + 1, nearest.length);
    }

    /// Holder, so that the choice is made and logged at first use and never again.
    final class Best {
        private static final Logger LOGGER = LoggerFactory.getLogger(AnalogKernels.class);
        private static final AnalogKernels KERNELS = pick();

        private Best() {}

        private static AnalogKernels pick() {
            AnalogKernels chosen = ScalarAnalogKernels.INSTANCE;
            try {
                if (VectorAnalogKernels.LANES >= 4) { // narrower is no faster than scalar code
                    chosen = new VectorAnalogKernels();
                }
            } catch (LinkageError missing) {
                LOGGER.warn(
                        "the Vector API is not there ({}). Maybe --add-modules jdk.incubator.vector is missing?",
                        missing.toString());
            }
            LOGGER.info("analog kernels: {}", chosen.name());
            return chosen;
        }
    }
}
