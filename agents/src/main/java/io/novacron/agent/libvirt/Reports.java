package io.novacron.agent.libvirt;

import io.novacron.agent.ActionReport;
import io.novacron.agent.libvirt.Connection.DomainState;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ErrorCode;
import io.novacron.wire.sbe.LifecycleState;
import java.util.UUID;

/// Words for what became of an action. The report says what is known and no more.
final class Reports {
    private final UUID hostId;

    Reports(UUID hostId) {
        this.hostId = hostId;
    }

    ActionReport kept(DomainState now, String text) {
        return of(LifecycleState.KEPT, ErrorCode.NONE, now, text);
    }

    ActionReport failed(ErrorCode code, DomainState now, String text) {
        return of(LifecycleState.FAILED, code, now, text);
    }

    ActionReport unknown(ErrorCode code, DomainState now, String text) {
        return of(LifecycleState.UNKNOWN, code, now, text);
    }

    ActionReport rolledBack(ErrorCode code, DomainState now, String text) {
        return of(LifecycleState.ROLLED_BACK, code, now, text);
    }

    /// The vm is not here, and nobody here moved it.
    static ActionReport vanished(Action action) {
        return ActionReport.failed(
                ErrorCode.NOT_FOUND,
                "vm %s is not on this host. Maybe it was destroyed or migrated after the decision?"
                        .formatted(action.vm()));
    }

    static ActionReport unknownType() {
        return ActionReport.failed(
                ErrorCode.BAD_MESSAGE, "actionType is not known to this agent. Maybe it is older?");
    }

    /// An action whose first change was never asked for.
    static ActionReport notBegun(Action action, LibvirtException e) {
        return switch (e.kind()) {
            case NOT_FOUND -> vanished(action);
            case OVERRAN, GUEST_TIMED_OUT, INTERRUPTED ->
                    ActionReport.unknown(
                            ErrorCode.ACTION_TIMED_OUT,
                            notBegunText(action, e) + ". Maybe the guest hangs?");
            case DEGRADED, CONNECTION_LOST, UNAVAILABLE ->
                    ActionReport.failed(ErrorCode.NOT_READY, notBegunText(action, e));
            case REFUSED, UNSUPPORTED ->
                    ActionReport.failed(ErrorCode.ACTION_FAILED, notBegunText(action, e));
        };
    }

    static String sizes(DomainState now) {
        return "%s has %d vCPUs and %d bytes of memory"
                .formatted(now.name(), now.vcpus(), now.memoryBytes());
    }

    private static String notBegunText(Action action, LibvirtException e) {
        return "vm %s, nothing was changed: %s".formatted(action.vm(), e.getMessage());
    }

    private ActionReport of(LifecycleState state, ErrorCode code, DomainState now, String text) {
        return new ActionReport(state, code, now.vcpus(), now.memoryBytes(), hostId, text);
    }
}
