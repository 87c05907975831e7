package io.novacron.ingest.remotewrite;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.novacron.ingest.AgentFrame;
import io.novacron.ingest.Delivery;
import io.novacron.ingest.VirtualAgents;
import io.novacron.ingest.journal.RecordType;
import io.novacron.ingest.remotewrite.MappingTable.Exporter;
import io.novacron.ingest.remotewrite.MappingTable.Part;
import io.novacron.ingest.remotewrite.MappingTable.Rule;
import io.novacron.wire.message.Bounds;
import io.novacron.wire.message.Inventory;
import io.novacron.wire.message.Messages;
import io.novacron.wire.sbe.EntityKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.agrona.ExpandableArrayBuffer;
import org.jspecify.annotations.Nullable;

/// Turns samples of series into frames of virtual agents: finds the series by its labels, makes
/// rates of counters, puts the samples of a scrape together, and writes a batch when a scrape is
/// whole. Not thread-safe: its owner holds a lock.
///
/// State, all of it bounded: one [MappedSeries] for each mapped series (its last sample), one
/// [ScrapeTarget] for each exporter of each host (at most 16 rounds), one [SourceHost] for each
/// host.
final class SampleMapper implements RequestReader.Visitor {
    /// A series that ends is told by this NaN (Prometheus, `value.StaleNaN`).
    static final long STALE = 0x7ff0000000000002L;

    static final long MAX_AHEAD_MS = 60_000;
    static final long MAX_AGE_MS = 2 * 60 * 60_000L; // the 60 s rows

    /// A rate over more than this would hide what happened meanwhile: Prometheus' own look-back.
    private static final long MAX_GAP_MS = 5 * 60_000L;

    /// A counter that falls by less has not begun anew: the kernel's I/O wait does that.
    private static final double JITTER = 0.05;

    private static final long SWEEP_MS = 60_000;
    private static final String VERSION = "remote-write";

    private enum Fate {
        MAPPED,
        UNMAPPED,
        WITHOUT_HOST,
        INVALID,
        OVER_LIMIT
    }

    private final RemoteWriteConfig config;
    private final MappingTable table;
    private final VirtualAgents agents;
    private final RemoteWriteCounters counters;
    private final SeriesIndex index = new SeriesIndex();
    private final Map<String, SourceHost> hosts = new HashMap<>();
    private final BatchBuilder batches;
    private final Messages messages = new Messages();
    private final ExpandableArrayBuffer scratch = new ExpandableArrayBuffer();
    private int liveSeries;
    private long sweptMs = Long.MIN_VALUE;

    // Of the request in hand.
    private long nowMs;
    private Delivery delivery = new Delivery();
    private List<AgentFrame> frames = new ArrayList<>();
    private Rejections rejections = new Rejections();
    private long samplesReceived;
    private long samplesWritten;
    private long histogramsReceived;
    private long histogramsWritten;
    private long exemplarsReceived;
    private long exemplarsWritten;
    private final long[] counted = new long[RemoteWriteCounter.values().length];

    // Of the series in hand.
    private @Nullable MappedSeries current;
    private Fate fate = Fate.UNMAPPED;
    private RequestReader.@Nullable LabelSource labels;
    private String trouble = "";

    SampleMapper(
            RemoteWriteConfig config,
            MappingTable table,
            VirtualAgents agents,
            RemoteWriteCounters counters) {
        this.config = config;
        this.table = table;
        this.agents = agents;
        this.counters = counters;
        this.batches = new BatchBuilder(config.maxFrameLength());
    }

    /// A request begins.
    void begin(long timeMs) {
        nowMs = timeMs;
        delivery = new Delivery();
        frames = new ArrayList<>();
        rejections = new Rejections();
        samplesReceived = 0;
        samplesWritten = 0;
        histogramsReceived = 0;
        histogramsWritten = 0;
        exemplarsReceived = 0;
        exemplarsWritten = 0;
    }

    /// The request has ended: what it made is on its way.
    ///
    /// @param unreadable why the rest of it could not be read, or empty
    WriteResult end(String unreadable) {
        count(RemoteWriteCounter.SAMPLES_RECEIVED, samplesReceived);
        Delivery sent = send();
        String problem = unreadable.isEmpty() ? "" : unreadable + "\n";
        if (!rejections.isEmpty()) {
            problem += rejections.text(samplesReceived + histogramsReceived + exemplarsReceived);
        }
        WriteResult.Status status =
                !unreadable.isEmpty()
                        ? WriteResult.Status.UNDECODABLE
                        : rejections.isEmpty()
                                ? WriteResult.Status.WRITTEN
                                : WriteResult.Status.PARTLY_WRITTEN;
        return new WriteResult(
                status, samplesWritten, histogramsWritten, exemplarsWritten, problem, sent);
    }

    private Delivery send() {
        if (!frames.isEmpty()) {
            agents.send(frames);
        }
        delivery.seal();
        publishCounts();
        return delivery;
    }

    private void count(RemoteWriteCounter counter, long amount) {
        counted[counter.ordinal()] += amount;
    }

    private void publishCounts() {
        for (RemoteWriteCounter counter : RemoteWriteCounter.values()) {
            counters.add(counter, counted[counter.ordinal()]);
        }
        Arrays.fill(counted, 0);
    }

    // Series

    @Override
    public boolean series(long hash1, long hash2, RequestReader.LabelSource source) {
        count(RemoteWriteCounter.SERIES_RECEIVED, 1);
        labels = source;
        MappedSeries known = index.find(hash1, hash2);
        if (known != null && known.forgotten) {
            known = null;
        }
        if (known == null && index.isUninteresting(hash1, hash2)) {
            fate = Fate.UNMAPPED;
        } else if (known == null) {
            known = open(source.read());
            if (known != null) {
                index.put(hash1, hash2, known);
            } else if (fate == Fate.UNMAPPED) {
                index.addUninteresting(hash1, hash2);
            }
        }
        current = known;
        if (known != null) {
            fate = Fate.MAPPED;
        }
        return known != null;
    }

    /// Looks at a label set for the first time; [#fate] says why there is no series.
    private @Nullable MappedSeries open(LabelSet set) {
        String problem = set.problem(config.maxLabels(), Bounds.LABEL_VALUE);
        if (problem != null) {
            return none(Fate.INVALID, problem);
        }
        String name = set.name();
        List<Rule> rules = name == null ? List.of() : table.rules(name);
        rules = rules.isEmpty() ? rules : rules.stream().filter(rule -> holds(rule, set)).toList();
        if (rules.isEmpty()) {
            return none(Fate.UNMAPPED, "");
        }
        Rule first = rules.getFirst();
        Exporter exporter = first.exporter();
        String hostName = hostName(exporter, set);
        String vmName = first.entity() == EntityKind.VM ? vmName(exporter, set) : "";
        if (hostName == null || vmName == null) {
            return none(Fate.WITHOUT_HOST, "");
        }
        if (tooLong(hostName) || tooLong(vmName)) {
            return none(
                    Fate.INVALID,
                    "the name of a host or vm is longer than %d bytes".formatted(Bounds.NAME));
        }
        if (liveSeries >= config.maxSeries()) {
            return none(
                    Fate.OVER_LIMIT,
                    "prometheus.max-series=%d are known. Maybe raise it?"
                            .formatted(config.maxSeries()));
        }
        SourceHost host = host(hostName);
        SourceEntity entity =
                host == null || vmName.isEmpty()
                        ? host == null ? null : host.self
                        : vm(host, exporter, vmName, set);
        if (host == null || entity == null) {
            return null; // fate and trouble say why
        }
        return series(host, entity, rules, set);
    }

    private @Nullable MappedSeries none(Fate why, String what) {
        fate = why;
        trouble = what;
        return null;
    }

    private static boolean holds(Rule rule, LabelSet set) {
        return rule.where().stream().allMatch(condition -> condition.holds(set));
    }

    private static @Nullable String hostName(Exporter exporter, LabelSet set) {
        for (String label : exporter.hostLabels()) {
            String value = set.value(label);
            if (value != null) {
                return withoutPort(value);
            }
        }
        return null;
    }

    /// `host:9100` and `[::1]:9100` without their ports; a bare IPv6 address has none.
    static String withoutPort(String instance) {
        int colon = instance.lastIndexOf(':');
        boolean port =
                colon > 0
                        && colon < instance.length() - 1
                        && instance.substring(colon + 1).chars().allMatch(Character::isDigit)
                        && (instance.indexOf(':') == colon || instance.charAt(colon - 1) == ']');
        return port ? instance.substring(0, colon) : instance;
    }

    private static @Nullable String vmName(Exporter exporter, LabelSet set) {
        var name = new StringBuilder();
        for (String label : exporter.vmLabels()) {
            String value = set.value(label);
            if (value == null) {
                return null;
            }
            name.append(name.isEmpty() ? "" : "/").append(value);
        }
        return name.toString();
    }

    private static boolean tooLong(String name) {
        return name.length() > Bounds.NAME || name.getBytes(UTF_8).length > Bounds.NAME;
    }

    private @Nullable SourceHost host(String name) {
        SourceHost known = hosts.get(name);
        if (known != null) {
            return known;
        }
        if (hosts.size() >= config.maxHosts()) {
            fate = Fate.OVER_LIMIT;
            trouble =
                    "%d hosts are known. Maybe raise agents.max-agents?"
                            .formatted(config.maxHosts());
            return null;
        }
        var host =
                new SourceHost(
                        name,
                        agents.agent(nameUuid("host", name), name, VERSION),
                        table.exporters().size());
        hosts.put(name, host);
        count(RemoteWriteCounter.HOSTS_ADDED, 1);
        return host;
    }

    private @Nullable SourceEntity vm(
            SourceHost host, Exporter exporter, String vmName, LabelSet set) {
        UUID uuid = uuid(exporter, set);
        if (uuid == null) {
            String scope = exporter.vmsOfFleet() ? exporter.name() : host.name;
            uuid = nameUuid("vm", scope + "/" + vmName);
        }
        SourceEntity known = host.find(uuid);
        if (known != null) {
            return known;
        }
        if (host.entityCount() >= config.maxEntitiesPerHost()) {
            fate = Fate.OVER_LIMIT;
            trouble =
                    "host %s has %d entities. Maybe raise agents.max-entities-per-agent?"
                            .formatted(host.name, host.entityCount());
            return null;
        }
        count(RemoteWriteCounter.VMS_ADDED, 1);
        return host.add(EntityKind.VM, uuid, vmName);
    }

    private static @Nullable UUID uuid(Exporter exporter, LabelSet set) {
        for (String label : exporter.uuidLabels()) {
            String value = set.value(label);
            if (value != null && value.length() == 36) {
                try {
                    return UUID.fromString(value);
                } catch (IllegalArgumentException _) {
                    // not one: the next label, or the name
                }
            }
        }
        return null;
    }

    /// The same name gives the same identity, on any daemon and after any restart.
    static UUID nameUuid(String kind, String name) {
        return UUID.nameUUIDFromBytes(
                "novacron/prometheus/%s/%s".formatted(kind, name).getBytes(UTF_8));
    }

    private MappedSeries series(
            SourceHost host, SourceEntity entity, List<Rule> rules, LabelSet set) {
        Rule first = rules.getFirst();
        int exporter = first.exporter().index();
        ScrapeTarget target = host.targets[exporter];
        if (target == null) {
            target = new ScrapeTarget(host, exporter);
            host.targets[exporter] = target;
        }
        var key = new StringBuilder(first.source()).append('\0').append(entity.id);
        for (String label : first.by()) {
            key.append('\0').append(set.value(label));
        }
        MappedSeries known = target.series.get(key.toString());
        if (known != null) {
            return known;
        }
        int[] cells = new int[rules.size()];
        Part[] parts = new Part[rules.size()];
        double[] factors = new double[rules.size()];
        for (int i = 0; i < cells.length; i++) {
            Rule rule = rules.get(i);
            cells[i] = target.cell(entity, rule.target(), table.requiredParts(rule));
            parts[i] = rule.part();
            factors[i] = rule.factor();
        }
        var added = new MappedSeries(target, entity, first.counter(), cells, parts, factors);
        target.series.put(key.toString(), added);
        return added;
    }

    // Samples

    @Override
    public void sample(long timestampMs, long valueBits, long createdMs) {
        samplesReceived++;
        MappedSeries one = Objects.requireNonNull(current);
        if (timestampMs > nowMs + MAX_AHEAD_MS) {
            reject(RemoteWriteCounter.SAMPLES_AHEAD, timestampMs);
            return;
        }
        if (timestampMs <= nowMs - MAX_AGE_MS) {
            reject(RemoteWriteCounter.SAMPLES_TOO_OLD, timestampMs);
            return;
        }
        double value = Double.longBitsToDouble(valueBits);
        if (timestampMs <= one.lastTimestampMs) {
            if (timestampMs == one.lastTimestampMs
                    && (value == one.lastValue || valueBits == STALE)) {
                count(RemoteWriteCounter.SAMPLES_DUPLICATED, 1);
                samplesWritten++;
            } else {
                reject(RemoteWriteCounter.SAMPLES_OUT_OF_ORDER, timestampMs);
            }
            return;
        }
        samplesWritten++;
        count(RemoteWriteCounter.SAMPLES_MAPPED, 1);
        one.target.host.lastHeardMs = nowMs;
        if (valueBits == STALE) {
            count(RemoteWriteCounter.SAMPLES_STALE, 1);
            one.lastTimestampMs = timestampMs;
            retire(one);
            closeComplete(one.target);
            return;
        }
        take(one, timestampMs, value, createdMs);
    }

    private void take(MappedSeries one, long timestampMs, double value, long createdMs) {
        ScrapeTarget target = one.target;
        boolean begun = !one.live;
        if (begun) {
            target.revive(one);
            liveSeries++;
            count(RemoteWriteCounter.SERIES_ADDED, 1);
        }
        boolean finite = Double.isFinite(value);
        double contribution = value;
        if (!finite) {
            count(RemoteWriteCounter.SAMPLES_NOT_FINITE, 1);
        } else if (one.counter) {
            contribution = perSecond(one, timestampMs, value, createdMs);
        }
        one.lastTimestampMs = timestampMs;
        one.lastValue = finite ? value : Double.NaN;
        ScrapeRound round = target.round(timestampMs, nowMs);
        if (round == null) {
            count(RemoteWriteCounter.SAMPLES_LATE, 1);
            return;
        }
        round.reported++;
        round.hasNewSeries |= begun;
        target.contribute(round, one, contribution, finite && !Double.isNaN(contribution));
        if (target.isComplete(round)) {
            closeUpTo(target, round);
        } else if (target.openRounds() > ScrapeTarget.MAX_OPEN_ROUNDS) {
            close(target, Objects.requireNonNull(target.oldest()));
        }
    }

    /// The counter's growth a second since the sample before, NaN when there is none to compare to.
    private double perSecond(MappedSeries one, long timestampMs, double value, long createdMs) {
        double before = one.lastValue;
        long sinceMs = one.lastTimestampMs;
        boolean begunAnew = createdMs > 0 && createdMs > sinceMs && createdMs < timestampMs;
        if (Double.isNaN(before) || timestampMs - sinceMs > MAX_GAP_MS) {
            return begunAnew && timestampMs - createdMs <= MAX_GAP_MS
                    ? value * 1_000 / (timestampMs - createdMs)
                    : Double.NaN;
        }
        double growth = value - before;
        if (growth < 0 || begunAnew) {
            boolean jitter = !begunAnew && value > before * (1 - JITTER);
            growth = jitter ? 0 : value;
            count(RemoteWriteCounter.COUNTER_RESETS, jitter ? 0 : 1);
        }
        return growth * 1_000 / (timestampMs - sinceMs);
    }

    private void retire(MappedSeries one) {
        if (one.live) {
            one.target.retire(one);
            liveSeries--;
            count(RemoteWriteCounter.SERIES_RETIRED, 1);
        }
    }

    @Override
    public void others(int samples, int histograms, int exemplars) {
        samplesReceived += samples;
        histogramsReceived += histograms;
        exemplarsReceived += exemplars;
        int all = samples + histograms + exemplars;
        switch (fate) {
            case INVALID -> {
                rejectAll(RemoteWriteCounter.SAMPLES_INVALID, all, trouble);
                return;
            }
            case OVER_LIMIT -> {
                rejectAll(RemoteWriteCounter.SAMPLES_OVER_LIMIT, all, trouble);
                return;
            }
            case WITHOUT_HOST -> count(RemoteWriteCounter.SAMPLES_WITHOUT_HOST, samples);
            case UNMAPPED, MAPPED -> count(RemoteWriteCounter.SAMPLES_UNMAPPED, samples);
        }
        samplesWritten += samples;
        histogramsWritten += histograms;
        exemplarsWritten += exemplars;
        count(RemoteWriteCounter.HISTOGRAMS_NOT_KEPT, histograms);
        count(RemoteWriteCounter.EXEMPLARS_NOT_KEPT, exemplars);
    }

    @Override
    public void invalid(String problem, int samples, int histograms, int exemplars) {
        count(RemoteWriteCounter.SERIES_RECEIVED, 1);
        samplesReceived += samples;
        histogramsReceived += histograms;
        exemplarsReceived += exemplars;
        int all = samples + histograms + exemplars;
        count(RemoteWriteCounter.SAMPLES_INVALID, all);
        rejections.add(RemoteWriteCounter.SAMPLES_INVALID, all, () -> problem);
    }

    @Override
    public void metadata(int entries) {
        count(RemoteWriteCounter.METADATA_NOT_KEPT, entries);
    }

    private void reject(RemoteWriteCounter reason, long timestampMs) {
        count(reason, 1);
        rejections.add(
                reason,
                1,
                () -> "%s at %d".formatted(Objects.requireNonNull(labels).read(), timestampMs));
    }

    private void rejectAll(RemoteWriteCounter reason, int amount, String why) {
        count(reason, amount);
        rejections.add(
                reason,
                amount,
                () -> "%s: %s".formatted(Objects.requireNonNull(labels).read(), why));
    }

    // Rounds

    /// A series less may make the newest round whole.
    private void closeComplete(ScrapeTarget target) {
        ScrapeRound newest = target.newest();
        if (newest != null && newest.reported > 0 && target.isComplete(newest)) {
            closeUpTo(target, newest);
        }
    }

    /// Series come in order, so that nothing more comes for the rounds before a whole one.
    private void closeUpTo(ScrapeTarget target, ScrapeRound last) {
        ScrapeRound oldest;
        do {
            oldest = Objects.requireNonNull(target.oldest());
            close(target, oldest);
        } while (oldest != last);
    }

    private void close(ScrapeTarget target, ScrapeRound round) {
        count(RemoteWriteCounter.ROUNDS_CLOSED, 1);
        count(RemoteWriteCounter.ROUNDS_INCOMPLETE, round.reported < target.liveSeries ? 1 : 0);
        SourceHost host = target.host;
        long before = target.closedMs;
        batches.fill(target, round);
        target.release(round);
        if (host.inventoryDue) {
            sendInventory(host, round.timestampMs);
        }
        int values =
                batches.write(
                        host.agent,
                        round.timestampMs,
                        before == Long.MIN_VALUE ? Long.MAX_VALUE : round.timestampMs - before,
                        (sequence, frame) ->
                                addFrame(
                                        new AgentFrame(
                                                host.agent,
                                                RecordType.FRAME,
                                                sequence,
                                                frame,
                                                delivery)));
        count(RemoteWriteCounter.VALUES_SENT, values);
    }

    private void sendInventory(SourceHost host, long timestampMs) {
        Inventory inventory = host.inventory(timestampMs);
        int length = messages.encode(inventory, scratch, 0);
        addFrame(
                new AgentFrame(
                        host.agent,
                        RecordType.INVENTORY,
                        inventory.sequence(),
                        Arrays.copyOf(scratch.byteArray(), length),
                        delivery));
    }

    private void addFrame(AgentFrame frame) {
        frames.add(frame);
        count(RemoteWriteCounter.FRAMES_SENT, 1);
    }

    // Time

    /// Closes rounds that have waited long enough, says which hosts are heard of, forgets series
    /// that fell silent. Now and then, a second or so apart.
    ///
    /// @param all closes every round: the daemon stops
    Delivery upkeep(long timeMs, boolean all) {
        begin(timeMs);
        boolean sweep = timeMs - SWEEP_MS >= sweptMs || timeMs < sweptMs;
        long silentMs = timeMs - config.seriesTimeout().toMillis();
        for (SourceHost host : hosts.values()) {
            for (ScrapeTarget target : host.targets) {
                if (target == null) {
                    continue;
                }
                ScrapeRound oldest = target.oldest();
                while (oldest != null
                        && (all || timeMs - oldest.begunMs >= config.roundTimeout().toMillis())) {
                    close(target, oldest);
                    oldest = target.oldest();
                }
                if (sweep) {
                    forget(target, silentMs);
                }
            }
            if (host.inventoryDue && host.isKnown() && !host.hasOpenRounds()) {
                sendInventory(host, timeMs);
            }
            if (timeMs - host.lastHeardMs <= config.hostTimeout().toMillis()) {
                host.agent.heard(timeMs);
            }
        }
        if (sweep) {
            sweptMs = timeMs;
            if (index.size() > 2 * liveSeries + 1_024) {
                index.compact();
            }
        }
        return send();
    }

    private void forget(ScrapeTarget target, long silentMs) {
        var each = target.series.values().iterator();
        while (each.hasNext()) {
            MappedSeries one = each.next();
            if (one.lastTimestampMs < silentMs) {
                retire(one);
                each.remove();
                one.forgotten = true;
            }
        }
    }

    int liveSeries() {
        return liveSeries;
    }

    int hosts() {
        return hosts.size();
    }
}
