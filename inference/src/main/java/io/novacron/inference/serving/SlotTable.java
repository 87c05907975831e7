package io.novacron.inference.serving;

import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/// The [SlotBlock]s of all slots, made when a slot is first used and given back with its last one.
///
/// One thread owns it.
final class SlotTable {
    private final Layout layout;
    private final MemoryBudget budget;
    private final long blockBytes;
    private final ArrayList<@Nullable SlotBlock> blocks = new ArrayList<>();
    private long series;

    SlotTable(Layout layout, MemoryBudget budget) {
        this.layout = layout;
        this.budget = budget;
        this.blockBytes = SlotBlock.bytes(layout);
    }

    /// The block of a slot, null where there is none.
    @Nullable SlotBlock find(int slot) {
        int index = slot >> SlotBlock.SHIFT;
        return index < blocks.size() ? blocks.get(index) : null;
    }

    /// The block of a slot, made now if need be; null when there is no room for it.
    @Nullable SlotBlock open(int slot) {
        int index = slot >> SlotBlock.SHIFT;
        while (blocks.size() <= index) {
            blocks.add(null);
        }
        SlotBlock block = blocks.get(index);
        if (block == null && budget.take(blockBytes)) {
            block = new SlotBlock(layout, budget.memory(SlotBlock.waitingBytes(layout)));
            blocks.set(index, block);
        }
        return block;
    }

    /// Marks a slot of an open block as used.
    ///
    /// @return whether it was not
    boolean use(SlotBlock block, int slot) {
        int lane = slot & SlotBlock.SLOTS - 1;
        boolean isNew = !block.used[lane];
        block.used[lane] = true;
        series += isNew ? 1 : 0;
        return isNew;
    }

    void forget(int slot) {
        SlotBlock block = find(slot);
        int lane = slot & SlotBlock.SLOTS - 1;
        if (block == null || !block.used[lane]) {
            return;
        }
        block.clear(lane);
        series--;
        for (boolean used : block.used) {
            if (used) {
                return;
            }
        }
        blocks.set(slot >> SlotBlock.SHIFT, null);
        budget.giveBack(blockBytes, block.waiting);
    }

    /// Slots in use.
    long series() {
        return series;
    }

    /// Bytes that are taken.
    long bytes() {
        return blocks() * blockBytes;
    }

    /// Of those, what is for forecasts that wait.
    long waitingBytes() {
        long perSlot =
                (long) Short.BYTES * layout.waiting()
                        + layout.entries() * (2L * Float.BYTES + Integer.BYTES + Short.BYTES);
        return blocks() * SlotBlock.SLOTS * perSlot;
    }

    /// Forecasts that wait for their targets.
    long waiting() {
        long waiting = 0;
        for (SlotBlock block : blocks) {
            waiting += block == null ? 0 : block.waitingForecasts();
        }
        return waiting;
    }

    private long blocks() {
        long count = 0;
        for (SlotBlock block : blocks) {
            count += block == null ? 0 : 1;
        }
        return count;
    }
}
