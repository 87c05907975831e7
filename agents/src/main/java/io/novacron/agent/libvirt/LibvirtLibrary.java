package io.novacron.agent.libvirt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/// The functions of `libvirt.so.0` that the agent uses, one method each, with C's conventions: a
/// null address or a negative number is an error, whose text belongs to the calling thread.
///
/// Found at run time; a machine without the library is told so once, in words. Error texts are
/// thread-local in libvirt, so call and [#lastError] must share a platform thread: never call this
/// from a virtual thread.
final class LibvirtLibrary {
    private static final String LIBRARY = "libvirt.so.0";
    private static final int MESSAGE_OFFSET = 8;

    private static @Nullable LibvirtLibrary loaded;

    private final MethodHandle connectOpen;
    private final MethodHandle connectClose;
    private final MethodHandle connectIsAlive;
    private final MethodHandle connectGetLibVersion;
    private final MethodHandle connectGetAllDomainStats;
    private final MethodHandle statsRecordListFree;
    private final MethodHandle domainLookupByUuid;
    private final MethodHandle domainFree;
    private final MethodHandle domainGetUuid;
    private final MethodHandle domainGetName;
    private final MethodHandle domainGetInfo;
    private final MethodHandle domainIsPersistent;
    private final MethodHandle domainGetVcpusFlags;
    private final MethodHandle domainSetVcpusFlags;
    private final MethodHandle domainSetMemoryFlags;
    private final MethodHandle domainMigrateToUri;
    private final MethodHandle domainGetJobInfo;
    private final MethodHandle domainAbortJob;
    private final MethodHandle domainGetMetadata;
    private final MethodHandle domainGetSchedulerType;
    private final MethodHandle domainGetSchedulerParameters;
    private final MethodHandle domainSetSchedulerParameters;
    private final MethodHandle domainGetVcpuPinInfo;
    private final MethodHandle domainPinVcpu;
    private final MethodHandle nodeGetCpuMap;
    private final MethodHandle domainCreate;
    private final MethodHandle domainShutdown;
    private final MethodHandle domainGetXmlDesc;
    private final MethodHandle domainDefineXml;
    private final MethodHandle domainUndefine;
    private final MethodHandle domainDestroy;
    private final MethodHandle getLastError;
    private final MethodHandle free;

    private LibvirtLibrary(SymbolLookup library) throws LibvirtException {
        var binder = new Binder(library);
        connectOpen = binder.bind("virConnectOpen", ADDRESS, ADDRESS);
        connectClose = binder.bind("virConnectClose", JAVA_INT, ADDRESS);
        connectIsAlive = binder.bind("virConnectIsAlive", JAVA_INT, ADDRESS);
        connectGetLibVersion = binder.bind("virConnectGetLibVersion", JAVA_INT, ADDRESS, ADDRESS);
        connectGetAllDomainStats =
                binder.bind(
                        "virConnectGetAllDomainStats",
                        JAVA_INT,
                        ADDRESS,
                        JAVA_INT,
                        ADDRESS,
                        JAVA_INT);
        statsRecordListFree = binder.bindVoid("virDomainStatsRecordListFree", ADDRESS);
        domainLookupByUuid = binder.bind("virDomainLookupByUUID", ADDRESS, ADDRESS, ADDRESS);
        domainFree = binder.bind("virDomainFree", JAVA_INT, ADDRESS);
        domainGetUuid = binder.bind("virDomainGetUUID", JAVA_INT, ADDRESS, ADDRESS);
        domainGetName = binder.bind("virDomainGetName", ADDRESS, ADDRESS);
        domainGetInfo = binder.bind("virDomainGetInfo", JAVA_INT, ADDRESS, ADDRESS);
        domainIsPersistent = binder.bind("virDomainIsPersistent", JAVA_INT, ADDRESS);
        domainGetVcpusFlags = binder.bind("virDomainGetVcpusFlags", JAVA_INT, ADDRESS, JAVA_INT);
        domainSetVcpusFlags =
                binder.bind("virDomainSetVcpusFlags", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
        domainSetMemoryFlags =
                binder.bind("virDomainSetMemoryFlags", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
        domainMigrateToUri =
                binder.bind(
                        "virDomainMigrateToURI3",
                        JAVA_INT,
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        JAVA_INT,
                        JAVA_INT);
        domainGetJobInfo = binder.bind("virDomainGetJobInfo", JAVA_INT, ADDRESS, ADDRESS);
        domainAbortJob = binder.bind("virDomainAbortJob", JAVA_INT, ADDRESS);
        domainGetMetadata =
                binder.bind("virDomainGetMetadata", ADDRESS, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
        domainGetSchedulerType =
                binder.bind("virDomainGetSchedulerType", ADDRESS, ADDRESS, ADDRESS);
        domainGetSchedulerParameters =
                binder.bind(
                        "virDomainGetSchedulerParametersFlags",
                        JAVA_INT,
                        ADDRESS,
                        ADDRESS,
                        ADDRESS,
                        JAVA_INT);
        domainSetSchedulerParameters =
                binder.bind(
                        "virDomainSetSchedulerParametersFlags",
                        JAVA_INT,
                        ADDRESS,
                        ADDRESS,
                        JAVA_INT,
                        JAVA_INT);
        domainGetVcpuPinInfo =
                binder.bind(
                        "virDomainGetVcpuPinInfo",
                        JAVA_INT,
                        ADDRESS,
                        JAVA_INT,
                        ADDRESS,
                        JAVA_INT,
                        JAVA_INT);
        domainPinVcpu =
                binder.bind(
                        "virDomainPinVcpuFlags",
                        JAVA_INT,
                        ADDRESS,
                        JAVA_INT,
                        ADDRESS,
                        JAVA_INT,
                        JAVA_INT);
        nodeGetCpuMap =
                binder.bind("virNodeGetCPUMap", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
        domainCreate = binder.bind("virDomainCreate", JAVA_INT, ADDRESS);
        domainShutdown = binder.bind("virDomainShutdownFlags", JAVA_INT, ADDRESS, JAVA_INT);
        domainGetXmlDesc = binder.bind("virDomainGetXMLDesc", ADDRESS, ADDRESS, JAVA_INT);
        domainDefineXml = binder.bind("virDomainDefineXML", ADDRESS, ADDRESS, ADDRESS);
        domainUndefine = binder.bind("virDomainUndefineFlags", JAVA_INT, ADDRESS, JAVA_INT);
        domainDestroy = binder.bind("virDomainDestroyFlags", JAVA_INT, ADDRESS, JAVA_INT);
        getLastError = binder.bind("virGetLastError", ADDRESS);
        free = new Binder(Linker.nativeLinker().defaultLookup()).bindVoid("free", ADDRESS);
        silence(binder);
    }

    /// Loads the library once per process.
    static synchronized LibvirtLibrary load() throws LibvirtException {
        var library = loaded;
        if (library == null) {
            SymbolLookup symbols;
            try {
                symbols = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
            } catch (IllegalArgumentException e) {
                throw new LibvirtException(
                        LibvirtException.Kind.UNAVAILABLE,
                        LIBRARY
                                + " is not on this machine. Maybe install it (Debian: libvirt0, Fedora: libvirt-libs)?");
            }
            library = new LibvirtLibrary(symbols);
            loaded = library;
        }
        return library;
    }

    /// Libvirt prints every error on standard error until it has a handler.
    private static void silence(Binder binder) {
        try {
            var handler =
                    MethodHandles.lookup()
                            .findStatic(
                                    LibvirtLibrary.class,
                                    "ignore",
                                    MethodType.methodType(
                                            void.class, MemorySegment.class, MemorySegment.class));
            var stub =
                    Linker.nativeLinker()
                            .upcallStub(
                                    handler,
                                    FunctionDescriptor.ofVoid(ADDRESS, ADDRESS),
                                    Arena.global());
            binder.bindVoid("virSetErrorFunc", ADDRESS, ADDRESS)
                    .invokeExact(MemorySegment.NULL, stub);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    @SuppressWarnings("unused") // called by libvirt
    private static void ignore(MemorySegment userData, MemorySegment error) {}

    MemorySegment connectOpen(MemorySegment uri) {
        try {
            return (MemorySegment) connectOpen.invokeExact(uri);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int connectClose(MemorySegment connection) {
        try {
            return (int) connectClose.invokeExact(connection);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int connectIsAlive(MemorySegment connection) {
        try {
            return (int) connectIsAlive.invokeExact(connection);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int connectGetLibVersion(MemorySegment connection, MemorySegment version) {
        try {
            return (int) connectGetLibVersion.invokeExact(connection, version);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int connectGetAllDomainStats(
            MemorySegment connection, int groups, MemorySegment records, int flags) {
        try {
            return (int) connectGetAllDomainStats.invokeExact(connection, groups, records, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    void statsRecordListFree(MemorySegment records) {
        try {
            statsRecordListFree.invokeExact(records);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    MemorySegment domainLookupByUuid(MemorySegment connection, MemorySegment uuid) {
        try {
            return (MemorySegment) domainLookupByUuid.invokeExact(connection, uuid);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainFree(MemorySegment domain) {
        try {
            return (int) domainFree.invokeExact(domain);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainGetUuid(MemorySegment domain, MemorySegment uuid) {
        try {
            return (int) domainGetUuid.invokeExact(domain, uuid);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    MemorySegment domainGetName(MemorySegment domain) {
        try {
            return (MemorySegment) domainGetName.invokeExact(domain);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainGetInfo(MemorySegment domain, MemorySegment info) {
        try {
            return (int) domainGetInfo.invokeExact(domain, info);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainIsPersistent(MemorySegment domain) {
        try {
            return (int) domainIsPersistent.invokeExact(domain);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainGetVcpusFlags(MemorySegment domain, int flags) {
        try {
            return (int) domainGetVcpusFlags.invokeExact(domain, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainSetVcpusFlags(MemorySegment domain, int vcpus, int flags) {
        try {
            return (int) domainSetVcpusFlags.invokeExact(domain, vcpus, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainSetMemoryFlags(MemorySegment domain, long kibibytes, int flags) {
        try {
            return (int) domainSetMemoryFlags.invokeExact(domain, kibibytes, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainMigrateToUri(MemorySegment domain, MemorySegment uri, int flags) {
        try {
            return (int) domainMigrateToUri.invokeExact(domain, uri, MemorySegment.NULL, 0, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainGetJobInfo(MemorySegment domain, MemorySegment info) {
        try {
            return (int) domainGetJobInfo.invokeExact(domain, info);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainAbortJob(MemorySegment domain) {
        try {
            return (int) domainAbortJob.invokeExact(domain);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    MemorySegment domainGetMetadata(MemorySegment domain, int type, MemorySegment uri, int flags) {
        try {
            return (MemorySegment) domainGetMetadata.invokeExact(domain, type, uri, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    MemorySegment domainGetSchedulerType(MemorySegment domain, MemorySegment count) {
        try {
            return (MemorySegment) domainGetSchedulerType.invokeExact(domain, count);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainGetSchedulerParameters(
            MemorySegment domain, MemorySegment parameters, MemorySegment count, int flags) {
        try {
            return (int) domainGetSchedulerParameters.invokeExact(domain, parameters, count, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainSetSchedulerParameters(
            MemorySegment domain, MemorySegment parameters, int count, int flags) {
        try {
            return (int) domainSetSchedulerParameters.invokeExact(domain, parameters, count, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainGetVcpuPinInfo(
            MemorySegment domain, int vcpus, MemorySegment maps, int mapLength, int flags) {
        try {
            return (int) domainGetVcpuPinInfo.invokeExact(domain, vcpus, maps, mapLength, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainPinVcpu(MemorySegment domain, int vcpu, MemorySegment map, int mapLength, int flags) {
        try {
            return (int) domainPinVcpu.invokeExact(domain, vcpu, map, mapLength, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// How many CPUs the host has, online or not.
    int nodeCpus(MemorySegment connection) {
        try {
            return (int)
                    nodeGetCpuMap.invokeExact(
                            connection, MemorySegment.NULL, MemorySegment.NULL, 0);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainCreate(MemorySegment domain) {
        try {
            return (int) domainCreate.invokeExact(domain);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainShutdown(MemorySegment domain, int flags) {
        try {
            return (int) domainShutdown.invokeExact(domain, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    MemorySegment domainGetXmlDesc(MemorySegment domain, int flags) {
        try {
            return (MemorySegment) domainGetXmlDesc.invokeExact(domain, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    MemorySegment domainDefineXml(MemorySegment connection, MemorySegment xml) {
        try {
            return (MemorySegment) domainDefineXml.invokeExact(connection, xml);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainUndefine(MemorySegment domain, int flags) {
        try {
            return (int) domainUndefine.invokeExact(domain, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    int domainDestroy(MemorySegment domain, int flags) {
        try {
            return (int) domainDestroy.invokeExact(domain, flags);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    void free(MemorySegment memory) {
        try {
            free.invokeExact(memory);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /// The calling thread's last error, on a connection or, with the null address, on opening one.
    LibvirtException lastError(String function, MemorySegment connection) {
        MemorySegment error;
        try {
            error = (MemorySegment) getLastError.invokeExact();
        } catch (Throwable e) {
            throw broken(e);
        }
        int number = 0;
        var message = "failed without saying why";
        if (!error.equals(MemorySegment.NULL)) {
            var fields = error.reinterpret(MESSAGE_OFFSET + ADDRESS.byteSize());
            number = fields.get(JAVA_INT, 0);
            message = text(fields.get(ADDRESS, MESSAGE_OFFSET));
        }
        // Asks only the socket on this side. Comes last: it clears the error.
        boolean alive = !connection.equals(MemorySegment.NULL) && connectIsAlive(connection) == 1;
        return LibvirtException.of(function, number, message, alive);
    }

    /// A C string that libvirt owns.
    static String text(MemorySegment text) {
        return text.equals(MemorySegment.NULL) ? "" : text.reinterpret(Long.MAX_VALUE).getString(0);
    }

    private static IllegalStateException broken(Throwable e) {
        return new IllegalStateException("a call into " + LIBRARY + " could not be made", e);
    }

    private record Binder(SymbolLookup library) {
        MethodHandle bind(String name, MemoryLayout result, MemoryLayout... parameters)
                throws LibvirtException {
            return link(name, FunctionDescriptor.of(result, parameters));
        }

        MethodHandle bindVoid(String name, MemoryLayout... parameters) throws LibvirtException {
            return link(name, FunctionDescriptor.ofVoid(parameters));
        }

        private MethodHandle link(String name, FunctionDescriptor descriptor)
                throws LibvirtException {
            var address =
                    library.find(name)
                            .orElseThrow(() ->
                                    new LibvirtException(
                                            LibvirtException.Kind.UNAVAILABLE,
                                            name
                                                    + " is not in "
                                                    + LIBRARY
                                                    + ". Maybe it is older than 1.2.8?"));
            return Linker.nativeLinker().downcallHandle(address, descriptor);
        }
    }
}
