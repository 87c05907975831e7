package io.novacron.solver;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Answers placement requests from a [PlacementIndex] with memory that it reuses: [#search]
/// allocates nothing once it has seen the largest index, [#place] only its answer. One thread each.
///
/// Checks run word by word in the order of [Rejection], each on the hosts that are left, so a host
/// is counted under the first reason that speaks against it. What is left is scored, and the best
/// are kept in a small sorted table.
public final class Placer {
    private static final Rejection[] BIT_CHECKS = {
        Rejection.OPTED_OUT,
        Rejection.CORDONED,
        Rejection.LABEL,
        Rejection.AFFINITY,
        Rejection.ANTI_AFFINITY
    };

    private final int[] bitRejections = new int[BIT_CHECKS.length];
    private final int[] bestHosts = new int[PlacementRequest.RESULT_LIMIT];
    private final double[] bestScores = new double[PlacementRequest.RESULT_LIMIT];
    private int[] capacityRejections = {};
    private int[] safetyRejections = {};
    private double[] size = {};
    private double[] peak = {};
    private long[] labelBits = {};
    private long[] affinityBits = {};
    private long[] apartBits = {};
    private long[] memberBits = {};
    private int limit;
    private int found;
    private int accepted;

    /// Searches and writes the answer down, with reasons.
    ///
    /// @throws InvalidInputException if the request refers to a vm, group or resource that is not
    ///   there
    public Placement place(PlacementIndex index, PlacementRequest request) {
        search(index, request);
        var candidates = new ArrayList<Placement.Candidate>(found);
        for (int rank = 0; rank < found; rank++) {
            candidates.add(describe(index, bestHosts[rank], bestScores[rank]));
        }
        return new Placement(candidates, rejected(index), accepted);
    }

    /// Searches and keeps the result here until the next search.
    ///
    /// @return how many hosts were found, up to the request's limit
    public int search(PlacementIndex index, PlacementRequest request) {
        index.check(request);
        prepare(index, request);
        for (int word = 0; word < index.words; word++) {
            long left = index.exists[word];
            left = keep(left, index.notOptedOut[word], 0);
            left = keep(left, index.notCordoned[word], 1);
            left = keep(left, labelBits[word], 2);
            left = keep(left, affinityBits[word], 3);
            left = keep(left, ~apartBits[word], 4);
            for (int resource = 0; resource < size.length && left != 0; resource++) {
                if (size[resource] > 0) {
                    int column = resource * index.paddedHosts + word * PlacementIndex.WORD;
                    long kept = atLeast(index.room, column, left, size[resource]);
                    capacityRejections[resource] += Long.bitCount(left & ~kept);
                    left = kept;
                }
            }
            for (int resource = 0; resource < size.length && left != 0; resource++) {
                if (peak[resource] > 0) {
                    int column = resource * index.paddedHosts + word * PlacementIndex.WORD;
                    long kept = atLeast(index.headroom, column, left, peak[resource]);
                    safetyRejections[resource] += Long.bitCount(left & ~kept);
                    left = kept;
                }
            }
            accepted += Long.bitCount(left);
            for (; left != 0; left &= left - 1) {
                int host = word * PlacementIndex.WORD + Long.numberOfTrailingZeros(left);
                offer(host, score(index, host));
            }
        }
        return found;
    }

    /// The host found at this rank, best first.
    public int host(int rank) {
        return bestHosts[checkRank(rank)];
    }

    public double score(int rank) {
        return bestScores[checkRank(rank)];
    }

    /// How many hosts would do, whether found or not.
    public int accepted() {
        return accepted;
    }

    private int checkRank(int rank) {
        if (rank < 0 || rank >= found) {
            throw new IndexOutOfBoundsException(
                    "rank=%s must be in [0, %s)".formatted(rank, found));
        }
        return rank;
    }

    private long keep(long left, long allowed, int check) {
        bitRejections[check] += Long.bitCount(left & ~allowed);
        return left & allowed;
    }

    /// Those of the hosts in `left` whose column value is at least `need`. The seam for a SIMD
    /// compare.
    private static long atLeast(double[] column, int first, long left, double need) {
        long kept = 0;
        for (int i = 0; i < PlacementIndex.WORD; i++) {
            kept |= (column[first + i] >= need ? 1L : 0L) << i;
        }
        return kept & left;
    }

    private void prepare(PlacementIndex index, PlacementRequest request) {
        int resources = index.problem.resourceCount;
        if (size.length != resources) {
            size = new double[resources];
            peak = new double[resources];
            capacityRejections = new int[resources];
            safetyRejections = new int[resources];
        }
        if (labelBits.length != index.words) {
            labelBits = new long[index.words];
            affinityBits = new long[index.words];
            apartBits = new long[index.words];
            memberBits = new long[index.words];
        }
        for (int resource = 0; resource < resources; resource++) {
            size[resource] = index.sizeOf(request, resource);
            peak[resource] = index.peakOf(request, resource);
        }
        Arrays.fill(bitRejections, 0);
        Arrays.fill(capacityRejections, 0);
        Arrays.fill(safetyRejections, 0);
        limit = request.limit();
        found = 0;
        accepted = 0;
        prepareLabels(index, request);
        prepareNeighbours(index, request);
    }

    private void prepareLabels(PlacementIndex index, PlacementRequest request) {
        Arrays.fill(labelBits, -1L);
        for (int i = 0; i < request.requiredLabels().size(); i++) {
            long[] hosts = index.hostsWithLabel(request.requiredLabels().get(i));
            for (int word = 0; word < labelBits.length; word++) {
                labelBits[word] &= hosts[word];
            }
        }
        for (int i = 0; i < request.excludedLabels().size(); i++) {
            long[] hosts = index.hostsWithLabel(request.excludedLabels().get(i));
            for (int word = 0; word < labelBits.length; word++) {
                labelBits[word] &= ~hosts[word];
            }
        }
    }

    private void prepareNeighbours(PlacementIndex index, PlacementRequest request) {
        FleetProblem problem = index.problem;
        Arrays.fill(affinityBits, -1L);
        Arrays.fill(apartBits, 0L);
        for (int i = 0; i < request.withVms().size(); i++) {
            Arrays.fill(memberBits, 0L);
            PlacementIndex.set(
                    memberBits, problem.hostOf[problem.vmIndex(request.withVms().get(i))]);
            keepMembers();
        }
        for (int i = 0; i < request.affinityGroups().size(); i++) {
            int group = index.affinityGroup(request.affinityGroups().get(i));
            if (problem.affinity.memberCount(group) > 0) {
                Arrays.fill(memberBits, 0L);
                setHosts(problem, problem.affinity, group, memberBits);
                keepMembers();
            }
        }
        for (int i = 0; i < request.apartFromVms().size(); i++) {
            PlacementIndex.set(
                    apartBits, problem.hostOf[problem.vmIndex(request.apartFromVms().get(i))]);
        }
        for (int i = 0; i < request.antiAffinityGroups().size(); i++) {
            int group = index.antiAffinityGroup(request.antiAffinityGroups().get(i));
            setHosts(problem, problem.antiAffinity, group, apartBits);
        }
    }

    private void keepMembers() {
        for (int word = 0; word < affinityBits.length; word++) {
            affinityBits[word] &= memberBits[word];
        }
    }

    private static void setHosts(FleetProblem problem, RuleGroups groups, int group, long[] bits) {
        for (int i = 0; i < groups.memberCount(group); i++) {
            PlacementIndex.set(bits, problem.hostOf[groups.member(group, i)]);
        }
    }

    private double score(PlacementIndex index, int host) {
        PlacementPolicy policy = index.policy;
        double sum =
                policy.contentionWeight() * contention(index, host)
                        + policy.shapeWeight() * shape(index, host)
                        + policy.packingWeight() * index.allocatedShare[host];
        return sum / policy.weightSum();
    }

    /// Room left below the safe load in the tightest resource, as a share of it.
    private double contention(PlacementIndex index, int host) {
        double least = 1;
        for (int resource = 0; resource < size.length; resource++) {
            double safe = index.problem.safeLoad(resource, host);
            if (safe > 0) {
                double left = index.headroom[resource * index.paddedHosts + host] - peak[resource];
                least = Math.min(least, left / safe);
            }
        }
        return Math.max(0, least);
    }

    /// One less the difference between the shares of the most and the least free resource.
    private double shape(PlacementIndex index, int host) {
        double least = 1;
        double most = 0;
        for (int resource = 0; resource < size.length; resource++) {
            double limit = index.problem.allocationLimit(resource, host);
            if (limit > 0 && size[resource] > 0) {
                double left = index.room[resource * index.paddedHosts + host] - size[resource];
                least = Math.min(least, left / limit);
                most = Math.max(most, left / limit);
            }
        }
        return 1 - Math.max(0, most - least);
    }

    /// Keeps the best in falling order of score. Hosts come in rising order, so that of hosts that
    /// are alike the first stays in front.
    private void offer(int host, double score) {
        if (found == limit && score <= bestScores[found - 1]) {
            return;
        }
        int place = found < limit ? found++ : found - 1;
        while (place > 0 && bestScores[place - 1] < score) {
            bestHosts[place] = bestHosts[place - 1];
            bestScores[place] = bestScores[place - 1];
            place--;
        }
        bestHosts[place] = host;
        bestScores[place] = score;
    }

    private List<Placement.Rejected> rejected(PlacementIndex index) {
        var rejected = new ArrayList<Placement.Rejected>();
        for (int check = 0; check < BIT_CHECKS.length; check++) {
            if (bitRejections[check] > 0) {
                rejected.add(new Placement.Rejected(BIT_CHECKS[check], null, bitRejections[check]));
            }
        }
        addByResource(index, rejected, Rejection.CAPACITY, capacityRejections);
        addByResource(index, rejected, Rejection.SAFETY_LEVEL, safetyRejections);
        return rejected;
    }

    private static void addByResource(
            PlacementIndex index, List<Placement.Rejected> into, Rejection reason, int[] counts) {
        for (int resource = 0; resource < counts.length; resource++) {
            if (counts[resource] > 0) {
                into.add(new Placement.Rejected(reason, index.nameOf(resource), counts[resource]));
            }
        }
    }

    private Placement.Candidate describe(PlacementIndex index, int host, double score) {
        FleetState state = index.state;
        double riskBefore = state.overloadProbability(host, null);
        double riskAfter = state.overloadProbability(host, peak);
        double hoursAdded = state.overloadHours(host, peak) - state.overloadHours(host, null);
        double contention = contention(index, host);
        double shape = shape(index, host);
        double packing = index.allocatedShare[host];
        var reasons =
                List.of(
                        Reason.of(
                                Reason.Code.CONTENTION,
                                List.of(Figure.share(Figure.HEADROOM, contention)),
                                "%.0f %% of the safe load stays free in the tightest resource",
                                100 * contention),
                        Reason.of(
                                Reason.Code.SHAPE,
                                List.of(Figure.share("shape", shape)),
                                "what stays free differs by %.0f %% between resources",
                                100 * (1 - shape)),
                        Reason.of(
                                Reason.Code.PACKING,
                                List.of(Figure.share("allocated", packing)),
                                "%.0f %% of the host is promised already",
                                100 * packing));
        return new Placement.Candidate(
                host,
                index.problem.hostId(host),
                score,
                new Grounds(
                        Math.clamp(1 - riskAfter, 0, 1),
                        reasons,
                        List.of(
                                Figure.hours(Figure.OVERLOAD_HOURS_ADDED, hoursAdded),
                                Figure.probability(Figure.RISK_BEFORE, riskBefore),
                                Figure.probability(Figure.RISK_AFTER, riskAfter)),
                        List.of(Figure.share(Figure.HEADROOM, contention))));
    }
}
