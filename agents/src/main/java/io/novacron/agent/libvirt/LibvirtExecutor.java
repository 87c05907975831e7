package io.novacron.agent.libvirt;

import io.novacron.agent.ActionProgress;
import io.novacron.agent.ActionReport;
import io.novacron.agent.libvirt.Connection.DomainState;
import io.novacron.agent.libvirt.LibvirtException.Kind;
import io.novacron.wire.message.Action;
import io.novacron.wire.message.ActionCapability;
import io.novacron.wire.message.VmSetting;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.ErrorCode;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Carries actions out: checks that the vm is as the action expects, hands over to [SizeChange],
/// [SettingChange], [PowerChange], [LiveMigration] or [MemberChange], and reads back.
///
/// Begun and not seen to end is `UNKNOWN`, whatever the reason: a guest may take a vCPU or a
/// balloon minutes later. Only what libvirt refused, with the old state read back, is `FAILED`.
/// Used by any number of threads; one action at a time for a vm.
final class LibvirtExecutor {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(1);
    private static final long MIN_MEMORY_BYTES = 64L << 20; // less, and no guest lives on
    private static final UUID ANY_HOST = new UUID(0, 0);

    private final UUID hostId;
    private final CommandCalls calls;
    private final Reports reports;
    private final SizeChange sizeChange;
    private final LiveMigration liveMigration;
    private final SettingChange settingChange;
    private final PowerChange powerChange;
    private final MemberChange memberChange;
    private final Set<UUID> acting;

    /// @param acting shows others the vms that an action works on
    /// @param migrating shows others the vms that move now
    LibvirtExecutor(
            LibvirtUri uri,
            UUID hostId,
            CommandCalls calls,
            Set<UUID> acting,
            Set<UUID> migrating) {
        this.hostId = hostId;
        this.calls = calls;
        this.acting = acting;
        reports = new Reports(hostId);
        sizeChange = new SizeChange(calls, reports);
        liveMigration = new LiveMigration(uri, calls, reports, migrating);
        settingChange = new SettingChange(calls, reports);
        powerChange = new PowerChange(calls, reports);
        memberChange = new MemberChange(hostId, calls, reports, powerChange);
    }

    ActionReport execute(Action action, ActionProgress progress) {
        if (!acting.add(action.vm())) {
            return ActionReport.failed(
                    ErrorCode.PRECONDITION_FAILED,
                    "vm %s: another action of this agent is under way".formatted(action.vm()));
        }
        try {
            var timeout =
                    action.timeoutMs() > 0
                            ? Duration.ofMillis(action.timeoutMs())
                            : DEFAULT_TIMEOUT;
            long deadlineNs = calls.nowNs() + timeout.toNanos();
            if (ActionCapability.isScaling(action.actionType())) {
                return memberChange.run(action, deadlineNs, progress);
            }
            var before = calls.state(action.vm(), deadlineNs);
            var refusal = refusal(action, before, deadlineNs);
            if (refusal != null) {
                return refusal;
            }
            progress.running(plan(action, before));
            return switch (action.actionType()) {
                case SET_VCPUS -> sizeChange.setVcpus(action, deadlineNs, before.persistent());
                case SET_MEMORY -> sizeChange.setMemory(action, deadlineNs, before.persistent());
                case LIVE_MIGRATE -> liveMigration.run(action, deadlineNs, before.persistent());
                case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS ->
                        settingChange.run(action, deadlineNs, before.persistent());
                case START, STOP -> powerChange.run(action, deadlineNs);
                case SCALE_OUT, SCALE_IN, SBE_UNKNOWN, NULL_VAL -> Reports.unknownType();
            };
        } catch (LibvirtException e) {
            return Reports.notBegun(action, e);
        } finally {
            acting.remove(action.vm());
        }
    }

    ActionReport readBack(Action action) {
        if (ActionCapability.isScaling(action.actionType())) {
            return memberChange.readBack(action);
        }
        DomainState now = null;
        try {
            now = calls.state(action.vm(), calls.readDeadlineNs());
            if (calls.hangs(action.vm())) {
                return reports.unknown(
                        ErrorCode.NOT_READY,
                        now,
                        "a call that changes %s hangs".formatted(now.name()));
            }
            if (now.active() && calls.job(action.vm(), calls.readDeadlineNs()).active()) {
                return reports.unknown(
                        ErrorCode.NOT_READY, now, "a job of %s is under way".formatted(now.name()));
            }
        } catch (LibvirtException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                return ActionReport.unknown(ErrorCode.NOT_READY, e.getMessage());
            }
            now = null; // it may also have gone between the two reads
        }
        return switch (action.actionType()) {
            case SET_VCPUS, SET_MEMORY ->
                    now == null ? Reports.vanished(action) : sizeChange.readBack(action, now);
            case LIVE_MIGRATE -> liveMigration.readBack(action, now);
            case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS ->
                    now == null ? Reports.vanished(action) : settingChange.readBack(action, now);
            case START, STOP ->
                    now == null ? Reports.vanished(action) : powerChange.readBack(action, now);
            case SCALE_OUT, SCALE_IN, SBE_UNKNOWN, NULL_VAL -> Reports.unknownType();
        };
    }

    /// Why the action may not begin, or null. A size that the action does not mention (0) may be
    /// any, but for the one that it changes.
    private @Nullable ActionReport refusal(Action action, DomainState now, long deadlineNs)
            throws LibvirtException {
        var mismatch = mismatch(action, now);
        if (mismatch == null && calls.hangs(action.vm())) {
            mismatch = "%s: an earlier call that changes it hangs".formatted(now.name());
        }
        if (mismatch != null) {
            return reports.failed(ErrorCode.PRECONDITION_FAILED, now, mismatch);
        }
        var range = outOfRange(action, now);
        if (range != null) {
            return reports.failed(ErrorCode.OUT_OF_RANGE, now, range);
        }
        var own =
                isPowerChange(action)
                        ? powerChange.refusal(action, now)
                        : VmSetting.of(action.actionType()) == null
                                ? null
                                : settingChange.refusal(action, now, deadlineNs);
        if (own != null || !now.active()) {
            return own; // what does not run has no job
        }
        // Libvirt would queue the change behind the job, for minutes, and then may not find the vm.
        var job = calls.job(action.vm(), deadlineNs);
        return job.active()
                ? reports.failed(
                        ErrorCode.PRECONDITION_FAILED,
                        now,
                        "%s: a job has been under way for %d ms. Maybe a migration or a backup?"
                                .formatted(now.name(), job.elapsedMs()))
                : null;
    }

    private @Nullable String mismatch(Action action, DomainState now) {
        var vm = now.name();
        if (!now.active() && !isPowerChange(action)) {
            return "%s does not run (state %d)".formatted(vm, now.state());
        }
        if (!action.expectedHost().equals(ANY_HOST) && !action.expectedHost().equals(hostId)) {
            return "%s is on host %s, expected host %s"
                    .formatted(vm, hostId, action.expectedHost());
        }
        if (isPowerChange(action)) {
            return null; // what is off has sizes of its own
        }
        boolean vcpusMatter =
                action.actionType() == ActionType.SET_VCPUS || action.expectedVcpus() != 0;
        if (vcpusMatter && now.vcpus() != action.expectedVcpus()) {
            return "%s has %d vCPUs, expected %d"
                    .formatted(vm, now.vcpus(), action.expectedVcpus());
        }
        boolean memoryMatters =
                action.actionType() == ActionType.SET_MEMORY || action.expectedMemoryBytes() != 0;
        if (memoryMatters && !SizeChange.near(now.memoryBytes(), action.expectedMemoryBytes())) {
            return "%s has %d bytes of memory, expected %d"
                    .formatted(vm, now.memoryBytes(), action.expectedMemoryBytes());
        }
        return null;
    }

    private static @Nullable String outOfRange(Action action, DomainState now) {
        var vm = now.name();
        return switch (action.actionType()) {
            case SET_VCPUS ->
                    action.targetVcpus() >= 1 && action.targetVcpus() <= now.maxVcpus()
                            ? null
                            : "targetVcpus=%d of %s must be in [1, %d]. Maybe raise its maximum?"
                                    .formatted(action.targetVcpus(), vm, now.maxVcpus());
            case SET_MEMORY -> {
                long target = action.targetMemoryBytes();
                yield target >= MIN_MEMORY_BYTES && target <= now.maxMemoryBytes()
                        ? null
                        : "targetMemoryBytes=%d of %s must be in [%d, %d]. Maybe raise its maximum?"
                                .formatted(target, vm, MIN_MEMORY_BYTES, now.maxMemoryBytes());
            }
            case LIVE_MIGRATE ->
                    LibvirtUri.accepts(action.targetUri())
                            ? null
                            : "targetUri=%s of %s must be a libvirt URI. Maybe qemu+tls://HOST/system?"
                                    .formatted(action.targetUri(), vm);
            case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS, START, STOP -> null; // looked at later
            case SCALE_OUT, SCALE_IN, SBE_UNKNOWN, NULL_VAL ->
                    "actionType of %s is not known to this agent".formatted(vm);
        };
    }

    private static boolean isPowerChange(Action action) {
        return action.actionType() == ActionType.START || action.actionType() == ActionType.STOP;
    }

    private static String plan(Action action, DomainState now) {
        return switch (action.actionType()) {
            case SET_VCPUS ->
                    "%s from %d to %d vCPUs"
                            .formatted(now.name(), now.vcpus(), action.targetVcpus());
            case SET_MEMORY ->
                    "%s from %d to %d bytes of memory"
                            .formatted(now.name(), now.memoryBytes(), action.targetMemoryBytes());
            case LIVE_MIGRATE -> "%s to %s".formatted(now.name(), action.targetUri());
            case SET_CPU_QUOTA, SET_CPU_SHARES, PIN_VCPUS ->
                    "%s from %s to %s"
                            .formatted(
                                    now.name(), action.expectedSetting(), action.targetSetting());
            case START -> now.name() + " is started";
            case STOP -> now.name() + " is asked to shut down";
            case SCALE_OUT, SCALE_IN, SBE_UNKNOWN, NULL_VAL -> now.name();
        };
    }
}
