package io.novacron.solver;

import io.novacron.solver.Reason.Code;
import java.util.ArrayList;
import java.util.List;

/// Finds vms whose size does not suit their demand, and advises a better one.
///
/// Judged is the larger of the forecast peak, at the horizon's risk level, and what is observed
/// now: a vm that is at its limit is noticed at once, before the forecast has caught up. A
/// saturated vm's true demand cannot be seen, so it grows by a factor at least. Memory is judged by
/// the working set at the forecast's highest level, and never cut below it plus a margin. Growth
/// stays within the vm's hot-add maximum, its host's capacity, and the room on its host; room that
/// other advice would free is not counted on, so any part of the advice may be followed.
///
/// Thread-safe: each call keeps its books in an object of its own.
public final class RightSizer {
    private final SizingPolicy policy;

    public RightSizer(SizingPolicy policy) {
        this.policy = policy;
    }

    public Sizing size(FleetProblem problem) {
        return new Pass(problem, policy).run();
    }

    private static final class Pass {
        private final FleetProblem problem;
        private final SizingPolicy policy;
        private final double[] promised; // [resource * hostCount + host]: allocated or advised
        private final List<Advice> advice = new ArrayList<>();
        private final List<Unresolved> unresolved = new ArrayList<>();
        private int optedOut;
        private int withoutForecast;
        private int tooYoung;

        Pass(FleetProblem problem, SizingPolicy policy) {
            this.problem = problem;
            this.policy = policy;
            promised = new double[problem.resourceCount() * problem.hostCount()];
            for (int vm = 0; vm < problem.vmCount(); vm++) {
                for (int resource = 0; resource < problem.resourceCount(); resource++) {
                    promised[cell(resource, vm)] += problem.size(resource, vm);
                }
            }
        }

        Sizing run() {
            for (int vm = 0; vm < problem.vmCount(); vm++) {
                if (problem.isVmOptedOut(vm) || problem.isHostOptedOut(problem.hostOf(vm))) {
                    optedOut++;
                    continue;
                }
                if (problem.cpuIndex() != FleetProblem.MISSING) {
                    sizeVcpus(vm, problem.cpuIndex());
                }
                if (problem.memoryIndex() != FleetProblem.MISSING) {
                    sizeMemory(vm, problem.memoryIndex());
                }
            }
            return new Sizing(advice, unresolved, optedOut, withoutForecast, tooYoung);
        }

        private void sizeVcpus(int vm, int cpu) {
            double forecast = forecast(cpu, vm, problem.horizon().riskLevel());
            double observed = observed(cpu, vm);
            if (forecast < 0 && observed < 0) {
                withoutForecast++;
                return;
            }
            double need = Math.max(forecast, observed);
            int current = problem.vcpus(vm);
            int fitting = (int) Math.max(1, ceil(need / policy.targetUtilisation()));
            if (need > policy.highUtilisation() * current) {
                boolean saturated = need >= policy.saturation() * current;
                int wanted =
                        saturated
                                ? Math.max(fitting, ceil(policy.saturationGrowth() * current))
                                : fitting;
                if (wanted > current) {
                    growVcpus(vm, cpu, need, saturated, wanted);
                }
            } else if (need < policy.lowUtilisation() * current && fitting < current) {
                shrinkVcpus(vm, cpu, need, fitting);
            }
        }

        private void growVcpus(int vm, int cpu, double need, boolean saturated, int wanted) {
            int host = problem.hostOf(vm);
            int current = problem.vcpus(vm);
            var reasons = new ArrayList<Reason>();
            double utilisation = need / current;
            reasons.add(
                    Reason.of(
                            saturated ? Code.CPU_SATURATED : Code.CPU_UNDER_PROVISIONED,
                            List.of(
                                    new Figure("peak-cpu", need, "cores"),
                                    new Figure("vcpus", current, "vcpus")),
                            "vm %s needs %.2f cores at its peak, %.0f %% of its %d vCPUs%s",
                            problem.vmId(vm),
                            need,
                            100 * utilisation,
                            current,
                            saturated ? "; it may need more than can be seen" : ""));
            int given = Math.min(wanted, problem.maxVcpus(vm));
            if (given < wanted) {
                reasons.add(
                        limit(Code.HOT_ADD_MAXIMUM, wanted, given, "vCPUs", "its hot-add maximum"));
            }
            double room =
                    Math.min(
                            Math.floor(problem.capacity(cpu, host)),
                            current + Math.floor(room(cpu, vm)));
            if (room < given) {
                reasons.add(limit(Code.HOST_ROOM, given, room, "vCPUs", "room on its host"));
                given = (int) Math.max(current, room);
            }
            if (given <= current) {
                unresolved.add(new Unresolved(problem.vmId(vm), reasons));
                return;
            }
            promised[cell(cpu, vm)] += given - current;
            noteMissingForecast(cpu, vm, reasons);
            advice.add(
                    new Advice.SetVcpus(
                            vm,
                            problem.vmId(vm),
                            host,
                            problem.hostId(host),
                            current,
                            given,
                            true,
                            growthGrounds(
                                    cpu,
                                    vm,
                                    current,
                                    given,
                                    reasons,
                                    new Figure(Figure.VCPUS_ADDED, given - current, "vcpus"))));
        }

        private void shrinkVcpus(int vm, int cpu, double need, int fitting) {
            int current = problem.vcpus(vm);
            if (!mayShrink(cpu, vm)) {
                return;
            }
            int least = Math.max(1, ceil(current * (1 - policy.largestShrink())));
            int given = Math.max(fitting, least);
            if (given >= current) {
                return;
            }
            var reasons = new ArrayList<Reason>();
            reasons.add(
                    Reason.of(
                            Code.CPU_OVER_PROVISIONED,
                            List.of(
                                    new Figure("peak-cpu", need, "cores"),
                                    new Figure("vcpus", current, "vcpus")),
                            "vm %s needs only %.2f cores at its peak, %.0f %% of its %d vCPUs",
                            problem.vmId(vm),
                            need,
                            100 * need / current,
                            current));
            if (given > fitting) {
                reasons.add(limit(Code.STEP_LIMIT, fitting, given, "vCPUs", "the largest step"));
            }
            reasons.add(
                    Reason.of(
                            Code.VCPU_UNPLUG_UNRELIABLE,
                            List.of(),
                            "taking vCPUs from a running guest may fail; verify by reading back, or"
                                    + " use CPU shares"));
            advice.add(
                    new Advice.SetVcpus(
                            vm,
                            problem.vmId(vm),
                            problem.hostOf(vm),
                            problem.hostId(problem.hostOf(vm)),
                            current,
                            given,
                            false,
                            shrinkGrounds(
                                    cpu,
                                    vm,
                                    current,
                                    given,
                                    policy.unplugConfidence(),
                                    reasons,
                                    new Figure(Figure.VCPUS_FREED, current - given, "vcpus"))));
        }

        private void sizeMemory(int vm, int memory) {
            var levels = problem.horizon().quantileLevels();
            double forecast = forecast(memory, vm, levels.get(levels.size() - 1));
            double observed = observed(memory, vm);
            if (forecast < 0 && observed < 0) {
                withoutForecast++;
                return;
            }
            double workingSet = Math.max(forecast, observed);
            long current = problem.memoryBytes(vm);
            double floor = policy.memoryFloor(workingSet);
            long fitting =
                    stepUp(Math.max(workingSet / policy.targetUtilisation(), Math.max(1, floor)));
            if (workingSet > policy.highUtilisation() * current || floor > current) {
                growMemory(vm, memory, workingSet, fitting);
            } else if (workingSet < policy.lowUtilisation() * current && fitting < current) {
                shrinkMemory(vm, memory, workingSet, fitting);
            }
        }

        private void growMemory(int vm, int memory, double workingSet, long wanted) {
            int host = problem.hostOf(vm);
            long current = problem.memoryBytes(vm);
            var reasons = new ArrayList<Reason>();
            reasons.add(
                    Reason.of(
                            Code.MEMORY_UNDER_PROVISIONED,
                            List.of(
                                    Figure.bytes("working-set", workingSet),
                                    Figure.bytes("memory", current)),
                            "vm %s has a working set of %.0f MiB in %.0f MiB of memory, %.0f %%",
                            problem.vmId(vm),
                            mib(workingSet),
                            mib(current),
                            100 * workingSet / current));
            long given = Math.min(wanted, problem.maxMemoryBytes(vm));
            if (given < wanted) {
                reasons.add(
                        limit(Code.HOT_ADD_MAXIMUM, wanted, given, "bytes", "its hot-add maximum"));
            }
            double room =
                    Math.min(
                            Math.floor(problem.capacity(memory, host)),
                            current + Math.floor(room(memory, vm)));
            if (room < given) {
                reasons.add(limit(Code.HOST_ROOM, given, room, "bytes", "room on its host"));
                given = (long) room / policy.memoryStepBytes() * policy.memoryStepBytes();
            }
            if (given <= current) {
                unresolved.add(new Unresolved(problem.vmId(vm), reasons));
                return;
            }
            promised[cell(memory, vm)] += given - current;
            noteMissingForecast(memory, vm, reasons);
            advice.add(
                    new Advice.SetMemory(
                            vm,
                            problem.vmId(vm),
                            host,
                            problem.hostId(host),
                            current,
                            given,
                            growthGrounds(
                                    memory,
                                    vm,
                                    current,
                                    given,
                                    reasons,
                                    Figure.bytes(Figure.MEMORY_ADDED, given - current))));
        }

        private void shrinkMemory(int vm, int memory, double workingSet, long fitting) {
            if (!mayShrink(memory, vm)) {
                return;
            }
            long current = problem.memoryBytes(vm);
            long given = Math.max(fitting, stepUp(current * (1 - policy.largestShrink())));
            if (given >= current) {
                return;
            }
            var reasons = new ArrayList<Reason>();
            reasons.add(
                    Reason.of(
                            Code.MEMORY_OVER_PROVISIONED,
                            List.of(
                                    Figure.bytes("working-set", workingSet),
                                    Figure.bytes("memory", current)),
                            "vm %s has a working set of %.0f MiB in %.0f MiB of memory, %.0f %%",
                            problem.vmId(vm),
                            mib(workingSet),
                            mib(current),
                            100 * workingSet / current));
            if (given > fitting) {
                reasons.add(limit(Code.STEP_LIMIT, fitting, given, "bytes", "the largest step"));
            }
            double floor = policy.memoryFloor(workingSet);
            if (floor > workingSet / policy.targetUtilisation()) {
                reasons.add(
                        Reason.of(
                                Code.WORKING_SET_FLOOR,
                                List.of(Figure.bytes("floor", floor)),
                                "its working set and margin of %.0f MiB are kept",
                                mib(floor)));
            }
            advice.add(
                    new Advice.SetMemory(
                            vm,
                            problem.vmId(vm),
                            problem.hostOf(vm),
                            problem.hostId(problem.hostOf(vm)),
                            current,
                            given,
                            shrinkGrounds(
                                    memory,
                                    vm,
                                    current,
                                    given,
                                    1,
                                    reasons,
                                    Figure.bytes(Figure.MEMORY_FREED, current - given))));
        }

        /// Confidence in growth is the probability that the present size is too small.
        private Grounds growthGrounds(
                int resource, int vm, double from, double to, List<Reason> reasons, Figure cost) {
            double high = policy.highUtilisation();
            double forecastRisk = riskAbove(resource, vm, high * from);
            double confidence =
                    observed(resource, vm) >= high * from
                            ? Math.max(forecastRisk, policy.observedConfidence())
                            : forecastRisk;
            double hours =
                    problem.expectedHoursAbove(resource, vm, high * from)
                            - problem.expectedHoursAbove(resource, vm, high * to);
            return new Grounds(
                    Math.clamp(confidence, 0, 1),
                    reasons,
                    List.of(cost, Figure.seconds(Figure.DURATION, policy.settleSeconds())),
                    List.of(
                            Figure.hours(Figure.OVERLOAD_HOURS_AVOIDED, hours),
                            Figure.probability(Figure.RISK_BEFORE, confidence),
                            Figure.probability(
                                    Figure.RISK_AFTER, riskAbove(resource, vm, high * to))));
        }

        /// Confidence in a cut is the probability that the smaller size suffices.
        private Grounds shrinkGrounds(
                int resource,
                int vm,
                double from,
                double to,
                double reliability,
                List<Reason> reasons,
                Figure benefit) {
            double high = policy.highUtilisation();
            double riskAfter = riskAbove(resource, vm, high * to);
            return new Grounds(
                    Math.clamp((1 - riskAfter) * reliability, 0, 1),
                    reasons,
                    List.of(
                            Figure.seconds(Figure.DURATION, policy.settleSeconds()),
                            Figure.probability(
                                    Figure.RISK_BEFORE, riskAbove(resource, vm, high * from)),
                            Figure.probability(Figure.RISK_AFTER, riskAfter)),
                    List.of(benefit));
        }

        private double riskAbove(int resource, int vm, double threshold) {
            return problem.hasForecast(resource, vm)
                    ? problem.exceedProbability(resource, vm, threshold)
                    : 0;
        }

        private boolean mayShrink(int resource, int vm) {
            boolean young = problem.historyHours(vm) < policy.minimumHistoryHours();
            tooYoung += young ? 1 : 0;
            return !young && problem.hasForecast(resource, vm); // use now says nothing of the peak
        }

        /// Room for growth left on this vm's host; negative where it is over its limit already.
        private double room(int resource, int vm) {
            return problem.allocationLimit(resource, problem.hostOf(vm))
                    - promised[cell(resource, vm)];
        }

        private int cell(int resource, int vm) {
            return resource * problem.hostCount() + problem.hostOf(vm);
        }

        private double forecast(int resource, int vm, double level) {
            return problem.hasForecast(resource, vm)
                    ? problem.demandQuantile(resource, vm, level)
                    : FleetProblem.MISSING;
        }

        private double observed(int resource, int vm) {
            double observed = problem.observed(resource, vm);
            return Double.isNaN(observed) ? FleetProblem.MISSING : observed;
        }

        private void noteMissingForecast(int resource, int vm, List<Reason> reasons) {
            if (!problem.hasForecast(resource, vm)) {
                reasons.add(
                        Reason.of(
                                Code.NO_FORECAST,
                                List.of(),
                                "there is no forecast; this rests on present use alone"));
            }
        }

        private static Reason limit(
                Code code, double wanted, double given, String unit, String what) {
            return Reason.of(
                    code,
                    List.of(new Figure("wanted", wanted, unit), new Figure("limit", given, unit)),
                    "%.0f %s would suit it, but %s allows %.0f",
                    wanted,
                    unit,
                    what,
                    given);
        }

        private long stepUp(double bytes) {
            long step = policy.memoryStepBytes();
            return (long) Math.ceil(bytes / step) * step;
        }

        private static int ceil(double value) {
            return (int) Math.ceil(value - 1e-6); // float forecasts must not cost a vCPU
        }

        private static double mib(double bytes) {
            return bytes / (1L << 20);
        }
    }
}
