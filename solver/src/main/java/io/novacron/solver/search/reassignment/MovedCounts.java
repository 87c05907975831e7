package io.novacron.solver.search.reassignment;

/// How many processes of each service are away from home, and the most of any service.
final class MovedCounts {
    private final int[] moved; // by service
    private final int[] servicesWith; // how many services have so many moved
    private int most;

    /// @param largest the number of processes of the largest service
    MovedCounts(int services, int largest) {
        moved = new int[services];
        servicesWith = new int[largest + 2];
        servicesWith[0] = services;
    }

    int most() {
        return most;
    }

    void add(int service, int step) {
        servicesWith[moved[service]]--;
        moved[service] += step;
        servicesWith[moved[service]]++;
        most = Math.max(most, moved[service]);
        while (most > 0 && servicesWith[most] == 0) {
            most--;
        }
    }

    /// The most of any service if one had that many more.
    ///
    /// @param step how many, negative for less
    int mostWith(int service, int step) {
        int reached = moved[service] + step;
        if (reached >= most) {
            return reached;
        }
        int left = most;
        int without = moved[service];
        while (left > reached && servicesWith[left] - (left == without ? 1 : 0) == 0) {
            left--;
        }
        return left;
    }

    /// The same for steps of two services, which may be the same one.
    int mostWith(int service, int step, int other, int otherStep) {
        if (service == other) {
            return mostWith(service, step + otherStep);
        }
        int reached = moved[service] + step;
        int otherReached = moved[other] + otherStep;
        int mostReached = Math.max(reached, otherReached);
        if (mostReached >= most) {
            return mostReached;
        }
        int stillMost = servicesWith[most];
        if (moved[service] == most) {
            stillMost--;
        }
        if (moved[other] == most) {
            stillMost--;
        }
        return stillMost > 0 ? most : most - 1; // one that had most had one step down
    }
}
