package io.novacron.perf.decisions;

import io.novacron.daemon.decision.AdviceStage;
import io.novacron.daemon.decision.FleetFacts;
import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.decision.Proposal;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.wire.catalogue.Metrics;
import io.novacron.wire.sbe.LifecycleState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Advises changes at random, the same for a vm until it has changed, and tells what the vms'
/// samples would say: nothing for a third of them, and harm after a third of the changes of the
/// rest. Owned by the analysis thread, whose facts the decision thread reads.
final class RehearsalAdvice implements AdviceStage {
    private static final long MINUTE_MS = 60_000;
    private static final int WISHES_IN_100_TICKS = 20;
    private static final int NEW_WISHES_IN_100_TICKS = 2;
    private static final Pattern UNDOES = Pattern.compile("undo decision (\\d+)$");

    private final int vms;
    private final SplittableRandom random;
    private final BooleanSupplier advising;
    private final Map<Integer, Wish> wishes = new HashMap<>();
    private volatile Supplier<List<DecisionRow>> rows = List::of;

    private record Wish(VmFacts of, Proposal proposal) {}

    RehearsalAdvice(int vms, long seed, BooleanSupplier advising) {
        this.vms = vms;
        this.random = new SplittableRandom(seed);
        this.advising = advising;
    }

    void rows(Supplier<List<DecisionRow>> source) {
        rows = source;
    }

    /// Whether no person is asked about its changes.
    static boolean isAutomatic(UUID vm) {
        return PaperFleet.index(vm) % 2 == 0;
    }

    static boolean undoes(DecisionRow row) {
        return undone(row) != 0;
    }

    /// The decision that it undoes; 0 when it is none of that kind.
    static long undone(DecisionRow row) {
        Matcher text = UNDOES.matcher(row.summary());
        return text.find() ? Long.parseLong(text.group(1)) : 0;
    }

    private static boolean isMeasured(UUID vm) {
        return PaperFleet.index(vm) % 3 != 0;
    }

    private static boolean doesHarm(long decisionId) {
        return decisionId % 3 == 0;
    }

    @Override
    public Advised onTick(Advised advised) {
        List<Proposal> proposals = new ArrayList<>();
        for (int vm = 0; vm < vms && advising.getAsBoolean(); vm++) {
            VmFacts now = advised.facts().vm(PaperFleet.vm(vm));
            Wish wish = wishes.get(vm);
            if (now == null) {
                continue;
            }
            int chance = random.nextInt(100);
            if (wish != null && (!wish.of().equals(now) || chance < NEW_WISHES_IN_100_TICKS)) {
                wishes.remove(vm);
                wish = null;
            }
            if (wish == null && chance < WISHES_IN_100_TICKS) {
                wish = new Wish(now, proposal(vm, now));
                wishes.put(vm, wish);
            }
            if (wish != null) {
                proposals.add(wish.proposal());
            }
        }
        return new Advised(proposals, new Facts(advised, rows), advised.tickMs());
    }

    private Proposal proposal(int vm, VmFacts now) {
        Map<String, String> labels =
                isAutomatic(PaperFleet.vm(vm)) ? Map.of("auto", "yes") : Map.of();
        return switch (random.nextInt(3)) {
            case 0 -> {
                int other = 1 + random.nextInt(PaperFleet.MAX_VCPUS - 1);
                yield PaperAdvice.vcpus(vm, now, other < now.vcpus() ? other : other + 1, labels);
            }
            case 1 -> {
                long other = 1 + random.nextInt(15);
                long gib = now.memoryBytes() / PaperFleet.GIB;
                yield PaperAdvice.memory(
                        vm, now, (other < gib ? other : other + 1) * PaperFleet.GIB, labels);
            }
            default -> {
                int from = PaperFleet.index(now.host());
                int to = random.nextInt(RehearsalRounds.HOSTS - 1);
                yield PaperAdvice.move(vm, now, PaperFleet.host(to < from ? to : to + 1), labels);
            }
        };
    }

    /// What the host says, and samples from nowhere.
    private record Facts(Advised advised, Supplier<List<DecisionRow>> rows) implements FleetFacts {
        @Override
        public @Nullable VmFacts vm(UUID vm) {
            return advised.facts().vm(vm);
        }

        @Override
        public boolean isOnline(UUID host) {
            return advised.facts().isOnline(host);
        }

        @Override
        public float[] history(UUID entity, int metricId, int minutes) {
            boolean known = advised.facts().vm(entity) != null && isMeasured(entity);
            boolean steal = metricId == Metrics.CPU_STEAL;
            boolean use = metricId == Metrics.CPU_USAGE || metricId == Metrics.MEMORY_USAGE;
            if (!known || (!steal && !use)) {
                return new float[0];
            }
            long harmMinutes = steal ? harmMinutes(entity) : 0;
            var values = new float[minutes];
            for (int i = 0; i < minutes; i++) {
                float noise = Math.floorMod(Objects.hash(entity, i), 100) / 100f;
                values[i] = (use ? 30 : 1) + noise + (minutes - i <= harmMinutes ? 50 : 0);
            }
            return values;
        }

        private long harmMinutes(UUID vm) {
            for (DecisionRow row : rows.get()) {
                if (row.state() == LifecycleState.VERIFYING
                        && row.vmId().equals(vm)
                        && !undoes(row)
                        && doesHarm(row.id())) {
                    return (advised.tickMs() - row.transitions().getLast().atMs()) / MINUTE_MS;
                }
            }
            return 0;
        }
    }
}
