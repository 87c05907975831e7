package io.novacron.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class StreamTest {
    private final Stream stream = new AgentEntry(0, new UUID(0, 1)).data;

    /// Within the 64 last sequences the window knows exactly which came.
    @Property(tries = 300)
    void aFrameIsTakenOnce(
            @ForAll @Size(max = 100) List<@LongRange(min = 1, max = 64) Long> sequences) {
        var fresh = new AgentEntry(0, new UUID(0, 1)).data;
        Set<Long> seen = new HashSet<>();
        for (long sequence : sequences) {
            boolean isNew = fresh.verdict(sequence) != Stream.Verdict.DUPLICATE;
            assertThat(isNew).isEqualTo(seen.add(sequence));
            if (isNew) {
                fresh.commit(sequence);
            }
        }
        assertThat(fresh.frames).isEqualTo(seen.size());
    }

    @Test
    void whatIsOlderThanTheWindowCountsAsResent() {
        stream.commit(1);
        stream.commit(100);
        assertThat(stream.verdict(36)).isEqualTo(Stream.Verdict.DUPLICATE);
        assertThat(stream.verdict(37)).isEqualTo(Stream.Verdict.REORDERED);
        assertThat(stream.gapBefore(103)).isEqualTo(2);
    }

    @Test
    void aNewEpochForgetsTheOldSequences() {
        stream.begin(1);
        stream.commit(9);
        stream.begin(1);
        assertThat(stream.verdict(9)).isEqualTo(Stream.Verdict.DUPLICATE);
        stream.begin(2);
        assertThat(stream.verdict(9)).isEqualTo(Stream.Verdict.NEW);
        assertThat(stream.publishedJournaled).isZero();
    }
}
