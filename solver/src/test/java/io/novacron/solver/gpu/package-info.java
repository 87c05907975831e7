@org.jspecify.annotations.NullMarked
package io.novacron.solver.gpu;
