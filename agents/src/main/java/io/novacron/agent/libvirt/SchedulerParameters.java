package io.novacron.agent.libvirt;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.novacron.wire.message.VmSetting;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/// Reads and writes a domain's CPU scheduler parameters, an array of `virTypedParameter`:
///
/// ```text
///  0            80      84      88        96
///  | name (80)  | type  | -     | value   |
/// ```
///
/// The quota is the domain's own (`global_quota`), not a vCPU's (`vcpu_quota`): so one busy vCPU
/// may use all of it, as on a smaller vm (ADR 0022). Lives as long as its arena.
final class SchedulerParameters {
    private static final long LENGTH = 96;
    private static final long TYPE_OFFSET = 80;
    private static final long VALUE_OFFSET = 88;
    private static final int LLONG = 3;
    private static final int ULLONG = 4;
    private static final long PERIOD_US = 100_000; // what the kernel takes without being asked
    private static final String SHARES = "cpu_shares";
    private static final String PERIOD = "global_period";
    private static final String QUOTA = "global_quota";

    private final LibvirtLibrary library;
    private final MemorySegment connection;
    private final Arena arena;

    SchedulerParameters(LibvirtLibrary library, MemorySegment connection, Arena arena) {
        this.library = library;
        this.connection = connection;
        this.arena = arena;
    }

    /// Parameters as they were read.
    static final class Values {
        private final Map<String, Long> values;

        private Values(Map<String, Long> values) {
            this.values = values;
        }

        String quota() throws LibvirtException {
            long period = get(PERIOD);
            long quota = get(QUOTA);
            // Without a quota libvirt says -1, or the most that it can say.
            return quota <= 0 || period <= 0 || quota / period > 100_000
                    ? VmSetting.NO_QUOTA
                    : VmSetting.quota(Math.round(quota * 1_000.0 / period));
        }

        String shares() throws LibvirtException {
            return Long.toString(get(SHARES));
        }

        private long get(String name) throws LibvirtException {
            Long value = values.get(name);
            if (value == null) {
                throw new LibvirtException(
                        LibvirtException.Kind.UNSUPPORTED,
                        "the domain's scheduler has no %s. Maybe the host has no cgroup for CPU time?"
                                .formatted(name));
            }
            return value;
        }
    }

    Values read(MemorySegment domain, int flags) throws LibvirtException {
        var count = arena.allocate(JAVA_INT);
        var type = library.domainGetSchedulerType(domain, count);
        if (type.equals(MemorySegment.NULL)) {
            throw library.lastError("virDomainGetSchedulerType", connection);
        }
        library.free(type);
        var parameters = arena.allocate(Math.max(1, count.get(JAVA_INT, 0)) * LENGTH, 8);
        if (library.domainGetSchedulerParameters(domain, parameters, count, flags) < 0) {
            throw library.lastError("virDomainGetSchedulerParametersFlags", connection);
        }
        var values = new HashMap<String, Long>();
        for (int i = 0; i < count.get(JAVA_INT, 0); i++) {
            var parameter = parameters.asSlice(i * LENGTH, LENGTH);
            int typeOf = parameter.get(JAVA_INT, TYPE_OFFSET);
            if (typeOf == LLONG || typeOf == ULLONG) {
                values.put(parameter.getString(0), parameter.get(JAVA_LONG, VALUE_OFFSET));
            }
        }
        return new Values(values);
    }

    /// @param text in canonical form
    void writeQuota(MemorySegment domain, String text, int flags) throws LibvirtException {
        var parameters = arena.allocate(2 * LENGTH, 8);
        put(parameters, 0, PERIOD, ULLONG, PERIOD_US);
        put(
                parameters,
                1,
                QUOTA,
                LLONG,
                text.equals(VmSetting.NO_QUOTA)
                        ? -1
                        : VmSetting.quotaMillis(text) * PERIOD_US / 1_000);
        write(domain, parameters, 2, flags);
    }

    void writeShares(MemorySegment domain, long shares, int flags) throws LibvirtException {
        var parameters = arena.allocate(LENGTH, 8);
        put(parameters, 0, SHARES, ULLONG, shares);
        write(domain, parameters, 1, flags);
    }

    private static void put(
            MemorySegment parameters, int index, String name, int type, long value) {
        var parameter = parameters.asSlice(index * LENGTH, LENGTH);
        parameter.setString(0, name);
        parameter.set(JAVA_INT, TYPE_OFFSET, type);
        parameter.set(JAVA_LONG, VALUE_OFFSET, value);
    }

    private void write(MemorySegment domain, MemorySegment parameters, int count, int flags)
            throws LibvirtException {
        if (library.domainSetSchedulerParameters(domain, parameters, count, flags) < 0) {
            throw library.lastError("virDomainSetSchedulerParametersFlags", connection);
        }
    }
}
