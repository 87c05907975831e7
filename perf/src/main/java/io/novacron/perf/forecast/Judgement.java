package io.novacron.perf.forecast;

import io.novacron.inference.Quantiles;
import io.novacron.inference.ensemble.FleetEnsemble;
import io.novacron.inference.ensemble.SeriesEnsemble;
import io.novacron.perf.Figures;
import java.util.List;

/// Scores of one level at all horizons, the ensemble's and its members'.
final class Judgement {
    private final Level level;
    private final List<Horizon> horizons;
    private final List<String> members;
    private final Score[] scores;
    private final float[] quantiles = new float[Quantiles.COUNT];

    Judgement(Level level, List<Horizon> horizons, List<String> members, double[] scales) {
        this.level = level;
        this.horizons = horizons;
        this.members = members;
        this.scores = new Score[horizons.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = new Score(scales, members.size());
        }
    }

    /// Both together; made of the same level, horizons and members.
    Judgement plus(Judgement other) {
        var both = new Judgement(level, horizons, members, new double[0]);
        for (int i = 0; i < scores.length; i++) {
            both.scores[i] = scores[i].plus(other.scores[i]);
        }
        return both;
    }

    Score score(int horizon) {
        return scores[horizon];
    }

    Level level() {
        return level;
    }

    List<String> members() {
        return members;
    }

    /// Judges what series `index` of the fleet said at `origin`; `series` knows what came. `entity`
    /// is its place among the entities of this level.
    void judge(FleetEnsemble fleet, Series series, int origin, int index, int entity) {
        SeriesEnsemble one = fleet.series(index);
        for (int h = 0; h < scores.length; h++) {
            float actual = series.outcome(horizons.get(h).target(), origin, index);
            if (!Float.isFinite(actual)) {
                continue;
            }
            for (int q = 0; q < Quantiles.COUNT; q++) {
                quantiles[q] = fleet.quantile(index, h, q);
            }
            if (!Float.isFinite(quantiles[Quantiles.MEDIAN])) {
                scores[h].unanswered();
                continue;
            }
            scores[h].add(entity, actual, quantiles);
            float lastValue = one.memberQuantile(0, h, Quantiles.MEDIAN);
            for (int member = 0; member < members.size(); member++) {
                float point = one.memberQuantile(member, h, Quantiles.MEDIAN);
                float answer = Float.isFinite(point) ? point : lastValue;
                scores[h].addMember(
                        member, Math.abs((double) actual - (Float.isFinite(answer) ? answer : 0)));
            }
        }
    }

    void write(Figures figures) {
        for (int h = 0; h < scores.length; h++) {
            if (scores[h].count() > 0) {
                scores[h].write(level.label() + "." + horizons.get(h).name(), figures);
            }
        }
    }

    void writeMembers(Figures figures) {
        for (int h = 0; h < scores.length; h++) {
            for (int member = 0; scores[h].count() > 0 && member < members.size(); member++) {
                figures.add(
                        "member.%s.%s.%s.wape"
                                .formatted(
                                        members.get(member), level.label(), horizons.get(h).name()),
                        scores[h].memberWape(member));
            }
        }
    }
}
