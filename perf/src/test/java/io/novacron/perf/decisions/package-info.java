@org.jspecify.annotations.NullMarked
package io.novacron.perf.decisions;
