package io.novacron.agent.libvirt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.novacron.wire.message.VmSetting;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One connection to libvirt, used by one platform thread. Every method may block for ever; only
/// [CallPool] calls them.
///
/// Domains are looked up for each call and let go at its end: a lookup costs libvirtd some 50 µs,
/// and no pointer outlives a domain or a connection.
final class Connection implements AutoCloseable {
    /// Groups of `virConnectGetAllDomainStats`.
    static final int STATS_STATE = 1;

    static final int STATS_BALLOON = 1 << 2;
    static final int STATS_VCPU = 1 << 3;
    static final int STATS_INTERFACE = 1 << 4;
    static final int STATS_BLOCK = 1 << 5;
    private static final int STATS_NO_WAIT = 1 << 29;

    private static final int AFFECT_LIVE = 1;
    private static final int AFFECT_CONFIG = 2;
    private static final int VCPUS_MAXIMUM = 4;

    private static final int MIGRATE_LIVE = 1;
    private static final int MIGRATE_PEER_TO_PEER = 1 << 1;
    private static final int MIGRATE_PERSIST_DESTINATION = 1 << 3;
    private static final int MIGRATE_UNDEFINE_SOURCE = 1 << 4;
    private static final int MIGRATE_UNSAFE = 1 << 9;

    private static final int XML_SECURE = 1;
    private static final int XML_INACTIVE = 2;
    private static final int UNDEFINE_MANAGED_SAVE = 1;
    private static final int UNDEFINE_SNAPSHOTS_METADATA = 2;
    private static final int UNDEFINE_NVRAM = 4;
    private static final int DESTROY_GRACEFUL = 1;

    private static final int METADATA_TITLE = 1;
    private static final int METADATA_ELEMENT = 2;
    private static final int JOB_NONE = 0;
    private static final int JOB_COMPLETED = 3;

    private static final long RECORD_LENGTH = 24;
    private static final long INFO_LENGTH = 40;
    private static final long JOB_INFO_LENGTH = 128;
    private static final ValueLayout.OfLong BIG_ENDIAN =
            JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final LibvirtLibrary library;
    private final MemorySegment handle;

    private Connection(LibvirtLibrary library, MemorySegment handle) {
        this.library = library;
        this.handle = handle;
    }

    static Connection open(String uri) throws LibvirtException {
        var library = LibvirtLibrary.load();
        try (var arena = Arena.ofConfined()) {
            var handle = library.connectOpen(arena.allocateFrom(uri));
            if (handle.equals(MemorySegment.NULL)) {
                throw library.lastError("open " + uri, MemorySegment.NULL);
            }
            return new Connection(library, handle);
        }
    }

    /// The version of libvirt on the other side, e.g. `9.0.0`.
    String version() throws LibvirtException {
        try (var arena = Arena.ofConfined()) {
            var version = arena.allocate(JAVA_LONG);
            check(library.connectGetLibVersion(handle, version), "virConnectGetLibVersion");
            long number = version.get(JAVA_LONG, 0);
            return "%d.%d.%d".formatted(number / 1_000_000, number / 1000 % 1000, number % 1000);
        }
    }

    /// Statistics of all domains, active or not, without waiting for those that are busy: their
    /// rows have fewer parameters.
    List<DomainStats> allDomainStats(int groups) throws LibvirtException {
        try (var arena = Arena.ofConfined()) {
            var result = arena.allocate(ADDRESS);
            int count = library.connectGetAllDomainStats(handle, groups, result, STATS_NO_WAIT);
            check(count, "virConnectGetAllDomainStats");
            var records = result.get(ADDRESS, 0);
            try {
                var array = records.reinterpret((count + 1) * ADDRESS.byteSize());
                var uuid = arena.allocate(16);
                var rows = new ArrayList<DomainStats>(count);
                for (int i = 0; i < count; i++) {
                    var row = array.getAtIndex(ADDRESS, i).reinterpret(RECORD_LENGTH);
                    var domain = row.get(ADDRESS, 0);
                    var name = LibvirtLibrary.text(library.domainGetName(domain));
                    rows.add(
                            DomainStats.parse(
                                    uuidOf(domain, uuid),
                                    name,
                                    row.get(ADDRESS, 8),
                                    row.get(JAVA_INT, 16)));
                }
                return rows;
            } finally {
                library.statsRecordListFree(records);
            }
        }
    }

    /// What an action must know of a domain before and after it.
    DomainState state(UUID vm) throws LibvirtException {
        return withDomain(
                vm,
                (arena, domain) -> {
                    var info = arena.allocate(INFO_LENGTH, 8);
                    check(library.domainGetInfo(domain, info), "virDomainGetInfo");
                    int state = Byte.toUnsignedInt(info.get(JAVA_BYTE, 0));
                    boolean active = DomainStats.isActive(state);
                    int maximum = 0;
                    if (active) {
                        maximum = library.domainGetVcpusFlags(domain, AFFECT_LIVE | VCPUS_MAXIMUM);
                        check(maximum, "virDomainGetVcpusFlags");
                    }
                    int persistent = library.domainIsPersistent(domain);
                    check(persistent, "virDomainIsPersistent");
                    return new DomainState(
                            LibvirtLibrary.text(library.domainGetName(domain)),
                            state,
                            Short.toUnsignedInt(info.get(JAVA_SHORT, 24)),
                            maximum,
                            info.get(JAVA_LONG, 16) << 10,
                            info.get(JAVA_LONG, 8) << 10,
                            persistent == 1);
                });
    }

    /// The job that holds the domain, or [DomainJob#NONE].
    DomainJob job(UUID vm) throws LibvirtException {
        return withDomain(
                vm,
                (arena, domain) -> {
                    var info = arena.allocate(JOB_INFO_LENGTH, 8);
                    try {
                        check(library.domainGetJobInfo(domain, info), "virDomainGetJobInfo");
                    } catch (LibvirtException e) {
                        if (e.kind() == LibvirtException.Kind.UNSUPPORTED) {
                            return DomainJob.NONE; // a driver without jobs
                        }
                        throw e;
                    }
                    int type = info.get(JAVA_INT, 0);
                    return type == JOB_NONE || type >= JOB_COMPLETED
                            ? DomainJob.NONE
                            : new DomainJob(
                                    true,
                                    info.get(JAVA_LONG, 8),
                                    info.get(JAVA_LONG, 24),
                                    info.get(JAVA_LONG, 40));
                });
    }

    void abortJob(UUID vm) throws LibvirtException {
        withDomain(
                vm,
                (_, domain) -> {
                    check(library.domainAbortJob(domain), "virDomainAbortJob");
                    return true;
                });
    }

    /// Changes the running domain and then, when asked for, the definition that its next start
    /// takes: two calls, for not every driver knows both at once, and a refused change must not
    /// stay in the definition.
    void setVcpus(UUID vm, int vcpus, boolean alsoInDefinition) throws LibvirtException {
        withDomain(
                vm,
                (_, domain) -> {
                    check(
                            library.domainSetVcpusFlags(domain, vcpus, AFFECT_LIVE),
                            "virDomainSetVcpusFlags");
                    if (alsoInDefinition) {
                        check(
                                library.domainSetVcpusFlags(domain, vcpus, AFFECT_CONFIG),
                                "virDomainSetVcpusFlags of the definition");
                    }
                    return true;
                });
    }

    /// Resizes the balloon of the running domain, and its definition as in [#setVcpus].
    void setMemory(UUID vm, long bytes, boolean alsoInDefinition) throws LibvirtException {
        withDomain(
                vm,
                (_, domain) -> {
                    check(
                            library.domainSetMemoryFlags(domain, bytes >> 10, AFFECT_LIVE),
                            "virDomainSetMemoryFlags");
                    if (alsoInDefinition) {
                        check(
                                library.domainSetMemoryFlags(domain, bytes >> 10, AFFECT_CONFIG),
                                "virDomainSetMemoryFlags of the definition");
                    }
                    return true;
                });
    }

    /// The setting of a running domain, in canonical form.
    ///
    /// @throws LibvirtException of kind REFUSED or UNSUPPORTED where the host has no such thing
    String setting(UUID vm, VmSetting setting) throws LibvirtException {
        return withDomain(vm, (arena, domain) -> setting(arena, domain, setting));
    }

    /// The settings of a domain that this host tells, by label; those that it does not are left
    /// out.
    Map<String, String> settings(UUID vm) throws LibvirtException {
        return withDomain(
                vm,
                (arena, domain) -> {
                    var settings = new LinkedHashMap<String, String>();
                    for (var setting : VmSetting.values()) {
                        try {
                            settings.put(setting.label(), setting(arena, domain, setting));
                        } catch (LibvirtException e) {
                            if (e.kind() != LibvirtException.Kind.REFUSED
                                    && e.kind() != LibvirtException.Kind.UNSUPPORTED) {
                                throw e;
                            }
                        }
                    }
                    return settings;
                });
    }

    private String setting(Arena arena, MemorySegment domain, VmSetting setting)
            throws LibvirtException {
        if (setting == VmSetting.VCPU_PINS) {
            return VmSetting.pins(pins(arena, domain));
        }
        var parameters = new SchedulerParameters(library, handle, arena);
        var values = parameters.read(domain, AFFECT_LIVE);
        return setting == VmSetting.CPU_QUOTA ? values.quota() : values.shares();
    }

    /// Changes a setting of the running domain, and its definition as in [#setVcpus].
    ///
    /// @param text in canonical form
    void set(UUID vm, VmSetting setting, String text, boolean alsoInDefinition)
            throws LibvirtException {
        withDomain(
                vm,
                (arena, domain) -> {
                    set(arena, domain, setting, text, AFFECT_LIVE);
                    if (alsoInDefinition) {
                        set(arena, domain, setting, text, AFFECT_CONFIG);
                    }
                    return true;
                });
    }

    private void set(Arena arena, MemorySegment domain, VmSetting setting, String text, int flags)
            throws LibvirtException {
        var parameters = new SchedulerParameters(library, handle, arena);
        switch (setting) {
            case CPU_QUOTA -> parameters.writeQuota(domain, text, flags);
            case CPU_SHARES -> parameters.writeShares(domain, Long.parseLong(text), flags);
            case VCPU_PINS -> pin(arena, domain, text, flags);
        }
    }

    /// By vCPU; null where it may run on every CPU of the host.
    private List<@Nullable BitSet> pins(Arena arena, MemorySegment domain) throws LibvirtException {
        int cpus = hostCpus();
        int length = (cpus + Byte.SIZE - 1) / Byte.SIZE;
        int vcpus = library.domainGetVcpusFlags(domain, AFFECT_LIVE);
        check(vcpus, "virDomainGetVcpusFlags");
        var maps = arena.allocate((long) vcpus * length);
        int filled = library.domainGetVcpuPinInfo(domain, vcpus, maps, length, AFFECT_LIVE);
        check(filled, "virDomainGetVcpuPinInfo");
        var pins = new ArrayList<@Nullable BitSet>();
        for (int vcpu = 0; vcpu < filled; vcpu++) {
            var map = maps.asSlice((long) vcpu * length, length).toArray(JAVA_BYTE);
            var set = BitSet.valueOf(map);
            pins.add(set.nextClearBit(0) >= cpus ? null : set);
        }
        return pins;
    }

    private void pin(Arena arena, MemorySegment domain, String text, int flags)
            throws LibvirtException {
        int cpus = hostCpus();
        int length = (cpus + Byte.SIZE - 1) / Byte.SIZE;
        int vcpus = library.domainGetVcpusFlags(domain, AFFECT_LIVE);
        check(vcpus, "virDomainGetVcpusFlags");
        var pins = VmSetting.pins(text, vcpus);
        for (int vcpu = 0; vcpu < vcpus; vcpu++) {
            var set = new BitSet();
            var wanted = pins.get(vcpu);
            if (wanted == null) {
                set.set(0, cpus);
            } else {
                set.or(wanted);
            }
            var map = arena.allocate(length);
            map.copyFrom(MemorySegment.ofArray(Arrays.copyOf(set.toByteArray(), length)));
            check(
                    library.domainPinVcpu(domain, vcpu, map, length, flags),
                    "virDomainPinVcpuFlags of vCPU " + vcpu);
        }
    }

    /// How many CPUs the host has.
    int hostCpus() throws LibvirtException {
        int cpus = library.nodeCpus(handle);
        check(cpus, "virNodeGetCPUMap");
        return cpus;
    }

    /// Starts a defined domain.
    void start(UUID vm) throws LibvirtException {
        withDomain(
                vm,
                (_, domain) -> {
                    check(library.domainCreate(domain), "virDomainCreate");
                    return true;
                });
    }

    /// Asks the guest to power itself off; returns when it has been asked.
    void shutdown(UUID vm) throws LibvirtException {
        withDomain(
                vm,
                (_, domain) -> {
                    check(library.domainShutdown(domain, 0), "virDomainShutdownFlags");
                    return true;
                });
    }

    /// The definition that the domain's next start takes.
    String definition(UUID vm) throws LibvirtException {
        return withDomain(
                vm,
                (_, domain) -> {
                    var text = library.domainGetXmlDesc(domain, XML_SECURE | XML_INACTIVE);
                    if (text.equals(MemorySegment.NULL)) {
                        throw library.lastError("virDomainGetXMLDesc", handle);
                    }
                    try {
                        return LibvirtLibrary.text(text);
                    } finally {
                        library.free(text);
                    }
                });
    }

    /// Defines a domain that is off. One with the same UUID and name is defined anew.
    void define(String xml) throws LibvirtException {
        try (var arena = Arena.ofConfined()) {
            var domain = library.domainDefineXml(handle, arena.allocateFrom(xml));
            if (domain.equals(MemorySegment.NULL)) {
                throw library.lastError("virDomainDefineXML", handle);
            }
            library.domainFree(domain);
        }
    }

    /// Forgets the definition of a domain that is off, and what libvirt keeps beside it; no disk.
    void undefine(UUID vm) throws LibvirtException {
        withDomain(
                vm,
                (_, domain) -> {
                    int all = UNDEFINE_MANAGED_SAVE | UNDEFINE_SNAPSHOTS_METADATA | UNDEFINE_NVRAM;
                    int result = library.domainUndefine(domain, all);
                    if (result < 0) { // not every driver knows all flags
                        result = library.domainUndefine(domain, 0);
                    }
                    check(result, "virDomainUndefineFlags");
                    return true;
                });
    }

    /// Ends a running domain without asking its guest. Only for clones of ours.
    void destroy(UUID vm) throws LibvirtException {
        withDomain(
                vm,
                (_, domain) -> {
                    check(library.domainDestroy(domain, DESTROY_GRACEFUL), "virDomainDestroyFlags");
                    return true;
                });
    }

    /// The element of a [CloneMark] in the domain's metadata; empty where there is none.
    String cloneElement(UUID vm) throws LibvirtException {
        return withDomain(
                vm,
                (arena, domain) -> {
                    var uri = arena.allocateFrom(CloneMark.NAMESPACE);
                    return metadata(domain, METADATA_ELEMENT, uri);
                });
    }

    /// Moves a running domain; the source's daemon talks to the target's. Returns when it is there.
    ///
    /// @param unsafe go on although the disks do not look shared
    void migrate(UUID vm, String targetUri, boolean persistent, boolean unsafe)
            throws LibvirtException {
        int flags =
                MIGRATE_LIVE
                        | MIGRATE_PEER_TO_PEER
                        | (persistent ? MIGRATE_PERSIST_DESTINATION | MIGRATE_UNDEFINE_SOURCE : 0)
                        | (unsafe ? MIGRATE_UNSAFE : 0);
        withDomain(
                vm,
                (arena, domain) -> {
                    var uri = arena.allocateFrom(targetUri);
                    check(library.domainMigrateToUri(domain, uri, flags), "virDomainMigrateToURI3");
                    return true;
                });
    }

    /// The labels in the domain's metadata, and its title as label `title`.
    Map<String, String> labels(UUID vm) throws LibvirtException {
        return withDomain(
                vm,
                (arena, domain) -> {
                    var uri = arena.allocateFrom(DomainLabels.NAMESPACE);
                    return DomainLabels.parse(
                            metadata(domain, METADATA_ELEMENT, uri),
                            metadata(domain, METADATA_TITLE, MemorySegment.NULL));
                });
    }

    /// Empty when there is none, which libvirt calls an error.
    private String metadata(MemorySegment domain, int type, MemorySegment uri) {
        var text = library.domainGetMetadata(domain, type, uri, 0);
        if (text.equals(MemorySegment.NULL)) {
            return "";
        }
        try {
            return LibvirtLibrary.text(text);
        } finally {
            library.free(text);
        }
    }

    @Override
    public void close() {
        library.connectClose(handle);
    }

    private <T> T withDomain(UUID vm, DomainCall<T> call) throws LibvirtException {
        try (var arena = Arena.ofConfined()) {
            var uuid = arena.allocate(16);
            uuid.set(BIG_ENDIAN, 0, vm.getMostSignificantBits());
            uuid.set(BIG_ENDIAN, 8, vm.getLeastSignificantBits());
            var domain = library.domainLookupByUuid(handle, uuid);
            if (domain.equals(MemorySegment.NULL)) {
                throw library.lastError("virDomainLookupByUUID", handle);
            }
            try {
                return call.on(arena, domain);
            } finally {
                library.domainFree(domain);
            }
        }
    }

    private UUID uuidOf(MemorySegment domain, MemorySegment scratch) throws LibvirtException {
        check(library.domainGetUuid(domain, scratch), "virDomainGetUUID");
        return new UUID(scratch.get(BIG_ENDIAN, 0), scratch.get(BIG_ENDIAN, 8));
    }

    private void check(int result, String function) throws LibvirtException {
        if (result < 0) {
            throw library.lastError(function, handle);
        }
    }

    private interface DomainCall<T> {
        T on(Arena arena, MemorySegment domain) throws LibvirtException;
    }

    /// A domain's sizes and run state (`virDomainState`).
    record DomainState(
            String name,
            int state,
            int vcpus,
            int maxVcpus,
            long memoryBytes,
            long maxMemoryBytes,
            boolean persistent) {
        boolean active() {
            return DomainStats.isActive(state);
        }
    }

    /// How far a job is.
    record DomainJob(boolean active, long elapsedMs, long dataTotal, long dataRemaining) {
        static final DomainJob NONE = new DomainJob(false, 0, 0, 0);
    }
}
