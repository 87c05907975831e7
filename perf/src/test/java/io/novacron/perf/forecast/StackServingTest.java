package io.novacron.perf.forecast;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.novacron.daemon.cli.Novacron;
import io.novacron.daemon.tick.RegistryStack;
import io.novacron.daemon.tick.StackSource;
import io.novacron.inference.Bounds;
import io.novacron.inference.FallbackReason;
import io.novacron.inference.ModelRegistry;
import io.novacron.inference.ModelRegistry.State;
import io.novacron.inference.ModelTrust;
import io.novacron.inference.Quantiles;
import io.novacron.inference.serving.AccuracyRow;
import io.novacron.inference.serving.MemoryBudget;
import io.novacron.inference.serving.ServingAnswers;
import io.novacron.inference.serving.ServingConfig;
import io.novacron.inference.serving.ServingEnsemble;
import io.novacron.inference.serving.StackPackage;
import io.novacron.inference.serving.StackedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// From `novacron train` to the daemon's forecasts, with everything that can be wrong with a model.
class StackServingTest {
    private static final int STEP_SECONDS = 300;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir private static Path trained;
    private static String publicKey = "";
    private static JsonNode trainFigures = MAPPER.nullNode();

    @TempDir private Path models;
    private final AtomicLong nowNs = new AtomicLong();
    private long lookNs;
    private final ServingConfig config =
            ServingConfig.ofFiveMinutes(Bounds.PERCENT, 1, List.of(1, 3, 6, 12, 288));
    private final ServingEnsemble ensemble = new ServingEnsemble(config, new MemoryBudget(1 << 24));
    private final ServingAnswers answers = new ServingAnswers(5);
    private final List<String> switched = new ArrayList<>();
    private int step = 1_000_000;

    @BeforeAll
    static void train() throws IOException {
        Path traces = trained.resolve("traces");
        novacron("make-traces", "--out", traces.toString(), "--vms", "12", "--days", "4");
        String key = trained.resolve("key.pem").toString();
        publicKey = novacron("models", "keygen", "--key", key, "--json").get("publicKey").asText();
        trainFigures =
                novacron(
                        "train",
                        "--data",
                        traces.toString(),
                        "--out",
                        out(),
                        "--models",
                        "stack",
                        "--rounds",
                        "12",
                        "--rows",
                        "20000",
                        "--key",
                        key,
                        "--json");
    }

    private static String out() {
        return trained.resolve("models").toString();
    }

    /// The figures of a command that ends well.
    private static JsonNode novacron(String... arguments) throws IOException {
        var output = new StringWriter();
        var errors = new StringWriter();
        var command = Novacron.commandLine();
        command.setOut(new PrintWriter(output, true));
        command.setErr(new PrintWriter(errors, true));
        assertThat(command.execute(arguments)).as("%s", errors).isZero();
        List<String> lines = output.toString().lines().toList();
        boolean json = !lines.isEmpty() && lines.getLast().startsWith("{");
        return json ? MAPPER.readTree(lines.getLast()).get("figures") : MAPPER.nullNode();
    }

    @BeforeEach
    void twoVersions() throws IOException {
        copy(1, 1);
        copy(1, 2);
        resign(2, card -> card.put("version", 2));
        registry().add(1, "trained");
        registry().add(2, "trained");
    }

    @Test
    void trainingWritesASignedCandidateWithACard() throws IOException {
        assertThat(trainFigures.get("stackParityRows").asInt()).isGreaterThanOrEqualTo(10_000);
        assertThat(trainFigures.get("stackParityMaxDifference").asDouble()).isLessThan(1e-4);
        assertThat(trainFigures.get("stackAccepted").asInt()).isEqualTo(1);
        JsonNode list = novacron("models", "list", "--dir", out(), "--json");
        assertThat(list.get("1.state").asText()).isEqualTo("candidate");
        assertThat(list.get("serving").asInt()).isZero();
        JsonNode card = MAPPER.readTree(folder(1).resolve("card.json").toFile());
        assertThat(card.get("dataSha256").asText()).hasSize(64);
        assertThat(card.get("microsecondsPerRow").asDouble()).isPositive();
        assertThat(card.get("commands").toString()).contains("make-traces").contains("train");
        assertThat(card.get("metrics").toString()).contains("stacked.").contains("members.");
    }

    @Test
    void aPromotionIsPickedUpWhileTheOldOneServes() throws IOException {
        Deque<Runnable> loads = new ArrayDeque<>();
        try (var stack = stack(trust(), loads::add)) {
            assertThat(tick(stack)).isNull();
            assertThat(stack.status().reason()).isEqualTo(FallbackReason.MODEL_MISSING);
            registry().promote(1, State.SERVING, "first");
            assertThat(tick(stack)).as("it is being opened").isNull();
            loads.remove().run();
            assertThat(tick(stack)).isNotNull();
            assertThat(answers.stackReason(0)).isEqualTo(FallbackReason.NONE);
            assertThat(stack.status().version()).isEqualTo(1);

            touchLater(() -> registry().promote(2, State.SERVING, "second"));
            StackedModel old = tick(stack);
            assertThat(old).as("no pause").isNotNull();
            loads.remove().run();
            assertThat(tick(stack)).isNotNull().isNotSameAs(old);
            assertThat(stack.status().version()).isEqualTo(2);
            assertThat(stack.status().switches()).isEqualTo(2);
            assertThat(switched)
                    .containsExactly("forecast-stack version 1", "forecast-stack version 2");
        }
    }

    @Test
    void aShadowIsJudgedAndChangesNothing() throws IOException {
        registry().promote(1, State.SERVING, "first");
        var alone = new ServingEnsemble(config, new MemoryBudget(1 << 24));
        float[] medians = medians(alone, 20);
        registry().promote(2, State.SHADOW, "try it");
        assertThat(medians(ensemble, 20)).as("no answer changes").isEqualTo(medians);
        assertThat(alone.accuracy())
                .extracting(AccuracyRow::model)
                .doesNotContain(AccuracyRow.SHADOW);
        for (int steps : new int[] {1, 3, 6, 12}) {
            AccuracyRow shadow = row(steps, AccuracyRow.SHADOW);
            AccuracyRow gbt = row(steps, AccuracyRow.STACKED);
            assertThat(shadow.outcomes()).isPositive();
            assertThat(shadow.wape()).as("the same trees").isEqualTo(gbt.wape());
        }
    }

    private float[] medians(ServingEnsemble one, int steps) {
        float[] medians = new float[steps];
        float[] cells = new float[config.window()];
        try (var stack = stack(trust(), Runnable::run)) {
            for (int at = 0; at < steps; at++) {
                StackedModel model = stack.forTick();
                StackedModel shadow = stack.shadow();
                for (int i = 0; i < cells.length; i++) {
                    cells[i] = 30 + (i + at) * 7 % 11;
                }
                one.serve(1_000_000 + at, cells, 0, 1, new int[1], 10, model, shadow, answers);
                medians[at] = answers.quantile(0, 0, Quantiles.MEDIAN);
                one.endRound();
                stack.afterTick();
            }
        }
        return medians;
    }

    private AccuracyRow row(int steps, String model) {
        return ensemble.accuracy().stream()
                .filter(row -> row.steps() == steps && row.model().equals(model))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aShadowThatIsRefusedRetiresAndTheOtherServesOn() throws IOException {
        registry().promote(1, State.SERVING, "first");
        Files.write(folder(2).resolve("model.onnx"), new byte[] {1, 2, 3});
        registry().promote(2, State.SHADOW, "try it");
        try (var stack = stack(trust(), Runnable::run)) {
            assertThat(tick(stack)).isNotNull();
            assertThat(stack.shadow()).isNull();
            assertThat(stack.status().version()).isEqualTo(1);
            assertThat(stack.status().shadowVersion()).isZero();
            assertThat(stack.status().shadowDetail()).contains("hash");
            assertThat(registry().read().in(State.SHADOW)).isZero();
            assertThat(registry().read().in(State.SERVING)).isEqualTo(1);
        }
    }

    @Test
    void aModelThatTakesTenSecondsGivesWayToTheOneBefore() throws IOException {
        registry().promote(1, State.SERVING, "first");
        registry().promote(2, State.SERVING, "second");
        try (var stack = stack(trust(), Runnable::run)) {
            tickAt(stack, 10_000_000_000L);
            assertThat(answers.stackReason(0)).isEqualTo(FallbackReason.MODEL_TOO_SLOW);
            assertThat(answers.isAnswered(0)).as("the members answer").isTrue();
            assertThat(stack.status().reason()).isEqualTo(FallbackReason.MODEL_TOO_SLOW);
            assertThat(stack.status().detail()).contains("version 2").contains("10000 ms");
            assertThat(registry().read().in(State.SERVING)).isEqualTo(1);
            assertThat(tick(stack)).isNotNull();
            assertThat(stack.status().version()).isEqualTo(1);
            assertThat(stack.status().overruns()).isEqualTo(1);
        }
    }

    @Test
    void anUnsignedModelIsRefusedUnlessAllowed() throws IOException {
        Files.delete(folder(2).resolve(ModelTrust.SIGNATURE_FILE));
        assertRefused("is not signed", "models.allow-unsigned");
        registry().promote(2, State.SERVING, "again");
        try (var stack = stack(new ModelTrust(List.of(), true), Runnable::run)) {
            assertThat(tick(stack)).isNotNull();
        }
    }

    @Test
    void aWronglySignedModelIsRefused() throws IOException {
        Files.writeString(
                folder(2).resolve("card.json"),
                Files.readString(folder(2).resolve("card.json")).replace("\"rows\"", "\"Rows\""));
        assertRefused("fits none of the 1 keys", "Maybe");
    }

    @Test
    void aTruncatedModelIsRefused() throws IOException {
        Path onnx = folder(2).resolve("model.onnx");
        byte[] bytes = Files.readAllBytes(onnx);
        Files.write(onnx, Arrays.copyOf(bytes, bytes.length / 2));
        assertRefused("the hash of model.onnx", "cut off");
    }

    @Test
    void aModelOfAnotherFeatureSetIsRefused() throws IOException {
        resign(
                2,
                card ->
                        ((com.fasterxml.jackson.databind.node.ArrayNode) card.get("features"))
                                .remove(3));
        assertRefused("from number 3", "train it again");
    }

    @Test
    void aModelOfAnotherStepIsRefused() throws IOException {
        resign(2, card -> card.put("stepSeconds", 60));
        assertRefused("stepSeconds=60", "must be 2 and 300");
    }

    @Test
    void aDamagedRegistryLeavesTheModelInService() throws IOException {
        registry().promote(1, State.SERVING, "first");
        try (var stack = stack(trust(), Runnable::run)) {
            assertThat(tick(stack)).isNotNull();
            touchLater(() -> Files.writeString(registry().file(), "{"));
            assertThat(tick(stack)).isNotNull();
            assertThat(stack.status().detail()).contains("version 1").contains("is damaged");
        }
    }

    /// Version 2 is refused for that, and version 1 serves on.
    private void assertRefused(String why, String next) throws IOException {
        registry().promote(1, State.SERVING, "first");
        try (var stack = stack(trust(), Runnable::run)) {
            tick(stack);
            touchLater(() -> registry().promote(2, State.SERVING, "second"));
            assertThat(tick(stack)).as("version 1 serves on").isNotNull();
            assertThat(stack.status().version()).isEqualTo(1);
            assertThat(stack.status().detail()).contains(why).contains(next);
            assertThat(registry().read().in(State.SERVING)).isEqualTo(1);
        }
        touchLater(() -> registry().promote(2, State.SERVING, "second"));
        try (var stack = stack(trust(), Runnable::run)) {
            registry().retire(1, "gone");
            assertThat(tick(stack)).as("from the start, and with none to go back to").isNull();
            assertThat(stack.status().reason()).isEqualTo(FallbackReason.MODEL_REJECTED);
        }
    }

    // ---- help -------------------------------------------------------------------------------

    private interface Change {
        void make() throws IOException;
    }

    /// File times are coarse somewhere: the change is a second younger than what was seen.
    private void touchLater(Change change) throws IOException {
        var before = Files.getLastModifiedTime(registry().file());
        change.make();
        Files.setLastModifiedTime(
                registry().file(),
                java.nio.file.attribute.FileTime.fromMillis(before.toMillis() + 1_000));
    }

    private ModelRegistry registry() {
        return new ModelRegistry(models, StackPackage.NAME);
    }

    private static ModelTrust trust() {
        return new ModelTrust(List.of(publicKey), false);
    }

    private StackSource stack(ModelTrust trust, Executor loader) {
        return new RegistryStack(
                models,
                trust,
                Duration.ofSeconds(2),
                STEP_SECONDS,
                () -> nowNs.addAndGet(lookNs),
                loader,
                switched::add);
    }

    private Path folder(int version) {
        return StackPackage.directory(models, version);
    }

    private void copy(int from, int to) throws IOException {
        Path source = StackPackage.directory(Path.of(out()), from);
        Files.createDirectories(folder(to));
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        folder(to).resolve(file.getFileName()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private interface Edit {
        Object on(ObjectNode card);
    }

    private void resign(int version, Edit edit) throws IOException {
        Path file = folder(version).resolve("card.json");
        ObjectNode card = (ObjectNode) MAPPER.readTree(file.toFile());
        edit.on(card);
        byte[] bytes = MAPPER.writeValueAsBytes(card);
        Files.write(file, bytes);
        try {
            Files.write(
                    folder(version).resolve(ModelTrust.SIGNATURE_FILE),
                    ModelTrust.sign(bytes, privateKey()));
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static PrivateKey privateKey()
            throws IOException, java.security.GeneralSecurityException {
        String pem = Files.readString(trained.resolve("key.pem")).replaceAll("-----[^-]*-----", "");
        return KeyFactory.getInstance("Ed25519")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
    }

    private @Nullable StackedModel tick(StackSource stack) {
        return tickAt(stack, 0);
    }

    /// One tick of one series, in which each look at the clock is `newLookNs` later.
    private @Nullable StackedModel tickAt(StackSource stack, long newLookNs) {
        StackedModel model = stack.forTick();
        float[] cells = new float[config.window()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = 30 + i % 4;
        }
        lookNs = newLookNs;
        ensemble.serve(++step, cells, 0, 1, new int[1], 10, model, answers);
        assertThat(answers.quantile(0, 0, Quantiles.MEDIAN)).isBetween(20f, 45f);
        lookNs = 0;
        stack.afterTick();
        return model;
    }
}
