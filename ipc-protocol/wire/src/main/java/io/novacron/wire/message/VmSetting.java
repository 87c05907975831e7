package io.novacron.wire.message;

import io.novacron.wire.sbe.ActionType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A setting of a vm that is not a size: text in one form only, so that two texts are equal when
/// the settings are. It travels in actions, and as a label of the vm in inventories.
///
/// | type | means | form |
/// |---|---|---|
/// | [ActionType#SET_CPU_QUOTA] | CPU time that all vCPUs of the vm may use together | thousandths of a CPU (`1500m`), or `none` |
/// | [ActionType#SET_CPU_SHARES] | its weight beside other vms when CPU time is short | `1` to `262144`; `1024` is usual with cgroups v1, `100` with v2 |
/// | [ActionType#PIN_VCPUS] | the host's CPUs that each vCPU may run on | one list for all (`0-3,8`), or one a vCPU (`0;1`), or `any` |
public enum VmSetting {
    CPU_QUOTA(ActionType.SET_CPU_QUOTA, "novacron.cpu-quota") {
        @Override
        String canonical(String text) {
            if (text.equals(NO_QUOTA)) {
                return text;
            }
            long millis =
                    MILLIS.matcher(text).matches()
                            ? Long.parseLong(text.substring(0, text.length() - 1))
                            : CPUS.matcher(text).matches()
                                    ? Math.round(Double.parseDouble(text) * 1_000)
                                    : -1;
            if (millis < LEAST_QUOTA || millis > MOST_QUOTA) {
                throw refused(text, "none, or CPUs in [0.01, 4096], such as 1.5 or 1500m");
            }
            return quota(millis);
        }
    },
    CPU_SHARES(ActionType.SET_CPU_SHARES, "novacron.cpu-shares") {
        @Override
        String canonical(String text) {
            int shares = SHARES.matcher(text).matches() ? Integer.parseInt(text) : 0;
            if (shares < LEAST_SHARES || shares > MOST_SHARES) {
                throw refused(
                        text, "a number in [1, 262144]. Maybe 1024 (cgroups v1) or 100 (v2)?");
            }
            return Integer.toString(shares);
        }
    },
    VCPU_PINS(ActionType.PIN_VCPUS, "novacron.vcpu-pins") {
        @Override
        String canonical(String text) {
            if (text.equals(ANYWHERE)) {
                return text;
            }
            if (text.length() > Bounds.SETTING) {
                throw refused(text, "at most %d characters".formatted(Bounds.SETTING));
            }
            var lists = new ArrayList<String>();
            for (String list : text.split(";", -1)) {
                lists.add(list.equals(ANYWHERE) ? list : list(cpus(list)));
            }
            boolean alike = lists.stream().distinct().count() == 1;
            return alike ? lists.getFirst() : String.join(";", lists);
        }
    };

    /// No quota.
    public static final String NO_QUOTA = "none";

    /// Pinned nowhere.
    public static final String ANYWHERE = "any";

    private static final Pattern MILLIS = Pattern.compile("\\d{1,9}m");
    private static final Pattern CPUS = Pattern.compile("\\d{1,5}(\\.\\d{1,3})?");
    private static final Pattern SHARES = Pattern.compile("\\d{1,6}");
    private static final Pattern RANGE = Pattern.compile("(\\d{1,4})(?:-(\\d{1,4}))?");
    private static final long LEAST_QUOTA = 10; // thousandths; what the kernel takes
    private static final long MOST_QUOTA = 4_096_000;
    private static final int LEAST_SHARES = 1;
    private static final int MOST_SHARES = 262_144;

    private final ActionType type;
    private final String label;

    VmSetting(ActionType type, String label) {
        this.type = type;
        this.label = label;
    }

    /// The setting that a type of action changes; null when it changes none.
    public static @Nullable VmSetting of(ActionType type) {
        for (VmSetting setting : values()) {
            if (setting.type == type) {
                return setting;
            }
        }
        return null;
    }

    /// The label of a vm under which its agent tells the setting.
    public String label() {
        return label;
    }

    /// What a vm's labels say; null when its agent does not tell.
    public @Nullable String read(Map<String, String> labels) {
        return labels.get(label);
    }

    /// The one form of a setting.
    ///
    /// @throws IllegalArgumentException when it is none; says what it must be
    public String parse(String text) {
        return canonical(text.strip());
    }

    abstract String canonical(String text);

    /// @param millis thousandths of a CPU
    public static String quota(long millis) {
        return millis + "m";
    }

    /// Thousandths of a CPU; [Long#MAX_VALUE] for none.
    ///
    /// @param text in canonical form
    public static long quotaMillis(String text) {
        return text.equals(NO_QUOTA)
                ? Long.MAX_VALUE
                : Long.parseLong(text.substring(0, text.length() - 1));
    }

    /// The CPUs that each vCPU may run on; null for any.
    ///
    /// @param text in canonical form
    public static List<@Nullable BitSet> pins(String text, int vcpus) {
        String[] lists = text.split(";", -1);
        var pins = new ArrayList<@Nullable BitSet>();
        for (int vcpu = 0; vcpu < vcpus; vcpu++) {
            String list = lists[Math.min(vcpu, lists.length - 1)];
            pins.add(list.equals(ANYWHERE) ? null : VCPU_PINS.cpus(list));
        }
        return pins;
    }

    /// The canonical form of pins.
    ///
    /// @param pins by vCPU; null for any
    public static String pins(List<@Nullable BitSet> pins) {
        var lists = new ArrayList<String>();
        for (BitSet pin : pins) {
            lists.add(pin == null ? ANYWHERE : list(pin));
        }
        return lists.isEmpty() ? ANYWHERE : VCPU_PINS.canonical(String.join(";", lists));
    }

    BitSet cpus(String list) {
        var cpus = new BitSet();
        for (String part : list.split(",", -1)) {
            var range = RANGE.matcher(part);
            if (!range.matches()) {
                throw refused(list, "CPUs such as 0-3,8, or one such list a vCPU: 0;1");
            }
            int from = Integer.parseInt(range.group(1));
            int to = range.group(2) == null ? from : Integer.parseInt(range.group(2));
            if (to < from) {
                throw refused(list, "CPUs such as 0-3,8: a range goes up");
            }
            cpus.set(from, to + 1);
        }
        return cpus;
    }

    private static String list(BitSet cpus) {
        var text = new StringBuilder();
        for (int from = cpus.nextSetBit(0); from >= 0; ) {
            int end = cpus.nextClearBit(from);
            text.append(text.isEmpty() ? "" : ",").append(from);
            if (end - 1 > from) {
                text.append('-').append(end - 1);
            }
            from = cpus.nextSetBit(end);
        }
        return text.toString();
    }

    IllegalArgumentException refused(String text, String rule) {
        return new IllegalArgumentException(
                "%s=%s must be %s".formatted(label.substring(label.indexOf('.') + 1), text, rule));
    }
}
