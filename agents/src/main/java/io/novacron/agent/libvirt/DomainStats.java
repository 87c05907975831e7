package io.novacron.agent.libvirt;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.novacron.wire.sbe.EntityState;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/// One domain's row of a bulk read. Numbers that libvirt left out are [#MISSING].
///
/// Parameters come as an array of `virTypedParameter`:
///
/// ```text
///  0            80     84    88        96
///  | name, NUL  | type | pad | value   |
/// ```
final class DomainStats {
    static final long MISSING = Long.MIN_VALUE;

    private static final long PARAMETER_LENGTH = 96;
    private static final int TYPE_OFFSET = 80;
    private static final int VALUE_OFFSET = 88;

    private static final int TYPE_INT = 1;
    private static final int TYPE_UNSIGNED_INT = 2;
    private static final int TYPE_LONG = 3;
    private static final int TYPE_UNSIGNED_LONG = 4;
    private static final int TYPE_DOUBLE = 5;
    private static final int TYPE_BOOLEAN = 6;

    private static final int STATE_RUNNING = 1;
    private static final int STATE_BLOCKED = 2;
    private static final int STATE_PAUSED = 3;
    private static final int STATE_SHUTTING_DOWN = 4;
    private static final int STATE_SUSPENDED = 7;
    private static final int REASON_PAUSED_MIGRATION = 2;

    private final UUID uuid;
    private final String name;
    private final Map<String, Long> values;

    DomainStats(UUID uuid, String name, Map<String, Long> values) {
        this.uuid = uuid;
        this.name = name;
        this.values = values;
    }

    static DomainStats parse(UUID uuid, String name, MemorySegment parameters, int count) {
        var values = new HashMap<String, Long>(count * 2);
        var array = parameters.reinterpret(count * PARAMETER_LENGTH);
        for (int i = 0; i < count; i++) {
            long offset = i * PARAMETER_LENGTH;
            long value =
                    switch (array.get(JAVA_INT, offset + TYPE_OFFSET)) {
                        case TYPE_INT -> array.get(JAVA_INT, offset + VALUE_OFFSET);
                        case TYPE_UNSIGNED_INT ->
                                Integer.toUnsignedLong(array.get(JAVA_INT, offset + VALUE_OFFSET));
                        case TYPE_LONG, TYPE_UNSIGNED_LONG ->
                                array.get(JAVA_LONG, offset + VALUE_OFFSET);
                        case TYPE_DOUBLE -> (long) array.get(JAVA_DOUBLE, offset + VALUE_OFFSET);
                        case TYPE_BOOLEAN -> array.get(JAVA_BYTE, offset + VALUE_OFFSET);
                        default -> MISSING; // a string: names and paths, which nobody here needs
                    };
            if (value != MISSING) {
                values.put(array.getString(offset), value);
            }
        }
        return new DomainStats(uuid, name, values);
    }

    UUID uuid() {
        return uuid;
    }

    String name() {
        return name;
    }

    boolean has(String parameter) {
        return values.containsKey(parameter);
    }

    long get(String parameter) {
        return values.getOrDefault(parameter, MISSING);
    }

    /// The sum of `group.N.parameter` over all devices of a group; missing if one device's is, for
    /// a sum over fewer devices would look like a drop.
    long sum(String group, String parameter) {
        long count = get(group + ".count");
        if (count == MISSING) {
            return MISSING;
        }
        long sum = 0;
        for (int i = 0; i < count; i++) {
            long value = get(group + "." + i + "." + parameter);
            if (value == MISSING) {
                return MISSING;
            }
            sum += value;
        }
        return sum;
    }

    /// The sum of `vcpu.N.parameter` over the vCPUs that are online.
    long sumVcpus(String parameter) {
        long maximum = get("vcpu.maximum");
        long sum = MISSING;
        for (int i = 0; i < maximum; i++) { // hot-added numbers need not be contiguous
            long value = get("vcpu." + i + "." + parameter);
            if (value != MISSING) {
                sum = sum == MISSING ? value : sum + value;
            }
        }
        return sum;
    }

    boolean active() {
        return isActive((int) Math.max(0, get("state.state")));
    }

    /// Whether libvirt could not ask the guest's process: it always gives the resident set of a
    /// running guest beside the balloon's size, unless another call waits for an answer.
    boolean unanswered() {
        return active() && has("balloon.current") && !has("balloon.rss");
    }

    /// The state by libvirt's own account.
    EntityState state() {
        return switch ((int) Math.max(0, get("state.state"))) {
            case STATE_RUNNING, STATE_BLOCKED, STATE_SHUTTING_DOWN -> EntityState.RUNNING;
            case STATE_PAUSED ->
                    get("state.reason") == REASON_PAUSED_MIGRATION
                            ? EntityState.MIGRATING
                            : EntityState.PAUSED;
            case STATE_SUSPENDED -> EntityState.PAUSED;
            default -> EntityState.STOPPED;
        };
    }

    /// Whether a domain in this `virDomainState` has a process.
    static boolean isActive(int state) {
        return switch (state) {
            case STATE_RUNNING, STATE_BLOCKED, STATE_PAUSED, STATE_SHUTTING_DOWN, STATE_SUSPENDED ->
                    true;
            default -> false;
        };
    }
}
