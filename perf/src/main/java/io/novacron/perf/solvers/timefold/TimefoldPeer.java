package io.novacron.perf.solvers.timefold;

import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.score.director.ScoreDirectorFactoryConfig;
import ai.timefold.solver.core.config.solver.EnvironmentMode;
import ai.timefold.solver.core.config.solver.SolverConfig;
import ai.timefold.solver.core.impl.solver.DefaultSolver;
import io.novacron.perf.solvers.PeerPlan;
import java.time.Duration;

/// Timefold Solver, Community Edition: one thread, its default local search (late acceptance over
/// changes and swaps).
public final class TimefoldPeer {
    private TimefoldPeer() {}

    /// @param start place of each item at the start
    public static PeerPlan solve(Tally tally, int places, int[] start, double seconds, long seed) {
        var config =
                new SolverConfig()
                        .withSolutionClass(Assignment.class)
                        .withEntityClasses(Item.class)
                        .withScoreDirectorFactory(
                                new ScoreDirectorFactoryConfig()
                                        .withIncrementalScoreCalculatorClass(TallyCalculator.class))
                        .withEnvironmentMode(EnvironmentMode.NO_ASSERT)
                        .withRandomSeed(seed)
                        .withTerminationSpentLimit(
                                Duration.ofNanos((long) (seconds * 1_000_000_000)));
        SolverFactory<Assignment> factory = SolverFactory.create(config);
        var solver = factory.buildSolver();
        Assignment best = solver.solve(new Assignment(places, start, tally));
        long evaluations =
                solver instanceof DefaultSolver<Assignment> known
                        ? known.getMoveEvaluationCount()
                        : -1;
        return new PeerPlan(best.placeOf(), evaluations);
    }
}
