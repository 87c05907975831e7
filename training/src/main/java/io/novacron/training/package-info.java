/// Trains the global forecast model and exports it; a separate process, never in the daemon.
///
/// Start at [io.novacron.training.TrainCommand] and [io.novacron.training.TrainingRun]: traces →
/// rows (by the features that serving uses) → XGBoost → ONNX → parity gate → calibration and
/// accuracy on held-back time → a versioned directory. [io.novacron.training.SyntheticTraces] makes
/// traces where there are none. Everything is single-threaded and seeded, so the same command gives
/// the same bytes on the same machine.
@NullMarked
package io.novacron.training;

import org.jspecify.annotations.NullMarked;
