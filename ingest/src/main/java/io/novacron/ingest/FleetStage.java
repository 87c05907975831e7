package io.novacron.ingest;

import com.lmax.disruptor.EventHandler;
import io.novacron.ingest.journal.RecordLayout;

/// Second stage: hands journaled records to the [RecordApplier] and gives their bytes back to the
/// ring. The fleet thread owns it.
final class FleetStage implements EventHandler<Slot> {
    private final RecordApplier applier;
    private final RecordRing ring;
    private final Runnable resume;

    FleetStage(RecordApplier applier, RecordRing ring, Runnable resume) {
        this.applier = applier;
        this.ring = ring;
        this.resume = resume;
    }

    @Override
    public void onEvent(Slot slot, long sequence, boolean endOfBatch) {
        if (!slot.dropped) {
            Stream stream = slot.stream;
            applier.apply(
                    slot.type,
                    stream == null ? RecordLayout.NO_SOURCE : stream.agent.index,
                    slot.ordinal,
                    slot.timeMs,
                    slot.sequence,
                    ring.buffer(),
                    slot.offset + RecordLayout.HEADER_LENGTH,
                    slot.payloadLength,
                    false);
        }
        ring.release(slot.endPosition);
        if (endOfBatch) {
            resumeIfRoom();
        }
    }

    @Override
    public void onTimeout(long sequence) {
        resumeIfRoom(); // the ring's sequence moves after onEvent: this catches the last batch
    }

    private void resumeIfRoom() {
        if (ring.roomAgain()) {
            resume.run();
        }
    }
}
