/// What the query ports may ask of the daemon, in the daemon's own words: no protobuf, no SBE.
///
/// Start at [io.novacron.daemon.view.FleetQueries] (reads, answered from the view published at the
/// last tick) and [io.novacron.daemon.view.FleetCommands] (writes, carried out by the thread that
/// owns decisions). Rows are immutable values.
@NullMarked
package io.novacron.daemon.view;

import org.jspecify.annotations.NullMarked;
