package io.novacron.perf.solvers.ortools;

import com.google.ortools.Loader;
import com.google.ortools.sat.CpModel;
import com.google.ortools.sat.CpSolver;
import com.google.ortools.sat.CpSolverStatus;
import com.google.ortools.sat.Literal;
import io.novacron.perf.solvers.PeerPlan;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Runs CP-SAT of OR-Tools on a model whose literals say what is where.
public final class CpSatPeer {
    private static @Nullable UnsatisfiedLinkError missing;
    private static boolean isLoaded;

    private CpSatPeer() {}

    /// Loads the native library once.
    ///
    /// @throws UnsatisfiedLinkError if there is none for this platform
    public static synchronized void load() {
        if (missing != null) {
            throw missing;
        }
        if (!isLoaded) {
            try {
                Loader.loadNativeLibraries();
                isLoaded = true;
            } catch (UnsatisfiedLinkError e) {
                missing = e;
                throw e;
            }
        }
    }

    /// @param at by item and place
    /// @param start place of each item at the start, given as a hint
    /// @return the best plan, or null if none was found in that time
    static @Nullable PeerPlan solve(
            CpModel model, Literal[][] at, int[] start, double seconds, int threads, long seed) {
        for (int item = 0; item < at.length; item++) {
            for (int place = 0; place < at[item].length; place++) {
                model.addHint(at[item][place], place == start[item]);
            }
        }
        var solver = new CpSolver();
        solver.getParameters()
                .setMaxTimeInSeconds(seconds)
                .setNumWorkers(threads)
                .setRandomSeed((int) seed);
        CpSolverStatus status = solver.solve(model);
        if (status != CpSolverStatus.OPTIMAL && status != CpSolverStatus.FEASIBLE) {
            return null;
        }
        var placeOf = new int[at.length];
        Arrays.setAll(placeOf, item -> placeOf(solver, at[item]));
        return new PeerPlan(placeOf, -1);
    }

    private static int placeOf(CpSolver solver, Literal[] at) {
        for (int place = 0; place < at.length; place++) {
            if (solver.booleanValue(at[place])) {
                return place;
            }
        }
        throw new IllegalStateException("CP-SAT left an item without a place");
    }
}
