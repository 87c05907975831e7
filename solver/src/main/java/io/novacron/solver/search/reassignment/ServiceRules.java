package io.novacron.solver.search.reassignment;

import static io.novacron.solver.search.reassignment.ProcessRecords.NOT_KEPT;

import java.util.Arrays;
import java.util.function.IntPredicate;

/// What the services ask for: their processes on different machines, in enough locations, and near
/// those they depend on. Keeps where the processes of each service are, as far as a rule asks.
final class ServiceRules {
    private final ReassignmentProblem problem;
    private final ProcessRecords records;

    private final int conflictWords; // of a row
    private final long[] occupied; // bits: a process of this service is on that machine

    private final int[] inLocation; // processes of a service in a location
    private final int[] spread; // by service: locations it is in

    private final int[][] processes; // by service
    private final int[][] needs; // by service
    private final int[][] neededBy; // by service
    private final int[] dependencyRow; // by service: its row in the next table, if dependent
    private final int[] inNeighbourhood; // processes of a service in a neighbourhood
    private final int[] absentNeeds; // services that one there would need, and that are not there
    private final int[] presentDependents; // services there that depend on one

    /// @param size by service: its processes
    ServiceRules(ReassignmentProblem problem, ProcessRecords records, int[] size) {
        this.problem = problem;
        this.records = records;
        processes = new int[problem.services][];
        Arrays.setAll(processes, service -> new int[size[service]]);
        var filled = new int[problem.services];
        for (int process = 0; process < problem.processes; process++) {
            int service = problem.service[process];
            processes[service][filled[service]++] = process;
        }
        var conflictRow = new int[problem.services];
        var spreadRow = new int[problem.services];
        dependencyRow = new int[problem.services];
        conflictWords = (problem.machines + Long.SIZE - 1) / Long.SIZE;
        occupied = new long[rows(conflictRow, service -> size[service] > 1) * conflictWords];
        int spreadRows = rows(spreadRow, service -> problem.spreadMin[service] > 1);
        inLocation = new int[spreadRows * problem.locations];
        spread = new int[problem.services];
        needs =
                Arrays.stream(problem.dependsOn)
                        .map(services -> Arrays.stream(services).distinct().sorted().toArray())
                        .toArray(int[][]::new);
        for (int service = 0; service < problem.services; service++) {
            int itself = service; // no rule: where one of its processes is, it is
            needs[service] =
                    Arrays.stream(needs[service]).filter(needed -> needed != itself).toArray();
        }
        neededBy = inverse(needs);
        int dependentRows =
                rows(
                        dependencyRow,
                        service -> needs[service].length + neededBy[service].length > 0);
        inNeighbourhood = new int[dependentRows * problem.neighbourhoods];
        presentDependents = new int[dependentRows * problem.neighbourhoods];
        absentNeeds = new int[dependentRows * problem.neighbourhoods];
        for (int service = 0; service < problem.services; service++) {
            int row = dependencyRow[service];
            if (row >= 0) {
                Arrays.fill(
                        absentNeeds,
                        row * problem.neighbourhoods,
                        (row + 1) * problem.neighbourhoods,
                        needs[service].length);
            }
        }
        for (int process = 0; process < problem.processes; process++) {
            int service = problem.service[process];
            records.setRows(
                    process, conflictRow[service], spreadRow[service], dependencyRow[service]);
            countIn(process, records.at(process));
        }
    }

    /// All processes of the service of one, itself included.
    int[] kin(int process) {
        return processes[records.service(process)];
    }

    private static int[][] inverse(int[][] lists) {
        var counts = new int[lists.length];
        for (int[] list : lists) {
            for (int service : list) {
                counts[service]++;
            }
        }
        var inverse = new int[lists.length][];
        Arrays.setAll(inverse, service -> new int[counts[service]]);
        for (int service = 0; service < lists.length; service++) {
            for (int needed : lists[service]) {
                inverse[needed][--counts[needed]] = service;
            }
        }
        return inverse;
    }

    private static int rows(int[] rowOf, IntPredicate isKept) {
        int rows = 0;
        for (int service = 0; service < rowOf.length; service++) {
            rowOf[service] = isKept.test(service) ? rows++ : NOT_KEPT;
        }
        return rows;
    }

    void countIn(int process, int machine) {
        int row = records.conflictRow(process);
        if (row >= 0) {
            occupied[row * conflictWords + (machine >> 6)] |= 1L << machine;
        }
        row = records.spreadRow(process);
        if (row >= 0 && inLocation[row * problem.locations + problem.location[machine]]++ == 0) {
            spread[records.service(process)]++;
        }
        row = records.dependencyRow(process);
        if (row >= 0) {
            int neighbourhood = problem.neighbourhood[machine];
            if (inNeighbourhood[row * problem.neighbourhoods + neighbourhood]++ == 0) {
                tell(records.service(process), neighbourhood, 1);
            }
        }
    }

    void countOut(int process, int machine) {
        int row = records.conflictRow(process);
        if (row >= 0) {
            occupied[row * conflictWords + (machine >> 6)] &= ~(1L << machine);
        }
        row = records.spreadRow(process);
        if (row >= 0 && --inLocation[row * problem.locations + problem.location[machine]] == 0) {
            spread[records.service(process)]--;
        }
        row = records.dependencyRow(process);
        if (row >= 0) {
            int neighbourhood = problem.neighbourhood[machine];
            if (--inNeighbourhood[row * problem.neighbourhoods + neighbourhood] == 0) {
                tell(records.service(process), neighbourhood, -1);
            }
        }
    }

    /// Whether a process of the same service is on a machine.
    boolean isOccupied(int process, int machine) {
        int row = records.conflictRow(process);
        return row >= 0 && (occupied[row * conflictWords + (machine >> 6)] & (1L << machine)) != 0;
    }

    boolean mayShift(int process, int from, int to) {
        return !isOccupied(process, to)
                && mayChangeLocation(process, from, to)
                && mayChangeNeighbourhood(process, from, to, NOT_KEPT, 0, 0);
    }

    /// Whether processes of different services may both change their place, as far as machines are
    /// not in question.
    boolean mayBothMove(
            int first, int firstFrom, int firstTo, int second, int secondFrom, int secondTo) {
        int firstLeft = problem.neighbourhood[firstFrom];
        int firstReached = problem.neighbourhood[firstTo];
        int secondLeft = problem.neighbourhood[secondFrom];
        int secondReached = problem.neighbourhood[secondTo];
        return mayChangeLocation(first, firstFrom, firstTo)
                && mayChangeLocation(second, secondFrom, secondTo)
                && mayChangeNeighbourhood(
                        first,
                        firstFrom,
                        firstTo,
                        records.service(second),
                        secondLeft,
                        secondReached)
                && mayChangeNeighbourhood(
                        second,
                        secondFrom,
                        secondTo,
                        records.service(first),
                        firstLeft,
                        firstReached);
    }

    /// Whether a process may go elsewhere, as far as other machines than these are not in question.
    boolean mayGo(int process, int from, int to) {
        return mayChangeLocation(process, from, to)
                && mayChangeNeighbourhood(process, from, to, NOT_KEPT, 0, 0);
    }

    private boolean mayChangeLocation(int process, int from, int to) {
        int row = records.spreadRow(process);
        if (row < 0) {
            return true;
        }
        int left = problem.location[from];
        int reached = problem.location[to];
        if (left == reached) {
            return true;
        }
        int service = records.service(process);
        int locations = spread[service];
        if (inLocation[row * problem.locations + left] == 1) {
            locations--;
        }
        if (inLocation[row * problem.locations + reached] == 0) {
            locations++;
        }
        return locations >= problem.spreadMin[service];
    }

    /// @param other the service of which another process moves as well, or -1
    /// @param otherLeft the neighbourhood which that one leaves
    /// @param otherReached the neighbourhood which that one reaches
    private boolean mayChangeNeighbourhood(
            int process, int from, int to, int other, int otherLeft, int otherReached) {
        int row = records.dependencyRow(process);
        if (row < 0) {
            return true;
        }
        int left = problem.neighbourhood[from];
        int reached = problem.neighbourhood[to];
        if (left == reached) {
            return true;
        }
        if (other >= 0 && comesOrGoes(other, otherLeft, otherReached)) {
            return mayChangeTogether(
                    records.service(process), left, reached, other, otherLeft, otherReached);
        }
        int leftCell = row * problem.neighbourhoods + left;
        return absentNeeds[row * problem.neighbourhoods + reached] == 0
                && (inNeighbourhood[leftCell] > 1 || presentDependents[leftCell] == 0);
    }

    /// Whether a service is no more where one of its processes leaves, or is new where that comes.
    private boolean comesOrGoes(int service, int left, int reached) {
        return left != reached
                && dependencyRow[service] >= 0
                && (count(service, left) == 1 || count(service, reached) == 0);
    }

    private boolean mayChangeTogether(
            int service, int left, int reached, int other, int otherLeft, int otherReached) {
        for (int needed : needs[service]) {
            int there = count(needed, reached);
            if (needed == other) {
                there += (otherReached == reached ? 1 : 0) - (otherLeft == reached ? 1 : 0);
            }
            if (there <= 0) {
                return false;
            }
        }
        if (count(service, left) == 1) {
            for (int dependent : neededBy[service]) {
                int there = count(dependent, left);
                if (dependent == other) {
                    there += (otherReached == left ? 1 : 0) - (otherLeft == left ? 1 : 0);
                }
                if (there > 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private int count(int service, int neighbourhood) {
        return inNeighbourhood[dependencyRow[service] * problem.neighbourhoods + neighbourhood];
    }

    /// Tells those that depend on a service and those it depends on that it came or went.
    ///
    /// @param step 1 or -1
    private void tell(int service, int neighbourhood, int step) {
        for (int dependent : neededBy[service]) {
            absentNeeds[dependencyRow[dependent] * problem.neighbourhoods + neighbourhood] -= step;
        }
        for (int needed : needs[service]) {
            presentDependents[dependencyRow[needed] * problem.neighbourhoods + neighbourhood] +=
                    step;
        }
    }
}
