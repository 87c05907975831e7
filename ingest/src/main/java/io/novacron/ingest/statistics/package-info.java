/// What ingest counts. Every bound and every refusal of the other packages has a [Counter] here.
@NullMarked
package io.novacron.ingest.statistics;

import org.jspecify.annotations.NullMarked;
