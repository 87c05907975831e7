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
    private static final int NONE = -1;
    private static final int SCAN_LIMIT = 64; // machines looked at for a shift
    private static final int TRY_LIMIT = 2; // of them looked at closely

    final ReassignmentProblem problem;
    private final ProcessLists lists; // processes of each machine

    private final int resources;
    private final int balances;
    private final ProcessRecords records;
    private final int[] cells; // of the records
    private final int[] steadyResources; // those without transient use
    private final long[] room; // by machine and resource
    private final long[] above; // use above the safety capacity; negative below it
    private final long[] capacityAboveSafety;
    private final long[] loadWeight;
    private final byte[] byteMoveCost; // by machine left and reached; empty if one is above 127
    private final long[] machineCost;
    private final long[] versions; // by machine: never the same for another content or price
    private long changes;

    private final ServiceRules rules;
    private final MovedCounts moved;
    private long cost;

    private final int noProcess; // it needs nothing and is never at home
    private final int[] steadyMask; // by resource: all bits unless it is transient
    private final int[] transientResources;
    private final long[] price; // by resource: of a unit above capacity; only when relaxed
    private final RoomLevels levels;
    private boolean isRelaxed;
    private int overfull; // cells of `room` below 0
    private long judgedPrices; // of what the move judged last would leave overfull

    private int leaver = NONE; // of the shift judged last
    private long leaverVersion;
    private long leaverCost; // of the machine it leaves
    private long leaverPrices;
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
        byteMoveCost = bytes(problem.machineMoveCost);
        machineCost = new long[problem.machines];
        versions = new long[problem.machines];
        var size = new int[problem.services];
        for (int service : problem.service) {
            size[service]++;
        }
        records = new ProcessRecords(problem, initial);
        cells = records.cells;
        noProcess = records.none();
        rules = new ServiceRules(problem, records, size);
        moved = new MovedCounts(problem.services, Arrays.stream(size).max().orElse(0));
        lists = new ProcessLists(problem.machines, problem.processes);
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
        return from != to && rules.mayShift(process, from, to);
    }

    /// How many processes the service of one has, itself included.
    int kinCount(int process) {
        return rules.kin(process).length;
    }

    int kin(int process, int index) {
        return rules.kin(process)[index];
    }

    int at(int process) {
        return records.at(process);
    }

    /// Where a process was at first.
    int home(int process) {
        return records.home(process);
    }

    /// How strongly a process is held at home, for a walk to use as it likes.
    void setPull(int process, double pull) {
        records.setPull(process, (float) pull);
    }

    /// The pull that a process has to overcome to go somewhere; negative on its way home.
    float pullOn(int process, int to) {
        boolean isAway = records.isAway(process);
        if (isAway == (to != home(process))) {
            return 0;
        }
        float pull = records.pull(process);
        return isAway ? -pull : pull;
    }

    private int service(int process) {
        return records.service(process);
    }

    /// The machine of each process.
    int[] plan() {
        var plan = new int[problem.processes];
        Arrays.setAll(plan, this::at);
        return plan;
    }

    /// The same numbers in a quarter of the memory, if they are small.
    private static byte[] bytes(int[] numbers) {
        var bytes = new byte[numbers.length];
        for (int index = 0; index < numbers.length; index++) {
            if (numbers[index] > Byte.MAX_VALUE) {
                return new byte[0];
            }
            bytes[index] = (byte) numbers[index];
        }
        return bytes;
    }

    private int[] resources(boolean areTransient) {
        return IntStream.range(0, resources)
                .filter(resource -> problem.isTransient[resource] == areTransient)
                .toArray();
    }

    private void fill(int[] initial) {
        for (int index = 0; index < room.length; index++) {
            room[index] = problem.capacity[index];
            above[index] = -(long) problem.safety[index];
            capacityAboveSafety[index] = (long) problem.capacity[index] - problem.safety[index];
        }
        for (int process = 0; process < problem.processes; process++) {
            int machine = initial[process];
            int needs = records.needs(process);
            lists.add(machine, process);
            for (int resource = 0; resource < resources; resource++) {
                room[machine * resources + resource] -= cells[needs + resource];
                above[machine * resources + resource] += cells[needs + resource];
            }
            levels.setNeed(process, cells, needs);
        }
        setLevels();
        recount();
    }

    private void setLevels() {
        for (int machine = 0; machine < problem.machines; machine++) {
            setLevels(machine);
        }
    }

    private void setLevels(int machine) {
        levels.setRoom(machine, room, machine * resources);
    }

    private void recount() {
        cost = serviceMoveCost();
        for (int machine = 0; machine < problem.machines; machine++) {
            machineCost[machine] = costWith(machine, noProcess, noProcess);
            versions[machine] = ++changes;
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
                && !rules.isOccupied(process, to)
                && hasRoom(process, to)
                && rules.mayGo(process, from, to);
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
        int from = at(process);
        if (leaver != process
                || leaverVersion != versions[from]) { // else it was judged just before
            judgedPrices = 0;
            leaverCost = costWith(from, noProcess, process);
            leaverPrices = judgedPrices;
            leaver = process;
            leaverVersion = versions[from];
        }
        judgedPrices = leaverPrices;
        leftCost = leaverCost;
        reachedCost = costWith(to, process, noProcess);
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
        rules.countOut(process, from);
        relocate(process, to);
        setLevels(from);
        setLevels(to);
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
                && (rules.isOccupied(first, secondAt) || rules.isOccupied(second, firstAt))) {
            return false;
        }
        if (!hasRoomInstead(first, second, secondAt) || !hasRoomInstead(second, first, firstAt)) {
            return false;
        }
        return firstService == secondService
                || rules.mayBothMove(first, firstAt, secondAt, second, secondAt, firstAt);
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
        rules.countOut(first, firstAt);
        rules.countOut(second, secondAt);
        relocate(first, secondAt);
        relocate(second, firstAt);
        setLevels(firstAt);
        setLevels(secondAt);
    }

    /// Goes to another plan that keeps every rule.
    void goTo(int[] plan) {
        for (int process = 0; process < plan.length; process++) {
            if (at(process) != plan[process]) {
                rules.countOut(process, at(process));
            }
        }
        for (int process = 0; process < plan.length; process++) {
            if (at(process) != plan[process]) {
                relocate(process, plan[process]);
            }
        }
        setLevels();
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
        if ((service != ejectedService && rules.isOccupied(process, place))
                || rules.isOccupied(ejected, to)
                || !hasRoomInstead(process, ejected, place)
                || !hasRoom(ejected, to)) {
            return false;
        }
        return service == ejectedService
                ? rules.mayGo(process, from, to) // as if the first went there
                : rules.mayBothMove(process, from, place, ejected, place, to);
    }

    long ejectDelta(int process, int ejected, int to) {
        judgedPrices = 0;
        int from = at(process);
        int place = at(ejected);
        leftCost = costWith(from, noProcess, process);
        betweenCost = costWith(place, process, ejected);
        reachedCost = costWith(to, ejected, noProcess);
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
        rules.countOut(process, from);
        rules.countOut(ejected, place);
        relocate(ejected, to);
        relocate(process, place);
        setLevels(from);
        setLevels(place);
        setLevels(to);
    }

    private boolean hasRoom(int process, int to) {
        if (isRelaxed) {
            return home(process) == to || hasTransientRoom(process, noProcess, to);
        }
        int needRow = records.needs(process);
        int row = to * resources;
        int[] need = cells;
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
        int needRow = records.needs(process);
        int leavingRow = records.needs(leaving);
        int row = to * resources;
        int[] need = cells;
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
        int needRow = records.needs(process);
        int leavingRow = records.needs(leaving);
        int row = to * resources;
        for (int resource : transientResources) {
            if (room[row + resource] + cells[leavingRow + resource] < cells[needRow + resource]) {
                return false;
            }
        }
        return true;
    }

    /// The cost of a machine with one process more and one less.
    private long costWith(int machine, int added, int removed) {
        if (isRelaxed) {
            return relaxedCostWith(machine, added, removed);
        }
        int row = machine * resources;
        int addedRow = records.needs(added);
        int removedRow = records.needs(removed);
        int[] need = cells;
        long sum = 0;
        for (int resource = 0; resource < resources; resource++) {
            long use =
                    above[row + resource] + need[addedRow + resource] - need[removedRow + resource];
            sum += loadWeight[resource] * Math.max(0, use);
        }
        return balances == 0 ? sum : sum + balanceCostWith(machine, added, removed);
    }

    private long relaxedCostWith(int machine, int added, int removed) {
        int row = machine * resources;
        int addedRow = records.needs(added);
        int removedRow = records.needs(removed);
        int[] need = cells;
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
        return sum + prices + (balances == 0 ? 0 : balanceCostWith(machine, added, removed));
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
        return capacityAboveSafety[index]
                - above[index]
                - cells[records.needs(added) + resource]
                + cells[records.needs(removed) + resource];
    }

    long moveCost(int process, int machine) {
        int home = home(process);
        long byMachine =
                problem.machineMoveWeight
                        * (long) machineMoveCost(home * problem.machines + machine);
        return home == machine
                ? byMachine
                : byMachine + problem.processMoveWeight * (long) records.moveCost(process);
    }

    private int machineMoveCost(int index) {
        return byteMoveCost.length > 0 ? byteMoveCost[index] : problem.machineMoveCost[index];
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
                * (long) (moved.mostWith(service, step, other, otherStep) - moved.most());
    }

    private long serviceMoveCost() {
        return problem.serviceMoveWeight * (long) moved.most();
    }

    /// Moves a process that has been taken out of the counts of its service; levels stay as they
    /// were.
    private void relocate(int process, int to) {
        int from = at(process);
        leave(process, from);
        reach(process, to);
        int step = movedStep(process, to);
        if (step != 0) {
            moved.add(service(process), step);
        }
        rules.countIn(process, to);
        records.setAt(process, to);
        lists.move(from, to, process);
    }

    private void leave(int process, int from) {
        int needRow = records.needs(process);
        int row = from * resources;
        boolean isHome = from == home(process);
        for (int resource = 0; resource < resources; resource++) {
            int amount = cells[needRow + resource];
            above[row + resource] -= amount;
            if (!(isHome && problem.isTransient[resource])) {
                addRoom(row + resource, amount);
            }
        }
        versions[from] = ++changes;
    }

    private void reach(int process, int to) {
        int needRow = records.needs(process);
        int row = to * resources;
        boolean isHome = to == home(process);
        for (int resource = 0; resource < resources; resource++) {
            int amount = cells[needRow + resource];
            above[row + resource] += amount;
            if (!(isHome && problem.isTransient[resource])) {
                addRoom(row + resource, -amount);
            }
        }
        versions[to] = ++changes;
    }

    private void addRoom(int index, long amount) {
        long before = room[index];
        long after = before + amount;
        room[index] = after;
        overfull += (int) ((before >> 63) - (after >> 63)); // the sign, as 0 or -1
    }
}
