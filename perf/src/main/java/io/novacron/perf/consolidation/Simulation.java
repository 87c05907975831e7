package io.novacron.perf.consolidation;

import io.novacron.solver.consolidation.Estate;
import io.novacron.solver.consolidation.Moves;
import java.util.Arrays;
import java.util.stream.IntStream;

/// One day of one planner, by the rules of CloudSim's power-aware data centre ([ADR
/// 0013](../../../../../../../../../docs/adr/0013-consolidation.md) lists them).
///
/// The clock is virtual. A step runs every 300 s from 300.1 s on: demand is looked up, energy since
/// the last update is added, vms without demand are destroyed (as released), then the planner
/// decides and all migrations start at once. They end 9.8, 13.9 or 27.8 s later, by memory, each
/// time with an update of everything. Single-threaded.
final class Simulation {
    private static final double FIRST_UPDATE_SECONDS = 0.1;
    private static final double JOULES_PER_KWH = 3_600_000;
    private static final double NEARLY_FULL = 1.01;
    private static final double MIGRATION_SHARE = 0.9;

    private final DayTrace trace;
    private final Estate estate;
    private final Mode mode;
    private final Planner planner;

    private final HostLoad[] load;
    private final double[] usedMips;
    private final double[] usedMipsBefore;
    private final Shortfall[] hostShortfall;

    private final double[] demand;
    private final int[] hostOf;
    private final boolean[] moving;
    private final boolean[] gone;
    private final double[][] history;
    private final Shortfall[] vmShortfall;
    private final int[] migrationsOf;

    private int steps;
    private double now;
    private double updated;
    private double joules;
    private double heldJoules;
    private long migrations;

    Simulation(DayTrace trace, Estate estate, Mode mode, Planner planner) {
        this.trace = trace;
        this.estate = estate;
        this.mode = mode;
        this.planner = planner;
        int hosts = estate.hosts();
        int vms = estate.vms();
        load = new HostLoad[hosts];
        hostShortfall = new Shortfall[hosts];
        for (int host = 0; host < hosts; host++) {
            load[host] = new HostLoad(estate.host(host));
            hostShortfall[host] = new Shortfall();
        }
        usedMips = new double[hosts];
        usedMipsBefore = new double[hosts];
        demand = new double[vms];
        hostOf = new int[vms];
        moving = new boolean[vms];
        gone = new boolean[vms];
        history = new double[vms][DayTrace.STEPS];
        vmShortfall = new Shortfall[vms];
        Arrays.setAll(vmShortfall, vm -> new Shortfall());
        migrationsOf = new int[vms];
    }

    Outcome run() {
        placeFirst();
        var moves = new Moves();
        var view = new Now(load, demand, usedMips, history, gone);
        double step = FIRST_UPDATE_SECONDS;
        for (int count = 1; count < DayTrace.STEPS; count++) {
            step += DayTrace.STEP_SECONDS;
            now = step;
            update();
            remember();
            removeIdle();
            moves.clear();
            view.steps = steps;
            planner.decide(view, moves);
            start(moves);
            finish(moves, step);
        }
        return outcome();
    }

    private void placeFirst() {
        int[] placement = planner.place();
        for (int vm = 0; vm < placement.length; vm++) {
            hostOf[vm] = placement[vm];
            load[placement[vm]].add(vm, false);
        }
    }

    /// Looks up demand, shares every host out again, and adds the energy since the last update.
    private void update() {
        for (int vm = 0; vm < demand.length; vm++) {
            if (!gone[vm]) {
                demand[vm] = trace.utilisation(vm, now) * estate.vmMips(vm);
            }
        }
        double seconds = now - updated;
        for (int host = 0; host < load.length; host++) {
            share(host);
            if (seconds > 0) {
                addEnergy(host, seconds);
            }
        }
        updated = now;
    }

    private void share(int host) {
        var vms = load[host];
        vms.share(demand, moving);
        double used = 0;
        double asked = 0;
        for (int i = 0; i < vms.size; i++) {
            int vm = vms.vms[i];
            double given = vms.given[i];
            if (!vms.arriving[i]) {
                vmShortfall[vm].enter(now, given, demand[vm], true, moving[vm]);
                if (moving[vm]) {
                    given /= MIGRATION_SHARE;
                }
            }
            used += given;
            asked += demand[vm];
        }
        usedMipsBefore[host] = usedMips[host];
        usedMips[host] = used;
        hostShortfall[host].enter(now, used, asked, used > 0, false);
    }

    private void addEnergy(int host, double seconds) {
        double from = utilisation(host, usedMipsBefore[host]);
        var power = estate.host(host).power();
        if (from == 0) {
            if (load[host].size > 0) {
                heldJoules += power.watts(0) * seconds;
            }
            return;
        }
        double fromWatts = power.watts(from);
        double toWatts = power.watts(utilisation(host, usedMips[host]));
        joules += (fromWatts + (toWatts - fromWatts) / 2) * seconds;
    }

    private double utilisation(int host, double mips) {
        double utilisation = mips / estate.host(host).mips();
        if (utilisation > NEARLY_FULL) {
            throw new IllegalStateException(
                    "host %d gave %s MIPS of %s".formatted(host, mips, estate.host(host).mips()));
        }
        return utilisation;
    }

    private void remember() {
        for (int vm = 0; vm < demand.length; vm++) {
            if (!gone[vm]) {
                history[vm][steps] = trace.utilisation(vm, now);
            }
        }
        steps++;
    }

    private void removeIdle() {
        if (mode.keepsVms()) {
            return;
        }
        for (var vms : load) {
            for (int i = 0; i < vms.size; ) {
                int vm = vms.vms[i];
                if (!moving[vm] && demand[vm] == 0) {
                    vms.remove(vm);
                    gone[vm] = true;
                } else {
                    i++;
                }
            }
        }
    }

    private void start(Moves moves) {
        for (int move = 0; move < moves.size(); move++) {
            int vm = moves.vm(move);
            int target = moves.target(move);
            migrations++;
            migrationsOf[vm]++;
            moving[vm] = true;
            if (!load[target].has(vm)) {
                checkMemory(vm, target);
                load[target].add(vm, true);
                share(target);
                share(hostOf[vm]);
            }
        }
    }

    private void checkMemory(int vm, int target) {
        if (!mode.hardMemory()) {
            return;
        }
        int memory = estate.vmMemory(vm);
        for (int i = 0; i < load[target].size; i++) {
            memory += estate.vmMemory(load[target].vms[i]);
        }
        if (memory > estate.host(target).memory()) {
            throw new IllegalStateException(
                    "the plan puts %d MB on host %d of %d MB"
                            .formatted(memory, target, estate.host(target).memory()));
        }
    }

    /// Ends migrations in order of memory, which is the order of time; those of equal memory
    /// together, in the order of the plan.
    private void finish(Moves moves, double started) {
        int[] sizes =
                IntStream.range(0, moves.size())
                        .map(move -> estate.vmMemory(moves.vm(move)))
                        .distinct()
                        .sorted()
                        .toArray();
        for (int size : sizes) {
            now = started + size / PlanetLab.MIGRATION_MB_PER_SECOND;
            update();
            removeIdle();
            for (int move = 0; move < moves.size(); move++) {
                if (estate.vmMemory(moves.vm(move)) == size) {
                    arrive(moves.vm(move), moves.target(move));
                }
            }
            update();
            removeIdle();
        }
    }

    private void arrive(int vm, int target) {
        load[hostOf[vm]].remove(vm);
        if (load[target].has(vm)) {
            load[target].remove(vm);
        }
        load[target].add(vm, false);
        hostOf[vm] = target;
        moving[vm] = false;
    }

    private Outcome outcome() {
        double violated = 0;
        double active = 0;
        long shutdowns = 0;
        for (var host : hostShortfall) {
            host.end();
            violated += host.shortSeconds;
            active += host.activeSeconds;
            shutdowns += host.stops;
        }
        double asked = 0;
        double given = 0;
        double withheld = 0;
        for (var vm : vmShortfall) {
            asked += vm.asked;
            given += vm.given;
            withheld += vm.withheldMoving;
        }
        return new Outcome(
                joules / JOULES_PER_KWH,
                migrations,
                violated / active,
                withheld / asked,
                (asked - given) / asked,
                shutdowns,
                Arrays.stream(migrationsOf).max().orElse(0),
                heldJoules / JOULES_PER_KWH);
    }
}
