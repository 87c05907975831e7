package io.novacron.training;

import io.novacron.inference.ForecastFeatures;
import io.novacron.inference.GbtForecaster;
import io.novacron.inference.ModelCard;
import io.novacron.inference.ModelPackage;
import io.novacron.inference.ModelRejectedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// One training from traces to a verified model, in memory.
///
/// @param card with everything but the version's directory
/// @param model the bytes of `model.onnx`
/// @param figures of the run, flat, for people and scripts
public record TrainingRun(ModelCard card, byte[] model, Map<String, Double> figures) {
    static final String XGBOOST = "3.4.0";

    /// Trains. `command` is how this run was asked for, `progress` hears a line now and then.
    public static TrainingRun run(
            TraceFolder folder,
            TrainingOptions options,
            int version,
            String command,
            Consumer<String> progress)
            throws TrainingException {
        List<Trace> traces = folder.traces();
        int stepSeconds = traces.getFirst().stepSeconds();
        int shortest = traces.stream().mapToInt(Trace::steps).min().orElse(0);
        TimeSplit split = TimeSplit.of(shortest);
        var sampler = new RowSampler(options.seed());
        Rows training = sampler.sample(traces, 0, split.trainEnd(), options.rows());
        Rows held =
                sampler.sample(
                        traces, split.trainEnd(), split.calibrateEnd(), ParityGate.MIN_ROWS * 2);
        if (training.count() < 500) {
            throw new TrainingException(
                    "the traces give only %d training rows. Maybe most samples are missing?"
                            .formatted(training.count()));
        }
        progress.accept(
                "%d metrics, %d training rows, %d calibration rows"
                        .formatted(traces.size(), training.count(), held.count()));
        try (QuantileTrees trees = QuantileTrees.train(training, options)) {
            byte[] model =
                    OnnxTrees.convert(
                            trees.toJson(), ForecastFeatures.COUNT, QuantileTrees.LEVELS.size());
            progress.accept("trained; model.onnx has %d bytes".formatted(model.length));
            ParityGate parity =
                    ParityGate.check(
                            trees, model, held.count() > 0 ? held : training, options.seed());
            progress.accept(
                    "trainer and ONNX Runtime agree on %d rows within %.2g"
                            .formatted(parity.rows(), parity.maxDifference()));
            List<ModelCard.Calibration> calibration = Calibrator.calibrate(trees, held);
            List<String> commands = new ArrayList<>();
            if (folder.command() != null) {
                commands.add(folder.command());
            }
            commands.add(command);
            var draft =
                    new ModelCard(
                            ModelPackage.FORECAST_MODEL,
                            version,
                            ModelPackage.sha256(model),
                            stepSeconds,
                            RowSampler.HORIZONS[RowSampler.HORIZONS.length - 1],
                            ForecastFeatures.NAMES,
                            QuantileTrees.LEVELS,
                            calibration,
                            folder.sha256(),
                            commands,
                            Map.of("xgboost", XGBOOST, "objective", "reg:quantileerror"),
                            Map.of(
                                    "rows",
                                    (double) parity.rows(),
                                    "maxDifference",
                                    parity.maxDifference()),
                            Map.of());
            Map<String, Double> accuracy = measure(traces, draft, model);
            progress.accept("judged on the last fifth of the time");
            ModelCard card = withMetrics(draft, accuracy);
            return new TrainingRun(card, model, figures(training, model, parity, accuracy));
        }
    }

    private static Map<String, Double> measure(List<Trace> traces, ModelCard draft, byte[] model)
            throws TrainingException {
        try {
            ModelPackage verified = ModelPackage.of(draft.toJson(), model, "trained model");
            try (GbtForecaster forecaster = GbtForecaster.open(verified)) {
                return AccuracyTable.measure(traces, forecaster);
            }
        } catch (ModelRejectedException e) {
            throw new TrainingException("serving refuses the model: " + e.getMessage(), e);
        }
    }

    private static ModelCard withMetrics(ModelCard draft, Map<String, Double> metrics) {
        return new ModelCard(
                draft.name(),
                draft.version(),
                draft.modelSha256(),
                draft.stepSeconds(),
                draft.longestHorizon(),
                draft.features(),
                draft.quantiles(),
                draft.calibration(),
                draft.dataSha256(),
                draft.commands(),
                draft.trainer(),
                draft.parity(),
                metrics);
    }

    private static Map<String, Double> figures(
            Rows training, byte[] model, ParityGate parity, Map<String, Double> accuracy) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("trainingRows", (double) training.count());
        figures.put("modelBytes", (double) model.length);
        figures.put("parityRows", (double) parity.rows());
        figures.put("parityMaxDifference", parity.maxDifference());
        figures.putAll(accuracy);
        return figures;
    }
}
