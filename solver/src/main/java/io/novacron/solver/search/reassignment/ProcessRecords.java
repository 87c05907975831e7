package io.novacron.solver.search.reassignment;

/// All that a move asks of a process, in one row of a table: reading one for the first time costs
/// more than judging a move.
///
/// After the last process comes one that needs nothing and is never at home ([#none]).
final class ProcessRecords {
    static final int NOWHERE = -1;
    static final int NOT_KEPT = -1; // a row that a process has no use for

    private static final int AT = 0;
    private static final int HOME = 1;
    private static final int SERVICE = 2;
    private static final int MOVE_COST = 3;
    private static final int CONFLICT_ROW = 4;
    private static final int SPREAD_ROW = 5;
    private static final int DEPENDENCY_ROW = 6;
    private static final int PULL = 7; // bits of a float
    private static final int NEED = 8;

    final int[] cells;
    private final int stride;
    private final int none;

    ProcessRecords(ReassignmentProblem problem, int[] initial) {
        stride = NEED + problem.resources;
        none = problem.processes;
        cells = new int[(problem.processes + 1) * stride];
        for (int process = 0; process < problem.processes; process++) {
            int record = process * stride;
            cells[record + AT] = initial[process];
            cells[record + HOME] = initial[process];
            cells[record + SERVICE] = problem.service[process];
            cells[record + MOVE_COST] = problem.moveCost[process];
            System.arraycopy(
                    problem.need,
                    process * problem.resources,
                    cells,
                    record + NEED,
                    problem.resources);
        }
        cells[none * stride + AT] = NOWHERE;
        cells[none * stride + HOME] = NOWHERE;
    }

    /// The process that needs nothing.
    int none() {
        return none;
    }

    int at(int process) {
        return cells[process * stride + AT];
    }

    void setAt(int process, int machine) {
        cells[process * stride + AT] = machine;
    }

    int home(int process) {
        return cells[process * stride + HOME];
    }

    boolean isAway(int process) {
        int record = process * stride;
        return cells[record + AT] != cells[record + HOME];
    }

    int service(int process) {
        return cells[process * stride + SERVICE];
    }

    int moveCost(int process) {
        return cells[process * stride + MOVE_COST];
    }

    int conflictRow(int process) {
        return cells[process * stride + CONFLICT_ROW];
    }

    int spreadRow(int process) {
        return cells[process * stride + SPREAD_ROW];
    }

    int dependencyRow(int process) {
        return cells[process * stride + DEPENDENCY_ROW];
    }

    /// Which rows of the rules' tables belong to the service of a process.
    void setRows(int process, int conflictRow, int spreadRow, int dependencyRow) {
        cells[process * stride + CONFLICT_ROW] = conflictRow;
        cells[process * stride + SPREAD_ROW] = spreadRow;
        cells[process * stride + DEPENDENCY_ROW] = dependencyRow;
    }

    float pull(int process) {
        return Float.intBitsToFloat(cells[process * stride + PULL]);
    }

    void setPull(int process, float pull) {
        cells[process * stride + PULL] = Float.floatToRawIntBits(pull);
    }

    /// Where in [#cells] the needs of a process begin, by resource.
    int needs(int process) {
        return process * stride + NEED;
    }
}
