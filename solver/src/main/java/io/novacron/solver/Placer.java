package io.novacron.solver;

import io.novacron.solver.kernel.PlacementKernel;
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

    private final PlacementKernel kernel = PlacementKernel.best();
    private final int[] bitRejections = new int[BIT_CHECKS.length];
    private final int[] bestHosts = new int[PlacementRequest.RESULT_LIMIT];
    private final double[] bestScores = new double[PlacementRequest.RESULT_LIMIT];
    private final double[] scores = new double[PlacementIndex.WORD]; // of the word being scored
    private int[] capacityRejections = {};
    private int[] safetyRejections = {};
    private double[] size = {};
    private double[] peak = {};
    private double[] added = {};
    private PlacementKernel.Wish wish = new PlacementKernel.Wish(size, peak);
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
            HostBlock block = index.blocks[word];
            left = keepFitting(left, size, block.room, block.roomLeast, block.roomMost, true);
            left =
                    keepFitting(
                            left,
                            peak,
                            block.headroom,
                            block.headroomLeast,
                            block.headroomMost,
                            false);
            if (left != 0) {
                accepted += Long.bitCount(left);
                if (found < limit || block.bound(wish, index.weights) >= bestScores[found - 1]) {
                    kernel.score(block.columns, wish, index.weights, scores);
                    offer(block, left);
                }
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

    /// Keeps the hosts of a block whose value is at least what is needed of each resource.
    private long keepFitting(
            long candidates,
            double[] need,
            double[] column,
            double[] least,
            double[] most,
            boolean capacity) {
        long left = candidates;
        for (int resource = 0; resource < need.length && left != 0; resource++) {
            double needed = need[resource];
            if (needed > least[resource] && needed > 0) {
                long kept =
                        needed > most[resource]
                                ? 0
                                : left & kernel.atLeast(column, resource * HostBlock.LANES, needed);
                (capacity ? capacityRejections : safetyRejections)[resource] +=
                        Long.bitCount(left & ~kept);
                left = kept;
            }
        }
        return left;
    }

    private void prepare(PlacementIndex index, PlacementRequest request) {
        int resources = index.problem.resourceCount;
        if (size.length != resources) {
            size = new double[resources];
            peak = new double[resources];
            added = new double[resources];
            wish = new PlacementKernel.Wish(size, peak);
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
            index.setHost(memberBits, index.hostOfVm(request.withVms().get(i)));
            keepMembers();
        }
        for (int i = 0; i < request.affinityGroups().size(); i++) {
            int group = index.affinityGroup(request.affinityGroups().get(i));
            boolean promised = index.promises.inAffinity(request.affinityGroups().get(i));
            if (problem.affinity.memberCount(group) > 0 || promised) {
                Arrays.fill(memberBits, 0L);
                setHosts(index, problem.affinity, group, memberBits);
                index.promises.setAffinity(request.affinityGroups().get(i), index, memberBits);
                keepMembers();
            }
        }
        for (int i = 0; i < request.apartFromVms().size(); i++) {
            index.setHost(apartBits, index.hostOfVm(request.apartFromVms().get(i)));
        }
        for (int i = 0; i < request.antiAffinityGroups().size(); i++) {
            int group = index.antiAffinityGroup(request.antiAffinityGroups().get(i));
            setHosts(index, problem.antiAffinity, group, apartBits);
            index.promises.setAntiAffinity(request.antiAffinityGroups().get(i), index, apartBits);
        }
    }

    private void keepMembers() {
        for (int word = 0; word < affinityBits.length; word++) {
            affinityBits[word] &= memberBits[word];
        }
    }

    private static void setHosts(PlacementIndex index, RuleGroups groups, int group, long[] bits) {
        for (int i = 0; i < groups.memberCount(group); i++) {
            index.setHost(bits, index.problem.hostOf[groups.member(group, i)]);
        }
    }

    /// Keeps the best in falling order of score; of hosts that are alike the first goes in front.
    private void offer(HostBlock block, long wanted) {
        for (long left = wanted; left != 0; left &= left - 1) {
            int lane = Long.numberOfTrailingZeros(left);
            double score = scores[lane];
            if (found < limit || score >= bestScores[found - 1]) {
                offer(block.host(lane), score);
            }
        }
    }

    private void offer(int host, double score) {
        if (found == limit && !isBehind(found - 1, host, score)) {
            return;
        }
        int place = found < limit ? found++ : found - 1;
        while (place > 0 && isBehind(place - 1, host, score)) {
            bestHosts[place] = bestHosts[place - 1];
            bestScores[place] = bestScores[place - 1];
            place--;
        }
        bestHosts[place] = host;
        bestScores[place] = score;
    }

    private boolean isBehind(int place, int host, double score) {
        return bestScores[place] < score || (bestScores[place] == score && bestHosts[place] > host);
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
        HostBlock block = index.blockOf(host);
        int lane = index.laneOf(host);
        block.promisedPeak(lane, null, added);
        double riskBefore = state.overloadProbability(host, added);
        double hoursBefore = state.overloadHours(host, added);
        block.promisedPeak(lane, peak, added);
        double riskAfter = state.overloadProbability(host, added);
        double hoursAdded = state.overloadHours(host, added) - hoursBefore;
        double free = PlacementKernel.contention(block.columns, wish, lane);
        double balance = PlacementKernel.shape(block.columns, wish, lane);
        double packing = block.columns.allocatedShare()[lane];
        var reasons =
                List.of(
                        reason(
                                Reason.Code.CONTENTION,
                                Figure.HEADROOM,
                                free,
                                percent(free)
                                        + " of the safe load stays free in the tightest resource"),
                        reason(
                                Reason.Code.SHAPE,
                                "shape",
                                balance,
                                "what stays free differs by "
                                        + percent(1 - balance)
                                        + " between resources"),
                        reason(
                                Reason.Code.PACKING,
                                "allocated",
                                packing,
                                percent(packing) + " of the host is promised already"));
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
                        List.of(Figure.share(Figure.HEADROOM, free))));
    }

    private static Reason reason(Reason.Code code, String figure, double share, String text) {
        return new Reason(code, text, List.of(Figure.share(figure, share)));
    }

    private static String percent(double share) {
        return Math.round(100 * share) + " %";
    }
}
