package io.novacron.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentStateTest {
    private static final UUID FIRST = new UUID(1, 1);
    private static final UUID SECOND = new UUID(2, 2);

    @TempDir private Path folder = Path.of("");
    private final RandomGenerator random = new SplittableRandom(5);

    private AgentState open() throws IOException {
        return AgentState.open(
                folder,
                1 << 20,
                3_600_000,
                "boot",
                random,
                e -> {
                    throw new UncheckedIOException(e);
                });
    }

    @Test
    void keepsItsEpochAndItsIdsOverRestarts() throws IOException {
        long epoch;
        try (var state = open()) {
            epoch = state.epoch();
            assertThat(state.entityIds().idOf(FIRST)).isZero();
            assertThat(state.entityIds().idOf(SECOND)).isEqualTo(1);
        }
        try (var state = open()) {
            assertThat(state.epoch()).isEqualTo(epoch);
            assertThat(state.entityIds().idOf(SECOND)).isEqualTo(1);
            assertThat(state.entityIds().idOf(new UUID(3, 3))).isEqualTo(2);
        }
    }

    @Test
    void cutsAnIdThatWasNotWrittenWhole() throws IOException {
        try (var state = open()) {
            state.entityIds().idOf(FIRST);
        }
        Files.writeString(folder.resolve("entities"), "1 00000000-0000", StandardOpenOption.APPEND);
        try (var state = open()) {
            assertThat(state.entityIds().size()).isEqualTo(1);
            assertThat(state.entityIds().idOf(SECOND)).isEqualTo(1);
        }
        try (var state = open()) {
            assertThat(state.entityIds().knownIdOf(SECOND)).isEqualTo(1);
        }
    }

    @Test
    void beginsAnEpochWhenIdsAreDamagedAndForgetsItsFrames() throws IOException {
        long epoch;
        try (var state = open()) {
            epoch = state.epoch();
            state.entityIds().idOf(FIRST);
            state.data().append(0, (sequence, buffer) -> 10);
        }
        Files.writeString(folder.resolve("entities"), "epoch " + epoch + "\n7 what\n");

        try (var state = open()) {
            assertThat(state.epoch()).isNotEqualTo(epoch).isPositive();
            assertThat(state.data().firstSequence()).isZero();
            assertThat(state.entityIds().size()).isZero();
        }
    }

    @Test
    void isUsedByOneAgentAtATime() throws IOException {
        try (var _ = open()) {
            assertThatThrownBy(this::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is used by another agent. Maybe");
        }
    }

    @Test
    void keepsAnAgentIdThatItMade() throws IOException {
        UUID id = AgentState.keptAgentId(folder, random);
        assertThat(id.version()).isEqualTo(4);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(AgentState.keptAgentId(folder, random)).isEqualTo(id);
    }
}
