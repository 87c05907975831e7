package io.novacron.daemon.decision;

import io.novacron.wire.sbe.LifecycleState;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// What the lifecycle has counted. Written by the decision thread, read by any.
public final class DecisionCounters {
    final LongAdder eventsRefused = new LongAdder();
    final LongAdder eventsUnreadable = new LongAdder();
    final LongAdder eventsNotJournaled = new LongAdder();
    final LongAdder outcomesRefused = new LongAdder();
    final LongAdder commandsRefused = new LongAdder();
    final LongAdder proposalsLeftOut = new LongAdder();
    final LongAdder adviceDropped = new LongAdder();
    final LongAdder auditsBroken = new LongAdder();
    final LongAdder approvedAutomatically = new LongAdder();
    final LongAdder heldBack = new LongAdder();
    final LongAdder actionsSentAgain = new LongAdder();
    final LongAdder worseThanPromised = new LongAdder();
    private final EnumMap<LifecycleState, LongAdder> transitions =
            new EnumMap<>(LifecycleState.class);

    public DecisionCounters() {
        for (LifecycleState state : LifecycleState.values()) {
            transitions.put(state, new LongAdder());
        }
    }

    void transitions(LifecycleState to) {
        var adder = transitions.get(to);
        if (adder != null) {
            adder.increment();
        }
    }

    /// Decisions that came into the state since the start of the process.
    public long entered(LifecycleState state) {
        var adder = transitions.get(state);
        return adder == null ? 0 : adder.sum();
    }

    /// Name to value, in a fixed order.
    public Map<String, Long> values() {
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("eventsRefused", eventsRefused.sum());
        values.put("eventsUnreadable", eventsUnreadable.sum());
        values.put("eventsNotJournaled", eventsNotJournaled.sum());
        values.put("outcomesRefused", outcomesRefused.sum());
        values.put("commandsRefused", commandsRefused.sum());
        values.put("proposalsLeftOut", proposalsLeftOut.sum());
        values.put("adviceDropped", adviceDropped.sum());
        values.put("auditsBroken", auditsBroken.sum());
        values.put("approvedAutomatically", approvedAutomatically.sum());
        values.put("heldBack", heldBack.sum());
        values.put("actionsSentAgain", actionsSentAgain.sum());
        values.put("worseThanPromised", worseThanPromised.sum());
        return values;
    }
}
