package io.novacron.perf.consolidation;

import io.novacron.solver.consolidation.Estate;
import io.novacron.solver.consolidation.Moves;
import java.util.Arrays;

/// CloudSim's consolidation: relieve overloaded hosts of their smallest vms, then empty the least
/// used hosts, each vm to where it adds least power.
///
/// Follows the released planner where that is odd: a host that is off has a power of idle, so that
/// switching on looks free; hosts that have just taken vms in may be emptied too, which moves those
/// vms twice; and power is that of the update before, whatever has been planned since.
final class CloudSimPlanner implements Planner {
    private static final int HISTORY = 30;
    private static final double THR_LIMIT = 0.8;
    private static final double LR_SAFETY = 1.2;

    private final Estate estate;
    private final OverloadRule rule;
    private final Mode mode;

    private final Plan[] plans;
    private double[] demand = new double[0];
    private double[][] recent = new double[0][0];
    private double[] usedMips = new double[0];
    private final boolean[] nobody;
    private final double[] scratch = new double[HISTORY];

    CloudSimPlanner(Estate estate, OverloadRule rule, Mode mode) {
        this.estate = estate;
        this.rule = rule;
        this.mode = mode;
        plans = new Plan[estate.hosts()];
        for (int host = 0; host < plans.length; host++) {
            plans[host] = new Plan(host);
        }
        nobody = new boolean[estate.vms()];
    }

    /// THR-MMT: a threshold on what is asked of a host.
    static CloudSimPlanner thrMmt(Estate estate, Mode mode) {
        return new CloudSimPlanner(estate, new OverloadRule.Threshold(THR_LIMIT), mode);
    }

    /// LR-MMT-1.2, the policy that the paper recommends.
    static CloudSimPlanner lrMmt(Estate estate, Mode mode) {
        return new CloudSimPlanner(estate, new OverloadRule.Regression(LR_SAFETY), mode);
    }

    /// One host as planned so far.
    private final class Plan {
        final HostLoad load;
        final int host;
        final double[] shares = new double[HISTORY];
        double available;
        double given;
        double asked;
        int memory;
        int largestMemory;

        Plan(int host) {
            this.host = host;
            load = new HostLoad(estate.host(host));
        }

        void recount() {
            available = load.share(demand, nobody);
            given = 0;
            asked = 0;
            memory = 0;
            largestMemory = 0;
            Arrays.fill(shares, 0);
            for (int i = 0; i < load.size; i++) {
                addFigures(load.vms[i], load.given[i]);
            }
        }

        private void addFigures(int vm, double mips) {
            given += mips;
            asked += demand[vm];
            memory += estate.vmMemory(vm);
            largestMemory = Math.max(largestMemory, estate.vmMemory(vm));
            for (int i = 0; i < HISTORY; i++) {
                shares[i] += share(vm, i);
            }
        }

        double share(int vm, int index) {
            return recent[vm][index] * estate.vmMips(vm) / load.kind.mips();
        }

        void add(int vm) {
            load.add(vm, false);
            double before = available;
            if (before >= demand[vm]) {
                addFigures(vm, demand[vm]);
                available = before - demand[vm];
            } else {
                recount();
            }
        }

        void remove(int vm) {
            load.remove(vm);
            recount();
        }

        boolean isOverloaded() {
            return load.size > 0 && rule.isOverloaded(asked / load.kind.mips(), shares);
        }

        boolean isOverloadedWith(int vm) {
            double[] with = scratch;
            for (int i = 0; i < HISTORY; i++) {
                with[i] = shares[i] + share(vm, i);
            }
            return rule.isOverloaded((asked + demand[vm]) / load.kind.mips(), with);
        }

        double utilisation() {
            double utilisation = usedMips[host] / load.kind.mips();
            return utilisation > 1 ? 1 : utilisation;
        }
    }

    @Override
    public int[] place() {
        int vms = estate.vms();
        double[] full = new double[vms];
        Arrays.setAll(full, estate::vmMips);
        demand = full;
        recent = new double[vms][HISTORY];
        usedMips = new double[plans.length];
        for (var plan : plans) {
            plan.recount();
        }
        boolean[] none = new boolean[plans.length];
        int[] placement = new int[vms];
        for (int vm = 0; vm < vms; vm++) {
            // once placed, a vm asks for nothing until the first update
            placement[vm] = hostFor(vm, none, true);
            if (placement[vm] < 0) {
                throw new IllegalArgumentException(
                        "vm %d of %d finds none of %d hosts at first placement. Maybe too many vms?"
                                .formatted(vm, vms, plans.length));
            }
            var plan = plans[placement[vm]];
            plan.add(vm);
            plan.asked = 0;
        }
        return placement;
    }

    @Override
    public void decide(Now now, Moves moves) {
        demand = now.demand;
        usedMips = now.usedMips;
        take(now);
        boolean[] overloaded = new boolean[plans.length];
        for (int host = 0; host < plans.length; host++) {
            var load = now.load[host];
            var plan = plans[host].load;
            plan.size = 0;
            for (int i = 0; i < load.size; i++) {
                plan.add(load.vms[i], false);
            }
            plans[host].recount();
            overloaded[host] = plans[host].isOverloaded();
        }
        relieve(overloaded, moves);
        empty(overloaded, moves);
    }

    /// The last [#HISTORY] shares of each vm, newest first; zeros where there is no more past.
    private void take(Now now) {
        for (int vm = 0; vm < recent.length; vm++) {
            Arrays.fill(recent[vm], 0);
            for (int i = 0; i < Math.min(HISTORY, now.steps); i++) {
                recent[vm][i] = now.history[vm][now.steps - 1 - i];
            }
        }
    }

    private void relieve(boolean[] overloaded, Moves moves) {
        int[] leaving = new int[estate.vms()];
        int count = 0;
        for (int host = 0; host < plans.length; host++) {
            if (!overloaded[host]) {
                continue;
            }
            do {
                int vm = smallest(plans[host].load);
                if (vm < 0) {
                    break;
                }
                leaving[count++] = vm;
                plans[host].remove(vm);
            } while (plans[host].isOverloaded());
        }
        for (int vm : byDemand(leaving, count)) {
            int target = hostFor(vm, overloaded, false);
            if (target >= 0) {
                plans[target].add(vm);
                moves.add(vm, target);
            }
        }
    }

    private int smallest(HostLoad load) {
        int best = -1;
        for (int i = 0; i < load.size; i++) {
            if (best < 0 || estate.vmMemory(load.vms[i]) < estate.vmMemory(best)) {
                best = load.vms[i];
            }
        }
        return best;
    }

    private int[] byDemand(int[] vms, int count) {
        return Arrays.stream(vms, 0, count)
                .boxed()
                .sorted((left, right) -> Double.compare(demand[right], demand[left]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private void empty(boolean[] overloaded, Moves moves) {
        boolean[] stays = overloaded.clone();
        boolean[] closed = overloaded.clone();
        for (int host = 0; host < plans.length; host++) {
            if (usedMips[host] == 0) {
                stays[host] = true;
                closed[host] = true;
            }
        }
        for (int host = leastUsed(stays); host >= 0; host = leastUsed(stays)) {
            stays[host] = true;
            closed[host] = true;
            int before = moves.size();
            var load = plans[host].load;
            for (int vm : byDemand(load.vms, load.size)) {
                int target = hostFor(vm, closed, false);
                if (target < 0) {
                    for (int move = before; move < moves.size(); move++) {
                        plans[moves.target(move)].remove(moves.vm(move));
                    }
                    moves.truncate(before);
                    break;
                }
                plans[target].add(vm);
                moves.add(vm, target);
            }
            for (int move = before; move < moves.size(); move++) {
                stays[moves.target(move)] = true;
            }
        }
    }

    private int leastUsed(boolean[] excluded) {
        double least = 1;
        int found = -1;
        for (int host = 0; host < plans.length; host++) {
            if (excluded[host] || plans[host].load.size == 0) {
                continue;
            }
            double utilisation = plans[host].utilisation();
            if (utilisation > 0 && utilisation < least) {
                least = utilisation;
                found = host;
            }
        }
        return found;
    }

    /// The host where the vm adds least power, the first of equals, or -1.
    private int hostFor(int vm, boolean[] excluded, boolean isFirst) {
        double leastWatts = Double.MAX_VALUE;
        int found = -1;
        boolean checksMemory = isFirst || mode.hardMemory();
        for (int host = 0; host < plans.length; host++) {
            if (excluded[host]) {
                continue;
            }
            var plan = plans[host];
            var kind = plan.load.kind;
            if (kind.coreMips() < demand[vm]
                    || plan.available < demand[vm]
                    || (checksMemory && plan.memory + estate.vmMemory(vm) > kind.memory())) {
                continue;
            }
            double watts =
                    kind.power().watts((plan.given + demand[vm]) / kind.mips())
                            - kind.power().watts(plan.utilisation());
            if (watts < leastWatts && (plan.given == 0 || !plan.isOverloadedWith(vm))) {
                leastWatts = watts;
                found = host;
            }
        }
        return found;
    }
}
