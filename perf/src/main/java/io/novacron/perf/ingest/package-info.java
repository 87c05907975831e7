/// Measures ingest as its users meet it: a server in a process of its own ([ServerProcess]), agents
/// on real connections ([AgentLoad]), and beside it the least that a server could do ([BareEpoll]).
@NullMarked
package io.novacron.perf.ingest;

import org.jspecify.annotations.NullMarked;
