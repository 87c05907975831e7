package io.novacron.daemon.tick;

import io.novacron.inference.ForecastRequest;
import io.novacron.inference.ForecastService;
import io.novacron.inference.Forecasts;
import io.novacron.inference.WorkPlan;
import java.util.ArrayList;
import java.util.List;

/// The calls of the forecast service in one tick: live under its clock, and in a replay exactly as
/// far as each model came then. Owned by the analysis thread.
final class ServiceCalls {
    private final ForecastService service;
    private final List<WorkPlan> done = new ArrayList<>();
    private List<WorkPlan> then = List.of();

    ServiceCalls(ForecastService service) {
        this.service = service;
    }

    /// A tick begins.
    ///
    /// @param replayed what [#done] gave when these calls were live; empty: they are live now
    void begin(List<WorkPlan> replayed) {
        then = replayed;
        done.clear();
    }

    void run(ForecastRequest request, Forecasts out) {
        if (done.size() < then.size()) {
            service.replay(request, then.get(done.size()), out);
        } else {
            service.forecast(request, out);
        }
        done.add(out.plan());
    }

    /// In the order of the calls.
    List<WorkPlan> done() {
        return List.copyOf(done);
    }
}
