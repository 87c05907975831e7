package io.novacron.perf.peers;

import io.novacron.wire.column.ColumnBatch;
import java.io.IOException;
import java.util.List;

/// All samples of a fleet at one moment: a batch an agent. Vms are numbered through, agent by
/// agent.
///
/// @param index of the round in its stream, from 0
record FleetRound(long index, long timestampMs, List<ColumnBatch> batches) {
    int vms() {
        return batches.stream().mapToInt(ColumnBatch::entityCount).sum();
    }

    long samples() {
        return batches.stream()
                .mapToLong(batch -> (long) batch.entityCount() * batch.metricCount())
                .sum();
    }

    /// What is done with each vm.
    interface VmVisitor {
        /// Called once a vm, in the order of their numbers.
        ///
        /// @param entity index of the vm in `batch`
        void visit(int vm, ColumnBatch batch, int entity) throws IOException, InterruptedException;
    }

    void forEachVm(VmVisitor visitor) throws IOException, InterruptedException {
        int vm = 0;
        for (ColumnBatch batch : batches) {
            for (int entity = 0; entity < batch.entityCount(); entity++) {
                visitor.visit(vm++, batch, entity);
            }
        }
    }
}
