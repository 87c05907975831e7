package io.novacron.solver.scaling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Puts the starts of all groups into intervals, as late as they may be and as early as they must:
/// each interval takes so many starts of all groups together, and so many of each group.
///
/// Backwards from the last interval, each takes what is not too early for it yet, from the group
/// first that has most intervals' worth left (highest level first, T. C. Hu 1961), so that no more
/// starts than necessary are pushed before the first interval. What is, comes late: into the first
/// intervals with room. In an interval a group starts its members together, at a moment that its
/// name decides, or at once where they would be late by then.
final class StartSchedule {
    private final Pace pace;
    private final double into; // seconds since the running interval began
    private final List<Line> lines = new ArrayList<>();
    private final List<Integer> used = new ArrayList<>(); // by interval

    /// The starts of one group.
    private final class Line {
        final ScalingGroup group;
        final double[] latest; // ascending
        final int[] interval;
        final double release;
        final double offset;
        final List<Integer> taken = new ArrayList<>(); // by interval
        final List<Double> times = new ArrayList<>(); // by interval: when its members start there
        int left; // those before it have no interval yet

        Line(ScalingGroup group, double[] latest) {
            this.group = group;
            this.latest = latest;
            interval = new int[latest.length];
            left = latest.length;
            release = Math.max(0, group.policy().outCoolDownSeconds() - group.sinceOutSeconds());
            offset = Math.floorMod(hash(group.name()), pace.intervalSeconds());
        }

        /// Infinite where nothing can be started in the interval.
        double time(int index) {
            while (times.size() <= index) {
                int next = times.size();
                double begin = next * (double) pace.intervalSeconds() - into;
                if (next == 0) {
                    boolean open = release < begin + pace.intervalSeconds();
                    times.add(open ? release : Double.POSITIVE_INFINITY);
                    continue;
                }
                double before = times.get(next - 1);
                double rested =
                        Double.isInfinite(before)
                                ? release
                                : before + group.policy().outCoolDownSeconds();
                times.add(Math.max(begin + offset, rested));
            }
            return times.get(index);
        }

        int room(int index) {
            int most = group.policy().mostAdded();
            int before = index == 0 ? group.startedInInterval() : 0;
            return Math.max(0, most - before - of(taken, index));
        }

        boolean isOpen(int index) {
            return room(index) > 0 && time(index) < Double.POSITIVE_INFINITY;
        }

        double level() {
            return left / (double) group.policy().mostAdded();
        }

        void put(int start, int index) {
            interval[start] = index;
            add(taken, index);
            add(used, index);
        }
    }

    StartSchedule(Pace pace, long nowSeconds, List<ScalingGroup> groups) {
        this.pace = pace;
        this.into = Math.floorMod(nowSeconds, (long) pace.intervalSeconds());
        for (ScalingGroup group : groups) {
            for (int i = 0; i < group.startedInInterval(); i++) {
                add(used, 0);
            }
        }
    }

    /// @param latest when each further member must be started, from now, ascending
    void add(ScalingGroup group, double[] latest) {
        lines.add(new Line(group, latest));
    }

    /// Sets all starts; once, after all groups were added.
    void run() {
        lines.sort(
                Comparator.comparingDouble((Line line) -> line.offset)
                        .thenComparing(line -> line.group.name()));
        for (int index = lastInterval(); index >= 0; index--) {
            fillBackwards(index);
        }
        for (int index = 0; lines.stream().anyMatch(line -> line.left > 0); index++) {
            fillLate(index);
        }
        lines.forEach(line -> Arrays.sort(line.interval));
    }

    private int lastInterval() {
        double last = 0;
        for (Line line : lines) {
            for (double latest : line.latest) {
                last = Math.max(last, latest);
            }
        }
        return (int) ((last + into) / pace.intervalSeconds());
    }

    private void fillBackwards(int index) {
        while (room(index) > 0) {
            Line best = null;
            for (Line line : lines) {
                boolean may =
                        line.left > 0
                                && line.isOpen(index)
                                && line.latest[line.left - 1] >= line.time(index);
                if (may && (best == null || line.level() > best.level())) {
                    best = line;
                }
            }
            if (best == null) {
                return;
            }
            best.put(--best.left, index);
        }
    }

    /// What is left is late: most urgent first.
    private void fillLate(int index) {
        while (room(index) > 0) {
            Line best = null;
            for (Line line : lines) {
                boolean may = line.left > 0 && line.isOpen(index);
                if (may
                        && (best == null
                                || line.latest[line.left - 1] < best.latest[best.left - 1])) {
                    best = line;
                }
            }
            if (best == null) {
                return;
            }
            best.put(--best.left, index);
        }
    }

    private int room(int index) {
        return Math.max(0, pace.starts() - of(used, index));
    }

    /// The starts of a group, the first one first; after [#run].
    List<PlannedStart> starts(ScalingGroup group) {
        Line line = line(group);
        double first = firstTime(line);
        List<PlannedStart> starts = new ArrayList<>();
        for (int i = 0; i < line.latest.length; i++) {
            double at = line.interval[i] == 0 ? first : line.time(line.interval[i]);
            starts.add(new PlannedStart(group.size() + i + 1, at, line.latest[i]));
        }
        return starts;
    }

    /// When those of the running interval begin: at the group's own moment, if that is still to
    /// come and in time.
    private double firstTime(Line line) {
        double own = Math.max(0, line.offset - into);
        double latest = line.latest.length == 0 ? 0 : line.latest[0];
        double end = pace.intervalSeconds() - into;
        double at = own < end ? Math.min(own, latest) : 0;
        return Math.max(line.release, at);
    }

    /// When a group starts its members in an interval; infinite where it cannot.
    double timeIn(ScalingGroup group, int interval) {
        return line(group).time(interval);
    }

    /// How many starts of a group come in an earlier interval than they would alone.
    int pushedForward(ScalingGroup group) {
        Line line = line(group);
        int count = 0;
        for (int i = 0; i < line.latest.length; i++) {
            count += line.interval[i] < lastInTime(line, i) ? 1 : 0;
        }
        return count;
    }

    /// Why starts of a group are late.
    enum Late {
        NOT,
        PACE,
        STEP,
        COOL_DOWN
    }

    Late whyLate(ScalingGroup group) {
        Line line = line(group);
        List<PlannedStart> starts = starts(group);
        for (int i = 0; i < starts.size(); i++) {
            if (!starts.get(i).isLate()) {
                continue;
            }
            int last = lastInTime(line, i);
            if (last < 0) {
                return Late.COOL_DOWN;
            }
            for (int index = 0; index <= last; index++) {
                if (line.isOpen(index)) {
                    return Late.PACE;
                }
            }
            return Late.STEP;
        }
        return Late.NOT;
    }

    /// The last interval in which a start is not late; -1 when there is none.
    private int lastInTime(Line line, int start) {
        int last = -1;
        int most = (int) ((line.latest[start] + into) / pace.intervalSeconds());
        for (int index = 0; index <= most; index++) {
            if (line.time(index) <= line.latest[start]) {
                last = index;
            }
        }
        return last;
    }

    private Line line(ScalingGroup group) {
        for (Line line : lines) {
            if (line.group.name().equals(group.name())) {
                return line;
            }
        }
        throw new IllegalArgumentException("group %s was not added".formatted(group.name()));
    }

    private static int of(List<Integer> counts, int index) {
        return index < counts.size() ? counts.get(index) : 0;
    }

    private static void add(List<Integer> counts, int index) {
        while (counts.size() <= index) {
            counts.add(0);
        }
        counts.set(index, counts.get(index) + 1);
    }

    /// FNV-1a, so that it is the same in every version of Java.
    private static int hash(String name) {
        int hash = 0x811c9dc5;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x01000193;
        }
        return hash ^ (hash >>> 15);
    }
}
