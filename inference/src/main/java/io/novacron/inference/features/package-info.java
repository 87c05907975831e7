/// Features: numbers computed from a window of a series.
///
/// Start at [io.novacron.inference.features.FeatureSet], the catalogue of names and definitions,
/// then [io.novacron.inference.features.FeatureExtractor], which computes a row of them, and
/// [io.novacron.inference.features.Catch22]. [io.novacron.inference.features.FeatureSelector] finds
/// those that help on training rows. ADR 0015 says why they are computed as they are.
@NullMarked
package io.novacron.inference.features;

import org.jspecify.annotations.NullMarked;
