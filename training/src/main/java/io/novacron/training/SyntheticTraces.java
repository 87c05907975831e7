package io.novacron.training;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/// Makes the usage of imagined vms: CPU, memory, disk and network in percent, every five minutes.
///
/// Each vm has one pattern and a hidden activity (0..1) that drives all four metrics. Levels are
/// log-normal, as in real fleets most vms are nearly idle; noise is autocorrelated and in
/// proportion; scheduled jobs (every 15 minutes, hourly, daily) sit on top of some vms; regimes
/// shift now and then; values are rounded to two decimals; samples go missing singly and in gaps.
/// None of this is fitted to a real trace. The same seed gives the same bytes.
public final class SyntheticTraces {
    static final int STEP_SECONDS = 300;
    static final int DAY = 86_400 / STEP_SECONDS;

    /// A Monday, so that step 0 opens a week.
    static final Instant START = Instant.parse("2026-01-05T00:00:00Z");

    static final List<String> METRICS =
            List.of(
                    "cpu_usage_percent",
                    "memory_usage_percent",
                    "disk_usage_percent",
                    "network_usage_percent");

    enum Pattern {
        DIURNAL,
        WEEKLY,
        BURSTY,
        LEAKING,
        IDLE,
        NOISY_NEIGHBOUR
    }

    private static final Pattern[] MIX = {
        Pattern.DIURNAL, Pattern.DIURNAL, Pattern.WEEKLY, Pattern.WEEKLY, Pattern.BURSTY,
        Pattern.BURSTY, Pattern.LEAKING, Pattern.IDLE, Pattern.IDLE, Pattern.NOISY_NEIGHBOUR
    };

    private final long seed;
    private final int vms;
    private final int steps;

    public SyntheticTraces(long seed, int vms, int days) {
        this.seed = seed;
        this.vms = vms;
        this.steps = days * DAY;
    }

    static Pattern patternOf(int vm) {
        return MIX[vm % MIX.length];
    }

    /// The traces in memory, one per metric.
    public List<Trace> generate() {
        List<String> names = new ArrayList<>();
        float[][] values = new float[METRICS.size()][steps * vms];
        float[] hostNoise = hostNoise();
        for (int vm = 0; vm < vms; vm++) {
            names.add("vm%04d".formatted(vm + 1));
            float[][] columns = new Vm(vm, hostNoise).run();
            for (int metric = 0; metric < columns.length; metric++) {
                for (int step = 0; step < steps; step++) {
                    values[metric][step * vms + vm] = columns[metric][step];
                }
            }
        }
        List<Trace> traces = new ArrayList<>();
        for (int metric = 0; metric < values.length; metric++) {
            traces.add(
                    new Trace(
                            METRICS.get(metric),
                            List.copyOf(names),
                            values[metric],
                            steps,
                            STEP_SECONDS,
                            START.toEpochMilli()));
        }
        return traces;
    }

    /// Writes the traces as `METRIC.csv.gz` and `traces.json` with the command that made them.
    public void write(Path folder, String command) throws IOException {
        Files.createDirectories(folder);
        for (Trace trace : generate()) {
            Path file = folder.resolve(trace.metric() + ".csv.gz");
            try (var out = new GZIPOutputStream(Files.newOutputStream(file), 1 << 16);
                    var writer =
                            new BufferedWriter(
                                    new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
                writeLines(trace, writer);
            }
        }
        var about = new TraceFolder.About(command, STEP_SECONDS, START.toEpochMilli());
        Files.write(folder.resolve(TraceFolder.ABOUT_FILE), about.toJson());
    }

    private static void writeLines(Trace trace, BufferedWriter writer) throws IOException {
        for (int i = 0; i < trace.series(); i++) {
            var line = new StringBuilder(trace.entities().get(i));
            for (int step = 0; step < trace.steps(); step++) {
                line.append(',');
                float value = trace.at(step, i);
                if (!Float.isNaN(value)) {
                    appendHundredths(line, Math.round(value * 100));
                }
            }
            writer.write(line.append('\n').toString());
        }
    }

    private static void appendHundredths(StringBuilder line, int hundredths) {
        line.append(hundredths / 100);
        int rest = hundredths % 100;
        if (rest > 0) {
            line.append('.').append(rest / 10);
            if (rest % 10 > 0) {
                line.append(rest % 10);
            }
        }
    }

    /// Load of an imagined crowded host, which the noisy-neighbour vms feel.
    private float[] hostNoise() {
        var random = new Random(seed ^ 0x5DEECE66DL);
        float[] noise = new float[steps];
        float level = 0;
        int left = 0;
        for (int step = 0; step < steps; step++) {
            if (left-- <= 0) {
                level = random.nextInt(3) == 0 ? .3f + .7f * random.nextFloat() : 0;
                left = 6 + random.nextInt(90);
            }
            noise[step] = level * (.8f + .2f * random.nextFloat());
        }
        return noise;
    }

    /// One vm's parameters, drawn from its own stream so that more vms do not change the others.
    private final class Vm {
        private final Random random;
        private final Pattern pattern;
        private final float[] hostNoise;
        private final float base;
        private final float amplitude;
        private final double phaseDays;
        private final double sharpness;
        private final float noise;
        private final float memory; // how long noise lasts, 0..1
        private final int jobPeriod;
        private final int jobOffset;
        private final int jobLength;
        private final float jobHeight;
        private float wander;
        private float burst;
        private int burstLeft;
        private float regime = 1;

        Vm(int vm, float[] hostNoise) {
            this.random = new Random(seed * 0x9E3779B97F4A7C15L + vm);
            this.pattern = patternOf(vm);
            this.hostNoise = hostNoise;
            this.base = (float) Math.min(40, Math.exp(random.nextGaussian() * .9 + .4));
            this.amplitude = (float) Math.min(60, Math.exp(random.nextGaussian() * .8 + 2.7));
            this.phaseDays = random.nextDouble();
            this.sharpness = 1 + 3 * random.nextDouble();
            this.noise = .03f + .22f * random.nextFloat() * random.nextFloat();
            this.memory = .3f + .68f * random.nextFloat();
            int[] periods = {0, 0, 0, 3, 12, 12, 48, DAY, DAY};
            this.jobPeriod = periods[random.nextInt(periods.length)];
            this.jobOffset = jobPeriod == 0 ? 0 : random.nextInt(jobPeriod);
            this.jobLength = jobPeriod == DAY ? 3 + random.nextInt(15) : 1;
            this.jobHeight = (float) Math.min(60, Math.exp(random.nextGaussian() * .7 + 1.5));
        }

        float[][] run() {
            float[] cpu = new float[steps];
            float[] mem = new float[steps];
            float[] disk = new float[steps];
            float[] net = new float[steps];
            float memBase = 10 + 50 * random.nextFloat();
            float memSwing = 25 * random.nextFloat();
            float leak = pattern == Pattern.LEAKING ? (.5f + 4 * random.nextFloat()) / DAY : 0;
            float leaked = 0;
            float diskUsed = 15 + 50 * random.nextFloat();
            float diskGrowth = 1.2f * random.nextFloat() / DAY;
            float netShare = .05f + 1.2f * random.nextFloat() * random.nextFloat();
            float smooth = 0;
            for (int step = 0; step < steps; step++) {
                float activity = activity(step);
                float job = job(step);
                wander = memory * wander + (float) random.nextGaussian();
                float calm = (float) Math.sqrt(1 - memory * memory);
                float jitter = 1 + noise * wander * calm;
                float load = (base + amplitude * activity + jobHeight * job) * jitter;
                cpu[step] = percent(load + neighbour(step));
                smooth += .05f * (activity - smooth);
                leaked += leak * (.5f + activity);
                if (memBase + memSwing + leaked > 95
                        || (leak > 0 && random.nextInt(9 * DAY) == 0)) {
                    leaked = 0; // the service was restarted
                }
                mem[step] =
                        percent(
                                memBase
                                        + memSwing * smooth
                                        + leaked
                                        + .3f * (float) random.nextGaussian());
                diskUsed += diskGrowth * (.3f + 1.4f * activity) + (job > 0 ? .02f : 0);
                if (diskUsed > 88 || (step % (7 * DAY) == 6 * DAY + 24 && diskGrowth > .5f / DAY)) {
                    diskUsed -= 6 + 4 * random.nextFloat(); // old logs were thrown away
                }
                disk[step] = percent(diskUsed);
                float traffic =
                        netShare * (amplitude * activity + .5f * jobHeight * job + .1f * base);
                net[step] =
                        percent(traffic * (float) Math.exp(random.nextGaussian() * (noise + .05)));
            }
            for (float[] column : new float[][] {cpu, mem, disk, net}) {
                round(column);
            }
            loseSamples(cpu, mem, disk, net);
            return new float[][] {cpu, mem, disk, net};
        }

        private float activity(int step) {
            if (random.nextInt(6 * DAY) == 0) {
                regime = .4f + 1.2f * random.nextFloat(); // a release, a new customer
            }
            double days = step / (double) DAY;
            boolean weekend = step / DAY % 7 >= 5;
            double wave = Math.pow(.5 + .5 * Math.cos(2 * Math.PI * (days - phaseDays)), sharpness);
            double shape =
                    switch (pattern) {
                        case DIURNAL -> wave;
                        case WEEKLY -> weekend ? .15 * wave : wave;
                        case BURSTY -> .1 * wave + bursts();
                        case LEAKING -> .4 * wave + .3;
                        case IDLE -> 0;
                        case NOISY_NEIGHBOUR -> .5 * wave + .1;
                    };
            return (float) Math.min(1.5, shape * regime);
        }

        private float bursts() {
            if (burstLeft > 0) {
                burstLeft--;
            } else if (random.nextInt(60) == 0) {
                burst = .2f + 1.2f * random.nextFloat();
                burstLeft = 1 + (int) Math.min(60, -6 * Math.log(1 - random.nextDouble()));
            } else {
                burst = 0;
            }
            return burst;
        }

        private float job(int step) {
            return jobPeriod > 0 && (step + jobOffset) % jobPeriod < jobLength ? 1 : 0;
        }

        private float neighbour(int step) {
            return pattern == Pattern.NOISY_NEIGHBOUR ? 25 * hostNoise[step] : 0;
        }

        private void loseSamples(float[]... columns) {
            int gapLeft = 0;
            for (int step = 0; step < steps; step++) {
                if (gapLeft == 0 && random.nextInt(10 * DAY) == 0) {
                    gapLeft = 2 + random.nextInt(DAY / 2);
                }
                if (gapLeft > 0 || random.nextInt(250) == 0) {
                    for (float[] column : columns) {
                        column[step] = Float.NaN;
                    }
                }
                gapLeft = Math.max(0, gapLeft - 1);
            }
        }

        private static float percent(float value) {
            return Math.clamp(value, 0f, 100f);
        }

        private static void round(float[] column) {
            for (int step = 0; step < column.length; step++) {
                column[step] = Math.round(column[step] * 100) / 100f;
            }
        }
    }
}
