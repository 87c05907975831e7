package io.novacron.agent.simulation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/// Draws up the vms of a fleet from a seed: what each is for, how much it wants, and how well
/// somebody guessed its size.
///
/// About one vm in twelve is too small for what it wants and one in five far too large, as in the
/// fleets that need an optimiser.
final class FleetPlan {
    private static final long GIB = 1L << 30;
    private static final double MIB = 1 << 20;
    private static final double TOO_SMALL = 0.085;
    private static final double TOO_LARGE = 0.2;
    private static final int REPLICAS = 3;
    private static final List<String> APPS =
            List.of(
                    "shop", "search", "billing", "mail", "media", "auth", "reports", "maps", "chat",
                    "orders", "wiki", "tickets");

    /// What a vm is for. Peak cores are drawn from the range, memory grows with them.
    private enum Tier {
        WEB(Profile.DIURNAL, 24, 0.7, 2.8, 2, 2, 20),
        APP(Profile.DIURNAL, 16, 0.8, 3.4, 4, 4, 8),
        DB(Profile.STEADY, 12, 0.8, 3.0, 8, 40, 12),
        CACHE(Profile.STEADY, 7, 0.3, 1.2, 16, 1, 40),
        WORKER(Profile.STEADY, 9, 0.7, 2.6, 2, 6, 4),
        BATCH(Profile.NIGHTLY, 9, 1.5, 5.0, 3, 60, 10),
        CI(Profile.BURSTY, 7, 1.5, 4.0, 3, 50, 15),
        DEV(Profile.IDLE, 9, 0.03, 0.12, 4, 0.2, 0.1),
        REPORT(Profile.LEAKING, 4, 0.6, 1.8, 4, 5, 3),
        ANALYTICS(Profile.NOISY, 3, 3.0, 6.0, 5, 260, 30);

        final Profile profile;
        final int weight;
        final double minCores;
        final double maxCores;
        final double gibPerCore;
        final double diskMib;
        final double networkMib;

        Tier(
                Profile profile,
                int weight,
                double minCores,
                double maxCores,
                double gibPerCore,
                double diskMib,
                double networkMib) {
            this.profile = profile;
            this.weight = weight;
            this.minCores = minCores;
            this.maxCores = maxCores;
            this.gibPerCore = gibPerCore;
            this.diskMib = diskMib;
            this.networkMib = networkMib;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final long seed;
    private final int count;

    private FleetPlan(long seed, int count) {
        this.seed = seed;
        this.count = count;
    }

    static List<SimulatedVm> vms(int count, long seed) {
        return new FleetPlan(seed, count).draw();
    }

    private List<SimulatedVm> draw() {
        var vms = new ArrayList<SimulatedVm>();
        var numbers = new HashMap<Tier, Integer>();
        int width = Math.max(2, String.valueOf(count).length() - 1);
        for (int i = 0; i < count; i++) {
            Tier tier = tier(i);
            int number = numbers.merge(tier, 1, Integer::sum);
            vms.add(vm(i, tier, number, width));
        }
        return vms;
    }

    /// Tiers come in the proportion of their weights at any count, by the golden ratio's steps.
    private static Tier tier(int index) {
        int total = 0;
        for (Tier tier : Tier.values()) {
            total += tier.weight;
        }
        double at = (index * 0.6180339887498949) % 1 * total;
        for (Tier tier : Tier.values()) {
            at -= tier.weight;
            if (at < 0) {
                return tier;
            }
        }
        return Tier.WEB;
    }

    private SimulatedVm vm(int index, Tier tier, int number, int width) {
        String name = tier.label() + "-" + String.format("%0" + width + "d", number);
        long vmSeed = (seed * 1_000_003 + index) * 0x9E3779B97F4A7C15L;
        double peak = tier.minCores + (tier.maxCores - tier.minCores) * Noise.uniform(vmSeed, 11);
        int fair = Math.max(1, (int) Math.ceil(peak / 0.72));
        int vcpus = vcpus(tier, fair, peak, Noise.uniform(vmSeed, 12));
        double memoryGib = Math.max(1, Math.ceil(Math.max(1, peak) * tier.gibPerCore));
        boolean roomy = Noise.uniform(vmSeed, 13) < TOO_LARGE && tier.profile != Profile.LEAKING;
        long memoryBytes = (long) memoryGib * GIB;
        var workload =
                new Workload(
                        tier.profile,
                        vmSeed,
                        peak,
                        (roomy ? 0.3 : 0.95) * memoryBytes,
                        tier.diskMib * MIB,
                        tier.networkMib * MIB);
        return new SimulatedVm(
                uuid("vm " + seed + " " + index),
                name,
                labels(tier, number),
                workload,
                vcpus,
                memoryBytes,
                (long) (20 + 180 * Noise.uniform(vmSeed, 14)) * GIB);
    }

    private static int vcpus(Tier tier, int fair, double peak, double luck) {
        if (tier == Tier.DEV) {
            return luck < 0.5 ? 2 : 4;
        }
        // steady vms are the clearest cases: too small by night as well as by day
        double tooSmall = tier.profile == Profile.STEADY ? 2.5 * TOO_SMALL : 0.5 * TOO_SMALL;
        if (luck < tooSmall && peak > 1.2) {
            return Math.max(1, (int) (peak / 1.45));
        }
        return luck > 1 - TOO_LARGE ? fair * 4 : fair;
    }

    private static Map<String, String> labels(Tier tier, int number) {
        int group = (number - 1) / REPLICAS;
        String app = APPS.get(group % APPS.size());
        var labels = new LinkedHashMap<String, String>();
        labels.put("app", app);
        labels.put("tier", tier.label());
        labels.put("env", tier == Tier.DEV || tier == Tier.CI ? "dev" : "prod");
        if (tier == Tier.DB || tier == Tier.CACHE) {
            labels.put("anti-affinity", app + "-" + tier.label() + "-" + group);
        }
        return labels;
    }

    static UUID uuid(String name) {
        return UUID.nameUUIDFromBytes(
                ("novacron simulation " + name).getBytes(StandardCharsets.UTF_8));
    }
}
