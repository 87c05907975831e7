package io.novacron.wire.column.kernel;

/// Picks the kernel once. A JVM without the vector module, such as a small agent's, never loads the
/// class that needs it.
final class Holder {
    static final ColumnKernel BEST = pick();

    private Holder() {}

    private static ColumnKernel pick() {
        boolean hasModule = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return hasModule && VectorColumnKernel.isFast()
                ? new VectorColumnKernel()
                : new ScalarColumnKernel();
    }
}
