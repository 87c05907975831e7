/// The binary query port: schedulers ask for places, forecasts and recommendations in SBE frames
/// over TCP, optionally TLS with client certificates.
///
/// Start at [io.novacron.daemon.query.QueryServer]; `QueryHandler` is one connection, `Answers`
/// what is said. [io.novacron.daemon.query.QueryClient] is a small blocking caller. Everything on
/// the server's side runs on one event loop, which only reads published views and hands commands
/// over.
@NullMarked
package io.novacron.daemon.query;

import org.jspecify.annotations.NullMarked;
