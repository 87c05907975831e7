/// The `novacron` command line: one entry point for people and scripts.
///
/// Start at [io.novacron.daemon.cli.Novacron]. Query commands talk REST through `RestClient` and
/// load neither the server nor logging, so that they start fast. Exit codes: 0 done, 1 refused or
/// failed, 2 usage, 3 the daemon cannot be reached. With `--json` the last line of standard output
/// is one JSON document, also when the command fails.
@NullMarked
package io.novacron.daemon.cli;

import org.jspecify.annotations.NullMarked;
