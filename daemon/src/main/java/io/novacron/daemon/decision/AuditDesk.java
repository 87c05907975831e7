package io.novacron.daemon.decision;

import io.novacron.daemon.audit.AuditAnchor;
import io.novacron.daemon.audit.AuditLog;
import io.novacron.daemon.audit.AuditPlace;
import io.novacron.daemon.config.AuditConfig;
import io.novacron.daemon.decision.AuditProjection.Inputs;
import io.novacron.daemon.decision.DecisionEvent.Note;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the audit log: what configuration and models held, whether the log is what it was when it
/// was anchored, and when its oldest lines go. Owned by the thread of the [DecisionDesk].
final class AuditDesk {
    private static final Logger LOGGER = LoggerFactory.getLogger(AuditDesk.class);

    private final AuditConfig config;
    private final AuditLog log;
    private final AuditProjection projection;
    private final StepWriter steps;
    private final DecisionCounters counters;
    private boolean retirementOnTheWay;

    AuditDesk(AuditConfig config, AuditLog log, StepWriter steps, DecisionCounters counters) {
        this.config = config;
        this.log = log;
        this.projection = new AuditProjection(log);
        this.steps = steps;
        this.counters = counters;
    }

    /// As a start leaves it.
    void restart() {
        retirementOnTheWay = false;
    }

    AuditProjection projection() {
        return projection;
    }

    /// Where the log ends, with everything in it that has happened.
    AuditPlace place() throws IOException {
        projection.writeAll();
        return log.place();
    }

    /// @throws IOException when the log is not the one of that place; nothing has changed then
    void restore(AuditPlace place) throws IOException {
        log.restore(place);
    }

    /// The configuration that holds from here on.
    void onConfiguration(byte[] bytes) {
        String hash = HexFormat.of().formatHex(sha256().digest(bytes));
        projection.inputs(new Inputs(hash, projection.inputs().models()));
    }

    /// The models that are in service from here on.
    void onModels(byte[] bytes) {
        projection.inputs(
                new Inputs(
                        projection.inputs().configuration(),
                        new String(bytes, StandardCharsets.UTF_8)));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /// After the replay: puts on record when the log is not what it was when it was anchored.
    void onReplayed(Path anchor) throws IOException {
        projection.writeAll();
        Path aside = log.commit();
        List<String> wrong = new ArrayList<>();
        Map<String, String> facts = new HashMap<>();
        if (aside != null) {
            wrong.add("the journal does not give what is set aside in " + aside.getFileName());
            facts.put("aside", aside.getFileName().toString());
        }
        try {
            AuditAnchor.Head head = AuditAnchor.read(anchor);
            if (head == null && log.lines() > 0) {
                wrong.add("the anchor %s is missing".formatted(anchor));
            } else if (head != null && !head.head().equals(log.hashOf(head.lines()))) {
                wrong.add(
                        "the anchor knows line %d by hash %s, which the log does not have there"
                                .formatted(head.lines(), head.head()));
                facts.put("anchoredLines", Long.toString(head.lines()));
                facts.put("anchoredHead", head.head());
            }
        } catch (IOException e) {
            wrong.add(String.valueOf(e.getMessage()));
        }
        if (wrong.isEmpty()) {
            return;
        }
        counters.auditsBroken.increment();
        String text = String.join("; ", wrong);
        LOGGER.error("audit log: {}. Maybe see: novacron audit verify", text);
        steps.note(new DecisionEvent.Noted(0, Note.AUDIT_BROKEN, StepWriter.SELF, text, facts));
    }

    /// The journal has handed the retirement back.
    void onRetired(DecisionEvent.Noted note) {
        retirementOnTheWay = false;
        projection.writeAll();
        try {
            log.retire(AuditLog.retirement(note.facts()));
        } catch (IOException e) {
            throw new UncheckedIOException("the audit log cannot be shortened", e);
        }
    }

    void onTick(long nowMs) {
        steps.writeLate();
        projection.writeAll();
        try {
            log.flush();
            if (retirementOnTheWay) {
                return;
            }
            AuditPlace place =
                    log.retirable(nowMs, config.retentionAge(), config.retentionBytes().bytes());
            if (place != null) {
                var retired =
                        new DecisionEvent.Noted(
                                0,
                                Note.AUDIT_RETIRED,
                                StepWriter.SELF,
                                "lines up to %d are retired".formatted(place.lines()),
                                AuditLog.retirementFacts(place));
                retirementOnTheWay = steps.tryNote(retired);
            }
        } catch (IOException e) {
            LOGGER.error("the audit log cannot be written", e);
        }
    }
}
