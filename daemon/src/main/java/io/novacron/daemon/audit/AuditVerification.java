package io.novacron.daemon.audit;

import com.fasterxml.jackson.databind.JsonNode;
import io.novacron.daemon.audit.AuditAnchor.Head;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an audit log is worth: every record read, hashed and held against its neighbours and
/// against heads that are kept elsewhere.
///
/// @param firstRecord number of the first record that the file has; earlier ones are retired
/// @param records that the file has
/// @param broken places at which something is wrong
/// @param anchored records up to the newest head that was held against it
/// @param problems what is wrong, the first ones in words
/// @param head of the chain as the file has it
public record AuditVerification(
        long firstRecord,
        long records,
        long broken,
        long anchored,
        List<String> problems,
        String head) {
    private static final int PROBLEM_LIMIT = 50;

    public AuditVerification {
        problems = List.copyOf(problems);
    }

    public boolean ok() {
        return broken == 0;
    }

    /// @param anchor file with the head, or null when there is none to hold it against
    /// @param known heads that somebody else has kept, e.g. from `/health`
    /// @throws IOException when the log cannot be read
    public static AuditVerification of(Path log, @Nullable Path anchor, List<Head> known)
            throws IOException {
        var check = new Check(log);
        List<Head> heads = new ArrayList<>(known);
        if (anchor != null) {
            try { // before the log, which may grow meanwhile
                Head head = AuditAnchor.read(anchor);
                if (head == null) {
                    check.problem(
                            "the anchor %s is missing. Maybe --anchor names where audit.anchor of the configuration is?"
                                    .formatted(anchor));
                } else {
                    heads.add(head);
                }
            } catch (IOException e) {
                check.problem(String.valueOf(e.getMessage()));
            }
        }
        return check.run(heads);
    }

    /// One run over a file.
    private static final class Check {
        private final Path log;
        private final AuditChain chain = new AuditChain();
        private final List<String> problems = new ArrayList<>();
        private final Set<AuditPlace> retirements = new HashSet<>();
        private AuditPlace retired = AuditPlace.BEGINNING;
        private long broken;
        private long expected = 1;
        private long records;
        private String previous = AuditChain.GENESIS;

        Check(Path log) {
            this.log = log;
        }

        void problem(String text) {
            broken++;
            if (problems.size() < PROBLEM_LIMIT) {
                problems.add(text);
            }
        }

        AuditVerification run(List<Head> heads) throws IOException {
            if (!Files.exists(log)) {
                problem("%s is missing".formatted(log));
            } else {
                try (var reader = new AuditReader(log)) {
                    read(reader, heads);
                }
            }
            long last = expected - 1;
            for (Head head : heads) {
                if (head.lines() > last) {
                    problem(
                            "record %d and all after it are missing: the anchor knows record %d. The tail was cut"
                                    .formatted(last + 1, head.lines()));
                } else if (head.lines() == retired.lines() && !head.head().equals(retired.head())) {
                    problem(notTheAnchored(head));
                }
            }
            if (retired.lines() > 0 && !retirements.contains(retired)) {
                problem(
                        "records 1 to %d are missing, and no record says that they were retired. The front was cut"
                                .formatted(retired.lines()));
            }
            long anchored = heads.stream().mapToLong(Head::lines).max().orElse(0);
            return new AuditVerification(
                    retired.lines() + 1, records, broken, anchored, problems, previous);
        }

        private void read(AuditReader reader, List<Head> heads) throws IOException {
            byte[] line = reader.next();
            AuditPlace stub = line == null ? null : AuditChain.retired(line);
            if (stub != null) {
                retired = stub;
                expected = stub.lines() + 1;
                previous = stub.head();
                line = reader.next();
            }
            for (; line != null; line = reader.next()) {
                records++;
                String wrong = check(line);
                if (!reader.lastWasWhole()) {
                    wrong += wrong.isEmpty() ? "" : "; ";
                    wrong += "it has no end, or is too long";
                }
                long number = expected - 1;
                for (Head head : heads) {
                    if (head.lines() == number && !head.head().equals(previous)) {
                        wrong += wrong.isEmpty() ? "" : "; ";
                        wrong += notTheAnchored(head);
                    }
                }
                if (!wrong.isEmpty()) {
                    problem("record %d: %s".formatted(number, wrong));
                }
            }
        }

        private static String notTheAnchored(Head head) {
            return "the anchor knows record %d by hash %s. The chain was written anew"
                    .formatted(head.lines(), head.head());
        }

        /// What is wrong with a line; goes on behind it, by what it says of itself.
        private String check(byte[] line) {
            List<String> wrong = new ArrayList<>();
            String stated = AuditChain.statedHash(line);
            if (stated == null) {
                wrong.add("it does not end in its hash: edited or cut");
            } else if (!stated.equals(chain.computedHash(line))) {
                wrong.add("its hash is not that of its text: edited");
            }
            long number = expected;
            JsonNode read = null;
            try {
                read = AuditChain.read(line);
            } catch (IOException _) {
                wrong.add("it is not JSON");
            }
            if (read != null && wrong.isEmpty()) {
                if (read.path("line").asLong(-1) != expected) {
                    wrong.add(
                            "it says that it is record %s: records were cut, moved or put in"
                                    .formatted(read.path("line")));
                    number = read.path("line").asLong(expected);
                }
                if (!read.path("previous").asText().equals(previous)) {
                    wrong.add("it does not follow the record before it");
                }
                if (read.path("kind").asText().equals(AuditChain.RETIRED)) {
                    JsonNode facts = read.path("facts");
                    retirements.add(
                            new AuditPlace(
                                    facts.path("lines").asLong(),
                                    facts.path("head").asText(),
                                    facts.path("bytes").asLong()));
                }
            }
            if (stated != null) {
                previous = stated;
            }
            expected = number + 1;
            return String.join("; ", wrong);
        }
    }
}
