/// Runs the pipeline of the daemon over a journal under the journal's own time.
@NullMarked
package io.novacron.daemon.replay;

import org.jspecify.annotations.NullMarked;
