/// Small forecasters of one series, each behind [io.novacron.inference.member.Member].
///
/// A [io.novacron.inference.member.History] keeps the newest values of a series, newest first.
/// Members look at it after every step, answer nine quantiles for each
/// [io.novacron.inference.member.Target], and learn from outcomes that arrive later. None of them
/// can see a value that is not in the history yet. `io.novacron.inference.ensemble` mixes them.
///
/// Everything here belongs to one series and one thread at a time.
@NullMarked
package io.novacron.inference.member;

import org.jspecify.annotations.NullMarked;
