package io.novacron.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.solver.RuleConflict.Kind;
import io.novacron.solver.RuleConflict.Rule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RuleConflictTest {
    @Property(tries = 2_000, seed = "20261121")
    void findsConflictsWhereTryingEverythingFindsNoPlan(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        int hosts = 1 + random.nextInt(4);
        int vms = 2 + random.nextInt(4);
        var builder = builder(hosts, vms);
        List<Rule> rules = new ArrayList<>();
        for (int count = random.nextInt(7); count > 0; count--) {
            rules.add(add(builder, random, rules.size(), hosts, vms));
        }
        FleetProblem problem;
        try {
            problem = builder.build();
        } catch (InvalidInputException e) {
            assertThat(canHold(rules, vms, hosts)).as(e.getMessage()).isFalse();
            return;
        }
        List<RuleConflict> conflicts = RuleConflict.find(problem);

        assertThat(conflicts.isEmpty()).isEqualTo(canHold(rules, vms, hosts));
        for (RuleConflict conflict : conflicts) {
            List<Rule> minimal = conflict.rules();
            assertThat(canHold(minimal, vms, hosts)).as(conflict.text()).isFalse();
            for (Rule rule : minimal) {
                List<Rule> others = new ArrayList<>(minimal);
                others.remove(rule);
                assertThat(canHold(others, vms, hosts)).as("without " + rule).isTrue();
                assertThat(conflict.text()).contains(rule.toString());
            }
        }
        List<Rule> rest = new ArrayList<>(rules);
        conflicts.forEach(conflict -> rest.removeAll(conflict.rules()));
        assertThat(canHold(rest, vms, hosts)).as("what is left").isTrue();
    }

    @Test
    void namesAChainOfGroupsThatCannotHoldAnywhere() {
        var builder = builder(9, 5);
        builder.affinity("a", "v0", "v1").affinity("b", "v1", "v2").affinity("c", "v3", "v4");
        builder.antiAffinity("x", "v0", "v2", "v3");
        assertThatThrownBy(builder::build)
                .hasMessageContaining(
                        "these rules cannot all hold: affinity group a keeps v0, v1 together; affinity"
                                + " group b keeps v1, v2 together; anti-affinity group x keeps v0, v2,"
                                + " v3 apart. Maybe drop or change one of them?");
        builder = builder(9, 3);
        builder.affinity("a", "v0", "v1").pin("v0", "h1").forbid("v1", "h1").forbid("v2", "h1");
        assertThatThrownBy(builder::build)
                .hasMessageContaining("vm v0 is pinned to host h1; vm v1 is forbidden on host h1")
                .hasMessageNotContaining("v2");
    }

    @Test
    void tooFewHostsAreFoundButAreNoMistake() {
        var builder = builder(3, 6);
        builder.antiAffinity("x", "v0", "v1", "v2", "v3").affinity("a", "v4", "v5");
        FleetProblem problem = builder.build();
        assertThat(RuleConflict.find(problem))
                .singleElement()
                .satisfies(conflict ->
                        assertThat(conflict.rules())
                                .singleElement()
                                .extracting(Rule::name)
                                .isEqualTo("x"));
        Unresolved told = RuleConflict.find(problem).getFirst().unresolved();
        assertThat(told.entityId()).isEqualTo("v0");
        assertThat(told.reasons().getFirst().text())
                .isEqualTo(
                        "these rules cannot all hold: anti-affinity group x keeps v0, v1, v2, v3"
                                + " apart. Maybe drop or change one of them?");
        assertThat(RuleConflict.find(builder(3, 6).build())).isEmpty();
    }

    @Test
    void tellsOnlySomeOfManyVms() {
        var builder = builder(2, 40);
        String[] all = IntStream.range(0, 40).mapToObj(vm -> "v" + vm).toArray(String[]::new);
        FleetProblem problem = builder.antiAffinity("all", all).build();
        assertThat(RuleConflict.find(problem).getFirst().text()).contains("v7, and 32 more apart");
    }

    private static Rule add(
            FleetProblemBuilder builder, SplittableRandom random, int index, int hosts, int vms) {
        String vm = "v" + random.nextInt(vms);
        String host = "h" + random.nextInt(hosts);
        List<String> members =
                IntStream.range(0, vms)
                        .filter(_ -> random.nextInt(3) > 0)
                        .mapToObj(member -> "v" + member)
                        .toList();
        switch (random.nextInt(5)) {
            case 0 -> {
                builder.pin(vm, host);
                return new Rule(Kind.PIN, "", List.of(vm), host);
            }
            case 1, 2 -> {
                builder.forbid(vm, host);
                return new Rule(Kind.FORBID, "", List.of(vm), host);
            }
            case 3 -> {
                members = members.subList(0, Math.min(2, members.size()));
                builder.affinity("g" + index, members.toArray(String[]::new));
                return new Rule(Kind.AFFINITY, "g" + index, members, null);
            }
            default -> {
                builder.antiAffinity("g" + index, members.toArray(String[]::new));
                return new Rule(Kind.ANTI_AFFINITY, "g" + index, members, null);
            }
        }
    }

    private static boolean canHold(List<Rule> rules, int vms, int hosts) {
        int plans = (int) Math.round(Math.pow(hosts, vms));
        for (int plan = 0; plan < plans; plan++) {
            var hostOf = new int[vms];
            int rest = plan;
            for (int vm = 0; vm < vms; vm++) {
                hostOf[vm] = rest % hosts;
                rest /= hosts;
            }
            if (rules.stream().allMatch(rule -> holds(rule, hostOf))) {
                return true;
            }
        }
        return false;
    }

    private static boolean holds(Rule rule, int[] hostOf) {
        var used = new HashSet<String>();
        for (String vm : rule.vmIds()) {
            used.add("h" + hostOf[Integer.parseInt(vm.substring(1))]);
        }
        return switch (rule.kind()) {
            case AFFINITY -> used.size() <= 1;
            case ANTI_AFFINITY -> used.size() == rule.vmIds().size();
            case PIN -> used.contains(rule.hostId());
            case FORBID -> !used.contains(rule.hostId());
        };
    }

    private static FleetProblemBuilder builder(int hosts, int vms) {
        var builder = FleetProblem.builder(Horizon.ofQuantiles(6, 0.9, 0.9), Resource.CPU);
        for (int host = 0; host < hosts; host++) {
            builder.host("h" + host).capacity(Resource.CPU, 64);
        }
        for (int vm = 0; vm < vms; vm++) {
            builder.vm("v" + vm).on("h0").vcpus(1, 1).memoryBytes(1, 1);
        }
        return builder;
    }
}
