package io.novacron.perf.solvers.ortools;

import com.google.ortools.sat.CpModel;
import com.google.ortools.sat.LinearExpr;
import com.google.ortools.sat.LinearExprBuilder;
import com.google.ortools.sat.Literal;
import io.novacron.perf.solvers.PeerPlan;
import org.jspecify.annotations.Nullable;

/// Vector packing: a literal for each vm and host, the first hosts before the later ones.
public final class CpSatPacking {
    private CpSatPacking() {}

    /// @param need by vm and resource, the resource running fastest
    /// @param hosts of a plan that is known
    /// @return null if nothing was found in that time
    public static @Nullable PeerPlan solve(
            int[] capacity,
            int[] need,
            int[] start,
            int hosts,
            double seconds,
            int threads,
            long seed) {
        long startNs = System.nanoTime();
        CpSatPeer.load();
        int resources = capacity.length;
        int vms = need.length / resources;
        var model = new CpModel();
        var used = new Literal[hosts];
        for (int host = 0; host < hosts; host++) {
            used[host] = model.newBoolVar("used" + host);
            model.addHint(used[host], true);
            if (host > 0) {
                model.addImplication(used[host], used[host - 1]);
            }
        }
        var at = new Literal[vms][hosts];
        for (int vm = 0; vm < vms; vm++) {
            for (int host = 0; host < hosts; host++) {
                at[vm][host] = model.newBoolVar("");
            }
            model.addExactlyOne(at[vm]);
        }
        for (int host = 0; host < hosts; host++) {
            for (int resource = 0; resource < resources; resource++) {
                LinearExprBuilder sum = LinearExpr.newBuilder();
                for (int vm = 0; vm < vms; vm++) {
                    sum.addTerm(at[vm][host], need[vm * resources + resource]);
                }
                sum.addTerm(used[host], -capacity[resource]);
                model.addLessOrEqual(sum, 0);
            }
        }
        model.minimize(LinearExpr.sum(used));
        double left = seconds - (System.nanoTime() - startNs) / 1e9;
        return left <= 0 ? null : CpSatPeer.solve(model, at, start, left, threads, seed);
    }
}
