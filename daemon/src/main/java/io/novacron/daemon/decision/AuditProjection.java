package io.novacron.daemon.decision;

import io.novacron.daemon.audit.AuditLog;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the audit log says of each event: who did what, why, before and after, and from which
/// inputs. A pure function of the journal: the same records give the same lines.
///
/// A line is worded and hashed when there is time ([#writeNext]) and before anybody looks at the
/// log ([#writeAll]): actions that are on their way to an agent go first.
final class AuditProjection {
    private static final int WAITING_LIMIT = 4_096;

    private final AuditLog log;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private Inputs inputs = Inputs.NONE;

    AuditProjection(AuditLog log) {
        this.log = log;
    }

    /// What holds for all decisions until the next such record.
    ///
    /// @param configuration SHA-256 of the configuration as it is journaled; empty before the first
    /// @param models the models in service, as journaled; empty before the first
    record Inputs(String configuration, String models) {
        static final Inputs NONE = new Inputs("", "");
    }

    Inputs inputs() {
        return inputs;
    }

    void inputs(Inputs newInputs) {
        inputs = newInputs;
    }

    /// The last step of a decision.
    ///
    /// @param journalIndex ordinal of the record that caused it
    void step(long journalIndex, @Nullable LifecycleState from, Decision decision) {
        Inputs now = inputs;
        later(() -> write(journalIndex, from, decision, now));
    }

    void note(long journalIndex, long atMs, DecisionEvent.Noted note) {
        Inputs now = inputs;
        later(() -> write(journalIndex, atMs, note, now));
    }

    private void later(Runnable line) {
        waiting.add(line);
        if (waiting.size() >= WAITING_LIMIT) {
            writeAll();
        }
    }

    /// Writes the oldest line that is not in the log yet.
    ///
    /// @return false when all are
    boolean writeNext() {
        Runnable line = waiting.poll();
        if (line != null) {
            line.run();
        }
        return line != null;
    }

    void writeAll() {
        while (writeNext()) {
            // the log has them in the order of the journal
        }
    }

    private void write(
            long journalIndex, @Nullable LifecycleState from, Decision decision, Inputs of) {
        var last = decision.transitions().getLast();
        Proposal proposal = decision.proposal();
        var line = begin(last.atMs(), journalIndex, "STEP", last.who(), last.text());
        line.put("decision", decision.id());
        line.put("type", proposal.type().name());
        line.put("from", from == null ? null : from.name());
        line.put("state", last.state().name());
        line.put("vm", proposal.vmId().toString());
        line.put(
                "before",
                size(proposal.hostId(), proposal.fromVcpus(), proposal.fromMemoryBytes()));
        line.put(
                "after",
                size(
                        proposal.targetHostId() == null
                                ? proposal.hostId()
                                : proposal.targetHostId(),
                        proposal.toVcpus(),
                        proposal.toMemoryBytes()));
        var change = proposal.change();
        if (!change.toSetting().isEmpty()) {
            line.put("setting", change.fromSetting() + " → " + change.toSetting());
        }
        if (proposal.isRequested()) {
            line.put("requestedBy", change.requestedBy());
        }
        line.put("tick", proposal.tick());
        line.put("inputsHash", proposal.inputsHash());
        line.put("model", proposal.model());
        end(last.atMs(), line, of);
    }

    private void write(long journalIndex, long atMs, DecisionEvent.Noted note, Inputs of) {
        var line = begin(atMs, journalIndex, note.note().name(), note.who(), note.text());
        line.put("decision", note.id() == 0 ? null : note.id());
        line.put("facts", note.facts());
        end(atMs, line, of);
    }

    private static Map<String, @Nullable Object> begin(
            long atMs, long journalIndex, String kind, String who, String text) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("atMs", atMs);
        line.put("journal", journalIndex);
        line.put("kind", kind);
        line.put("who", who);
        line.put("text", text);
        return line;
    }

    private void end(long atMs, Map<String, @Nullable Object> line, Inputs of) {
        line.put("models", of.models());
        line.put("configuration", of.configuration());
        log.append(atMs, line);
    }

    private static Map<String, Object> size(java.util.UUID host, int vcpus, long memoryBytes) {
        Map<String, Object> size = new LinkedHashMap<>();
        size.put("host", host.toString());
        size.put("vcpus", vcpus);
        size.put("memoryBytes", memoryBytes);
        return size;
    }
}
