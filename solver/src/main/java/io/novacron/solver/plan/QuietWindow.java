package io.novacron.solver.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A stretch of time in which little is used, for work that disturbs.
///
/// @param from first step
/// @param length in steps
/// @param peak highest predicted use in it
/// @param mean of the predicted use in it
public record QuietWindow(int from, int length, double peak, double mean) {

    /// The quietest windows that do not overlap: lowest peak first, then lowest mean, then the
    /// earliest. A window with a step of which nothing is predicted is none.
    ///
    /// @param predicted use by step; NaN where nothing is predicted
    /// @param length steps that the work takes, at least one
    /// @param most windows to answer with
    public static List<QuietWindow> quietest(double[] predicted, int length, int most) {
        if (length < 1) {
            throw new IllegalArgumentException("length=%d must be at least 1".formatted(length));
        }
        List<QuietWindow> all = new ArrayList<>();
        for (int from = 0; from + length <= predicted.length; from++) {
            double peak = 0;
            double sum = 0;
            for (int step = from; step < from + length; step++) {
                peak = Math.max(peak, predicted[step]); // NaN if any is
                sum += predicted[step];
            }
            if (!Double.isNaN(peak)) {
                all.add(new QuietWindow(from, length, peak, sum / length));
            }
        }
        all.sort(
                Comparator.comparingDouble(QuietWindow::peak)
                        .thenComparingDouble(QuietWindow::mean)
                        .thenComparingInt(QuietWindow::from));
        List<QuietWindow> chosen = new ArrayList<>();
        for (QuietWindow window : all) {
            if (chosen.size() < most
                    && chosen.stream()
                            .allMatch(other -> Math.abs(other.from - window.from) >= length)) {
                chosen.add(window);
            }
        }
        return List.copyOf(chosen);
    }
}
