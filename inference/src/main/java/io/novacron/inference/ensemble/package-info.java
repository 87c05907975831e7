/// Mixes the members of many series into one calibrated forecast each.
///
/// A [io.novacron.inference.ensemble.FleetEnsemble] holds one
/// [io.novacron.inference.ensemble.SeriesEnsemble] for each series and what they share, the
/// [io.novacron.inference.ensemble.Pool]. Feedback comes late: a forecast is remembered until its
/// target has come, then its members' losses move the weights and its misses move the width.
///
/// Rounds of a fleet may run series side by side; one series belongs to one thread at a time, and
/// the pool changes only between rounds.
@NullMarked
package io.novacron.inference.ensemble;

import org.jspecify.annotations.NullMarked;
