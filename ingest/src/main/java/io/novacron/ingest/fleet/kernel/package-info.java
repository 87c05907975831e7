/// What is done to many cells of the fleet store at a time: by vectors, with a scalar twin that is
/// the specification.
@NullMarked
package io.novacron.ingest.fleet.kernel;

import org.jspecify.annotations.NullMarked;
