package io.novacron.daemon.service;

import io.novacron.daemon.decision.DecisionJournal;
import io.novacron.ingest.Ingest;
import io.novacron.ingest.journal.RecordType;
import org.agrona.concurrent.UnsafeBuffer;

/// Decision records into the one journal.
record IngestDecisionJournal(Ingest ingest) implements DecisionJournal {
    @Override
    public boolean appendEvent(byte[] bytes) {
        return ingest.append(RecordType.DECISION, new UnsafeBuffer(bytes), 0, bytes.length);
    }

    @Override
    public boolean appendCommand(byte[] bytes) {
        return ingest.append(RecordType.COMMAND, new UnsafeBuffer(bytes), 0, bytes.length);
    }
}
