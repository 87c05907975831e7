package io.novacron.daemon.control;

import io.novacron.daemon.view.AutomationRow;
import io.novacron.daemon.view.CapacityAnswer;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.DrainRow;
import io.novacron.daemon.view.FindingRow;
import io.novacron.daemon.view.ForecastRow;
import io.novacron.daemon.view.HostRow;
import io.novacron.daemon.view.OutlookRow;
import io.novacron.daemon.view.PlacementRow;
import io.novacron.daemon.view.SeriesRow;
import io.novacron.daemon.view.StatusRow;
import io.novacron.daemon.view.VmRow;
import io.novacron.daemon.view.WindowRow;
import io.novacron.grpc.Capacity;
import io.novacron.grpc.Component;
import io.novacron.grpc.Decision;
import io.novacron.grpc.Drain;
import io.novacron.grpc.Explanation;
import io.novacron.grpc.Finding;
import io.novacron.grpc.Forecast;
import io.novacron.grpc.ForecastAccuracy;
import io.novacron.grpc.ForecastPoint;
import io.novacron.grpc.Host;
import io.novacron.grpc.Outlook;
import io.novacron.grpc.OutlookDay;
import io.novacron.grpc.PlaceResponse;
import io.novacron.grpc.Placement;
import io.novacron.grpc.Promise;
import io.novacron.grpc.Reason;
import io.novacron.grpc.Series;
import io.novacron.grpc.Status;
import io.novacron.grpc.Track;
import io.novacron.grpc.Transition;
import io.novacron.grpc.Vm;
import io.novacron.grpc.Window;
import io.novacron.inference.Quantiles;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/// Rows of the view as protobuf messages. NaN and -1 become absent fields.
final class Messages {
    private Messages() {}

    static Status status(StatusRow row) {
        var status =
                Status.newBuilder()
                        .setVersion(row.version())
                        .setClockMs(row.clockMs())
                        .setStartedAtMs(row.startedAtMs())
                        .setTick(row.tick())
                        .setTickMs(row.tickMs())
                        .setHosts(row.hosts())
                        .setVms(row.vms())
                        .setSamplesIngested(row.samplesIngested())
                        .setForecasts(row.forecasts())
                        .setRecommendations(row.recommendations())
                        .setCpuPercentOfCore(row.cpuPercentOfCore())
                        .setRssBytes(row.rssBytes());
        for (var component : row.components()) {
            status.addComponents(
                    Component.newBuilder()
                            .setName(component.name())
                            .setState(lower(component.health()))
                            .setReason(component.reason()));
        }
        for (var track : row.tracks()) {
            status.addTracks(
                    Track.newBuilder()
                            .setType(track.type().name())
                            .setKept(track.kept())
                            .setMeasured(track.measured())
                            .setBroken(track.broken())
                            .setVcpusFreed(track.vcpusFreed())
                            .setMemoryFreedBytes(track.memoryFreedBytes())
                            .setOverloadHoursAvoided(track.overloadHoursAvoided())
                            .setVcpuHours(track.vcpuHours())
                            .setMemoryGibHours(track.memoryGibHours())
                            .setConfidenceFactor(track.confidenceFactor()));
        }
        if (row.firstForecastMs() >= 0) {
            status.setFirstForecastMs(row.firstForecastMs());
        }
        if (row.firstRecommendationMs() >= 0) {
            status.setFirstRecommendationMs(row.firstRecommendationMs());
        }
        return status.build();
    }

    static Host host(HostRow row) {
        var host =
                Host.newBuilder()
                        .setId(row.id().toString())
                        .setName(row.name())
                        .setState(lower(row.state()))
                        .setCpus(row.cpus())
                        .setMemoryBytes(row.memoryBytes())
                        .setVms(row.vms())
                        .putAllLabels(row.labels())
                        .setLibvirt(row.libvirt());
        ifPresent(row.cpuUsagePercent(), host::setCpuUsagePercent);
        ifPresent(row.memoryUsagePercent(), host::setMemoryUsagePercent);
        ifPresent(row.cpuPressurePercent(), host::setCpuPressurePercent);
        ifPresent(row.forecastCpuPercent(), host::setForecastCpuPercent);
        ifPresent(row.agentCpuPercentOfCore(), host::setAgentCpuPercentOfCore);
        if (row.agentRssBytes() >= 0) {
            host.setAgentRssBytes(row.agentRssBytes());
        }
        return host.build();
    }

    static Vm vm(VmRow row) {
        var vm =
                Vm.newBuilder()
                        .setId(row.id().toString())
                        .setName(row.name())
                        .setHostId(row.hostId().toString())
                        .setHostName(row.hostName())
                        .setState(lower(row.state()))
                        .setVcpus(row.vcpus())
                        .setMaxVcpus(row.maxVcpus())
                        .setMemoryBytes(row.memoryBytes())
                        .setMaxMemoryBytes(row.maxMemoryBytes())
                        .putAllLabels(row.labels());
        ifPresent(row.cpuUsagePercent(), vm::setCpuUsagePercent);
        ifPresent(row.memoryUsagePercent(), vm::setMemoryUsagePercent);
        ifPresent(row.diskBytesPerSecond(), vm::setDiskBytesPerSecond);
        ifPresent(row.networkBytesPerSecond(), vm::setNetworkBytesPerSecond);
        return vm.build();
    }

    static Series series(SeriesRow row) {
        var series =
                Series.newBuilder()
                        .setEntity(row.entity().toString())
                        .setName(row.name())
                        .setMetric(metricName(row.metricId()))
                        .setUnit(unit(row.metricId()))
                        .setStepSeconds(row.stepSeconds())
                        .setEndMs(row.endMs());
        for (float value : row.values()) {
            series.addValues(decimal(value));
        }
        return series.build();
    }

    static Forecast forecast(ForecastRow row) {
        var forecast =
                Forecast.newBuilder()
                        .setEntity(row.entity().toString())
                        .setName(row.name())
                        .setMetric(metricName(row.metricId()))
                        .setUnit(unit(row.metricId()))
                        .setTick(row.tick())
                        .setIssuedAtMs(row.issuedAtMs())
                        .setModel(row.model())
                        .setReason(row.reason())
                        .setConfidence(decimal(row.confidence()));
        for (var point : row.points()) {
            var message = ForecastPoint.newBuilder().setHorizonSeconds(point.horizonSeconds());
            for (float quantile : point.quantiles()) {
                message.addQuantiles(decimal(quantile));
            }
            forecast.addPoints(message);
        }
        for (var one : row.accuracy()) {
            forecast.addAccuracy(
                    ForecastAccuracy.newBuilder()
                            .setHorizonSeconds(one.horizonSeconds())
                            .setOutcomes(decimal(one.outcomes()))
                            .setWape(decimal(one.wape()))
                            .setCoverage80(decimal(one.coverage()))
                            .setSkill(decimal(one.skill())));
        }
        return forecast.build();
    }

    static Outlook outlook(OutlookRow row) {
        var outlook =
                Outlook.newBuilder()
                        .setEntity(row.entity().toString())
                        .setName(row.name())
                        .setMetric(metricName(row.metricId()))
                        .setUnit(unit(row.metricId()))
                        .setFromMs(row.fromMs())
                        .setTrend(row.trend())
                        .setSlopePerDay(decimal(row.slopePerDay()))
                        .setHistoryDays(row.historyDays());
        for (var day : row.days()) {
            outlook.addDays(
                    OutlookDay.newBuilder()
                            .setDay(day.day())
                            .setMeanLow(decimal(day.meanLow()))
                            .setMean(decimal(day.mean()))
                            .setMeanHigh(decimal(day.meanHigh()))
                            .setPeakLow(decimal(day.peakLow()))
                            .setPeak(decimal(day.peak()))
                            .setPeakHigh(decimal(day.peakHigh())));
        }
        return outlook.build();
    }

    static Capacity capacity(CapacityAnswer answer) {
        var capacity =
                Capacity.newBuilder()
                        .setFromMs(answer.fromMs())
                        .setDays(answer.query().days())
                        .setLimitPercent(answer.query().limitPercent());
        for (var row : answer.rows()) {
            var message =
                    io.novacron.grpc.CapacityRow.newBuilder()
                            .setScope(row.scope())
                            .setName(row.name())
                            .setEntity(Objects.toString(row.entity(), ""))
                            .setMetric(metricName(row.metricId()))
                            .setHosts(row.hosts())
                            .setHistoryDays(row.historyDays())
                            .setTrend(row.trend())
                            .setSlopePerDay(decimal(row.slopePerDay()))
                            .setPeakNow(decimal(row.peakNow()))
                            .setPeakThen(decimal(row.peakThen()))
                            .setPeakThenHigh(decimal(row.peakThenHigh()));
            if (row.earliestDay() >= 0) {
                message.setEarliestDay(row.earliestDay());
            }
            if (row.expectedDay() >= 0) {
                message.setExpectedDay(row.expectedDay());
            }
            if (row.latestDay() >= 0) {
                message.setLatestDay(row.latestDay());
            }
            capacity.addRows(message);
        }
        return capacity.build();
    }

    static Finding finding(FindingRow row) {
        return Finding.newBuilder()
                .setKind(row.kind())
                .setEntity(row.entity().toString())
                .setName(row.name())
                .setMetric(metricName(row.metricId()))
                .setScore(decimal(row.score()))
                .setText(row.text())
                .setAtMs(row.atMs())
                .build();
    }

    static Decision decision(DecisionRow row) {
        var decision =
                Decision.newBuilder()
                        .setId(row.id())
                        .setType(row.type().name())
                        .setState(row.state().name())
                        .setVmId(row.vmId().toString())
                        .setVmName(row.vmName())
                        .setHostId(row.hostId().toString())
                        .setHostName(row.hostName())
                        .setFromVcpus(row.fromVcpus())
                        .setToVcpus(row.toVcpus())
                        .setFromMemoryBytes(row.fromMemoryBytes())
                        .setToMemoryBytes(row.toMemoryBytes())
                        .setTargetHostName(row.targetHostName())
                        .setConfidence(decimal(row.confidence()))
                        .setSummary(row.summary())
                        .setCost(row.cost())
                        .setBenefit(row.benefit())
                        .setProposedAtMs(row.proposedAtMs())
                        .setTick(row.tick())
                        .setInputsHash(row.inputsHash())
                        .setModel(row.model())
                        .setOutcome(row.outcome())
                        .setFromSetting(row.fromSetting())
                        .setToSetting(row.toSetting())
                        .setRequestedBy(row.requestedBy());
        if (row.targetHostId() != null) {
            decision.setTargetHostId(row.targetHostId().toString());
        }
        row.reasons().forEach(reason -> decision.addReasons(reason(reason)));
        for (var step : row.transitions()) {
            decision.addTransitions(
                    Transition.newBuilder()
                            .setState(step.state().name())
                            .setAtMs(step.atMs())
                            .setWho(step.who())
                            .setText(step.text()));
        }
        return decision.build();
    }

    static Explanation explanation(DecisionRow row) {
        var explanation =
                Explanation.newBuilder()
                        .setId(row.id())
                        .setSummary(row.summary())
                        .setState(row.state().name())
                        .setConfidence(decimal(row.confidence()))
                        .setModel(row.model())
                        .setTick(row.tick())
                        .setInputsHash(row.inputsHash());
        row.reasons().forEach(reason -> explanation.addReasons(reason(reason)));
        for (var factor : row.explanation().factors()) {
            explanation.addFactors(
                    Explanation.Factor.newBuilder()
                            .setName(factor.name())
                            .setValue(factor.value())
                            .setLimit(factor.limit())
                            .setUnit(factor.unit())
                            .setText(factor.text()));
        }
        for (var alternative : row.explanation().alternatives()) {
            explanation.addAlternatives(
                    Explanation.Alternative.newBuilder()
                            .setWhat(alternative.what())
                            .setValue(alternative.value())
                            .setLostBy(alternative.lostBy())
                            .setUnit(alternative.unit())
                            .setText(alternative.text()));
        }
        for (var flip : row.explanation().flips()) {
            explanation.addFlips(
                    Explanation.Flip.newBuilder()
                            .setInput(flip.input())
                            .setFrom(flip.from())
                            .setTo(flip.to())
                            .setUnit(flip.unit())
                            .setText(flip.text()));
        }
        new TreeMap<>(row.forecasts())
                .forEach((metric, values) -> {
                    var quantiles =
                            Explanation.Quantiles.newBuilder()
                                    .setMetric(metric)
                                    .setLevels(Quantiles.COUNT);
                    values.forEach(value -> quantiles.addValues(decimal(value)));
                    explanation.addForecasts(quantiles);
                });
        return explanation.build();
    }

    static Drain drain(DrainRow row) {
        var drain =
                Drain.newBuilder()
                        .setHostId(row.hostId().toString())
                        .setHostName(row.hostName())
                        .setWho(row.who())
                        .setReason(row.reason())
                        .setSinceMs(row.sinceMs())
                        .setVmsLeft(row.vmsLeft())
                        .setFromMs(row.fromMs())
                        .addAllUnderWay(row.underWay());
        for (DrainRow.Stay stay : row.stays()) {
            drain.addStays(
                    Drain.Stay.newBuilder()
                            .setVmId(stay.vmId().toString())
                            .setVmName(stay.vmName())
                            .setReason(stay.reason()));
        }
        return drain.build();
    }

    static Window window(WindowRow row) {
        return Window.newBuilder()
                .setFromMs(row.fromMs())
                .setToMs(row.toMs())
                .setPeakPercent(row.peakPercent())
                .setMeanPercent(row.meanPercent())
                .build();
    }

    static PlaceResponse placement(PlacementRow row) {
        var response =
                PlaceResponse.newBuilder().setTick(row.tick()).putAllRejections(row.rejections());
        for (var candidate : row.hosts()) {
            var placement =
                    Placement.newBuilder()
                            .setHostId(candidate.hostId().toString())
                            .setHostName(candidate.hostName())
                            .setScore(decimal(candidate.score()))
                            .setConfidence(decimal(candidate.confidence()));
            candidate.reasons().forEach(reason -> placement.addReasons(reason(reason)));
            response.addHosts(placement);
        }
        PlacementRow.@Nullable Promise promise = row.promise();
        if (promise != null) {
            response.setPromise(
                    Promise.newBuilder()
                            .setVmId(promise.vm().toString())
                            .setHostId(promise.hostId().toString())
                            .setHostName(promise.hostName())
                            .setUntilMs(promise.untilMs()));
        }
        return response.build();
    }

    private static Reason reason(DecisionRow.ReasonRow row) {
        return Reason.newBuilder().setCode(row.code()).setText(row.text()).build();
    }

    /// The double that prints like the float: 0.87, not 0.8700000047683716.
    private static double decimal(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    private static void ifPresent(float value, DoubleConsumer setter) {
        if (Float.isFinite(value)) {
            setter.accept(decimal(value));
        }
    }

    private static String metricName(int metricId) {
        @Nullable Metric metric = MetricCatalogue.INSTANCE.byId(metricId);
        return metric == null ? "" : metric.name();
    }

    private static String unit(int metricId) {
        @Nullable Metric metric = MetricCatalogue.INSTANCE.byId(metricId);
        return metric == null ? "" : metric.unit();
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    static io.novacron.grpc.Automation automation(AutomationRow row) {
        var observed = row.observed();
        return io.novacron.grpc.Automation.newBuilder()
                .setMode(row.mode())
                .setStopped(row.stopped())
                .setWho(row.who())
                .setReason(row.reason())
                .setSinceMs(row.sinceMs())
                .addAllAllow(row.allow())
                .setApprovals(row.approvals())
                .setObservedSinceMs(observed.sinceMs())
                .setObservedChanges(observed.changes())
                .setObservedVcpusFreed(observed.vcpusFreed())
                .setObservedMemoryFreedBytes(observed.memoryFreedBytes())
                .setObservedVcpuHours(observed.vcpuHours())
                .setObservedMemoryGibHours(observed.memoryGibHours())
                .build();
    }
}
