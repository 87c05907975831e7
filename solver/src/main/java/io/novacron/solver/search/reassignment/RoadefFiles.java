package io.novacron.solver.search.reassignment;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/// Reads and writes the text files of the ROADEF/EURO challenge 2012: whole numbers with white
/// space between them. A name that ends in `.gz` is unpacked.
///
/// A model holds, in this order: the number of resources, and for each its transient flag and load
/// weight; machines: neighbourhood, location, capacities, safety capacities, move costs to each
/// machine; services: least spread, number of services it depends on and these; processes: service,
/// needs, move cost; balances: two resources and a target, then a weight; the weights of process,
/// service and machine moves. An assignment holds a machine for each process.
public final class RoadefFiles {
    private static final int COUNT_LIMIT = 1_000_000;
    private static final long CELL_LIMIT = 200_000_000;
    private static final int BUFFER_LENGTH = 1 << 16;
    private static final String SUFFIX = ".gz";

    private RoadefFiles() {}

    /// @throws IOException naming file, line, value and rule of the first mistake
    public static ReassignmentProblem readModel(Path file) throws IOException {
        try (var numbers = new Numbers(file)) {
            int resources = numbers.count("number of resources");
            var isTransient = new boolean[resources];
            var loadWeight = new int[resources];
            for (int resource = 0; resource < resources; resource++) {
                isTransient[resource] = numbers.next("transient flag", 2) == 1;
                loadWeight[resource] = numbers.next("load weight");
            }
            int machines = numbers.count("number of machines");
            numbers.checkCells("machines × machines", (long) machines * machines);
            numbers.checkCells("machines × resources", (long) machines * resources);
            var neighbourhood = new int[machines];
            var location = new int[machines];
            var capacity = new int[machines * resources];
            var safety = new int[machines * resources];
            var machineMoveCost = new int[machines * machines];
            for (int machine = 0; machine < machines; machine++) {
                neighbourhood[machine] = numbers.next("neighbourhood", machines);
                location[machine] = numbers.next("location", machines);
                numbers.fill("capacity", capacity, machine * resources, resources);
                numbers.fill("safety capacity", safety, machine * resources, resources);
                numbers.fill("machine move cost", machineMoveCost, machine * machines, machines);
            }
            int services = numbers.count("number of services");
            var spreadMin = new int[services];
            var dependsOn = new int[services][];
            for (int service = 0; service < services; service++) {
                spreadMin[service] = numbers.next("least spread");
                dependsOn[service] = new int[numbers.next("number of dependencies", COUNT_LIMIT)];
                for (int index = 0; index < dependsOn[service].length; index++) {
                    dependsOn[service][index] = numbers.next("service depended on", services);
                }
            }
            int processes = numbers.count("number of processes");
            numbers.checkCells("processes × resources", (long) processes * resources);
            var service = new int[processes];
            var need = new int[processes * resources];
            var moveCost = new int[processes];
            for (int process = 0; process < processes; process++) {
                service[process] = numbers.next("service of a process", services);
                numbers.fill("need", need, process * resources, resources);
                moveCost[process] = numbers.next("process move cost");
            }
            int balances = numbers.count("number of balances");
            var first = new int[balances];
            var second = new int[balances];
            var target = new int[balances];
            var weight = new int[balances];
            for (int balance = 0; balance < balances; balance++) {
                first[balance] = numbers.next("first resource of a balance", resources);
                second[balance] = numbers.next("second resource of a balance", resources);
                target[balance] = numbers.next("target of a balance");
                weight[balance] = numbers.next("weight of a balance");
            }
            var builder =
                    new ReassignmentProblem.Builder()
                            .resources(isTransient, loadWeight)
                            .machines(neighbourhood, location, capacity, safety, machineMoveCost)
                            .services(spreadMin, dependsOn)
                            .processes(service, need, moveCost)
                            .balances(first, second, target, weight)
                            .moveWeights(
                                    numbers.next("weight of process moves"),
                                    numbers.next("weight of service moves"),
                                    numbers.next("weight of machine moves"));
            numbers.checkEnd();
            return builder.build();
        }
    }

    /// @return the machine of each process
    /// @throws IOException naming file, line, value and rule of the first mistake
    public static int[] readAssignment(Path file, ReassignmentProblem problem) throws IOException {
        try (var numbers = new Numbers(file)) {
            var machineOf = new int[problem.processes];
            for (int process = 0; process < machineOf.length; process++) {
                machineOf[process] = numbers.next("machine of process %d of %d", process, problem);
            }
            numbers.checkEnd();
            return machineOf;
        }
    }

    /// Writes an assignment as one line.
    public static void writeAssignment(Path file, int[] machineOf) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.US_ASCII)) {
            for (int process = 0; process < machineOf.length; process++) {
                if (process > 0) {
                    writer.write(' ');
                }
                writer.write(Integer.toString(machineOf[process]));
            }
            writer.write('\n');
        }
    }

    /// The numbers of a file, one after the other.
    private static final class Numbers implements AutoCloseable {
        private static final int END = -1;
        private static final long VALUE_LIMIT = 1_000_000_000_000_000L; // no overflow in reading

        private final Path file;
        private final InputStream input;
        private int line = 1;

        Numbers(Path file) throws IOException {
            this.file = file;
            InputStream raw = Files.newInputStream(file);
            input = new BufferedInputStream(unpacked(raw), BUFFER_LENGTH);
        }

        private InputStream unpacked(InputStream raw) throws IOException {
            if (!file.toString().endsWith(SUFFIX)) {
                return raw;
            }
            try {
                return new GZIPInputStream(raw, BUFFER_LENGTH);
            } catch (IOException e) {
                raw.close();
                throw new IOException(
                        "%s: not packed by gzip, though its name ends in .gz (%s)"
                                .formatted(file, e.getMessage()),
                        e);
            }
        }

        int count(String name) throws IOException {
            return next(name, COUNT_LIMIT);
        }

        void checkCells(String name, long cells) throws IOException {
            if (cells > CELL_LIMIT) {
                throw mistake("%s is %d, more than %d".formatted(name, cells, CELL_LIMIT));
            }
        }

        int next(String name) throws IOException {
            return next(name, Integer.MAX_VALUE);
        }

        int next(String format, int process, ReassignmentProblem problem) throws IOException {
            int character = skipSpace();
            if (character == END) {
                throw mistake(
                        "the file ends before the "
                                + format.formatted(process, problem.processes)
                                + ". Maybe it belongs to another model?");
            }
            return number(
                    format.formatted(process, problem.processes), character, problem.machines);
        }

        int next(String name, int end) throws IOException {
            int character = skipSpace();
            if (character == END) {
                throw mistake("the file ends before the " + name);
            }
            return number(name, character, end);
        }

        private int number(String name, int firstCharacter, int end) throws IOException {
            int character = firstCharacter;
            long value = 0;
            while (character >= '0' && character <= '9' && value < VALUE_LIMIT) {
                value = 10 * value + character - '0';
                character = input.read();
            }
            if (character != END && character > ' ') {
                throw mistake(
                        "the %s holds '%s'; a whole number in [0, %d) is needed"
                                .formatted(name, (char) character, end));
            }
            if (value >= end) {
                throw mistake("the %s is %d, not in [0, %d)".formatted(name, value, end));
            }
            if (character == '\n') {
                line++;
            }
            return (int) value;
        }

        private int skipSpace() throws IOException {
            int character = input.read();
            while (character != END && character <= ' ') {
                if (character == '\n') {
                    line++;
                }
                character = input.read();
            }
            return character;
        }

        void fill(String name, int[] values, int offset, int count) throws IOException {
            for (int index = offset; index < offset + count; index++) {
                values[index] = next(name);
            }
        }

        void checkEnd() throws IOException {
            int character = skipSpace();
            if (character != END) {
                throw mistake(
                        "there is more in the file ('%s') after the last number that belongs there"
                                .formatted((char) character));
            }
        }

        private IOException mistake(String text) {
            return new IOException("%s, line %d: %s".formatted(file, line, text));
        }

        @Override
        public void close() throws IOException {
            input.close();
        }
    }
}
