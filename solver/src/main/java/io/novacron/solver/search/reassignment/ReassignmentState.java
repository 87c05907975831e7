package io.novacron.solver.search.reassignment;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Where each process is, and everything a move needs to be judged without a recount. One thread's
/// own.
///
/// Rules are kept as what is left: `room` of a machine and resource is capacity less use, where the
/// use of a transient resource counts processes that were there at first and are gone. Costs are
/// kept a machine, so that a move costs what its two machines cost afterwards less what they cost
/// now. All tables by machine have rows of `resources` cells.
///
/// A *relaxed* state lets machines be overfilled with resources that are not transient, and counts
/// a price for each unit above capacity in all costs; a plan is sound when nothing is overfull.
final class ReassignmentState {
    private static final int NOT_KEPT = -1;
    private static final int NONE = -1;
    private static final int SCAN_LIMIT = 64; // machines looked at for a shift
    private static final int TRY_LIMIT = 2; // of them looked at closely

    final ReassignmentProblem problem;
    private final ProcessLists lists; // processes of each machine

    private static final int AT = 0; // columns of a process's record
    private static final int HOME = 1;
    private static final int SERVICE = 2;
    private static final int MOVE_COST = 3;
    private static final int CONFLICT_ROW = 4;
    private static final int SPREAD_ROW = 5;
    private static final int DEPENDENCY_ROW = 6;
    private static final int PULL = 7; // bits of a float
    private static final int NEED = 8;

    private final int resources;
    private final int balances;
    private final int stride; // of a process's record
    private final int[] records; // all that a move asks of a process lies together
    private final int[] steadyResources; // those without transient use
    private final long[] room; // by machine and resource
    private final long[] above; // use above the safety capacity; negative below it
    private final long[] capacityAboveSafety;
    private final long[] loadWeight;
    private final long[] machineCost;

    private final int[] conflictRow; // by service: its row of bits, if it has several processes
    private final int conflictWords; // of a row
    private final long[] occupied; // bits: a process of this service is on that machine

    private final int[] spreadRow; // by service: its row in `inLocation`, if it must be spread
    private final int[] inLocation; // processes of a service in a location
    private final int[] spread; // by service: locations it is in

    private final boolean[] isDependent; // by service: needs others or is needed
    private final int[][] needs; // by service
    private final int[][] neededBy; // by service
    private final int[]
            dependencyRow; // by service: its row in `inNeighbourhood`, if it is dependent
    private final int[] inNeighbourhood; // processes of a service in a neighbourhood

    private final int[] moved; // by service: processes away from their first machine
    private final int[] servicesWithMoved; // how many services have so many moved
    private int mostMoved;
    private long cost;

    private final int noProcess; // the record of a process that needs nothing and is never at home
    private final int[] steadyMask; // by resource: all bits unless it is transient
    private final int[] transientResources;
    private final long[] price; // by resource: of a unit above capacity; only when relaxed
    private final RoomLevels levels;
    private boolean isRelaxed;
    private int overfull; // cells of `room` below 0
    private long judgedPrices; // of what the move judged last would leave overfull

    private long leftCost; // what the machines of the move judged last would cost
    private long betweenCost;
    private long reachedCost;

    ReassignmentState(ReassignmentProblem problem, int[] initial) {
        this.problem = problem;
        resources = problem.resources;
        balances = problem.balances;
        steadyResources = resources(false);
        transientResources = resources(true);
        steadyMask = new int[resources];
        Arrays.setAll(steadyMask, resource -> problem.isTransient[resource] ? 0 : ~0);
        price = new long[resources];
        room = new long[problem.machines * resources];
        above = new long[problem.machines * resources];
        capacityAboveSafety = new long[problem.machines * resources];
        loadWeight = Arrays.stream(problem.loadWeight).asLongStream().toArray();
        machineCost = new long[problem.machines];
        var size = new int[problem.services];
        for (int service : problem.service) {
            size[service]++;
        }
        conflictRow = new int[problem.services];
        int rows = rows(conflictRow, service -> size[service] > 1);
        conflictWords = (problem.machines + Long.SIZE - 1) / Long.SIZE;
        occupied = new long[rows * conflictWords];
        spreadRow = new int[problem.services];
        inLocation =
                new int
                        [rows(spreadRow, service -> problem.spreadMin[service] > 1)
                                * problem.locations];
        spread = new int[problem.services];
        needs =
                Arrays.stream(problem.dependsOn)
                        .map(ReassignmentState::distinct)
                        .toArray(int[][]::new);
        neededBy = inverse(needs);
        isDependent = new boolean[problem.services];
        dependencyRow = new int[problem.services];
        for (int service = 0; service < problem.services; service++) {
            isDependent[service] = needs[service].length + neededBy[service].length > 0;
        }
        inNeighbourhood =
                new int
                        [rows(dependencyRow, service -> isDependent[service])
                                * problem.neighbourhoods];
        moved = new int[problem.services];
        servicesWithMoved = new int[Arrays.stream(size).max().orElse(0) + 2];
        servicesWithMoved[0] = problem.services;
        lists = new ProcessLists(problem.machines, problem.processes);
        stride = NEED + resources;
        records = new int[(problem.processes + 1) * stride];
        noProcess = problem.processes;
        records[noProcess * stride + HOME] = NOT_KEPT;
        levels = new RoomLevels(problem.machines, problem.processes, problem.isTransient);
        fill(initial);
    }

    /// How many processes are on a machine.
    int countOn(int machine) {
        return lists.count(machine);
    }

    int processOn(int machine, int index) {
        return lists.get(machine, index);
    }

    /// Whether a machine has no more than its capacity; a forced shift may have overfilled it.
    boolean isWithinCapacity(int machine) {
        for (int index = machine * resources; index < (machine + 1) * resources; index++) {
            if (room[index] < 0) {
                return false;
            }
        }
        return true;
    }

    /// Lets machines be overfilled from now on, at a price.
    ///
    /// @param unitPrice by resource: what a unit above capacity counts
    void relax(double[] unitPrice) {
        isRelaxed = true;
        levels.useFirst();
        for (int resource = 0; resource < resources; resource++) {
            price[resource] = Math.max(1, Math.round(unitPrice[resource]));
        }
        recount();
    }

    /// Keeps to every capacity again; the plan has to be sound.
    void harden() {
        isRelaxed = false;
        levels.useAll();
        setLevels();
        recount();
    }

    boolean isRelaxed() {
        return isRelaxed;
    }

    /// Whether nothing is above capacity.
    boolean isSound() {
        return overfull == 0;
    }

    /// Whether the move judged last, one that keeps the other rules, keeps to capacity as well.
    boolean isJudgedSound() {
        return judgedPrices == 0;
    }

    /// How many machines have more of a resource than they can hold.
    int countOverfull(int resource) {
        int count = 0;
        for (int index = resource; index < room.length; index += resources) {
            count += room[index] < 0 ? 1 : 0;
        }
        return count;
    }

    /// Whether a process may go to a machine by every rule but capacity.
    boolean mayForce(int process, int to) {
        int from = at(process);
        return from != to
                && !isOccupied(process, to)
                && mayChangeLocation(process, from, to)
                && mayChangeNeighbourhood(process, from, to, NOT_KEPT, 0, 0);
    }

    int at(int process) {
        return records[process * stride + AT];
    }

    /// Where a process was at first.
    int home(int process) {
        return records[process * stride + HOME];
    }

    /// How strongly a process is held at home, for a walk to use as it likes.
    void setPull(int process, double pull) {
        records[process * stride + PULL] = Float.floatToRawIntBits((float) pull);
    }

    /// The pull that a process has to overcome to go somewhere; negative on its way home.
    float pullOn(int process, int to) {
        int record = process * stride;
        int home = records[record + HOME];
        boolean isAway = records[record + AT] != home;
        if (isAway == (to != home)) {
            return 0;
        }
        float pull = Float.intBitsToFloat(records[record + PULL]);
        return isAway ? -pull : pull;
    }

    private int service(int process) {
        return records[process * stride + SERVICE];
    }

    /// The machine of each process.
    int[] plan() {
        var plan = new int[problem.processes];
        Arrays.setAll(plan, this::at);
        return plan;
    }

    private int[] resources(boolean areTransient) {
        return IntStream.range(0, resources)
                .filter(resource -> problem.isTransient[resource] == areTransient)
                .toArray();
    }

    private static int[] distinct(int[] services) {
        return Arrays.stream(services).distinct().sorted().toArray();
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

    private static int rows(int[] rowOf, java.util.function.IntPredicate isKept) {
        int rows = 0;
        for (int service = 0; service < rowOf.length; service++) {
            rowOf[service] = isKept.test(service) ? rows++ : NOT_KEPT;
        }
        return rows;
    }

    private void fill(int[] initial) {
        for (int index = 0; index < room.length; index++) {
            room[index] = problem.capacity[index];
            above[index] = -(long) problem.safety[index];
            capacityAboveSafety[index] = (long) problem.capacity[index] - problem.safety[index];
        }
        for (int process = 0; process < problem.processes; process++) {
            int machine = initial[process];
            int service = problem.service[process];
            int record = process * stride;
            lists.add(machine, process);
            records[record + AT] = machine;
            records[record + HOME] = machine;
            records[record + SERVICE] = service;
            records[record + MOVE_COST] = problem.moveCost[process];
            records[record + CONFLICT_ROW] = conflictRow[service];
            records[record + SPREAD_ROW] = spreadRow[service];
            records[record + DEPENDENCY_ROW] = dependencyRow[service];
            for (int resource = 0; resource < resources; resource++) {
                int amount = problem.need[process * resources + resource];
                records[record + NEED + resource] = amount;
                room[machine * resources + resource] -= amount;
                above[machine * resources + resource] += amount;
            }
            levels.setNeed(process, records, record + NEED);
            countIn(process, machine);
        }
        setLevels();
        recount();
    }

    private void setLevels() {
        for (int machine = 0; machine < problem.machines; machine++) {
            levels.setRoom(machine, room, machine * resources);
        }
    }

    private void recount() {
        cost = (long) problem.serviceMoveWeight * mostMoved;
        for (int machine = 0; machine < problem.machines; machine++) {
            machineCost[machine] = costWith(machine, NOT_KEPT, NOT_KEPT);
            cost += machineCost[machine];
        }
        for (int process = 0; process < problem.processes; process++) {
            cost += moveCost(process, at(process));
        }
    }

    long cost() {
        return cost;
    }

    long machineCost(int machine) {
        return machineCost[machine];
    }

    /// Whether a process may go to a machine by every rule.
    boolean mayShift(int process, int to) {
        int from = at(process);
        return from != to
                && !isOccupied(process, to)
                && hasRoom(process, to)
                && mayChangeLocation(process, from, to)
                && mayChangeNeighbourhood(process, from, to, NOT_KEPT, 0, 0);
    }

    /// The first machine from one on, all round, that a process may be shifted to. Gives up, with
    /// -1, after some dozens without room or a few against other rules. Home may be passed over.
    int findShift(int process, int start) {
        int machine = start;
        int rest = Math.min(SCAN_LIMIT, problem.machines);
        int tries = TRY_LIMIT;
        while (rest > 0) {
            int end = Math.min(problem.machines, machine + rest);
            int found = levels.next(process, machine, end);
            if (found >= 0 && mayShift(process, found)) {
                return found;
            }
            if (found >= 0 && --tries == 0) {
                return NONE;
            }
            int next = found >= 0 ? found + 1 : end;
            rest -= next - machine;
            machine = next == problem.machines ? 0 : next;
        }
        return NONE;
    }

    /// What shifting a process that may be shifted adds to the cost.
    long shiftDelta(int process, int to) {
        judgedPrices = 0;
        int from = at(process);
        leftCost = costWith(from, NOT_KEPT, process);
        reachedCost = costWith(to, process, NOT_KEPT);
        int service = service(process);
        return leftCost
                + reachedCost
                - machineCost[from]
                - machineCost[to]
                + moveCost(process, to)
                - moveCost(process, from)
                + serviceMoveCost(service, movedStep(process, to), service, 0);
    }

    /// Carries out the shift that [#shiftDelta] judged last.
    void shift(int process, int to, long delta) {
        int from = at(process);
        machineCost[from] = leftCost;
        machineCost[to] = reachedCost;
        cost += delta;
        countOut(process, at(process));
        relocate(process, to);
    }

    /// Whether two processes may exchange their machines by every rule.
    boolean maySwap(int first, int second) {
        int firstAt = at(first);
        int secondAt = at(second);
        if (firstAt == secondAt) {
            return false;
        }
        int firstService = service(first);
        int secondService = service(second);
        if (firstService != secondService
                && (isOccupied(first, secondAt) || isOccupied(second, firstAt))) {
            return false;
        }
        if (!hasRoomInstead(first, second, secondAt) || !hasRoomInstead(second, first, firstAt)) {
            return false;
        }
        if (firstService == secondService) {
            return true;
        }
        int firstLeft = problem.neighbourhood[firstAt];
        int secondLeft = problem.neighbourhood[secondAt];
        return mayChangeLocation(first, firstAt, secondAt)
                && mayChangeLocation(second, secondAt, firstAt)
                && mayChangeNeighbourhood(
                        first, firstAt, secondAt, secondService, secondLeft, firstLeft)
                && mayChangeNeighbourhood(
                        second, secondAt, firstAt, firstService, firstLeft, secondLeft);
    }

    long swapDelta(int first, int second) {
        judgedPrices = 0;
        int firstAt = at(first);
        int secondAt = at(second);
        leftCost = costWith(firstAt, second, first);
        reachedCost = costWith(secondAt, first, second);
        return leftCost
                + reachedCost
                - machineCost[firstAt]
                - machineCost[secondAt]
                + moveCost(first, secondAt)
                - moveCost(first, firstAt)
                + moveCost(second, firstAt)
                - moveCost(second, secondAt)
                + serviceMoveCost(
                        service(first),
                        movedStep(first, secondAt),
                        service(second),
                        movedStep(second, firstAt));
    }

    /// Carries out the swap that [#swapDelta] judged last.
    void swap(int first, int second, long delta) {
        int firstAt = at(first);
        int secondAt = at(second);
        machineCost[firstAt] = leftCost;
        machineCost[secondAt] = reachedCost;
        cost += delta;
        countOut(first, firstAt);
        countOut(second, secondAt);
        relocate(first, secondAt);
        relocate(second, firstAt);
    }

    /// Goes to another plan that keeps every rule.
    void goTo(int[] plan) {
        for (int process = 0; process < plan.length; process++) {
            if (at(process) != plan[process]) {
                countOut(process, at(process));
            }
        }
        for (int process = 0; process < plan.length; process++) {
            if (at(process) != plan[process]) {
                relocate(process, plan[process]);
            }
        }
        recount();
    }

    /// Whether a process may take another's place while that one goes to a third machine.
    boolean mayEject(int process, int ejected, int to) {
        int from = at(process);
        int place = at(ejected);
        int service = service(process);
        int ejectedService = service(ejected);
        if (from == place || from == to || place == to) {
            return false;
        }
        if ((service != ejectedService && isOccupied(process, place))
                || isOccupied(ejected, to)
                || !hasRoomInstead(process, ejected, place)
                || !hasRoom(ejected, to)) {
            return false;
        }
        if (service == ejectedService) { // as if the first went there
            return mayChangeLocation(process, from, to)
                    && mayChangeNeighbourhood(process, from, to, NOT_KEPT, 0, 0);
        }
        int left = problem.neighbourhood[from];
        int between = problem.neighbourhood[place];
        int reached = problem.neighbourhood[to];
        return mayChangeLocation(process, from, place)
                && mayChangeLocation(ejected, place, to)
                && mayChangeNeighbourhood(process, from, place, ejectedService, between, reached)
                && mayChangeNeighbourhood(ejected, place, to, service, left, between);
    }

    long ejectDelta(int process, int ejected, int to) {
        judgedPrices = 0;
        int from = at(process);
        int place = at(ejected);
        leftCost = costWith(from, NOT_KEPT, process);
        betweenCost = costWith(place, process, ejected);
        reachedCost = costWith(to, ejected, NOT_KEPT);
        return leftCost
                + betweenCost
                + reachedCost
                - machineCost[from]
                - machineCost[place]
                - machineCost[to]
                + moveCost(process, place)
                - moveCost(process, from)
                + moveCost(ejected, to)
                - moveCost(ejected, place)
                + serviceMoveCost(
                        service(process),
                        movedStep(process, place),
                        service(ejected),
                        movedStep(ejected, to));
    }

    /// Carries out the ejection that [#ejectDelta] judged last.
    void eject(int process, int ejected, int to, long delta) {
        int from = at(process);
        int place = at(ejected);
        machineCost[from] = leftCost;
        machineCost[place] = betweenCost;
        machineCost[to] = reachedCost;
        cost += delta;
        countOut(process, from);
        countOut(ejected, place);
        relocate(ejected, to);
        relocate(process, place);
    }

    private boolean isOccupied(int process, int machine) {
        int row = records[process * stride + CONFLICT_ROW];
        return row >= 0 && (occupied[row * conflictWords + (machine >> 6)] & (1L << machine)) != 0;
    }

    private boolean hasRoom(int process, int to) {
        if (isRelaxed) {
            return home(process) == to || hasTransientRoom(process, noProcess, to);
        }
        int needRow = process * stride + NEED;
        int row = to * resources;
        int[] need = records;
        if (home(process) != to) {
            for (int resource = 0; resource < resources; resource++) {
                if (room[row + resource] < need[needRow + resource]) {
                    return false;
                }
            }
            return true;
        }
        for (int resource : steadyResources) {
            if (room[row + resource] < need[needRow + resource]) {
                return false;
            }
        }
        return true; // its transient amounts still count here
    }

    private boolean hasRoomInstead(int process, int leaving, int to) {
        if (isRelaxed) {
            return home(process) == to
                    || hasTransientRoom(process, home(leaving) == to ? noProcess : leaving, to);
        }
        int needRow = process * stride + NEED;
        int leavingRow = leaving * stride + NEED;
        int row = to * resources;
        int[] need = records;
        if (home(process) != to && home(leaving) != to) {
            for (int resource = 0; resource < resources; resource++) {
                if (room[row + resource] + need[leavingRow + resource] < need[needRow + resource]) {
                    return false;
                }
            }
            return true;
        }
        for (int resource : steadyResources) {
            if (room[row + resource] + need[leavingRow + resource] < need[needRow + resource]) {
                return false;
            }
        }
        return home(process) == to || hasTransientRoom(process, noProcess, to);
    }

    /// For a process that comes to a machine which is not its home.
    ///
    /// @param leaving a process whose transient amounts go with it
    private boolean hasTransientRoom(int process, int leaving, int to) {
        int needRow = process * stride + NEED;
        int leavingRow = leaving * stride + NEED;
        int row = to * resources;
        for (int resource : transientResources) {
            if (room[row + resource] + records[leavingRow + resource]
                    < records[needRow + resource]) {
                return false;
            }
        }
        return true;
    }

    private boolean mayChangeLocation(int process, int from, int to) {
        int row = records[process * stride + SPREAD_ROW];
        if (row < 0) {
            return true;
        }
        int left = problem.location[from];
        int reached = problem.location[to];
        if (left == reached) {
            return true;
        }
        int service = service(process);
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
        if (records[process * stride + DEPENDENCY_ROW] < 0) {
            return true;
        }
        int service = service(process);
        int left = problem.neighbourhood[from];
        int reached = problem.neighbourhood[to];
        if (left == reached) {
            return true;
        }
        for (int needed : needs[service]) {
            int there = count(needed, reached);
            if (needed == other) {
                there += (otherReached == reached ? 1 : 0) - (otherLeft == reached ? 1 : 0);
            }
            if (there <= 0 && needed != service) {
                return false;
            }
        }
        if (count(service, left) == 1) {
            for (int dependent : neededBy[service]) {
                int there = count(dependent, left);
                if (dependent == other) {
                    there += (otherReached == left ? 1 : 0) - (otherLeft == left ? 1 : 0);
                }
                if (there > 0 && dependent != service) {
                    return false;
                }
            }
        }
        return true;
    }

    private int count(int service, int neighbourhood) {
        return inNeighbourhood[dependencyRow[service] * problem.neighbourhoods + neighbourhood];
    }

    /// The cost of a machine with one process more and one less; -1 for none.
    private long costWith(int machine, int added, int removed) {
        if (isRelaxed) {
            return relaxedCostWith(
                    machine, added >= 0 ? added : noProcess, removed >= 0 ? removed : noProcess);
        }
        int row = machine * resources;
        int[] need = records;
        long sum = 0;
        if (added >= 0 && removed >= 0) {
            int addedRow = added * stride + NEED;
            int removedRow = removed * stride + NEED;
            for (int resource = 0; resource < resources; resource++) {
                long use =
                        above[row + resource]
                                + need[addedRow + resource]
                                - need[removedRow + resource];
                sum += loadWeight[resource] * Math.max(0, use);
            }
        } else if (added >= 0) {
            int addedRow = added * stride + NEED;
            for (int resource = 0; resource < resources; resource++) {
                long use = above[row + resource] + need[addedRow + resource];
                sum += loadWeight[resource] * Math.max(0, use);
            }
        } else if (removed >= 0) {
            int removedRow = removed * stride + NEED;
            for (int resource = 0; resource < resources; resource++) {
                long use = above[row + resource] - need[removedRow + resource];
                sum += loadWeight[resource] * Math.max(0, use);
            }
        } else {
            for (int resource = 0; resource < resources; resource++) {
                sum += loadWeight[resource] * Math.max(0, above[row + resource]);
            }
        }
        return balances == 0 ? sum : sum + balanceCostWith(machine, added, removed);
    }

    private long relaxedCostWith(int machine, int added, int removed) {
        int row = machine * resources;
        int addedRow = added * stride + NEED;
        int removedRow = removed * stride + NEED;
        int[] need = records;
        int addedMask =
                home(added) == machine ? 0 : ~0; // transient amounts at home are there anyway
        int removedMask = home(removed) == machine ? 0 : ~0;
        long sum = 0;
        long prices = 0;
        for (int resource = 0; resource < resources; resource++) {
            int come = need[addedRow + resource];
            int gone = need[removedRow + resource];
            int mask = steadyMask[resource];
            long use = above[row + resource] + come - gone;
            long left =
                    room[row + resource]
                            - (come & (mask | addedMask))
                            + (gone & (mask | removedMask));
            sum += loadWeight[resource] * Math.max(0, use);
            prices += price[resource] * Math.max(0, -left);
        }
        judgedPrices += prices;
        return sum
                + prices
                + (balances == 0
                        ? 0
                        : balanceCostWith(
                                machine,
                                added == noProcess ? NOT_KEPT : added,
                                removed == noProcess ? NOT_KEPT : removed));
    }

    private long balanceCostWith(int machine, int added, int removed) {
        long sum = 0;
        for (int balance = 0; balance < balances; balance++) {
            long first = roomWith(machine, problem.balanceFirst[balance], added, removed);
            long second = roomWith(machine, problem.balanceSecond[balance], added, removed);
            long lacking = problem.balanceTarget[balance] * first - second;
            sum += problem.balanceWeight[balance] * Math.max(0, lacking);
        }
        return sum;
    }

    private long roomWith(int machine, int resource, int added, int removed) {
        int index = machine * resources + resource;
        long left = capacityAboveSafety[index] - above[index];
        if (added >= 0) {
            left -= records[added * stride + NEED + resource];
        }
        if (removed >= 0) {
            left += records[removed * stride + NEED + resource];
        }
        return left;
    }

    long moveCost(int process, int machine) {
        int home = home(process);
        long byMachine =
                problem.machineMoveWeight
                        * (long) problem.machineMoveCost[home * problem.machines + machine];
        return home == machine
                ? byMachine
                : byMachine
                        + problem.processMoveWeight * (long) records[process * stride + MOVE_COST];
    }

    /// How many more processes of its service are away from home once a process is on a machine.
    private int movedStep(int process, int to) {
        int home = home(process);
        return (to == home ? 0 : 1) - (at(process) == home ? 0 : 1);
    }

    private long serviceMoveCost(int service, int step, int other, int otherStep) {
        if ((step | otherStep) == 0 || problem.serviceMoveWeight == 0) {
            return 0;
        }
        return problem.serviceMoveWeight
                * (long) (mostMovedWith(service, step, other, otherStep) - mostMoved);
    }

    private int mostMovedWith(int service, int step, int other, int otherStep) {
        if (service == other) {
            return mostMovedWith(service, step + otherStep);
        }
        int reached = moved[service] + step;
        int otherReached = moved[other] + otherStep;
        int most = Math.max(reached, otherReached);
        if (most >= mostMoved) {
            return most;
        }
        int stillMost = servicesWithMoved[mostMoved];
        if (moved[service] == mostMoved) {
            stillMost--;
        }
        if (moved[other] == mostMoved) {
            stillMost--;
        }
        return stillMost > 0 ? mostMoved : mostMoved - 1; // one that had most had one step down
    }

    private int mostMovedWith(int service, int step) {
        int reached = moved[service] + step;
        if (reached >= mostMoved) {
            return reached;
        }
        int most = mostMoved;
        int without = moved[service];
        while (most > reached && servicesWithMoved[most] - (most == without ? 1 : 0) == 0) {
            most--;
        }
        return most;
    }

    /// Moves a process that [#countOut] has taken out of the counts of its service.
    private void relocate(int process, int to) {
        int from = at(process);
        int home = home(process);
        int service = service(process);
        int needRow = process * stride + NEED;
        int fromRow = from * resources;
        int toRow = to * resources;
        for (int resource = 0; resource < resources; resource++) {
            int amount = records[needRow + resource];
            boolean isTransient = problem.isTransient[resource];
            above[fromRow + resource] -= amount;
            above[toRow + resource] += amount;
            if (!isTransient || from != home) {
                addRoom(fromRow + resource, amount);
            }
            if (!isTransient || to != home) {
                addRoom(toRow + resource, -amount);
            }
        }
        levels.setRoom(from, room, fromRow);
        levels.setRoom(to, room, toRow);
        int step = movedStep(process, to);
        if (step != 0) {
            servicesWithMoved[moved[service]]--;
            moved[service] += step;
            servicesWithMoved[moved[service]]++;
            mostMoved = Math.max(mostMoved, moved[service]);
            while (mostMoved > 0 && servicesWithMoved[mostMoved] == 0) {
                mostMoved--;
            }
        }
        countIn(process, to);
        records[process * stride + AT] = to;
        lists.move(from, to, process);
    }

    private void addRoom(int index, long amount) {
        long before = room[index];
        long after = before + amount;
        room[index] = after;
        overfull += (int) ((before >> 63) - (after >> 63)); // the sign, as 0 or -1
    }

    private void countIn(int process, int machine) {
        int record = process * stride;
        int row = records[record + CONFLICT_ROW];
        if (row >= 0) {
            occupied[row * conflictWords + (machine >> 6)] |= 1L << machine;
        }
        row = records[record + SPREAD_ROW];
        if (row >= 0 && inLocation[row * problem.locations + problem.location[machine]]++ == 0) {
            spread[records[record + SERVICE]]++;
        }
        row = records[record + DEPENDENCY_ROW];
        if (row >= 0) {
            inNeighbourhood[row * problem.neighbourhoods + problem.neighbourhood[machine]]++;
        }
    }

    private void countOut(int process, int machine) {
        int record = process * stride;
        int row = records[record + CONFLICT_ROW];
        if (row >= 0) {
            occupied[row * conflictWords + (machine >> 6)] &= ~(1L << machine);
        }
        row = records[record + SPREAD_ROW];
        if (row >= 0 && --inLocation[row * problem.locations + problem.location[machine]] == 0) {
            spread[records[record + SERVICE]]--;
        }
        row = records[record + DEPENDENCY_ROW];
        if (row >= 0) {
            inNeighbourhood[row * problem.neighbourhoods + problem.neighbourhood[machine]]--;
        }
    }
}
