/// The ensemble as the daemon serves it: small state, history from the caller's columns.
///
/// Where [io.novacron.inference.ensemble] keeps weeks of history and three distance columns for
/// each series, members here look at a week that the caller hands over and remember nothing; only
/// weights, widths, live accuracy and a few waiting forecasts are kept, about 2 KB a series. Start
/// at [io.novacron.inference.serving.ServingEnsemble]; design: ADR 0019.
@NullMarked
package io.novacron.inference.serving;

import org.jspecify.annotations.NullMarked;
