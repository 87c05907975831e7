package io.novacron.perf.forecast;

import io.novacron.inference.member.Target;
import io.novacron.perf.Figures;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Scores of what the daemon would have served, by target, and of its members.
final class ServedScores {
    private final List<Integer> targets;
    private final int stepsPerDay;
    private final List<String> members;
    private final Score[] scores;

    /// @param targets steps ahead
    /// @param members the last value first
    /// @param scales of each entity, as for [Score]
    ServedScores(List<Integer> targets, int stepsPerDay, List<String> members, double[] scales) {
        this.targets = targets;
        this.stepsPerDay = stepsPerDay;
        this.members = members;
        this.scores = new Score[targets.size()];
        Arrays.setAll(scores, i -> new Score(scales, members.size()));
    }

    Score of(int target) {
        return scores[target];
    }

    /// Both together; made of the same targets and members.
    ServedScores plus(ServedScores other) {
        var both = new ServedScores(targets, stepsPerDay, members, new double[0]);
        Arrays.setAll(both.scores, i -> scores[i].plus(other.scores[i]));
        return both;
    }

    /// Adds `served.vm.<horizon>.*`, with `.toLastValue` and, where the evaluated ensemble was
    /// judged at the same horizon, `.toEvaluated`: the WAPE by theirs.
    void write(@Nullable Judgement evaluated, List<Horizon> horizons, Figures figures) {
        for (int target = 0; target < scores.length; target++) {
            Score score = scores[target];
            if (score.count() == 0) {
                continue;
            }
            int steps = targets.get(target);
            String name = "vm." + Horizon.label(steps * (86_400 / stepsPerDay));
            score.write("served." + name, figures);
            figures.add("served." + name + ".toLastValue", score.wape() / score.memberWape(0));
            for (int h = 0; evaluated != null && h < horizons.size(); h++) {
                if (horizons.get(h).target().equals(Target.at(steps))) {
                    figures.add(
                            "served." + name + ".toEvaluated",
                            score.wape() / evaluated.score(h).wape());
                }
            }
            for (int member = 0; member < members.size(); member++) {
                figures.add(
                        "served.member.%s.%s.wape".formatted(members.get(member), name),
                        score.memberWape(member));
            }
        }
    }
}
