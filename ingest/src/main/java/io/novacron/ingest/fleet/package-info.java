/// The fleet store: all entities and their recent past, off-heap in columns.
///
/// Start at [FleetStore], which the fleet thread writes, then [FleetView], which everybody else
/// reads: a view is the store as of a closed tick and stays so while it is pinned. [Fleet] turns
/// journal records into changes of the store, live and in replay alike. Why tiles are copied before
/// a visible row changes is told in ADR 0003.
@NullMarked
package io.novacron.ingest.fleet;

import org.jspecify.annotations.NullMarked;
