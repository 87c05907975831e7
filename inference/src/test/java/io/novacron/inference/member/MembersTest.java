package io.novacron.inference.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.novacron.inference.Bounds;
import io.novacron.inference.member.kernel.AnalogKernels;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MembersTest {
    private static final int DAY = 24;
    private static final int LAGS = 600;
    private static final Target[] TARGETS = {
        Target.at(1), Target.at(12), new Target(1, 12), Target.at(DAY), new Target(13, 24)
    };

    /// Inputs that must neither break a member nor be answered by something absurd.
    enum Hostile {
        MISSING(i -> Double.NaN),
        CONSTANT(i -> 7),
        ONE_SAMPLE(i -> i == 5 ? 7 : Double.NaN),
        STEP(i -> i < 300 ? 1 : 90),
        INFINITE(i -> i % 3 == 0 ? Double.POSITIVE_INFINITY : i % 7),
        NEGATIVE(i -> -5 - i % 3),
        HUGE(i -> i % 5 == 0 ? 1e30 : 2),
        HUGE_BOTH(i -> i % 2 == 0 ? 1e30 : -1e30),
        GAP_OF_DAYS(i -> i > 100 && i < 350 ? Double.NaN : i % 10),
        UNIT_CHANGES(i -> i < 300 ? i % 10 : 1024. * (i % 10));

        private final IntToDoubleFunction value;

        Hostile(IntToDoubleFunction value) {
            this.value = value;
        }
    }

    private final History history = new History(Bounds.UNBOUNDED, 1, DAY, LAGS + 60);

    @ParameterizedTest
    @EnumSource(Hostile.class)
    void hostileInputIsSurvivedAndNeverAnsweredByASilentZero(Hostile hostile) {
        List<Member> members = members(history);
        boolean known = false;
        float[][] quantiles = new float[members.size()][];
        for (int step = 0; step < 500; step++) {
            float value = (float) hostile.value.applyAsDouble(step);
            known |= Float.isFinite(value);
            history.append(value);
            for (int member = 0; member < members.size(); member++) {
                members.get(member).update();
                if (step % 7 == 0) {
                    quantiles[member] = ask(members.get(member));
                    teach(members.get(member), step % 40);
                }
            }
        }
        for (int member = 0; member < members.size(); member++) {
            float[] answer = ask(members.get(member));
            for (int at = 0; at < answer.length; at++) {
                String name = members.get(member).name() + " target " + at / 9;
                assertThat(Float.isInfinite(answer[at])).as(name).isFalse();
                if (!known) {
                    assertThat(answer[at]).as(name).isNaN();
                }
                if (at % 9 > 0 && Float.isFinite(answer[at])) {
                    assertThat(answer[at]).as(name).isGreaterThanOrEqualTo(answer[at - 1]);
                }
                if (hostile == Hostile.CONSTANT && at % 9 == 4 && Float.isFinite(answer[at])) {
                    assertThat(answer[at]).as(name).isCloseTo(7, within(.01f));
                }
            }
        }
        if (known) {
            assertThat(ask(members.getFirst())[4]).as("last value").isFinite().isNotZero();
        }
    }

    @Test
    void noMemberSeesWhatIsNotYetInTheHistory() {
        float[] series = series(400);
        float[] other = series.clone();
        for (int i = 301; i < other.length; i++) {
            other[i] = 1_000 + i; // another future
        }
        var left = new History(Bounds.NON_NEGATIVE, 1, DAY, LAGS);
        var right = new History(Bounds.NON_NEGATIVE, 1, DAY, LAGS);
        List<Member> leftMembers = members(left);
        List<Member> rightMembers = members(right);
        for (int step = 0; step <= 300; step++) {
            left.append(series[step]);
            right.append(other[step]);
            leftMembers.forEach(Member::update);
            rightMembers.forEach(Member::update);
        }
        for (int member = 0; member < leftMembers.size(); member++) {
            assertThat(ask(leftMembers.get(member)))
                    .as(leftMembers.get(member).name())
                    .isEqualTo(ask(rightMembers.get(member)));
        }
    }

    @Test
    void historyGivesNoOutcomeThatLiesAhead() {
        for (int step = 0; step < 50; step++) {
            history.append(step);
        }
        assertThat(history.outcome(Target.at(5), 4)).as("one step too early").isNaN();
        assertThat(history.outcome(Target.at(5), 5)).isEqualTo(49);
        assertThat(history.outcome(new Target(1, 12), 11)).isNaN();
        assertThat(history.outcome(new Target(1, 12), 12)).isEqualTo(43.5f);
        assertThat(history.ago(-1)).as("the future").isNaN();
    }

    @Test
    void seasonalNaiveIsTheValueOnePeriodBefore() {
        float[] series = feed(200);
        float[] answer = ask(named("seasonal-day"));

        assertThat(answer[4]).isEqualTo(series[199 + 1 - DAY]);
        assertThat(answer[9 + 4]).isEqualTo(series[199 + 12 - DAY]);
        assertThat(answer[3 * 9 + 4]).isEqualTo(series[199]);
        assertThat(answer[2 * 9 + 4]).isCloseTo(mean(series, 200 - DAY, 212 - DAY), within(1e-4f));
    }

    @Test
    void seasonalMedianIsTheMedianOfSevenDays() {
        float[] series = feed(300);
        float[] days = new float[7];
        for (int day = 1; day <= 7; day++) {
            days[day - 1] = series[299 + 12 - day * DAY];
        }
        Arrays.sort(days);

        assertThat(ask(named("seasonal-median"))[9 + 4]).isEqualTo(days[3]);
    }

    @Test
    void recentQuantilesAreThoseOfTheLastSteps() {
        float[] series = feed(100);
        float[] last = Arrays.copyOfRange(series, 100 - 48, 100);
        Arrays.sort(last);
        float[] answer = ask(named("recent-48"));

        for (int level = 0; level < 9; level++) {
            float at = (level + 1) * 47 / 10f;
            float low = last[(int) at];
            float expected = low + (at - (int) at) * (last[(int) at + 1] - low);
            assertThat(answer[level]).isCloseTo(expected, within(1e-4f));
        }
    }

    @Test
    void sameTimeLooksTwoStepsAroundOnSevenDays() {
        float[] series = feed(400);
        float[] sample = new float[35];
        int count = 0;
        for (int day = 1; day <= 7; day++) {
            for (int around = -2; around <= 2; around++) {
                sample[count++] = series[399 + 12 - day * DAY + around];
            }
        }
        Arrays.sort(sample);

        assertThat(ask(named("same-time"))[9 + 4]).isEqualTo(sample[17]);
    }

    @Test
    void autoregressionFindsACoefficientAndItsOrder() {
        double[] covariance = new double[9];
        for (int lag = 0; lag < covariance.length; lag++) {
            covariance[lag] = Math.pow(.7, lag); // AR(1) with .7
        }
        float[] coefficients = new float[8];

        int order = Autoregressive.levinson(covariance, 8, 500, coefficients);

        assertThat(order).isEqualTo(1);
        assertThat(coefficients[0]).isCloseTo(.7f, within(1e-4f));
        assertThat(Autoregressive.levinson(new double[9], 8, 500, coefficients)).isZero();
    }

    @Test
    void holtWintersFollowsASeason() {
        for (int step = 0; step < 40 * DAY; step++) {
            history.append(50 + 30 * (float) Math.sin(2 * Math.PI * step / DAY));
            member("holt-winters").update();
            if (step % 5 == 0) {
                Member member = member("holt-winters");
                float[] notes = new float[member.noteLength() * TARGETS.length];
                member.forecast(new float[TARGETS.length * 9], 0, notes, 0);
                float outcome = 50 + 30 * (float) Math.sin(2 * Math.PI * (step + 12) / DAY);
                member.learn(1, notes, member.noteLength(), outcome);
            }
        }
        float expected = 50 + 30 * (float) Math.sin(2 * Math.PI * (40 * DAY + 11) / DAY);

        assertThat(ask(member("holt-winters"))[9 + 4]).isCloseTo(expected, within(2f));
    }

    @Test
    void analogsRecallWhatFollowedTheSamePattern() {
        for (int step = 0; step < 500; step++) {
            history.append(step % 37 == 0 ? 80 : step % 37); // a period that no season knows
            cachedMembers().forEach(Member::update);
        }
        for (String name : List.of("analog-level", "analog-linear", "analog-centred")) {
            float[] answer = ask(member(name));
            assertThat(answer[4]).as(name).isEqualTo(500 % 37);
            assertThat(answer[9 + 4]).as(name).isEqualTo(511 % 37);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 63, 64, 65, 640, 641, 2_000})
    void recentColumnKeepsOrderAcrossItsMoves(int appends) {
        var column = new RecentColumn(64);
        for (int i = 0; i < appends; i++) {
            column.append(i);
        }
        assertThat(column.size()).isEqualTo(Math.min(appends, 64));
        for (int lag = 0; lag < column.size(); lag++) {
            assertThat(column.ago(lag)).isEqualTo(appends - 1 - lag);
        }
    }

    @Test
    void targetsOutOfReachAreRefused() {
        assertThatThrownBy(() -> Target.at(0)).hasMessageContaining("Maybe");
        assertThatThrownBy(() -> new Target(5, 4)).hasMessageContaining("target=5..4");
    }

    private List<Member> cached = List.of();

    private List<Member> cachedMembers() {
        if (cached.isEmpty()) {
            cached = members(history);
        }
        return cached;
    }

    private Member member(String name) {
        return cachedMembers().stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /// A member of a history that is filled already.
    private Member named(String name) {
        return members(history).stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<Member> members(History history) {
        return new Members(List.of(TARGETS), DAY, LAGS, AnalogKernels.best()).of(history);
    }

    private float[] feed(int steps) {
        float[] series = series(steps);
        for (float value : series) {
            history.append(value);
        }
        return series;
    }

    private static float[] series(int steps) {
        var random = new Random(11);
        float[] series = new float[steps];
        for (int i = 0; i < steps; i++) {
            series[i] = 50 + 10 * (float) Math.sin(i / 4.0) + (float) random.nextGaussian();
        }
        return series;
    }

    private static float mean(float[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return (float) (sum / (to - from));
    }

    private static float[] ask(Member member) {
        float[] quantiles = new float[TARGETS.length * 9];
        member.forecast(quantiles, 0, new float[TARGETS.length * member.noteLength()], 0);
        return quantiles;
    }

    private static void teach(Member member, float outcome) {
        float[] notes = new float[TARGETS.length * member.noteLength()];
        member.forecast(new float[TARGETS.length * 9], 0, notes, 0);
        for (int target = 0; target < TARGETS.length; target++) {
            member.learn(target, notes, target * member.noteLength(), outcome);
        }
    }
}
