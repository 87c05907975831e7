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
    // Of the word being scored, by lane.
    private final double[] contention = new double[PlacementIndex.WORD]; // room in the tightest
    private final double[] least = new double[PlacementIndex.WORD]; // share left, of any resource
    private final double[] most = new double[PlacementIndex.WORD];
    private final double[] shape = new double[PlacementIndex.WORD]; // one less their difference
    private final double[] scores = new double[PlacementIndex.WORD];
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
                int block = resource * index.words + word;
                if (size[resource] > index.roomLeast[block] && size[resource] > 0) {
                    long kept =
                            size[resource] > index.roomMost[block]
                                    ? 0
                                    : atLeast(index.room, index, resource, word, size[resource]);
                    capacityRejections[resource] += Long.bitCount(left & ~kept);
                    left &= kept;
                }
            }
            for (int resource = 0; resource < size.length && left != 0; resource++) {
                int block = resource * index.words + word;
                if (peak[resource] > index.headroomLeast[block] && peak[resource] > 0) {
                    long kept =
                            peak[resource] > index.headroomMost[block]
                                    ? 0
                                    : atLeast(
                                            index.headroom, index, resource, word, peak[resource]);
                    safetyRejections[resource] += Long.bitCount(left & ~kept);
                    left &= kept;
                }
            }
            if (left != 0) {
                accepted += Long.bitCount(left);
                score(index, word);
                for (; left != 0; left &= left - 1) {
                    int lane = Long.numberOfTrailingZeros(left);
                    offer(word * PlacementIndex.WORD + lane, scores[lane]);
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

    /// The hosts of a word whose column value is at least `need`. The seam for a SIMD compare.
    private static long atLeast(
            double[] column, PlacementIndex index, int resource, int word, double need) {
        int first = resource * index.paddedHosts + word * PlacementIndex.WORD;
        long kept = 0;
        for (int lane = 0; lane < PlacementIndex.WORD; lane++) {
            kept |= (column[first + lane] >= need ? 1L : 0L) << lane;
        }
        return kept;
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

    /// Scores the 64 hosts of a word, wanted or not, term by term.
    private void score(PlacementIndex index, int word) {
        int firstHost = word * PlacementIndex.WORD;
        Arrays.fill(contention, 1);
        Arrays.fill(least, 1);
        Arrays.fill(most, 0);
        for (int resource = 0; resource < size.length; resource++) {
            int first = resource * index.paddedHosts + firstHost;
            double peakHere = peak[resource];
            for (int lane = 0; lane < PlacementIndex.WORD; lane++) {
                double left =
                        index.headroomShare[first + lane] - peakHere * index.perSafe[first + lane];
                contention[lane] = Math.min(contention[lane], left);
            }
            double sizeHere = size[resource];
            if (sizeHere > 0) {
                for (int lane = 0; lane < PlacementIndex.WORD; lane++) {
                    double left =
                            index.roomShare[first + lane] - sizeHere * index.perLimit[first + lane];
                    least[lane] = Math.min(least[lane], left);
                    most[lane] = Math.max(most[lane], left);
                }
            }
        }
        double contentionWeight = index.policy.contentionWeight() / index.policy.weightSum();
        double shapeWeight = index.policy.shapeWeight() / index.policy.weightSum();
        double packingWeight = index.policy.packingWeight() / index.policy.weightSum();
        for (int lane = 0; lane < PlacementIndex.WORD; lane++) {
            contention[lane] = Math.max(0, contention[lane]);
            shape[lane] = 1 - Math.max(0, most[lane] - least[lane]);
            scores[lane] =
                    contentionWeight * contention[lane]
                            + shapeWeight * shape[lane]
                            + packingWeight * index.allocatedShare[firstHost + lane];
        }
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
        score(index, host / PlacementIndex.WORD);
        double free = contention[host % PlacementIndex.WORD];
        double balance = shape[host % PlacementIndex.WORD];
        double packing = index.allocatedShare[host];
        var reasons =
                List.of(
                        Reason.of(
                                Reason.Code.CONTENTION,
                                List.of(Figure.share(Figure.HEADROOM, free)),
                                "%.0f %% of the safe load stays free in the tightest resource",
                                100 * free),
                        Reason.of(
                                Reason.Code.SHAPE,
                                List.of(Figure.share("shape", balance)),
                                "what stays free differs by %.0f %% between resources",
                                100 * (1 - balance)),
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
                        List.of(Figure.share(Figure.HEADROOM, free))));
    }
}
