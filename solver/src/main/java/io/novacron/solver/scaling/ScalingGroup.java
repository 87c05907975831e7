package io.novacron.solver.scaling;

import io.novacron.solver.Mistakes;
import org.jspecify.annotations.Nullable;

/// A group of like vms that share their load, as it is now.
///
/// @param name unique among the groups of one call
/// @param serving members that serve
/// @param starting members that were started and do not serve yet
/// @param least members that it must have
/// @param most members that it may have
/// @param memberCapacity of one member, in the unit of demand
/// @param observed demand now; NaN where it is not known
/// @param recentPeak highest demand of the last [ScalingPolicy#stabilisationSeconds]; NaN where it
///   is not known
/// @param demand forecast of the whole group's demand; null where there is none, then what is
///   observed is taken to stay
/// @param sinceOutSeconds since members were last started; infinite: never
/// @param sinceInSeconds since members were last removed; infinite: never
/// @param startedInInterval members started in the running interval of the [Pace]
public record ScalingGroup(
        String name,
        int serving,
        int starting,
        int least,
        int most,
        double memberCapacity,
        double observed,
        double recentPeak,
        @Nullable DemandPath demand,
        double sinceOutSeconds,
        double sinceInSeconds,
        int startedInInterval,
        ScalingPolicy policy) {
    /// Members that a group may have.
    public static final int MEMBER_LIMIT = 10_000;

    public ScalingGroup {
        new Mistakes("group " + name)
                .check(!name.isBlank(), "name=\"%s\" must not be blank. Maybe web?", name)
                .check(
                        serving >= 0 && starting >= 0,
                        "serving=%s and starting=%s must not be negative. Maybe a member was"
                                + " counted twice?",
                        serving,
                        starting)
                .check(
                        least >= 0 && least <= most && most <= MEMBER_LIMIT,
                        "least=%s and most=%s must be in [0, %s], the least first. Maybe they are"
                                + " the wrong way round?",
                        least,
                        most,
                        MEMBER_LIMIT)
                .check(
                        memberCapacity > 0 && Double.isFinite(memberCapacity),
                        "memberCapacity=%s must be positive. Maybe the template is not known yet?",
                        memberCapacity)
                .check(
                        !(observed < 0) && !Double.isInfinite(observed),
                        "observed=%s must not be negative; NaN where it is not known. Maybe the"
                                + " unit is wrong?",
                        observed)
                .check(
                        !(recentPeak < 0) && !Double.isInfinite(recentPeak),
                        "recentPeak=%s must not be negative; NaN where it is not known. Maybe the"
                                + " unit is wrong?",
                        recentPeak)
                .check(
                        sinceOutSeconds >= 0 && sinceInSeconds >= 0,
                        "sinceOutSeconds=%s and sinceInSeconds=%s must not be negative. Maybe a"
                                + " clock was set back?",
                        sinceOutSeconds,
                        sinceInSeconds)
                .check(
                        startedInInterval >= 0,
                        "startedInInterval=%s must not be negative. Maybe 0?",
                        startedInInterval)
                .throwIfAny();
    }

    /// Members that serve or soon will.
    public int size() {
        return serving + starting;
    }

    boolean isKnown() {
        return demand != null || !Double.isNaN(observed);
    }

    /// Members that serve `amount` at a utilisation, before any limit.
    int membersFor(double amount, double utilisation) {
        double members = Math.ceil(amount / (memberCapacity * utilisation) - 1e-9);
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, members));
    }

    int within(int members) {
        return Math.max(least, Math.min(most, members));
    }
}
