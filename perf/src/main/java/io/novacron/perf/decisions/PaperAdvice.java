package io.novacron.perf.decisions;

import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.decision.Proposal;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.wire.sbe.ActionType;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Advice that nobody needed.
final class PaperAdvice {
    private PaperAdvice() {}

    static Proposal vcpus(int vm, VmFacts now, int to, Map<String, String> labels) {
        return proposal(ActionType.SET_VCPUS, vm, now, to, now.memoryBytes(), null, labels);
    }

    static Proposal memory(int vm, VmFacts now, long to, Map<String, String> labels) {
        return proposal(ActionType.SET_MEMORY, vm, now, now.vcpus(), to, null, labels);
    }

    static Proposal move(int vm, VmFacts now, UUID to, Map<String, String> labels) {
        return proposal(
                ActionType.LIVE_MIGRATE, vm, now, now.vcpus(), now.memoryBytes(), to, labels);
    }

    private static Proposal proposal(
            ActionType type,
            int vm,
            VmFacts now,
            int toVcpus,
            long toMemoryBytes,
            @Nullable UUID target,
            Map<String, String> labels) {
        return new Proposal(
                type,
                PaperFleet.vm(vm),
                "paper-" + vm,
                now.host(),
                "paper-host-" + PaperFleet.index(now.host()),
                now.vcpus(),
                toVcpus,
                now.memoryBytes(),
                toMemoryBytes,
                target,
                target == null ? "" : "paper-host-" + PaperFleet.index(target),
                "",
                0.9f,
                1,
                "paper-%d: rehearsal".formatted(vm),
                "",
                "",
                List.of(new ReasonRow("REHEARSAL", "nobody needed it")),
                Map.of(),
                0,
                "00",
                "none",
                labels,
                Map.of(),
                0);
    }
}
