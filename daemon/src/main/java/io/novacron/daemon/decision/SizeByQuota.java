package io.novacron.daemon.decision;

import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A size in vCPUs that is held by a quota of CPU time instead: for a vm that has one already, and
/// for one whose guest did not let a vCPU go. Pure.
public final class SizeByQuota {
    private SizeByQuota() {}

    /// The vCPUs that a vm can keep busy: its own, or fewer where a quota says so.
    ///
    /// @param labels of the vm
    public static int effectiveVcpus(int vcpus, Map<String, String> labels) {
        String quota = VmSetting.CPU_QUOTA.read(labels);
        if (quota == null) {
            return vcpus;
        }
        long most = Math.ceilDiv(VmSetting.quotaMillis(quota), 1_000L);
        return Math.clamp(most, 1, Math.max(1, vcpus));
    }

    /// The quota in place of a size that is advised; null where there is nothing to change by it.
    ///
    /// @param advised a SET_VCPUS of a vm whose agent tells its quota
    /// @param why it is not the number of vCPUs that changes
    public static @Nullable Proposal instead(Proposal advised, String why) {
        String now = VmSetting.CPU_QUOTA.read(advised.labels());
        if (advised.type() != ActionType.SET_VCPUS || now == null) {
            return null;
        }
        String wanted =
                advised.toVcpus() >= advised.fromVcpus()
                        ? VmSetting.NO_QUOTA
                        : VmSetting.quota(1_000L * advised.toVcpus());
        return wanted.equals(now)
                ? null
                : advised.withQuota(now, wanted, new ReasonRow("SIZE_BY_QUOTA", why));
    }

    /// Whether the last attempt to take vCPUs from a vm came to nothing.
    static boolean wasRefused(Proposal advised, Collection<Decision> all) {
        if (advised.type() != ActionType.SET_VCPUS || advised.toVcpus() >= advised.fromVcpus()) {
            return false;
        }
        LifecycleState last = LifecycleState.KEPT;
        for (Decision decision : all) { // in order of their ids
            Proposal earlier = decision.proposal();
            boolean shrinks =
                    earlier.vmId().equals(advised.vmId())
                            && earlier.type() == ActionType.SET_VCPUS
                            && earlier.toVcpus() < earlier.fromVcpus();
            boolean ended =
                    decision.state() == LifecycleState.FAILED
                            || decision.state() == LifecycleState.KEPT;
            if (shrinks && ended) {
                last = decision.state();
            }
        }
        return last == LifecycleState.FAILED;
    }
}
