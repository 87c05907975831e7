package io.novacron.solver;

import java.util.Objects;

/// One kind of thing that hosts have and vms use, such as cores or bytes of memory.
///
/// Two resources are known by name because vms are sized in them: `cpu`, in cores (a vm's size is
/// its vCPUs), and `memory`, in bytes. Any others may be added under any name.
///
/// @param name short and unique in a problem, e.g. `disk`
/// @param unit what one is, e.g. `bytes/s`
/// @param transientUse whether a migrating vm's size is held on both hosts until its wave has ended
public record Resource(String name, String unit, boolean transientUse) {
    public static final String CPU_NAME = "cpu";
    public static final String MEMORY_NAME = "memory";

    public static final Resource CPU = new Resource(CPU_NAME, "cores", false);
    public static final Resource MEMORY = new Resource(MEMORY_NAME, "bytes", true);
    public static final Resource DISK = new Resource("disk", "bytes/s", false);
    public static final Resource NETWORK = new Resource("network", "bytes/s", false);

    public Resource {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(unit, "unit");
    }
}
