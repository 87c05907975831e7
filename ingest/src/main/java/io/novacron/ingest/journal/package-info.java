/// The durable, ordered log of everything that can change a decision, on Chronicle Queue.
///
/// Start at [Journal], which one thread writes, then [JournalCursor], which reads it back, and
/// [JournalVerification], which compares it with what was acknowledged. The layout of the directory
/// and of a record, and what makes a record durable, are told in ADR 0003.
@NullMarked
package io.novacron.ingest.journal;

import org.jspecify.annotations.NullMarked;
