package io.novacron.daemon.decision;

import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.ActionType;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The fleet as of the last tick, and how a proposal compares with it. Owned by the thread of the
/// [DecisionDesk]; before the first tick nothing is known.
final class LatestFacts {
    private FleetFacts facts = new NoFacts();
    private long lastTickMs;

    /// Takes the place of what was known.
    void replace(FleetFacts newFacts) {
        facts.release();
        facts = newFacts;
    }

    void release() {
        replace(new NoFacts());
    }

    FleetFacts facts() {
        return facts;
    }

    boolean isNothingKnown() {
        return facts instanceof NoFacts;
    }

    /// The tick before the one in work; 0 when there was none since the start.
    long lastTickMs() {
        return lastTickMs;
    }

    void lastTickMs(long tickMs) {
        lastTickMs = tickMs;
    }

    @Nullable VmFacts vm(Proposal proposal) {
        return facts.vm(proposal.vmId());
    }

    /// Whether what it changes is there at all.
    boolean isThere(Proposal proposal) {
        var scaling = proposal.scaling();
        if (!proposal.isScaling()) {
            return vm(proposal) != null;
        } else if (scaling.isByWebhook()) {
            return facts.group(scaling.group()) != null;
        }
        UUID template = scaling.template();
        return facts.vm(template == null ? proposal.vmId() : template) != null;
    }

    /// Whether the agent that is to act is heard; a webhook hears when it is told.
    boolean isHeard(Decision decision) {
        return decision.proposal().scaling().isByWebhook()
                || facts.isOnline(decision.proposal().hostId());
    }

    boolean isAsProposed(Proposal proposal) {
        if (proposal.isScaling()) {
            return isGroupAsProposed(proposal);
        }
        VmFacts vm = vm(proposal);
        return vm != null
                && vm.host().equals(proposal.hostId())
                && vm.vcpus() == proposal.fromVcpus()
                && vm.memoryBytes() == proposal.fromMemoryBytes()
                && vm.isOff() == (proposal.type() == ActionType.START)
                && isSet(vm, proposal.type(), proposal.change().fromSetting());
    }

    private boolean isGroupAsProposed(Proposal proposal) {
        var scaling = proposal.scaling();
        if (scaling.isByWebhook()) {
            GroupFacts group = facts.group(scaling.group());
            return group != null && group.size() == scaling.fromSize();
        }
        UUID template = scaling.template();
        VmFacts vm = facts.vm(template == null ? proposal.vmId() : template);
        return vm != null
                && vm.host().equals(proposal.hostId())
                && vm.isOff() == (template != null)
                && vm.vcpus() == scaling.vcpus()
                && vm.memoryBytes() == scaling.memoryBytes();
    }

    private boolean isGroupAsWanted(Proposal proposal) {
        var scaling = proposal.scaling();
        boolean more = proposal.type() == ActionType.SCALE_OUT;
        if (scaling.isByWebhook()) {
            GroupFacts group = facts.group(scaling.group());
            return group != null
                    && (more ? group.size() >= scaling.toSize() : group.size() <= scaling.toSize());
        }
        VmFacts vm = vm(proposal);
        if (vm == null || vm.isOff()) {
            return !more;
        }
        return more && vm.host().equals(proposal.hostId());
    }

    private static boolean isSet(VmFacts vm, ActionType type, String value) {
        VmSetting setting = VmSetting.of(type);
        return setting == null || value.equals(vm.setting(setting));
    }

    boolean isAsWanted(Proposal proposal) {
        if (proposal.isScaling()) {
            return isGroupAsWanted(proposal);
        }
        VmFacts vm = vm(proposal);
        if (vm == null) {
            return false;
        }
        return switch (proposal.type()) {
            case SET_VCPUS -> vm.vcpus() == proposal.toVcpus();
            case SET_MEMORY -> vm.memoryBytes() == proposal.toMemoryBytes();
            case LIVE_MIGRATE -> vm.host().equals(proposal.targetHostId());
            case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS ->
                    isSet(vm, proposal.type(), proposal.change().toSetting());
            case START -> !vm.isOff();
            case STOP -> vm.isOff();
            case SCALE_OUT, SCALE_IN, SBE_UNKNOWN, NULL_VAL -> false;
        };
    }

    /// Whether the hosts concerned have said what is on them since the decision came into its
    /// state. A heartbeat says that an agent lives, not that its inventory is here: that goes over
    /// another connection. A vm that has left one host is nowhere until the other one reports it.
    boolean isKnown(Decision decision) {
        Proposal proposal = decision.proposal();
        if (proposal.scaling().isByWebhook()) {
            return facts.group(proposal.scaling().group()) != null;
        }
        UUID target = proposal.targetHostId();
        return isKnown(proposal.hostId(), decision.sinceMs())
                && (target == null || isKnown(target, decision.sinceMs()));
    }

    private boolean isKnown(UUID host, long sinceMs) {
        return facts.isOnline(host) && facts.reportedAtMs(host) > sinceMs;
    }

    /// Before the first tick nothing is known.
    private static final class NoFacts implements FleetFacts {
        @Override
        public @Nullable VmFacts vm(UUID vm) {
            return null;
        }

        @Override
        public boolean isOnline(UUID host) {
            return false;
        }
    }
}
