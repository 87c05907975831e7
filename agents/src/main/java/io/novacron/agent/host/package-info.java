/// What a Linux host says about itself, read from `/proc` and `/sys` without garbage.
///
/// Start at [ProcHostSource], which asks one reader for each file. A [ProcFile] stays open and is
/// read again in place; the sampling thread owns all of it. A file that is missing, a counter that
/// went backwards and the first reading of a rate give no sample, never a zero.
@NullMarked
package io.novacron.agent.host;

import org.jspecify.annotations.NullMarked;
