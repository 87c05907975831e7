/// The inner loop of reading a packed column, once for each way the processor can run it.
///
/// [ColumnKernel#best] picks one; [ScalarColumnKernel] is the specification of the other.
@NullMarked
package io.novacron.wire.column.kernel;

import org.jspecify.annotations.NullMarked;
