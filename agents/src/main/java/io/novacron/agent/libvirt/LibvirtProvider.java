package io.novacron.agent.libvirt;

import io.novacron.agent.Hypervisor;
import io.novacron.agent.HypervisorProvider;
import io.novacron.agent.HypervisorSettings;

/// Opens libvirt connection URIs, with the agent's options in the query: see the operations guide.
public final class LibvirtProvider implements HypervisorProvider {
    @Override
    public boolean accepts(String uri) {
        return LibvirtUri.accepts(uri);
    }

    @Override
    public Hypervisor open(HypervisorSettings settings) {
        return LibvirtHypervisor.open(settings);
    }
}
