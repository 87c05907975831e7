/// `novacron solve` and the searches of `bench` and `evaluate`: public benchmark problems in, plans
/// out, each judged by a recount that shares nothing with the search.
@NullMarked
package io.novacron.perf.solve;

import org.jspecify.annotations.NullMarked;
