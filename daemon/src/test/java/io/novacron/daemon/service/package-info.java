/// Answers from the fleet store and the last view.
@NullMarked
package io.novacron.daemon.service;

import org.jspecify.annotations.NullMarked;
