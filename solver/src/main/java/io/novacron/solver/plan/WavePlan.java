package io.novacron.solver.plan;

import io.novacron.solver.Rejection;
import java.util.ArrayList;
import java.util.List;

/// Moves in the order to carry them out. Those of one wave may run at once and in any order; a wave
/// starts when the one before it has ended. After each wave one may stop: every rule holds that
/// held at the start, and what was broken is no worse.
///
/// @param waves none of them empty
/// @param left moves that no order was found for, and why
public record WavePlan(List<List<Relocation>> waves, List<Left> left) {
    /// A move that stays undone.
    ///
    /// @param rejection the first rule against it once all waves are done
    /// @param reason the same, with names and numbers
    public record Left(int vm, int fromHost, int toHost, Rejection rejection, String reason) {}

    public WavePlan {
        waves = waves.stream().map(List::copyOf).toList();
        left = List.copyOf(left);
    }

    /// Whether the target is reached.
    public boolean isComplete() {
        return left.isEmpty();
    }

    public int moveCount() {
        return waves.stream().mapToInt(List::size).sum();
    }

    /// How to go back from the stop after so many waves: the same moves the other way round, last
    /// wave first. It breaks nothing that was not broken at the start, for in each wave both hosts
    /// had room for a vm at once.
    ///
    /// @param waveCount waves carried out, in [0, all]
    public WavePlan undo(int waveCount) {
        List<List<Relocation>> back = new ArrayList<>();
        for (List<Relocation> wave : waves.subList(0, waveCount).reversed()) {
            back.add(wave.stream().map(Relocation::reversed).toList());
        }
        return new WavePlan(back, List.of());
    }

    /// How to go back from the end.
    public WavePlan undo() {
        return undo(waves.size());
    }
}
