package io.novacron.perf.decisions;

import com.fasterxml.jackson.databind.JsonNode;
import io.novacron.daemon.decision.Lifecycle;
import io.novacron.perf.decisions.PaperFleet.Line;
import io.novacron.perf.decisions.PaperFleet.Step;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Holds what the daemon says of its decisions against what was done on paper and what callers were
/// told.
///
/// - *repeated*: an action that was done more than once;
/// - *lost*: a decision that a caller was told of and that is gone or behind what he was told; one
///   that never ended; or an approved one that was never done though nobody refused it, nothing had
///   changed and its time was not over;
/// - *wrong end state*: the end that a decision came to is not what was done.
final class LifecycleCheck {
    private static final Set<LifecycleState> WITHOUT_ACTION =
            Set.of(LifecycleState.REJECTED, LifecycleState.EXPIRED, LifecycleState.SUPERSEDED);
    private static final String SILENCE = "read back: nothing has changed";

    private final Map<Long, LifecycleState> told = new HashMap<>();
    private final Map<Long, LifecycleState> toldLately = new HashMap<>();
    private final Map<Long, Decision> known = new HashMap<>();
    private final Set<String> problems = new HashSet<>();
    private int repeated;
    private int lost;
    private int wrongEndState;

    /// What matters of a decision.
    private record Decision(long id, long undoes, List<LifecycleState> states, String outcome) {
        LifecycleState last() {
            return states.getLast();
        }

        boolean approved() {
            return states.contains(LifecycleState.APPROVED);
        }
    }

    /// A caller was told. That counts from the end of the process that told him: until then its
    /// rows may be a moment behind.
    void told(long id, LifecycleState state) {
        toldLately.put(id, state);
    }

    /// The process has ended.
    void ended() {
        told.putAll(toldLately);
        toldLately.clear();
    }

    /// What the daemon says now; decisions that had ended when they were last looked at may be left
    /// out.
    void look(JsonNode rows) {
        var seen = new HashSet<Long>();
        for (JsonNode row : rows) {
            var states = new ArrayList<LifecycleState>();
            row.get("states").forEach(state -> states.add(LifecycleState.valueOf(state.asText())));
            var decision =
                    new Decision(
                            row.get("id").asLong(),
                            row.get("undoes").asLong(),
                            List.copyOf(states),
                            row.get("outcome").asText());
            Decision before = known.put(decision.id(), decision);
            seen.add(decision.id());
            if (before != null
                    && !decision.states()
                            .subList(0, Math.min(before.states().size(), decision.states().size()))
                            .equals(before.states())) {
                lost(decision.id(), "was " + before.states() + " and is " + decision.states());
            }
        }
        for (var entry : told.entrySet()) {
            Decision decision = known.get(entry.getKey());
            if (decision == null || !decision.states().contains(entry.getValue())) {
                lost(
                        entry.getKey(),
                        "a caller was told %s, and it is %s"
                                .formatted(
                                        entry.getValue(),
                                        decision == null ? "gone" : decision.states()));
            }
        }
    }

    /// The first decision that has not ended, or the one after the last.
    long firstOpen() {
        long last = known.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
        return known.values().stream()
                .filter(decision -> !Lifecycle.isFinal(decision.last()))
                .mapToLong(Decision::id)
                .min()
                .orElse(last + 1);
    }

    boolean allEnded() {
        return known.values().stream()
                .allMatch(decision ->
                        Lifecycle.isFinal(decision.last())
                                || decision.last() == LifecycleState.PROPOSED);
    }

    /// At the end, when nothing is under way any more.
    void finish(List<Line> lines) {
        var done = new HashMap<Long, List<Step>>();
        lines.forEach(line ->
                done.computeIfAbsent(line.actionId(), _ -> new ArrayList<>()).add(line.step()));
        Map<Long, Decision> undoing = new HashMap<>();
        for (Decision decision : known.values()) {
            if (decision.undoes() != 0
                    && (decision.last() == LifecycleState.KEPT
                            || !undoing.containsKey(decision.undoes()))) {
                undoing.put(decision.undoes(), decision);
            }
        }
        done.forEach((id, steps) -> {
            if (!known.containsKey(id)) {
                wrong(id, "done, and nobody decided it");
            }
        });
        for (Decision decision : known.values()) {
            List<Step> steps = done.getOrDefault(decision.id(), List.of());
            check(decision, steps, undoing.get(decision.id()));
        }
    }

    private void check(Decision decision, List<Step> steps, @Nullable Decision undoing) {
        long times = steps.stream().filter(step -> step == Step.DO).count();
        long takenBack = steps.stream().filter(step -> step == Step.UNDO).count();
        if (times > 1 || steps.size() - times > 1) {
            repeated++;
            problems.add("decision %d was done more than once: %s".formatted(decision.id(), steps));
        }
        boolean stands = times > takenBack;
        boolean right =
                switch (decision.last()) {
                    case KEPT -> stands;
                    case ROLLED_BACK ->
                            undoing == null
                                    ? times == 1 && takenBack == 1
                                    : undoing.last() == LifecycleState.KEPT && times == 1;
                    case FAILED -> !stands || undoing != null;
                    case PROPOSED -> times == 0;
                    default -> WITHOUT_ACTION.contains(decision.last()) && times == 0;
                };
        if (!Lifecycle.isFinal(decision.last()) && decision.last() != LifecycleState.PROPOSED) {
            lost(decision.id(), "has not ended: %s, %s".formatted(decision.states(), steps));
        } else if (!right) {
            wrong(
                    decision.id(),
                    "%s, but %s: %s".formatted(decision.states(), steps, decision.outcome()));
        } else if (decision.last() == LifecycleState.FAILED
                && steps.isEmpty()
                && decision.outcome().startsWith(SILENCE)) {
            lost(decision.id(), "was never begun: %s".formatted(decision.states()));
        }
    }

    private void lost(long id, String why) {
        if (problems.add("decision %d: %s".formatted(id, why))) {
            lost++;
        }
    }

    private void wrong(long id, String why) {
        if (problems.add("decision %d: %s".formatted(id, why))) {
            wrongEndState++;
        }
    }

    /// How many ended in each state.
    Map<LifecycleState, Long> ends() {
        var ends = new java.util.EnumMap<LifecycleState, Long>(LifecycleState.class);
        known.values().forEach(decision -> ends.merge(decision.last(), 1L, Long::sum));
        return ends;
    }

    int approved() {
        return (int) known.values().stream().filter(Decision::approved).count();
    }

    int repeated() {
        return repeated;
    }

    int lost() {
        return lost;
    }

    int wrongEndState() {
        return wrongEndState;
    }

    List<String> problems() {
        return problems.stream().sorted().toList();
    }
}
