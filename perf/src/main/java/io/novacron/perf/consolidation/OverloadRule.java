package io.novacron.perf.consolidation;

/// Whether a host is overloaded, by CloudSim's THR and LR.
sealed interface OverloadRule {
    /// Whether vms should leave a host.
    ///
    /// @param asked what its vms ask for now, as a share of the host
    /// @param shares newest first, what its vms asked for at each step; zeros where there is no
    ///   more past
    boolean isOverloaded(double asked, double[] shares);

    /// A fixed threshold.
    record Threshold(double limit) implements OverloadRule {
        @Override
        public boolean isOverloaded(double asked, double[] shares) {
            return asked > limit;
        }
    }

    /// A straight line through the last ten shares by least squares, one interval ahead, times a
    /// safety factor. CloudSim calls it local regression, but its weights never apply. Until there
    /// are ten shares, a threshold.
    record Regression(double safety, Threshold before) implements OverloadRule {
        private static final int POINTS = 10;

        /// With CloudSim's threshold for the beginning.
        Regression(double safety) {
            this(safety, new Threshold(0.7));
        }

        @Override
        public boolean isOverloaded(double asked, double[] shares) {
            int length = shares.length;
            while (length > 0 && shares[length - 1] == 0) {
                length--;
            }
            if (length < POINTS) {
                return before.isOverloaded(asked, shares);
            }
            double meanX = 0;
            double meanY = 0;
            double sumXx = 0;
            double sumXy = 0;
            double sumX = 0;
            double sumY = 0;
            for (int i = 0; i < POINTS; i++) {
                double x = i + 1.0;
                double y = shares[POINTS - 1 - i];
                if (i == 0) {
                    meanX = x;
                    meanY = y;
                } else {
                    double weight = i / (1.0 + i);
                    double fromMeanX = x - meanX;
                    double fromMeanY = y - meanY;
                    sumXx += fromMeanX * fromMeanX * weight;
                    sumXy += fromMeanX * fromMeanY * weight;
                    meanX += fromMeanX / (1.0 + i);
                    meanY += fromMeanY / (1.0 + i);
                }
                sumX += x;
                sumY += y;
            }
            double slope = sumXy / sumXx;
            double intercept = (sumY - slope * sumX) / POINTS;
            return (intercept + slope * (POINTS + 1)) * safety >= 1;
        }
    }
}
