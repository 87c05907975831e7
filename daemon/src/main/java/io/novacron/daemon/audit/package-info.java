/// Who did what to which decision, why and from which inputs: a chain of JSON lines, each with the
/// hash of the one before, so that an edit, a cut or a reorder shows.
///
/// Start at [io.novacron.daemon.audit.AuditChain] (what a line is), then
/// [io.novacron.daemon.audit.AuditLog] (the file), [io.novacron.daemon.audit.AuditAnchor] (the
/// head, kept elsewhere, so that a cut tail shows) and
/// [io.novacron.daemon.audit.AuditVerification]. See ADR 0016.
@NullMarked
package io.novacron.daemon.audit;

import org.jspecify.annotations.NullMarked;
