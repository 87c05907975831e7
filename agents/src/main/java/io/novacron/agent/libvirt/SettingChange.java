package io.novacron.agent.libvirt;

import io.novacron.agent.ActionReport;
import io.novacron.agent.libvirt.Connection.DomainState;
import io.novacron.agent.libvirt.LibvirtException.Kind;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.ErrorCode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Changes a [VmSetting] of a running vm, and of its definition when it has one. The host alone
/// does it, whatever the guest is up to; so success is what one read afterwards gives.
final class SettingChange {
    private final CommandCalls calls;
    private final Reports reports;

    SettingChange(CommandCalls calls, Reports reports) {
        this.calls = calls;
        this.reports = reports;
    }

    /// Why the action may not begin, or null.
    @Nullable ActionReport refusal(Action action, DomainState now, long deadlineNs)
            throws LibvirtException {
        var setting = settingOf(action);
        String target;
        try {
            target = setting.parse(action.targetSetting());
        } catch (IllegalArgumentException e) {
            return reports.failed(ErrorCode.OUT_OF_RANGE, now, String.valueOf(e.getMessage()));
        }
        if (!target.equals(action.targetSetting())) {
            return reports.failed(
                    ErrorCode.BAD_MESSAGE,
                    now,
                    "targetSetting=%s must be said as %s"
                            .formatted(action.targetSetting(), target));
        }
        int cpus = setting == VmSetting.VCPU_PINS ? calls.hostCpus(deadlineNs) : 0;
        for (var pin : VmSetting.pins(cpus == 0 ? VmSetting.ANYWHERE : target, now.vcpus())) {
            if (pin != null && pin.length() > cpus) {
                return reports.failed(
                        ErrorCode.OUT_OF_RANGE,
                        now,
                        "vcpu-pins=%s of %s must be CPUs of this host, which has %d"
                                .formatted(target, now.name(), cpus));
            }
        }
        var before = calls.setting(action.vm(), setting, deadlineNs);
        return action.expectedSetting().isEmpty() || action.expectedSetting().equals(before)
                ? null
                : reports.failed(
                        ErrorCode.PRECONDITION_FAILED,
                        now,
                        "%s of %s is %s, expected %s"
                                .formatted(
                                        setting.label(),
                                        now.name(),
                                        before,
                                        action.expectedSetting()));
    }

    ActionReport run(Action action, long deadlineNs, boolean persistent) throws LibvirtException {
        var setting = settingOf(action);
        LibvirtException trouble = null;
        // Settings are absolute: asking once more after a connection broke does no harm.
        for (int attempt = 0; attempt < 2; attempt++) {
            var flight =
                    calls.begin(
                            "set " + setting.label(),
                            deadlineNs,
                            c -> c.set(action.vm(), setting, action.targetSetting(), persistent));
            try {
                flight.await(calls.remaining(deadlineNs));
                trouble = null;
            } catch (LibvirtException e) {
                trouble = e;
            } finally {
                calls.settle(action.vm(), flight);
            }
            if (trouble == null || trouble.kind() != Kind.CONNECTION_LOST) {
                break;
            }
        }
        try {
            var now = calls.state(action.vm(), calls.readDeadlineNs());
            return trouble != null && calls.hangs(action.vm())
                    ? reports.unknown(ErrorCode.ACTION_TIMED_OUT, now, trouble.getMessage())
                    : compare(action, now, trouble);
        } catch (LibvirtException e) {
            return e.kind() == Kind.NOT_FOUND
                    ? Reports.vanished(action)
                    : ActionReport.unknown(
                            ErrorCode.ACTION_TIMED_OUT,
                            trouble == null ? e.getMessage() : trouble.getMessage());
        }
    }

    /// What became of an action that nobody waits for any more.
    ActionReport readBack(Action action, DomainState now) {
        if (!now.active()) {
            return reports.failed(
                    ErrorCode.PRECONDITION_FAILED, now, now.name() + " does not run any more");
        }
        try {
            return compare(action, now, null);
        } catch (LibvirtException e) {
            return reports.unknown(ErrorCode.NOT_READY, now, e.getMessage());
        }
    }

    private ActionReport compare(Action action, DomainState now, @Nullable LibvirtException trouble)
            throws LibvirtException {
        var setting = settingOf(action);
        var after = calls.setting(action.vm(), setting, calls.readDeadlineNs());
        var text = "%s of %s is %s".formatted(setting.label(), now.name(), after);
        if (after.equals(action.targetSetting())) {
            return reports.kept(
                    now, trouble == null ? text : text + "; but " + trouble.getMessage());
        }
        return reports.failed(
                ErrorCode.ACTION_FAILED,
                now,
                trouble == null ? "had no effect: " + text : trouble.getMessage());
    }

    private static VmSetting settingOf(Action action) {
        return Objects.requireNonNull(VmSetting.of(action.actionType()));
    }
}
