package io.novacron.daemon.decision;

import static io.novacron.daemon.decision.VirtualDesk.host;
import static io.novacron.daemon.decision.VirtualDesk.vm;
import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.decision.GroupFacts.Destination;
import io.novacron.daemon.decision.GroupFacts.Member;
import io.novacron.daemon.view.DecisionRow;
import io.novacron.daemon.view.ExplanationRow.FlipRow;
import io.novacron.wire.message.Action;
import io.novacron.wire.sbe.ActionType;
import io.novacron.wire.sbe.EntityState;
import io.novacron.wire.sbe.LifecycleState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Groups on a virtual clock: what is proposed, when, and what becomes of it.
class ScalingDeskTest {
    private static final long GIB = 1L << 30;
    private static final int VCPUS = 2;
    private static final String AUTOMATIC =
            "policy: {mode: automatic}\nautomation: {allow: [\"all: scale-out,scale-in\"], max-concurrent-per-host: 9, max-hourly-per-host: 99, max-hourly-per-cluster: 99, max-concurrent-per-cluster: 99}\n";

    @TempDir private Path folder;

    // --- a webhook -----------------------------------------------------------------------------

    @Test
    void aWebhookIsToldOfTheNewSizeAndTheDecisionIsKeptWhenTheMembersRun() {
        var desk = desk(AUTOMATIC + webhook("web"));
        group(desk, "web", 4, 7.2);
        desk.tick();
        assertThat(desk.state(1)).isEqualTo(LifecycleState.PROPOSED);
        desk.tick();

        Action told = onlyAction(desk);
        assertThat(told.actionType()).isEqualTo(ActionType.SCALE_OUT);
        assertThat(desk.row(1).fromSetting()).isEqualTo("4");
        assertThat(desk.row(1).toSetting()).isEqualTo("6");
        assertThat(desk.row(1).summary()).isEqualTo("web: 4 → 6 members");

        desk.report(1, LifecycleState.VERIFYING, "accepted: two more");
        assertThat(desk.state(1)).isEqualTo(LifecycleState.VERIFYING);
        desk.ticks(2);
        assertThat(desk.desk.book().all()).as("one at a time").hasSize(1);
        group(desk, "web", 6, 7.2);
        desk.tick();
        assertThat(desk.state(1)).isEqualTo(LifecycleState.KEPT);
        assertThat(desk.row(1).transitions())
                .extracting(DecisionRow.TransitionRow::who)
                .containsExactly("novacron", "policy all", "novacron", "webhook web", "novacron");
    }

    @Test
    void aPersonApprovesWhereNothingIsOptedIn() {
        var desk = desk(webhook("web"));
        group(desk, "web", 4, 7.2);
        desk.ticks(3);
        assertThat(desk.sent).isEmpty();
        desk.approve(1, "ann");
        assertThat(onlyAction(desk).actionId()).isEqualTo(1);
    }

    @Test
    void aProposalSaysWhatDecidedAndWhatWouldFlipIt() {
        var desk = desk(webhook("web"));
        group(desk, "web", 4, 7.2);
        desk.tick();
        DecisionRow row = desk.row(1);
        assertThat(row.reasons())
                .extracting(DecisionRow.ReasonRow::code)
                .containsExactly("GROUP_DEMAND");
        assertThat(row.explanation().factors()).extracting(one -> one.unit()).contains("cores");
        assertThat(row.explanation().alternatives())
                .extracting(one -> one.what())
                .contains("as it is: 4 members");
        FlipRow peak =
                row.explanation().flips().stream()
                        .filter(flip -> flip.input().equals("peak demand"))
                        .findFirst()
                        .orElseThrow();
        group(desk, "web", 4, peak.to());
        desk.tick();
        assertThat(desk.state(1)).as("at the flip").isEqualTo(LifecycleState.EXPIRED);
        assertThat(row.benefit()).contains("peak utilisation after 60 %");
    }

    @Test
    void aForecastPeakIsServedBeforeItComes() {
        var desk = desk(AUTOMATIC + webhook("web"));
        int minutes = 0;
        while (desk.sent.isEmpty() && minutes < 60) {
            int left = Math.max(60, (40 - minutes) * 60); // until the peak
            group(desk, "web", 4, 4, List.of(0, left - 59, left), 4f, 4f, 9f);
            desk.tick();
            minutes++;
        }
        assertThat(minutes).as("lead time 3 min and two ticks before 40").isBetween(26, 36);
        assertThat(desk.row(1).toSetting()).isEqualTo("7");
    }

    @Test
    void whatIsNotDueAnyMoreExpiresAtOnce() {
        var desk = desk(webhook("web"));
        group(desk, "web", 4, 7.2);
        desk.tick();
        group(desk, "web", 4, 9);
        desk.tick();
        assertThat(desk.state(1)).isEqualTo(LifecycleState.SUPERSEDED);
        assertThat(desk.row(2).toSetting()).isEqualTo("7");
        group(desk, "web", 4, 4.5);
        desk.tick();
        assertThat(desk.state(2)).isEqualTo(LifecycleState.EXPIRED);
        assertThat(desk.row(2).outcome()).contains("no longer advised");
    }

    @Test
    void aGroupThatHasChangedIsNotScaledByAnOldApproval() {
        var desk = desk(webhook("web"));
        group(desk, "web", 4, 7.2);
        desk.tick();
        group(desk, "web", 5, 7.2);
        desk.desk.onAdvice(List.of(), desk.facts(), desk.nowMs); // the expiry is on its way
        desk.approve(1, "ann");
        assertThat(desk.sent).isEmpty();
        assertThat(desk.state(1)).isEqualTo(LifecycleState.SUPERSEDED);
    }

    @Test
    void theCoolDownHoldsBetweenTwoStarts() {
        var desk =
                desk(
                        AUTOMATIC
                                + webhook("web")
                                        .replace(
                                                "min: 2, max: 20",
                                                "min: 50, max: 90, max-added: 1"));
        group(desk, "web", 4, 2);
        desk.ticks(2);
        desk.report(1, LifecycleState.VERIFYING, "done");
        group(desk, "web", 10, 2);
        desk.tick();
        assertThat(desk.state(1)).isEqualTo(LifecycleState.KEPT);
        long startedMs = desk.nowMs - VirtualDesk.MINUTE_MS;
        while (desk.sent.size() == 1) {
            desk.tick();
        }
        assertThat(desk.nowMs - startedMs).isGreaterThanOrEqualTo(2 * VirtualDesk.MINUTE_MS);
    }

    @Test
    void aRefusalFailsAndRestsForTheCoolDown() {
        var desk = desk(AUTOMATIC + webhook("web"));
        group(desk, "web", 4, 7.2);
        desk.ticks(2);
        desk.report(1, LifecycleState.FAILED, "refused: no licence");
        assertThat(desk.state(1)).isEqualTo(LifecycleState.FAILED);
        desk.ticks(9);
        assertThat(desk.desk.book().all()).hasSize(1);
        desk.ticks(2);
        assertThat(desk.desk.book().all()).hasSize(2);
    }

    @Test
    void anUncertainOrderIsReadBack() {
        var desk = desk(AUTOMATIC + webhook("web"));
        group(desk, "web", 4, 7.2);
        desk.ticks(2);
        desk.report(1, LifecycleState.UNKNOWN, "did not answer");
        group(desk, "web", 6, 7.2);
        desk.tick();
        assertThat(desk.state(1)).isEqualTo(LifecycleState.KEPT);

        group(desk, "web", 6, 11);
        desk.ticks(5);
        assertThat(desk.state(2)).isEqualTo(LifecycleState.DISPATCHED);
        desk.report(2, LifecycleState.UNKNOWN, "did not answer");
        desk.ticks(7);
        assertThat(desk.state(2)).as("nothing has changed").isEqualTo(LifecycleState.FAILED);
    }

    @Test
    void aRestartTellsTheSameOrderAgain() {
        var desk = desk(AUTOMATIC + webhook("web"));
        group(desk, "web", 4, 7.2);
        desk.ticks(2);
        Action first = onlyAction(desk);
        desk.restart();
        desk.tick();
        assertThat(desk.sent).hasSize(2).allMatch(again -> again.equals(first));
        desk.report(1, LifecycleState.VERIFYING, "done");
        desk.tick();
        assertThat(desk.sent).hasSize(2);
        assertThat(desk.desk.book().all()).hasSize(1);
    }

    @Test
    void aReportOfAnythingElseIsRefused() {
        var desk = desk(AUTOMATIC + webhook("web"));
        desk.tick(desk.vcpus(1, 8));
        desk.report(1, LifecycleState.VERIFYING, "done");
        assertThat(desk.state(1)).isEqualTo(LifecycleState.PROPOSED);
        desk.report(77, LifecycleState.FAILED, "done");
        assertThat(desk.counters.values().get("outcomesRefused")).isEqualTo(2);
    }

    @Test
    void aReplayComesToTheSameDecisions() {
        var desk = desk(AUTOMATIC + webhook("web") + webhookItem("api"));
        group(desk, "web", 4, 7.2);
        group(desk, "api", 10, 4);
        desk.ticks(2);
        desk.report(1, LifecycleState.VERIFYING, "done");
        group(desk, "web", 6, 7.2);
        desk.ticks(30);
        assertThat(desk.desk.book().all().size()).isGreaterThan(1);
        assertThat(desk.replay().rows()).isEqualTo(desk.desk.rows());
    }

    // --- fewer ---------------------------------------------------------------------------------

    @Test
    void membersThatAreNotNeededAreTakenOut() {
        var desk = desk(AUTOMATIC + webhook("web"));
        group(desk, "web", 8, 4, List.of(0, 3_600), 4f, 4f);
        desk.ticks(2);
        assertThat(onlyAction(desk).actionType()).isEqualTo(ActionType.SCALE_IN);
        assertThat(desk.row(1).summary()).isEqualTo("web: 8 → 6 members");
        assertThat(desk.row(1).fromVcpus()).isEqualTo(2 * VCPUS);
        desk.report(1, LifecycleState.VERIFYING, "done");
        group(desk, "web", 6, 4, List.of(0, 3_600), 4f, 4f);
        desk.ticks(10);
        assertThat(desk.state(1)).isEqualTo(LifecycleState.KEPT);
        assertThat(desk.desk.book().all()).as("the cool-down of 15 min").hasSize(1);
        desk.ticks(8);
        assertThat(desk.row(2).summary()).isEqualTo("web: 6 → 4 members");
    }

    @Test
    void withoutAForecastAPersonDecidesOverFewer() {
        var desk = desk(AUTOMATIC + webhook("web"));
        group(desk, "web", 8, 4);
        desk.ticks(3);
        assertThat(desk.sent).isEmpty();
        assertThat(desk.row(1).outcome()).contains("confidence 0.75 is below");
    }

    @Test
    void whatWasRejectedIsNotAskedForAgainUnlessItIsMore() {
        var desk = desk(webhook("web"));
        group(desk, "web", 4, 7.2);
        desk.tick();
        var caller = new java.util.concurrent.CompletableFuture<DecisionRow>();
        desk.desk.submit(1, OperatorCommand.Verb.REJECT, "ann", "no money", caller);
        desk.pump();
        desk.ticks(5);
        assertThat(desk.desk.book().all()).hasSize(1);
        group(desk, "web", 4, 9);
        desk.tick();
        assertThat(desk.row(2).toSetting()).isEqualTo("7");
    }

    @Test
    void observingProposesNothingAndTellsWhatWouldBeSaved() {
        var desk = desk("policy: {mode: observe}\n" + webhook("web"));
        group(desk, "web", 8, 4);
        desk.ticks(60);
        assertThat(desk.desk.book().all()).isEmpty();
        assertThat(desk.desk.automation().observed().vcpusFreed()).isEqualTo(2 * VCPUS);
    }

    // --- many groups ---------------------------------------------------------------------------

    @Test
    void allGroupsTogetherStartNoMoreThanTheLimitInAnInterval() {
        var yaml = new StringBuilder(AUTOMATIC).append("scaling:\n  starts: 5\n  groups:\n");
        for (int i = 0; i < 6; i++) {
            yaml.append(webhookItem("g" + i));
        }
        var desk = desk(yaml.toString());
        int[] sizes = {4, 4, 4, 4, 4, 4};
        Map<Long, Integer> starts = new java.util.TreeMap<>();
        for (int minute = 0; minute < 60; minute++) {
            for (int i = 0; i < 6; i++) {
                group(desk, "g" + i, sizes[i], 9);
            }
            int before = desk.sent.size();
            desk.tick();
            for (Action action : desk.sent.subList(before, desk.sent.size())) {
                DecisionRow row = desk.row(action.actionId());
                int to = Integer.parseInt(row.toSetting());
                int group = Integer.parseInt(row.vmName().substring(1));
                starts.merge(desk.nowMs / 300_000, to - sizes[group], Integer::sum);
                sizes[group] = to;
                desk.report(action.actionId(), LifecycleState.VERIFYING, "done");
            }
        }
        assertThat(sizes).as("9 cores at 70 % of 2").containsOnly(7);
        assertThat(starts.values()).as("%s", starts).allMatch(count -> count <= 5);
        assertThat(desk.notes(DecisionEvent.Note.HELD_BACK)).isEmpty();
    }

    // --- clones --------------------------------------------------------------------------------

    @Test
    void clonesAreADecisionEachOnTheHostsThatPlacementFound() {
        var desk = desk(AUTOMATIC + libvirt());
        template(desk);
        group(desk, "web", 4, 7.2);
        desk.ticks(2);

        assertThat(desk.sent).hasSize(2);
        Action first = desk.sent.getFirst();
        assertThat(first.actionType()).isEqualTo(ActionType.SCALE_OUT);
        assertThat(first.vm()).as("the template").isEqualTo(vm(100));
        assertThat(first.expectedVcpus()).isEqualTo(VCPUS);
        assertThat(first.expectedSetting()).isEqualTo("web");
        DecisionRow row = desk.row(first.actionId());
        assertThat(first.targetSetting()).isEqualTo(row.vmName() + " " + row.vmId());
        assertThat(row.summary()).isEqualTo("web: 4 → 5 members, a clone of web-template on h-1");
        assertThat(desk.sent.get(1).expectedHost()).isEqualTo(host(2));

        desk.ticks(3);
        assertThat(desk.desk.book().all()).as("those on their way count").hasSize(2);
        clone(desk, row);
        desk.outcome(row.id(), LifecycleState.KEPT, "runs");
        desk.tick();
        assertThat(desk.state(row.id())).isEqualTo(LifecycleState.KEPT);
    }

    @Test
    void onlyClonesAreRemovedTheNewestFirst() {
        var desk = desk(AUTOMATIC + libvirt());
        template(desk);
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            members.add(member(i, i == 2 || i == 5));
            desk.vms.put(vm(i), new VmFacts(host(1), VCPUS, GIB));
        }
        desk.groups.put("web", facts("web", members, 4, List.of()));
        desk.ticks(2);
        assertThat(desk.sent).extracting(Action::vm).containsExactly(vm(5), vm(2));
        assertThat(desk.sent).extracting(Action::targetSetting).containsOnly("remove");

        members.removeIf(Member::isClone);
        desk.groups.put("web", facts("web", members, 2, List.of()));
        desk.vms.remove(vm(5));
        desk.vms.remove(vm(2));
        desk.sent.forEach(action -> desk.outcome(action.actionId(), LifecycleState.KEPT, "gone"));
        desk.ticks(40);
        assertThat(desk.sent).as("nothing that scaling did not create").hasSize(2);
        assertThat(desk.state(1)).isEqualTo(LifecycleState.KEPT);
    }

    @Test
    void withoutATemplateOrRoomNothingIsCloned() {
        var desk = desk(AUTOMATIC + libvirt());
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            members.add(member(i, false));
        }
        desk.groups.put("web", facts("web", members, 7.2, List.of()));
        desk.ticks(3);
        assertThat(desk.desk.book().all()).isEmpty();
    }

    // --- what the tests are made of ------------------------------------------------------------

    private VirtualDesk desk(String yaml) {
        return new VirtualDesk(folder, yaml);
    }

    private String webhook(String name) {
        return "scaling:\n  groups:\n" + webhookItem(name);
    }

    private String webhookItem(String name) {
        Path secret = folder.resolve("secret");
        try {
            Files.writeString(secret, "0123456789abcdef0123456789abcdef");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return ("    - {name: %s, selector: app=%s, min: 2, max: 20, executor: webhook,"
                        + " webhook: {url: \"http://127.0.0.1:1/\", secret-file: %s}}\n")
                .formatted(name, name, secret);
    }

    private static String libvirt() {
        return "scaling:\n  groups:\n    - {name: web, selector: app=web, min: 1, max: 20, executor: libvirt, template: web-template}\n";
    }

    private static void group(VirtualDesk desk, String name, int size, double observed) {
        group(desk, name, size, observed, List.of());
    }

    private static void group(
            VirtualDesk desk,
            String name,
            int size,
            double observed,
            List<Integer> seconds,
            float... demand) {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            members.add(member(i, false));
        }
        List<Float> path = new ArrayList<>();
        for (float point : demand) {
            for (int level = 0; level < 9; level++) {
                path.add(point);
            }
        }
        GroupFacts facts = facts(name, members, observed, places());
        desk.groups.put(
                name,
                new GroupFacts(
                        facts.name(),
                        facts.members(),
                        facts.memberVcpus(),
                        facts.memberMemoryBytes(),
                        observed,
                        observed,
                        seconds,
                        path,
                        facts.hosts(),
                        facts.labels(),
                        "ensemble"));
    }

    private static GroupFacts facts(
            String name, List<Member> members, double observed, List<Destination> hosts) {
        return new GroupFacts(
                name,
                members,
                VCPUS,
                GIB,
                observed,
                observed,
                List.of(0),
                java.util.Collections.nCopies(9, (float) observed),
                hosts,
                Map.of("app", name),
                "observed");
    }

    private static List<Destination> places() {
        return List.of(
                new Destination(host(1), "h-1", vm(100), Map.of()),
                new Destination(host(2), "h-2", vm(101), Map.of()),
                new Destination(host(1), "h-1", vm(100), Map.of()));
    }

    private static Member member(int number, boolean isClone) {
        return new Member(
                vm(number), "web-" + number, host(1), "h-1", VCPUS, GIB, number, isClone, Map.of());
    }

    private static void template(VirtualDesk desk) {
        for (int i = 0; i < 2; i++) {
            desk.vms.put(
                    vm(100 + i),
                    new VmFacts(
                            host(1 + i),
                            VCPUS,
                            GIB,
                            "web-template",
                            EntityState.STOPPED,
                            VCPUS,
                            GIB,
                            Map.of()));
        }
    }

    private static void clone(VirtualDesk desk, DecisionRow row) {
        UUID id = row.vmId();
        desk.vms.put(id, new VmFacts(row.hostId(), VCPUS, GIB));
    }

    private static Action onlyAction(VirtualDesk desk) {
        assertThat(desk.sent).hasSize(1);
        return desk.sent.getFirst();
    }
}
