package io.novacron.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.inference.ModelRegistry.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRegistryTest {
    @TempDir private Path root;

    private ModelRegistry registry() {
        return new ModelRegistry(root, "m");
    }

    @Test
    void oneVersionServesAtATimeAndTheOneBeforeIsRemembered() throws IOException {
        registry().add(1, "trained");
        registry().add(2, "trained");
        assertThat(registry().read().in(State.SERVING)).isZero();
        registry().promote(1, State.SERVING, "first");
        var contents = registry().promote(2, State.SERVING, "better");
        assertThat(contents).isEqualTo(registry().read());
        assertThat(contents.in(State.SERVING)).isEqualTo(2);
        assertThat(contents.previous()).isEqualTo(1);
        assertThat(contents.models())
                .extracting(ModelRegistry.Entry::state)
                .containsExactly(State.RETIRED, State.SERVING);
    }

    @Test
    void rollingBackPutsTheOneBeforeIntoServiceOnce() throws IOException {
        registry().add(1, "trained");
        registry().add(2, "trained");
        registry().promote(1, State.SERVING, "first");
        registry().promote(2, State.SERVING, "better");
        assertThat(registry().rollBack(7, "another one").in(State.SERVING))
                .as("7 is not in service, so nothing changes")
                .isEqualTo(2);
        var back = registry().rollBack(2, "it gave NaN");
        assertThat(back.in(State.SERVING)).isEqualTo(1);
        assertThat(back.models().get(1).reason()).isEqualTo("it gave NaN");
        assertThat(registry().rollBack(1, "NaN too").in(State.SERVING))
                .as("nobody is left")
                .isZero();
    }

    @Test
    void everyChangeIsANewRevisionAndNothingIsLeftAside() throws IOException {
        registry().add(1, "trained");
        registry().promote(1, State.SHADOW, "watch it");
        var contents = registry().retire(1, "enough");
        assertThat(contents.revision()).isEqualTo(3);
        assertThat(contents.models().getFirst().state()).isEqualTo(State.RETIRED);
        assertThat(root.resolve("m/.registry.new")).doesNotExist();
    }

    @Test
    void mistakesSayWhatIsThere() throws IOException {
        registry().add(3, "trained");
        assertThatThrownBy(() -> registry().promote(4, State.SERVING, ""))
                .hasMessageContaining("version=4")
                .hasMessageContaining("[3]");
        Files.writeString(registry().file(), "{\"revision\": ");
        assertThatThrownBy(() -> registry().read())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged");
    }

    @Test
    void onlyASignatureOfATrustedKeyIsTaken() throws Exception {
        byte[] card = "a card".getBytes(StandardCharsets.UTF_8);
        KeyPair ours = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair theirs = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String key = Base64.getEncoder().encodeToString(ours.getPublic().getEncoded());
        var trust = new ModelTrust(List.of(key), false);
        byte[] good = ModelTrust.sign(card, ours.getPrivate());
        assertThatCode(() -> trust.verify(card, good, "x")).doesNotThrowAnyException();

        byte[] changed = "A card".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> trust.verify(changed, good, "x"))
                .isInstanceOf(ModelRejectedException.class)
                .hasMessageContaining("fits none of the 1 keys");
        byte[] foreign = ModelTrust.sign(card, theirs.getPrivate());
        assertThatThrownBy(() -> trust.verify(card, foreign, "x")).hasMessageContaining("none");
        byte[] cut = java.util.Arrays.copyOf(good, 20);
        assertThatThrownBy(() -> trust.verify(card, cut, "x")).hasMessageContaining("none");
        assertThatThrownBy(() -> trust.verify(card, new byte[0], "x"))
                .hasMessageContaining("is not signed")
                .hasMessageContaining("models.allow-unsigned");
        assertThatCode(() -> ModelTrust.UNSIGNED.verify(card, new byte[0], "x"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> ModelTrust.UNSIGNED.verify(card, good, "x"))
                .as("a signature nobody can check is no better than a wrong one")
                .hasMessageContaining("none of the 0 keys");
    }

    @Test
    void aKeyThatIsNoneIsAMistake() {
        assertThat(ModelTrust.problems("models.trusted-keys", List.of("*", "bm8=")))
                .hasSize(2)
                .allMatch(problem -> problem.startsWith("models.trusted-keys="))
                .allMatch(problem -> problem.contains("Maybe"));
    }
}
