/// Who may talk to the daemon: the listen rule, TLS material, tokens and browser sessions.
///
/// Start at [io.novacron.daemon.security.SecurityRules], which configuration asks before anything
/// listens. [io.novacron.daemon.security.Tls] builds Netty contexts from PEM files;
/// [io.novacron.daemon.security.TokenGate] and [io.novacron.daemon.security.OriginGate] guard the
/// control port. The reasons are in `docs/adr/0006-faces.md`.
@NullMarked
package io.novacron.daemon.security;

import org.jspecify.annotations.NullMarked;
