package io.novacron.agent;

/// Makes a hypervisor for a URI; found through [java.util.ServiceLoader], so that the core of the
/// agent depends on no hypervisor.
public interface HypervisorProvider {

    /// Whether this provider knows the scheme of the URI.
    boolean accepts(String uri);

    /// Opens the hypervisor. One that cannot be reached now is no exception: it comes back without
    /// vms, says why in its description, and tries again by itself.
    Hypervisor open(HypervisorSettings settings);
}
