package io.novacron.agent.simulation;

import io.novacron.agent.Agent;
import io.novacron.agent.AgentClock;
import io.novacron.agent.AgentLog;
import io.novacron.agent.AgentParts;
import io.novacron.agent.Dialer;
import io.novacron.agent.SelfCost;
import io.novacron.agent.spool.EntityIds;
import io.novacron.agent.spool.MemorySpool;
import io.novacron.wire.sbe.ActionType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// A simulated fleet at work: one agent core for each host, all in this process, on virtual
/// threads.
///
/// Its clock is the daemon's, as the first welcome tells it. Each host sends its past, then samples
/// on the clock.
public final class Simulation implements AutoCloseable {
    private static final long DATA_SPOOL_BYTES = 32L * 1024 * 1024;
    private static final long CONTROL_SPOOL_BYTES = 1024 * 1024;

    private final List<Member> members = new ArrayList<>();
    private final ThreadFactory threads = Thread.ofVirtual().name("simulation-", 0).factory();
    private final Duration backfill;
    private final AgentLog log;
    private final LongSupplier machineClockMs;
    private final AtomicLong daemonOffsetMs = new AtomicLong();
    private final AtomicLong historySamples = new AtomicLong();
    private final CountDownLatch historySent;
    private final SimulatedFleet fleet;

    private record Member(Agent agent, History history, MemorySpool data, MemorySpool control) {}

    /// What to simulate.
    ///
    /// @param backfill how much past to send first
    public record Plan(int hosts, int vms, long seed, Duration interval, Duration backfill) {}

    /// @param machineClock the machine's clocks; the daemon's offset comes on top
    /// @param selfCost of this process, of which each host reports its share
    public Simulation(
            Plan plan, Dialer dialer, AgentClock machineClock, SelfCost selfCost, AgentLog log)
            throws IOException {
        this.backfill = plan.backfill();
        this.log = log;
        this.machineClockMs = machineClock.epochMs();
        var clock = new AgentClock(machineClock.nanoTime(), this::nowMs);
        fleet = SimulatedFleet.create(plan.hosts(), plan.vms(), plan.seed(), this::nowMs);
        historySent = new CountDownLatch(plan.hosts());
        long epoch =
                Math.max(1, machineClockMs.getAsLong()); // a restarted process is another epoch
        for (int i = 0; i < plan.hosts(); i++) {
            members.add(member(i, plan, epoch, dialer, clock, share(selfCost, plan.hosts())));
        }
    }

    private Member member(
            int index, Plan plan, long epoch, Dialer dialer, AgentClock clock, SelfCost selfCost)
            throws IOException {
        var machine = new SimulatedMachine(fleet, index);
        var data = new MemorySpool(DATA_SPOOL_BYTES);
        var control = new MemorySpool(CONTROL_SPOOL_BYTES);
        var parts =
                new AgentParts(
                        fleet.hosts().get(index).uuid(),
                        "simulated",
                        epoch,
                        EntityIds.inMemory(),
                        data,
                        control,
                        machine,
                        Map.of("simulated", "true", "zone", "zone-" + (char) ('a' + index % 3)),
                        new SimulatedHypervisor(fleet, index, machine),
                        selfCost,
                        Set.of(
                                ActionType.SET_VCPUS,
                                ActionType.SET_MEMORY,
                                ActionType.LIVE_MIGRATE,
                                ActionType.SET_CPU_QUOTA,
                                ActionType.SET_CPU_SHARES,
                                ActionType.PIN_VCPUS),
                        plan.interval().toMillis(),
                        0,
                        plan.seed() + index);
        var agent = new Agent(parts, dialer, null, clock, log, threads);
        return new Member(
                agent, new History(fleet, index, machine, agent.table(), data), data, control);
    }

    private static SelfCost share(SelfCost whole, int parts) {
        return new SelfCost() {
            @Override
            public long cpuNs() {
                long ns = whole.cpuNs();
                return ns < 0 ? -1 : ns / parts;
            }

            @Override
            public long rssBytes() {
                long bytes = whole.rssBytes();
                return bytes < 0 ? -1 : bytes / parts;
            }
        };
    }

    private long nowMs() {
        return machineClockMs.getAsLong() + daemonOffsetMs.get();
    }

    /// Connects all hosts; each goes on by itself from there.
    public void start() {
        for (Member member : members) {
            member.agent.connect();
            threads.newThread(() -> live(member)).start();
        }
    }

    private void live(Member member) {
        try {
            member.agent.awaitWelcome();
            daemonOffsetMs.compareAndSet(0, member.agent.daemonClockMs() - nowMs());
            historySamples.addAndGet(member.history.send(nowMs(), backfill));
            historySent.countDown();
            if (historySent.getCount() == 0) {
                log.info("history spooled", "samples", historySamples.get());
            }
            member.agent.startSampling();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits until every host has spooled its past.
    ///
    /// @return false when the time ran out first
    public boolean awaitHistory(Duration timeout) throws InterruptedException {
        return historySent.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    public SimulatedFleet fleet() {
        return fleet;
    }

    /// Samples spooled by all hosts, the past included.
    public long samplesSpooled() {
        return members.stream().mapToLong(member -> member.agent.samplesSpooled()).sum();
    }

    @Override
    public void close() throws IOException {
        for (Member member : members) {
            member.data.close(); // ends a wait for room
            member.control.close();
        }
        for (Member member : members) {
            member.agent.close();
        }
    }
}
