package io.novacron.perf.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerJarsTest {
    @TempDir private Path home;

    @Test
    void areAbsentWithoutASourceTree() {
        assertThat(PeerJars.in(null).absence("questdb"))
                .isEqualTo("not installed: its jars are resolved in a source tree only");
        assertThat(PeerJars.in(home).absence("questdb")).as("an installed copy").isNotNull();
    }

    @Test
    void findAnArtifactOfAnyVersion() throws IOException {
        Files.writeString(
                Files.createDirectories(home.resolve("perf/peers")).resolve("pom.xml"), "");
        Path jars = Files.createDirectories(home.resolve("perf/target/peers"));
        Files.createFile(jars.resolve("kafka_2.13-4.3.1.jar"));
        Files.createFile(jars.resolve("kafka-clients-4.3.1.jar"));

        assertThat(PeerJars.in(home).absence("kafka_2.13")).isNull();
        assertThat(PeerJars.in(home).find("kafka-clients")).hasFileName("kafka-clients-4.3.1.jar");
        assertThat(PeerJars.in(home).find("kafka")).isNull();
    }
}
