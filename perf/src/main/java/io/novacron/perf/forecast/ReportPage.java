package io.novacron.perf.forecast;

import io.novacron.inference.Quantiles;
import io.novacron.inference.member.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// One self-contained HTML page about a run: fan charts of typical, best and worst vms, the
/// calibration curve, and the error by horizon and model. No scripts, nothing loaded from
/// elsewhere.
final class ReportPage {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 200;
    private static final int MARGIN = 34;
    private static final int MIN_POINTS = 10;
    private static final int CHARTS_EACH = 2;

    private final StringBuilder html = new StringBuilder();
    private final RollingRun run;
    private final List<Judgement> judgements;
    private final List<Horizon> horizons;

    /// @param run whose vms are drawn
    /// @param judgements of all runs together
    ReportPage(RollingRun run, List<Judgement> judgements, List<Horizon> horizons) {
        this.run = run;
        this.judgements = judgements;
        this.horizons = horizons;
    }

    String html() {
        html.setLength(0);
        html.append(
                """
                <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Forecasts</title><style>
                body{font:14px system-ui,sans-serif;margin:24px;max-width:920px;color:#222}
                table{border-collapse:collapse}td,th{padding:2px 10px;text-align:right;font-variant-numeric:tabular-nums}
                th:first-child,td:first-child{text-align:left}tr.us{font-weight:bold}td.best{background:#d9efe0}
                svg{background:#fafafa;display:block;margin:4px 0 18px}text{font-size:11px;fill:#555}
                </style></head><body>
                """);
        line("<h1>Forecasts of %s</h1>", escape(run.series().metric()));
        errors();
        calibration();
        fans();
        return html.append("</body></html>\n").toString();
    }

    private void errors() {
        line(
                "<h2>Error by horizon and model</h2><p>WAPE: the sum of errors by the sum of values.</p>");
        for (Judgement judgement : judgements) {
            List<Integer> judged = new ArrayList<>();
            for (int h = 0; h < horizons.size(); h++) {
                if (judgement.score(h).count() > 0) {
                    judged.add(h);
                }
            }
            line("<h3>%s</h3><table><tr><th>model</th>", judgement.level().label());
            judged.forEach(h -> line("<th>%s</th>", horizons.get(h).name()));
            line("</tr><tr class=\"us\"><td>ensemble</td>");
            judged.forEach(h -> line("<td>%.3f</td>", judgement.score(h).wape()));
            line("</tr>");
            for (int member = 0; member < judgement.members().size(); member++) {
                int one = member;
                line("<tr><td>%s</td>", judgement.members().get(member));
                judged.forEach(h ->
                        line(
                                "<td%s>%.3f</td>",
                                isBest(judgement, h, one) ? " class=\"best\"" : "",
                                judgement.score(h).memberWape(one)));
                line("</tr>");
            }
            line("</table>");
        }
    }

    private static boolean isBest(Judgement judgement, int horizon, int member) {
        double mine = judgement.score(horizon).memberWape(member);
        for (int other = 0; other < judgement.members().size(); other++) {
            if (judgement.score(horizon).memberWape(other) < mine) {
                return false;
            }
        }
        return true;
    }

    private void calibration() {
        int size = 260;
        line(
                "<h2>Calibration</h2><p>Share of outcomes at or below each quantile; on the"
                        + " diagonal it is as promised. Vms that stand still lie above it.</p>");
        line("<svg width=\"%d\" height=\"%d\">", size + 160, size + 20);
        line(
                "<line x1=\"10\" y1=\"%d\" x2=\"%d\" y2=\"10\" stroke=\"#bbb\"/>",
                size + 10, size + 10);
        Judgement vms = judgements.getFirst();
        for (int h = 0; h < horizons.size(); h++) {
            if (vms.score(h).count() == 0) {
                continue;
            }
            String colour = "hsl(%d 60%% 40%%)".formatted(h * 67 % 360);
            var points = new StringBuilder();
            for (int level = 0; level < Quantiles.COUNT; level++) {
                points.append(
                        format(
                                "%.1f,%.1f ",
                                10 + size * Quantiles.level(level),
                                10 + size * (1 - vms.score(h).shareBelow(level))));
            }
            line("<polyline fill=\"none\" stroke=\"%s\" points=\"%s\"/>", colour, points);
            line(
                    "<text x=\"%d\" y=\"%d\" style=\"fill:%s\">%s: 80 %% covers %.1f %%</text>",
                    size + 16,
                    24 + 16 * h,
                    colour,
                    horizons.get(h).name(),
                    100 * vms.score(h).coverage80());
        }
        line("</svg>");
    }

    /// A vm and the WAPE of what is drawn of it.
    private record Ranked(int index, double wape) {}

    private void fans() {
        List<Ranked> ranked = ranked();
        line(
                "<h2>Fans</h2><p>%s ahead: the black line is what came, the bands are 80, 60, 40 and"
                        + " 20 %% intervals, the green line is the median.</p>",
                horizons.get(run.log().target()).name());
        int count = ranked.size();
        for (int i = 0; i < Math.min(CHARTS_EACH, count); i++) {
            fan("typical", ranked.get(Math.min(count - 1, count / 2 + i)));
        }
        for (int i = 0; i < Math.min(CHARTS_EACH, count); i++) {
            fan("best", ranked.get(i));
        }
        for (int i = 0; i < Math.min(CHARTS_EACH, count); i++) {
            fan("worst", ranked.get(count - 1 - i));
        }
    }

    /// Vms that move and have been judged often enough, the best forecast first.
    private List<Ranked> ranked() {
        List<Ranked> ranked = new ArrayList<>();
        for (int index = 0; index < run.series().count(); index++) {
            double errors = 0;
            double actuals = 0;
            int count = 0;
            for (int at = 0; at < run.log().size(); at++) {
                float actual = actual(at, index);
                float median = run.log().quantile(at, index, Quantiles.MEDIAN);
                if (Float.isFinite(actual) && Float.isFinite(median)) {
                    errors += Math.abs(actual - median);
                    actuals += Math.abs(actual);
                    count++;
                }
            }
            if (count >= MIN_POINTS && errors > 0 && actuals > 0) {
                ranked.add(new Ranked(index, errors / actuals));
            }
        }
        ranked.sort(Comparator.comparingDouble(Ranked::wape));
        return ranked;
    }

    private float actual(int at, int index) {
        Target target = horizons.get(run.log().target()).target();
        return run.series().outcome(target, run.log().origin(at), index);
    }

    private void fan(String kind, Ranked vm) {
        double most = 0;
        for (int at = 0; at < run.log().size(); at++) {
            most = Math.max(most, finite(actual(at, vm.index())));
            most = Math.max(most, finite(run.log().quantile(at, vm.index(), 7)));
        }
        double top = most > 0 ? most * 1.05 : 1;
        line(
                "<h4>%s: %s, WAPE %.3f</h4><svg width=\"%d\" height=\"%d\">",
                kind, escape(run.series().names().get(vm.index())), vm.wape(), WIDTH, HEIGHT);
        for (int band = 0; band < Quantiles.MEDIAN; band++) {
            line(
                    "<polygon fill=\"hsl(150 45%% %d%%)\" points=\"%s\"/>",
                    90 - 9 * band, outline(vm.index(), band, top));
        }
        line(
                "<polyline fill=\"none\" stroke=\"#0a6b35\" points=\"%s\"/>",
                path(vm.index(), Quantiles.MEDIAN, top, false));
        line(
                "<polyline fill=\"none\" stroke=\"#111\" stroke-width=\".8\" points=\"%s\"/>",
                path(vm.index(), -1, top, false));
        line(
                "<text x=\"2\" y=\"12\">%.4g</text><text x=\"2\" y=\"%d\">0</text></svg>",
                top, HEIGHT - 4);
    }

    private String outline(int index, int band, double top) {
        return path(index, band, top, false) + path(index, Quantiles.COUNT - 1 - band, top, true);
    }

    /// Points of one quantile over time, of the actual values for level -1.
    private String path(int index, int level, double top, boolean backwards) {
        var points = new StringBuilder();
        int size = run.log().size();
        for (int i = 0; i < size; i++) {
            int at = backwards ? size - 1 - i : i;
            float value = level < 0 ? actual(at, index) : run.log().quantile(at, index, level);
            if (Float.isFinite(value)) {
                double x = MARGIN + (double) at * (WIDTH - MARGIN) / Math.max(1, size - 1);
                double y = HEIGHT - Math.min(1, value / top) * HEIGHT;
                points.append(format("%.1f,%.1f ", x, y));
            }
        }
        return points.toString();
    }

    private static double finite(float value) {
        return Float.isFinite(value) ? value : 0;
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private void line(String text, Object... values) {
        html.append(values.length == 0 ? text.replace("%%", "%") : format(text, values));
    }

    private static String format(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }
}
