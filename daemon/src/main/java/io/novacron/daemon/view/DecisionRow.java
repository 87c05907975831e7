package io.novacron.daemon.view;

import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A recommendation on its way through the lifecycle, with its audit trail.
///
/// `forecasts` are the quantiles it rests on, by metric: `[horizon * levels + level]`.
///
/// Settings are empty where the action changes none; so is who asked for it, where the analysis
/// advised it.
///
/// Sizes are 0 where the action does not touch them; the target host is null unless it migrates.
public record DecisionRow(
        long id,
        ActionType type,
        LifecycleState state,
        UUID vmId,
        String vmName,
        UUID hostId,
        String hostName,
        int fromVcpus,
        int toVcpus,
        long fromMemoryBytes,
        long toMemoryBytes,
        @Nullable UUID targetHostId,
        String targetHostName,
        float confidence,
        String summary,
        String cost,
        String benefit,
        List<ReasonRow> reasons,
        long proposedAtMs,
        long tick,
        String inputsHash,
        String model,
        List<TransitionRow> transitions,
        String outcome,
        Map<String, List<Float>> forecasts,
        ExplanationRow explanation,
        String fromSetting,
        String toSetting,
        String requestedBy) {

    /// One reason, with its numbers in words.
    public record ReasonRow(String code, String text) {}

    /// One step of the lifecycle: who took it, when and why.
    public record TransitionRow(LifecycleState state, long atMs, String who, String text) {}

    public DecisionRow {
        reasons = List.copyOf(reasons);
        transitions = List.copyOf(transitions);
        forecasts = Map.copyOf(forecasts);
    }

    /// Without what explains it.
    public DecisionRow(
            long id,
            ActionType type,
            LifecycleState state,
            UUID vmId,
            String vmName,
            UUID hostId,
            String hostName,
            int fromVcpus,
            int toVcpus,
            long fromMemoryBytes,
            long toMemoryBytes,
            @Nullable UUID targetHostId,
            String targetHostName,
            float confidence,
            String summary,
            String cost,
            String benefit,
            List<ReasonRow> reasons,
            long proposedAtMs,
            long tick,
            String inputsHash,
            String model,
            List<TransitionRow> transitions,
            String outcome) {
        this(
                id,
                type,
                state,
                vmId,
                vmName,
                hostId,
                hostName,
                fromVcpus,
                toVcpus,
                fromMemoryBytes,
                toMemoryBytes,
                targetHostId,
                targetHostName,
                confidence,
                summary,
                cost,
                benefit,
                reasons,
                proposedAtMs,
                tick,
                inputsHash,
                model,
                transitions,
                outcome,
                Map.of(),
                ExplanationRow.NONE,
                "",
                "",
                "");
    }
}
