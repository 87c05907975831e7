package io.novacron.solver.scaling;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How many starts can be in time at most: a maximum flow from starts over the places of each group
/// in each interval to the places of each interval, by augmenting paths. For tests.
final class MostInTime {
    private final List<int[]> edges = new ArrayList<>(); // from, to, left; back edges at i ^ 1
    private int nodes = 2; // source and sink

    MostInTime(
            Pace pace,
            StartSchedule schedule,
            List<ScalingGroup> groups,
            Map<ScalingGroup, double[]> latest,
            int started) {
        int intervals = 12;
        int first = nodes;
        nodes += intervals;
        for (int i = 0; i < intervals; i++) {
            edge(first + i, 1, Math.max(0, pace.starts() - (i == 0 ? started : 0)));
        }
        for (ScalingGroup group : groups) {
            int places = nodes;
            nodes += intervals;
            for (int i = 0; i < intervals; i++) {
                int room = group.policy().mostAdded() - (i == 0 ? group.startedInInterval() : 0);
                edge(places + i, first + i, Math.max(0, room));
            }
            for (double time : latest.getOrDefault(group, new double[0])) {
                int start = nodes++;
                edge(0, start, 1);
                for (int i = 0; i < intervals; i++) {
                    if (schedule.timeIn(group, i) <= time) {
                        edge(start, places + i, 1);
                    }
                }
            }
        }
    }

    private void edge(int from, int to, int room) {
        edges.add(new int[] {from, to, room});
        edges.add(new int[] {to, from, 0});
    }

    long count() {
        long count = 0;
        while (augment(0, new boolean[nodes])) {
            count++;
        }
        return count;
    }

    private boolean augment(int node, boolean[] seen) {
        if (node == 1) {
            return true;
        }
        seen[node] = true;
        for (int i = 0; i < edges.size(); i++) {
            int[] edge = edges.get(i);
            if (edge[0] == node && edge[2] > 0 && !seen[edge[1]] && augment(edge[1], seen)) {
                edge[2]--;
                edges.get(i ^ 1)[2]++;
                return true;
            }
        }
        return false;
    }
}
