package io.novacron.inference.serving;

/// Where things lie in a [SlotBlock].
///
/// @param targets all of them, the near ones first
/// @param near how many are near
record Layout(int targets, int near) {
    /// Members, and the stacked model as the last.
    static final int SPEAKERS = MemberBank.COUNT + 1;

    static final int STACKED = MemberBank.COUNT;

    /// Of each speaker and target the .1, .5 and .9 quantile wait, then the ensemble's own, then
    /// those of a model in the shadow.
    static final int SAID = (SPEAKERS + 2) * 3;

    static final int OWN = SPEAKERS * 3;

    static final int SHADOW = OWN + 3;

    /// Every so many steps a forecast is kept until its targets have come.
    static final int NEAR_STRIDE = 4;

    static final int FAR_STRIDE = 36;
    private static final int NEAR_ENTRIES = ServingConfig.NEAR_REACH / NEAR_STRIDE + 1;
    private static final int FAR_ENTRIES = 288 / FAR_STRIDE + 1;

    // learned
    static final int LOSSES = 0; // [band][speaker]
    static final int BAND_OUTCOMES = LOSSES + ServingConfig.BANDS * SPEAKERS;
    static final int FAST_LOSS = BAND_OUTCOMES + ServingConfig.BANDS;
    static final int SLOW_LOSS = FAST_LOSS + 1;
    static final int WATCHED = FAST_LOSS + 2;
    static final int WIDTHS = FAST_LOSS + 3; // [target][side]

    // live accuracy, [target]
    static final int ERROR = 0;
    static final int ACTUAL = 1;
    static final int COVERED = 2;
    static final int LOSS = 3;
    static final int NAIVE_LOSS = 4;
    static final int HITS = 5;
    static final int OUTCOMES = 6;
    static final int ACCURACY = 7;

    int accuracy(int target) {
        return WIDTHS + 2 * targets + target * ACCURACY;
    }

    int learned() {
        return accuracy(targets);
    }

    int far() {
        return targets - near;
    }

    int nearEntries() {
        return near > 0 ? NEAR_ENTRIES : 0;
    }

    int entries() {
        return nearEntries() + (far() > 0 ? FAR_ENTRIES : 0);
    }

    boolean isNear(int entry) {
        return entry < nearEntries();
    }

    int firstTarget(int entry) {
        return isNear(entry) ? 0 : near;
    }

    int length(int entry) {
        return (isNear(entry) ? near : far()) * SAID;
    }

    int waiting() {
        return nearEntries() * near * SAID + (entries() - nearEntries()) * far() * SAID;
    }

    int offset(int lane, int entry) {
        int ofNear = Math.min(entry, nearEntries()) * near * SAID;
        int ofFar = Math.max(0, entry - nearEntries()) * far() * SAID;
        return lane * waiting() + ofNear + ofFar;
    }
}
