/// Configuration: one YAML file into validated records, all mistakes in one message.
///
/// Start at [io.novacron.daemon.config.DaemonConfig]. `YamlDocument` keeps the line of every key,
/// `RecordBinder` turns a document into records, and each record checks its own values by
/// [io.novacron.daemon.config.ConfigProblems].
@NullMarked
package io.novacron.daemon.config;

import org.jspecify.annotations.NullMarked;
