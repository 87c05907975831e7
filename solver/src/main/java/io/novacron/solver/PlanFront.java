package io.novacron.solver;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Plans to choose from that trade overload against migration: none of them is at least as good as
/// another one in both. From the plan without moves to the one that relieves the most.
///
/// Found by the ε-constraint method: [HotHostRelief] under an ever smaller limit of moves. As that
/// search is a heuristic, so is the front: a better plan may exist between two of them.
///
/// @param choices by rising seconds of migration, so by falling overload
public record PlanFront(List<Choice> choices) {
    private static final int MOST_PLANS = 17;

    public PlanFront {
        choices = List.copyOf(choices);
    }

    /// @param overload that is left, as in [FleetScore#overload]
    /// @param migrationSeconds of all moves together, one after the other
    public record Choice(Plan plan, double overload, double migrationSeconds) {}

    /// @param limit of each of the at most 17 searches
    public static PlanFront of(FleetProblem problem, ReliefPolicy policy, WorkLimit limit) {
        List<Choice> all = new ArrayList<>();
        var nothing = new WorkLimit(0, limit.seed(), limit.deadlinePassed());
        all.add(choice(new HotHostRelief(policy).rebalance(problem, nothing)));
        int most = policy.maxMoves();
        int step = 0;
        for (int count = 1; count < MOST_PLANS && most >= 1; count++) {
            var stricter =
                    new ReliefPolicy(
                            most, policy.maxMovesPerHost(), policy.maxRounds(), policy.migration());
            Choice choice = choice(new HotHostRelief(stricter).rebalance(problem, limit));
            all.add(choice);
            int moves = choice.plan().steps().size();
            step = step == 0 ? Math.max(1, Math.ceilDiv(moves, MOST_PLANS - 2)) : step;
            most = Math.min(most, moves) - step;
        }
        all.sort(
                Comparator.comparingDouble(Choice::migrationSeconds)
                        .thenComparingDouble(Choice::overload));
        List<Choice> front = new ArrayList<>();
        for (Choice choice : all) {
            if (front.isEmpty() || choice.overload() < front.getLast().overload()) {
                front.add(choice);
            }
        }
        return new PlanFront(front);
    }

    /// The best choice if an overload of 1, the largest host's worth, is worth so many seconds of
    /// migration.
    public Choice best(double secondsPerOverload) {
        Choice best = choices.getFirst();
        for (Choice choice : choices) {
            if (worth(choice, secondsPerOverload) < worth(best, secondsPerOverload)) {
                best = choice;
            }
        }
        return best;
    }

    private static double worth(Choice choice, double secondsPerOverload) {
        return choice.overload() * secondsPerOverload + choice.migrationSeconds();
    }

    private static Choice choice(Plan plan) {
        double seconds = 0;
        for (Advice step : plan.steps()) {
            seconds += step.grounds().cost(Figure.DURATION).orElse(0);
        }
        return new Choice(plan, plan.after().overload(), seconds);
    }
}
