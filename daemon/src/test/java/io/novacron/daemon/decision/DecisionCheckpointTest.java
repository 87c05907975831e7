package io.novacron.daemon.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.daemon.config.AuditConfig;
import io.novacron.daemon.config.AutomationConfig;
import io.novacron.daemon.config.PolicyConfig;
import io.novacron.daemon.config.ScalingConfig;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DecisionRow.ReasonRow;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Decisions after a checkpoint and the events behind it = decisions after all events, and so is
/// the audit log.
class DecisionCheckpointTest {
    private static final LifecycleState[] STATES = LifecycleState.values();

    @TempDir private Path folder;
    private final List<String> appended = Collections.synchronizedList(new ArrayList<>());

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aCheckpointAndItsTailMakeTheSameDecisions(long seed) throws Exception {
        List<byte[]> events = events(new Random(seed), 400);
        int middle = new Random(seed).nextInt(events.size());
        List<DecisionRow> all;
        List<String> appendedAfterAll;
        try (var whole = loop("whole.jsonl")) {
            replay(whole, events, 0, events.size());
            whole.onReplayed();
            whole.checkpoint().call(); // all before it is done
            all = whole.rows();
            appendedAfterAll = withoutNotes();
        }
        byte[] state;
        try (var killed = loop("audit.jsonl")) {
            killed.onReplayed();
            replay(killed, events, 0, middle);
            Callable<byte[]> taken = killed.checkpoint();
            replay(killed, events, middle, events.size() - middle); // its lines are not to count
            state = taken.call();
        }
        appended.clear();
        try (var restarted = loop("audit.jsonl")) {
            restarted.restore(state);
            replay(restarted, events, middle, events.size() - middle);
            restarted.onReplayed();
            byte[] again = restarted.checkpoint().call();
            assertThat(restarted.rows()).isEqualTo(all);
            assertThat(withoutNotes()).as("what is approved goes on").isEqualTo(appendedAfterAll);
            assertThat(EventCodec.state(again).audit().lines()).isPositive();
        }
        assertThat(folder.resolve("audit.jsonl"))
                .hasSameTextualContentAs(folder.resolve("whole.jsonl"));
        assertThat(folder.resolve("audit.jsonl.rebuilt")).doesNotExist();
    }

    @Test
    void anAuditLogThatWasChangedIsNotGoneOnWith() throws Exception {
        List<byte[]> events = events(new Random(5), 20);
        byte[] state;
        try (var loop = loop("audit.jsonl")) {
            loop.onReplayed();
            replay(loop, events, 0, events.size());
            state = loop.checkpoint().call();
        }
        Path audit = folder.resolve("audit.jsonl");
        String text = Files.readString(audit);
        int hash = text.lastIndexOf("\"hash\":\"") + 10;
        char other = text.charAt(hash) == '0' ? '1' : '0';
        Files.writeString(audit, text.substring(0, hash) + other + text.substring(hash + 1));
        refused(state, "Maybe the file was changed?");
        Files.writeString(audit, text.substring(0, text.length() / 2));
        refused(state, "Maybe it was cut?");
        Files.delete(audit);
        refused(state, "audit.jsonl");
    }

    private void refused(byte[] state, String why) throws Exception {
        try (var loop = loop("audit.jsonl")) {
            assertThatThrownBy(() -> loop.restore(state))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(why);
            loop.onReplayed();
            loop.checkpoint().call(); // all before it is done
            assertThat(loop.rows()).as("nothing has changed").isEmpty();
        }
    }

    @Test
    void aStateOfAnotherVersionIsRefused() throws Exception {
        try (var loop = loop("audit.jsonl")) {
            loop.onReplayed();
            String text = new String(loop.checkpoint().call(), StandardCharsets.UTF_8);
            byte[] newer =
                    text.replace("\"version\":2", "\"version\":3").getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> loop.restore(newer)).hasMessageContaining("version=3");
        }
    }

    /// The first start of a folder notes that there is no anchor yet.
    private List<String> withoutNotes() {
        return appended.stream().filter(event -> !event.contains("AUDIT_BROKEN")).toList();
    }

    private DecisionLoop loop(String audit) {
        var loop =
                new DecisionLoop(
                        PolicyConfig.DEFAULT,
                        AutomationConfig.DEFAULT,
                        AuditConfig.DEFAULT,
                        ScalingConfig.DEFAULT,
                        Duration.ofMinutes(1),
                        new DecisionJournal() {
                            @Override
                            public boolean appendEvent(byte[] bytes) {
                                return appended.add(new String(bytes, StandardCharsets.UTF_8));
                            }

                            @Override
                            public boolean appendCommand(byte[] bytes) {
                                return appended.add(new String(bytes, StandardCharsets.UTF_8));
                            }
                        },
                        (_, _) -> "",
                        folder.resolve(audit),
                        () -> {});
        loop.start();
        return loop;
    }

    private static void replay(DecisionLoop loop, List<byte[]> events, int from, int count) {
        for (int i = from; i < from + count; i++) {
            loop.onEvent(events.get(i), i, 1_000L * i, true);
        }
    }

    /// Proposals and steps at random, many of which do not follow.
    private static List<byte[]> events(Random random, int count) {
        var events = new ArrayList<byte[]>();
        long lastId = 0;
        for (int i = 0; i < count; i++) {
            DecisionEvent event;
            if (random.nextInt(4) == 0 || lastId == 0) {
                event = new DecisionEvent.Proposed(++lastId, proposal(random));
            } else {
                long id = 1 + random.nextInt((int) lastId);
                LifecycleState to = STATES[random.nextInt(STATES.length)];
                event = new DecisionEvent.Moved(id, to, "some one", "why " + i + " ü");
            }
            events.add(EventCodec.encode(event));
        }
        return events;
    }

    private static Proposal proposal(Random random) {
        return new Proposal(
                ActionType.SET_VCPUS,
                new UUID(2, random.nextInt(50)),
                "web-01",
                new UUID(1, 1),
                "alpha",
                1,
                2 + random.nextInt(8),
                1L << 30,
                1L << 30,
                random.nextBoolean() ? null : new UUID(1, 2),
                "",
                "",
                random.nextFloat(),
                random.nextFloat(),
                "more vCPUs",
                "1 vCPU",
                "no more throttling",
                List.of(new ReasonRow("CPU_PEAK", "p90 of the next hour is 99 %")),
                Map.of("cpu.usage", List.of(random.nextFloat(), 99f)),
                random.nextInt(),
                "00",
                "last-value",
                Map.of("env", "dev"),
                Map.of("vcpus-added", 1.0),
                0);
    }
}
