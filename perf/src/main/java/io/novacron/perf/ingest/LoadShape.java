package io.novacron.perf.ingest;

import io.novacron.perf.GaugeMix;

/// How a fleet's samples are spread over agents and frames.
///
/// @param agents connections
/// @param entities in each frame
/// @param acknowledgeFrames the server acknowledges after so many frames of a connection, or 1 s
record LoadShape(String name, int agents, int entities, int acknowledgeFrames) {
    /// 200 hosts of 50 vms.
    static final LoadShape FLEET = new LoadShape("fleet", 200, 50, 1);

    /// One vm each on 10,000 connections.
    static final LoadShape CROWD = new LoadShape("crowd", 10_000, 1, 4);

    int samplesPerFrame() {
        return entities * GaugeMix.METRICS;
    }

    LoadShape withAgents(int count) {
        return new LoadShape(name, count, entities, acknowledgeFrames);
    }
}
