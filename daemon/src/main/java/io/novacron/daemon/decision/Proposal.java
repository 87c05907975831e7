package io.novacron.daemon.decision;

import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.daemon.view.ExplanationRow;
import io.novacron.wire.sbe.ActionType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An advised change, as the analysis of one tick puts it forward.
///
/// Sizes are the whole size of the vm before and after; the target host is null unless it migrates.
///
/// @param forecasts the quantiles the advice rests on, by metric: `[horizon * levels + level]`
/// @param inputsHash SHA-256 of the numbers the advice was computed from, in hexadecimal
/// @param benefitScore orders recommendations, larger first; no unit
/// @param labels of the vm, and of its host where the vm has no such label; either's opt-out counts
/// @param figures what it costs and brings in numbers, by the solver's names, e.g. `vcpus-freed`
/// @param inverseOf the decision that this one undoes; 0 when it is none of that kind
/// @param explanation what decided, what lost, and what would flip it
/// @param change what it changes beside sizes and place, and who asked for it
/// @param scaling what it makes of a group; [Scaling#NONE] of most
public record Proposal(
        ActionType type,
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
        String targetUri,
        float confidence,
        float benefitScore,
        String summary,
        String cost,
        String benefit,
        List<ReasonRow> reasons,
        Map<String, List<Float>> forecasts,
        long tick,
        String inputsHash,
        String model,
        Map<String, String> labels,
        Map<String, Double> figures,
        long inverseOf,
        ExplanationRow explanation,
        Change change,
        Scaling scaling) {
    private static final String MIGRATION_URI_LABEL = "novacron.migration-uri";

    public Proposal {
        labels = sorted(labels);
        figures = sorted(figures);
        reasons = List.copyOf(reasons);
        forecasts = Map.copyOf(forecasts);
        explanation = present(explanation);
        change = present(change);
        scaling = present(scaling);
    }

    /// What a proposal makes of a group.
    ///
    /// @param group name of the group; empty where no group is scaled
    /// @param executor `webhook` or `libvirt`
    /// @param fromSize members before, those on their way included
    /// @param template what is cloned; else null
    /// @param member name of the new member, or what becomes of one that goes: `remove`, `stop`
    /// @param vcpus of the one member that comes or goes; 0 where it is not about one
    public record Scaling(
            String group,
            String executor,
            int fromSize,
            int toSize,
            @Nullable UUID template,
            String member,
            int vcpus,
            long memoryBytes) {
        static final Scaling NONE = new Scaling("", "", 0, 0, null, "", 0, 0);

        /// Name of the figure that says how long a member takes to serve, in seconds.
        static final String LEAD_TIME = "lead-time";

        boolean isByWebhook() {
            return executor.equals(ScalingOrder.WEBHOOK);
        }

        int members() {
            return Math.abs(toSize - fromSize);
        }

        /// Of one that was added: it goes again.
        Scaling inverse() {
            return new Scaling(
                    group, executor, toSize, fromSize, null, "remove", vcpus, memoryBytes);
        }
    }

    /// What a proposal changes beside sizes and place.
    ///
    /// @param fromSetting of a change of a [VmSetting], in canonical form; else empty
    /// @param toSetting the same
    /// @param requestedBy the operator who asked for it; empty when the analysis advised it
    /// @param drains whether it is a part of emptying its host
    public record Change(String fromSetting, String toSetting, String requestedBy, boolean drains) {
        static final Change NONE = new Change("", "", "", false);

        /// Part of emptying a host.
        static final Change DRAIN = new Change("", "", "", true);

        Change inverse() {
            return new Change(toSetting, fromSetting, "", false);
        }
    }

    /// Scales no group.
    public Proposal(
            ActionType type,
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
            String targetUri,
            float confidence,
            float benefitScore,
            String summary,
            String cost,
            String benefit,
            List<ReasonRow> reasons,
            Map<String, List<Float>> forecasts,
            long tick,
            String inputsHash,
            String model,
            Map<String, String> labels,
            Map<String, Double> figures,
            long inverseOf,
            ExplanationRow explanation,
            Change change) {
        this(
                type,
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
                targetUri,
                confidence,
                benefitScore,
                summary,
                cost,
                benefit,
                reasons,
                forecasts,
                tick,
                inputsHash,
                model,
                labels,
                figures,
                inverseOf,
                explanation,
                change,
                Scaling.NONE);
    }

    /// As advised: no setting is changed, and nobody asked for it.
    public Proposal(
            ActionType type,
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
            String targetUri,
            float confidence,
            float benefitScore,
            String summary,
            String cost,
            String benefit,
            List<ReasonRow> reasons,
            Map<String, List<Float>> forecasts,
            long tick,
            String inputsHash,
            String model,
            Map<String, String> labels,
            Map<String, Double> figures,
            long inverseOf,
            ExplanationRow explanation) {
        this(
                type,
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
                targetUri,
                confidence,
                benefitScore,
                summary,
                cost,
                benefit,
                reasons,
                forecasts,
                tick,
                inputsHash,
                model,
                labels,
                figures,
                inverseOf,
                explanation,
                Change.NONE);
    }

    /// Without an explanation.
    public Proposal(
            ActionType type,
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
            String targetUri,
            float confidence,
            float benefitScore,
            String summary,
            String cost,
            String benefit,
            List<ReasonRow> reasons,
            Map<String, List<Float>> forecasts,
            long tick,
            String inputsHash,
            String model,
            Map<String, String> labels,
            Map<String, Double> figures,
            long inverseOf) {
        this(
                type,
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
                targetUri,
                confidence,
                benefitScore,
                summary,
                cost,
                benefit,
                reasons,
                forecasts,
                tick,
                inputsHash,
                model,
                labels,
                figures,
                inverseOf,
                ExplanationRow.NONE);
    }

    /// Absent in journals of earlier versions.
    private static ExplanationRow present(@Nullable ExplanationRow explanation) {
        return explanation == null ? ExplanationRow.NONE : explanation;
    }

    private static Change present(@Nullable Change change) {
        return change == null ? Change.NONE : change;
    }

    private static Scaling present(@Nullable Scaling scaling) {
        return scaling == null ? Scaling.NONE : scaling;
    }

    boolean isScaling() {
        return !scaling.group().isEmpty();
    }

    /// Whether both ask for the same of the same group; clones only differ by name.
    boolean scalesTheSameAs(Proposal other) {
        boolean clones = type == ActionType.SCALE_OUT && !scaling.isByWebhook();
        return type == other.type
                && scaling.group().equals(other.scaling.group())
                && scaling.executor().equals(other.scaling.executor())
                && hostId.equals(other.hostId)
                && (clones
                        ? Objects.equals(scaling.template(), other.scaling.template())
                        : vmId.equals(other.vmId)
                                && (!scaling.isByWebhook() || scaling.equals(other.scaling)));
    }

    boolean isRequested() {
        return !change.requestedBy().isEmpty();
    }

    /// The same with another confidence, and a reason for that.
    Proposal withConfidence(float newConfidence, ReasonRow reason) {
        List<ReasonRow> allReasons = new ArrayList<>(reasons);
        allReasons.add(reason);
        return copy(newConfidence, allReasons, forecasts, explanation, change);
    }

    /// The same without what takes room.
    Proposal withoutExplanation() {
        return copy(confidence, reasons, Map.of(), ExplanationRow.NONE, change);
    }

    /// The same, as a part of emptying its host.
    public Proposal asPartOfADrain() {
        return copy(confidence, reasons, forecasts, explanation, Change.DRAIN);
    }

    /// The same size, held by a quota of CPU time.
    ///
    /// @param from in canonical form, as is `to`
    Proposal withQuota(String from, String to, ReasonRow reason) {
        List<ReasonRow> allReasons = new ArrayList<>(reasons);
        allReasons.add(reason);
        return new Proposal(
                ActionType.SET_CPU_QUOTA,
                vmId,
                vmName,
                hostId,
                hostName,
                fromVcpus,
                fromVcpus,
                fromMemoryBytes,
                toMemoryBytes,
                targetHostId,
                targetHostName,
                targetUri,
                confidence,
                benefitScore,
                "%s: cpu-quota %s → %s".formatted(vmName, from, to),
                cost,
                benefit,
                allReasons,
                forecasts,
                tick,
                inputsHash,
                model,
                labels,
                figures,
                inverseOf,
                explanation,
                new Change(from, to, "", false));
    }

    private Proposal copy(
            float newConfidence,
            List<ReasonRow> newReasons,
            Map<String, List<Float>> newForecasts,
            ExplanationRow newExplanation,
            Change newChange) {
        return new Proposal(
                type,
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
                targetUri,
                newConfidence,
                benefitScore,
                summary,
                cost,
                benefit,
                newReasons,
                newForecasts,
                tick,
                inputsHash,
                model,
                labels,
                figures,
                inverseOf,
                newExplanation,
                newChange,
                scaling);
    }

    /// The change that undoes this one.
    ///
    /// @param id of this one's decision
    Proposal inverse(long id, String why, long newTick) {
        UUID target = targetHostId;
        boolean moves = target != null;
        return new Proposal(
                inverseType(),
                vmId,
                vmName,
                target != null ? target : hostId,
                moves ? targetHostName : hostName,
                toVcpus,
                fromVcpus,
                toMemoryBytes,
                fromMemoryBytes,
                moves ? hostId : null,
                moves ? hostName : "",
                moves ? labels.getOrDefault(MIGRATION_URI_LABEL, "") : "",
                1,
                Float.MAX_VALUE,
                "%s: undo decision %d".formatted(vmName, id),
                cost,
                "as it was before",
                List.of(new ReasonRow("WORSE_THAN_PROMISED", why)),
                Map.of(),
                newTick,
                inputsHash,
                model,
                labels,
                Map.of(),
                id,
                ExplanationRow.NONE,
                change.inverse(),
                isScaling() ? scaling.inverse() : Scaling.NONE);
    }

    private ActionType inverseType() {
        return switch (type) {
            case START -> ActionType.STOP;
            case STOP -> ActionType.START;
            case SCALE_OUT -> ActionType.SCALE_IN;
            case SCALE_IN -> ActionType.SCALE_OUT;
            default -> type;
        };
    }

    /// Absent in journals of earlier versions.
    private static <T> Map<String, T> sorted(@Nullable Map<String, T> map) {
        return map == null ? Map.of() : Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }

    /// Whether both ask for the same change of the same vm.
    boolean asksTheSameAs(Proposal other) {
        return type == other.type
                && vmId.equals(other.vmId)
                && hostId.equals(other.hostId)
                && fromVcpus == other.fromVcpus
                && toVcpus == other.toVcpus
                && fromMemoryBytes == other.fromMemoryBytes
                && toMemoryBytes == other.toMemoryBytes
                && change.fromSetting().equals(other.change.fromSetting())
                && change.toSetting().equals(other.change.toSetting())
                && Objects.equals(targetHostId, other.targetHostId);
    }
}
