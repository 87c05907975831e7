package io.novacron.daemon.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.decision.VirtualDesk.World;
import io.novacron.daemon.view.TrackRow;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.LifecycleState;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is remembered of how actions have done, and what it does to new proposals.
class TrackTest {
    private static final String AUTOMATIC =
            "policy: {mode: automatic}\nautomation: {allow: [\"all: any\"]}";

    @TempDir private Path folder;

    @Test
    void withoutOutcomesConfidenceStaysAsItIs() {
        assertThat(Track.EMPTY.confidenceFactor()).isEqualTo(1);
        var desk = new VirtualDesk(folder, AUTOMATIC);
        desk.tick(desk.vcpus(1, 3));
        assertThat(desk.row(1).confidence()).isEqualTo(0.9f);
        assertThat(desk.row(1).reasons()).isEmpty();
    }

    @Test
    void aBrokenPromiseCountsOnceAndLowersTheConfidenceOfItsType() {
        var desk = new VirtualDesk(folder, AUTOMATIC);
        desk.world = stealFrom(desk.nowMs + 3 * VirtualDesk.MINUTE_MS, VirtualDesk.vm(1));
        desk.ticks(20, desk.vcpus(1, 3));
        assertThat(desk.state(1)).isEqualTo(LifecycleState.ROLLED_BACK);
        assertThat(row(desk))
                .satisfies(track -> {
                    assertThat(track.measured()).isEqualTo(1);
                    assertThat(track.broken()).isEqualTo(1);
                    assertThat(track.kept()).as("neither it nor its inverse").isZero();
                    assertThat(track.vcpusFreed()).as("nothing stays freed").isZero();
                    assertThat(track.confidenceFactor()).isEqualTo(20 / 21.0);
                });

        desk.tick(desk.vcpus(2, 3));
        assertThat(desk.row(3).confidence()).isEqualTo((float) (0.9f * (20 / 21.0)));
        assertThat(desk.row(3).reasons())
                .singleElement()
                .satisfies(reason -> {
                    assertThat(reason.code()).isEqualTo("PROMISES_KEPT");
                    assertThat(reason.text()).contains("0 of 1", "× 0.95");
                });
    }

    @Test
    void whatIsKeptIsAddedUpOverTime() {
        var desk = new VirtualDesk(folder, AUTOMATIC);
        desk.world = (_, _, _) -> 30;
        desk.ticks(20, desk.vcpus(1, 3));
        assertThat(desk.state(1)).isEqualTo(LifecycleState.KEPT);
        TrackRow kept = row(desk);
        assertThat(kept.kept()).isEqualTo(1);
        assertThat(kept.measured()).isEqualTo(1);
        assertThat(kept.vcpusFreed()).isEqualTo(1);
        double before = kept.vcpuHours();
        desk.ticks(120);
        assertThat(row(desk).vcpuHours() - before).isEqualTo(2);
    }

    @Test
    void whatIsNotMeasuredSaysNothingOfPromises() {
        var desk = new VirtualDesk(folder, AUTOMATIC);
        desk.ticks(4, desk.vcpus(1, 3)); // there is no history
        assertThat(desk.state(1)).isEqualTo(LifecycleState.KEPT);
        assertThat(row(desk).kept()).isEqualTo(1);
        assertThat(row(desk).measured()).isZero();
    }

    @Test
    void aReplayAndACheckpointGiveTheSame() throws Exception {
        var desk = new VirtualDesk(folder, AUTOMATIC);
        desk.world = stealFrom(desk.nowMs + 3 * VirtualDesk.MINUTE_MS, VirtualDesk.vm(1));
        desk.ticks(40, desk.vcpus(1, 3), desk.vcpus(2, 3));
        List<TrackRow> tracks = desk.desk.tracks(desk.nowMs);
        assertThat(tracks).singleElement().satisfies(one -> assertThat(one.kept()).isEqualTo(1));
        assertThat(desk.replay().tracks(desk.nowMs)).isEqualTo(tracks);
        DecisionState state = EventCodec.state(EventCodec.encode(desk.desk.state()));
        assertThat(state.tracks()).isEqualTo(desk.desk.book().tracks());
    }

    @Test
    void onlyTheNewestFinishedDecisionsKeepTheirExplanation() {
        var book = new DecisionBook(10, 2);
        var desk = new VirtualDesk(folder, AUTOMATIC);
        for (int id = 1; id <= 4; id++) {
            book.apply(new DecisionEvent.Proposed(id, desk.vcpus(id, 3)), id);
            book.apply(new DecisionEvent.Moved(id, LifecycleState.EXPIRED, "novacron", ""), id);
        }
        assertThat(book.rows())
                .extracting(row -> row.forecasts().isEmpty())
                .as("newest first")
                .containsExactly(false, false, true, true);
    }

    private static TrackRow row(VirtualDesk desk) {
        return desk.desk.tracks(desk.nowMs).stream()
                .filter(track -> track.type() == ActionType.SET_VCPUS)
                .findFirst()
                .orElseThrow();
    }

    private static World stealFrom(long fromMs, UUID vm) {
        return (entity, metric, atMs) -> {
            if (metric != Metrics.CPU_STEAL) {
                return 30;
            }
            return entity.equals(vm) && atMs >= fromMs ? 40 : 1 + atMs / 60_000 % 2;
        };
    }
}
