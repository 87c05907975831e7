package io.novacron.inference.member;

import io.novacron.inference.member.kernel.AnalogKernels;
import java.util.ArrayList;
import java.util.List;

/// Makes the members of one series after another; what they can share is made once.
public final class Members {
    /// Three analogs that differ in scaling and memory: their errors differ as well.
    private static final List<Analog.Setting> ANALOGS =
            List.of(
                    new Analog.Setting("analog-level", Analog.Scaling.LEVEL, .8f, .05f, .1f),
                    new Analog.Setting("analog-linear", Analog.Scaling.LINEAR, .9f, .05f, .1f),
                    new Analog.Setting("analog-centred", Analog.Scaling.CENTRED, .7f, .1f, .1f));

    private final Target[] targets;
    private final int stepsPerDay;
    private final int lags;
    private final AnalogKernels kernels;
    private final List<float[]> penalties = new ArrayList<>();

    /// @param targets what every forecast is about
    /// @param stepsPerDay 288 for steps of five minutes
    /// @param lags how far back analogs look, in steps
    public Members(List<Target> targets, int stepsPerDay, int lags, AnalogKernels kernels) {
        this.targets = targets.toArray(Target[]::new);
        this.stepsPerDay = stepsPerDay;
        this.lags = lags;
        this.kernels = kernels;
        for (Analog.Setting setting : ANALOGS) {
            penalties.add(Analog.penalties(setting, lags, stepsPerDay));
        }
    }

    /// Members over one history, always the same in the same order.
    public List<Member> of(History history) {
        List<Member> members = new ArrayList<>();
        members.add(new LastValue(history, targets));
        members.add(new Ewma(history, targets));
        members.add(new SeasonalNaive("seasonal-day", history, targets, stepsPerDay));
        members.add(new SeasonalNaive("seasonal-week", history, targets, 7 * stepsPerDay));
        members.add(new SeasonalMedian(history, targets));
        members.add(new HoltWinters(history, targets));
        members.add(new Autoregressive(history, targets));
        members.add(new RecentQuantiles("recent-12", history, targets, 12));
        members.add(new RecentQuantiles("recent-48", history, targets, 48));
        members.add(new RecentQuantiles("recent-day", history, targets, stepsPerDay));
        members.add(new PeriodicQuantiles("same-time", history, targets, stepsPerDay, 7, 2));
        members.add(
                new PeriodicQuantiles("hour-phase", history, targets, History.MEAN_SPAN, 24, 0));
        for (int i = 0; i < ANALOGS.size(); i++) {
            members.add(
                    new Analog(ANALOGS.get(i), history, targets, lags, penalties.get(i), kernels));
        }
        return members;
    }
}
