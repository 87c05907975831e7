package io.novacron.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OnnxLibraryTest {
    private static final String PROPERTY = "onnxruntime.native.path";
    private static final String LIBRARY = "libonnxruntime.so";

    @TempDir private Path directory;
    private @Nullable String before;

    @BeforeEach
    void forgetThePath() {
        assumeTrue(System.getProperty("os.name", "").equals("Linux"));
        before = System.getProperty(PROPERTY);
        System.clearProperty(PROPERTY);
    }

    @AfterEach
    void restoreThePath() {
        if (before == null) {
            System.clearProperty(PROPERTY);
        } else {
            System.setProperty(PROPERTY, before);
        }
    }

    @Test
    void whatIsNotTheJarsIsReplacedAndWhatIsNotOfItRemoved() throws IOException {
        Path library = directory.resolve(LIBRARY);
        Files.writeString(library, "cut short");
        Files.writeString(directory.resolve("libonnxruntime.so.new"), "left by a kill");

        assertThat(OnnxLibrary.keepIn(directory)).isTrue();

        assertThat(Files.size(library)).isGreaterThan(1_000_000);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(LIBRARY, "libonnxruntime4j_jni.so");
        }
        assertThat(System.getProperty(PROPERTY)).isEqualTo(directory.toString());
    }

    @Test
    void whatIsWholeStays() throws IOException {
        OnnxLibrary.keepIn(directory);
        Object written = Files.getAttribute(directory.resolve(LIBRARY), "unix:ino");
        System.clearProperty(PROPERTY);

        assertThat(OnnxLibrary.keepIn(directory)).isTrue();

        assertThat(Files.getAttribute(directory.resolve(LIBRARY), "unix:ino")).isEqualTo(written);
    }

    @Test
    void aGivenPathIsRespected() {
        System.setProperty(PROPERTY, "/elsewhere");

        assertThat(OnnxLibrary.keepIn(directory)).isFalse();

        assertThat(directory).isEmptyDirectory();
        assertThat(System.getProperty(PROPERTY)).isEqualTo("/elsewhere");
    }

    @Test
    void aFolderThatCannotBeMadeChangesNothing() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");

        assertThat(OnnxLibrary.keepIn(file.resolve("native"))).isFalse();

        assertThat(System.getProperty(PROPERTY)).isNull();
    }
}
