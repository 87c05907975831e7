/// The composition root: what the parts are, how they are wired, and in which order they start and
/// stop. Start at [io.novacron.daemon.service.Daemon].
@NullMarked
package io.novacron.daemon.service;

import org.jspecify.annotations.NullMarked;
