package io.novacron.perf;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The JMH benchmarks of `io.novacron.perf.jmh`. Forks inherit this JVM's flags, which are those of
/// `daemon/jvm.options`. JMH measures wall time: see the error beside each score on a busy machine.
@Command(name = "jmh", description = "JMH benchmarks, those whose name matches")
final class JmhBench extends Measurement {
    private static final String ALLOCATION = "gc.alloc.rate.norm";
    private static final int MS_PER_SECOND = 1_000;

    @Parameters(
            arity = "0..1",
            defaultValue = ".*",
            description = "Regular expression; default: all")
    private String benchmarks = ".*";

    @Option(
            names = "--forks",
            description = "JVMs a benchmark; 0: in this one. Default: as declared")
    private @Nullable Integer forks;

    @Option(
            names = "--iterations",
            description = "To measure, and as many to warm up. Default: as declared")
    private @Nullable Integer iterations;

    @Option(names = "--seconds", description = "How long an iteration. Default: as declared")
    private @Nullable Double seconds;

    @Override
    protected Figures measure() throws RunnerException {
        ChainedOptionsBuilder options =
                new OptionsBuilder().include(benchmarks).addProfiler(GCProfiler.class);
        options.shouldFailOnError(true);
        if (forks != null) {
            check(forks >= 0 && forks <= 100, "--forks=%s must be in [0, 100]. Maybe 3?", forks);
            options.forks(forks);
        }
        if (iterations != null) {
            check(iterations > 0, "--iterations=%s must be positive. Maybe 5?", iterations);
            options.warmupIterations(iterations).measurementIterations(iterations);
        }
        if (seconds != null) {
            checkSeconds(seconds);
            TimeValue time =
                    TimeValue.milliseconds(Math.max(1, Math.round(seconds * MS_PER_SECOND)));
            options.warmupTime(time).measurementTime(time);
        }
        Collection<RunResult> results;
        try (var output =
                new PrintStream(new ProgressStream(progress()), true, StandardCharsets.UTF_8)) {
            var format = OutputFormatFactory.createFormatInstance(output, VerboseMode.NORMAL);
            results = new Runner(options.build(), format).run();
        } catch (NoBenchmarksException e) {
            throw usage("benchmarks=%s matches none of them. Maybe Column or Window?", benchmarks);
        }
        var figures = new Figures("jmh");
        results.forEach(result -> add(figures, result));
        return figures;
    }

    private static void add(Figures figures, RunResult run) {
        String name = name(run);
        Result<?> score = run.getPrimaryResult();
        figures.add(name + "." + score.getScoreUnit(), score.getScore());
        figures.add(name + ".error", score.getScoreError());
        Result<?> allocation = run.getSecondaryResults().get(ALLOCATION);
        if (allocation != null) {
            figures.add(name + ".allocatedBytes", allocation.getScore());
        }
    }

    /// Class, method and parameters, e.g. `WindowKernelBenchmark.windowStats.scalar.4096`.
    private static String name(RunResult run) {
        var params = run.getParams();
        String benchmark = params.getBenchmark();
        int method = benchmark.lastIndexOf('.');
        var name =
                new StringBuilder(benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1));
        for (String key : params.getParamsKeys()) {
            name.append('.').append(params.getParam(key));
        }
        return name.toString();
    }
}
