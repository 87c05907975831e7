package io.novacron.daemon.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.daemon.decision.DecisionEvent.Note;
import io.novacron.daemon.decision.FleetFacts.VmFacts;
import io.novacron.daemon.decision.OperatorCommand.Verb;
import io.novacron.daemon.view.CommandException;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is done without a person, what is not, and which rule said so.
class AutomationTest {
    private static final String ON = "policy: {mode: automatic, cool-down: 1m}\n";
    private static final String ALL = "  allow: [\"everything: any\"]\n";
    private static final String NO_LIMITS =
            "  max-concurrent-per-host: 1000\n  max-concurrent-per-cluster: 1000\n"
                    + "  max-concurrent-per-kind: 1000\n  max-hourly-per-host: 1000\n"
                    + "  max-hourly-per-cluster: 1000\n  max-hourly-per-kind: 1000\n";

    @TempDir private Path folder;

    @Test
    void whatIsOptedInIsApprovedByItsRuleAndSentOnce() {
        var desk = desk(ON + "automation:\n  allow: [\"dev: set-vcpus where env=dev\"]");
        desk.ticks(2, desk.vcpus(1, 8, "env=dev"));
        assertThat(desk.sent).hasSize(1);
        assertThat(desk.row(1).transitions().get(1))
                .satisfies(step -> {
                    assertThat(step.state()).isEqualTo(LifecycleState.APPROVED);
                    assertThat(step.who()).isEqualTo("policy dev");
                    assertThat(step.text()).contains("set-vcpus where env=dev", "0.90");
                });
        assertThat(desk.counters.values()).containsEntry("approvedAutomatically", 1L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    not-opted-in ; allow: ["dev: set-vcpus where env=prod"]
                    not-opted-in ; allow: ["dev: set-memory,live-migrate"]
                    not-opted-in ; allow: []
                    window       ; allow: ["dev: any at 06:00-22:00"]
                    window       ; allow: ["dev: any at mon,wed-sun 00:00-24:00"]
                    freeze       ; {allow: ["dev: any"], freeze: ["f: any at tue 20:00-06:00"]}
                    two-persons  ; {allow: ["dev: any"], two-persons: ["p: any where env=dev"]}
                    confidence   ; {allow: ["dev: any"], confidence: 0.95}
                    margin       ; {allow: ["dev: any"], margin: 1}
                    concurrent-host    ; {allow: ["dev: any"], max-concurrent-per-host: 0}
                    concurrent-cluster ; {allow: ["dev: any"], max-concurrent-per-cluster: 0}
                    concurrent-kind    ; {allow: ["dev: any"], max-concurrent-per-kind: 0}
                    hourly-host        ; {allow: ["dev: any"], max-hourly-per-host: 0}
                    hourly-cluster     ; {allow: ["dev: any"], max-hourly-per-cluster: 0}
                    hourly-kind        ; {allow: ["dev: any"], max-hourly-per-kind: 0}
                    """)
    void whatIsHeldBackSaysByWhichRuleOnceAndWaitsForAPerson(String rule, String automation) {
        String braces = automation.startsWith("{") ? automation : "{" + automation + "}";
        var desk = desk(ON + "automation: " + braces);
        desk.ticks(5, desk.vcpus(1, 7, "env=dev"));
        assertThat(desk.sent).isEmpty();
        assertThat(desk.state(1)).isEqualTo(LifecycleState.PROPOSED);
        assertThat(desk.notes(Note.HELD_BACK))
                .singleElement()
                .satisfies(note -> assertThat(note.facts()).containsEntry("rule", rule));
        assertThat(desk.row(1).outcome()).startsWith("not automatic (%s): ".formatted(rule));
    }

    @Test
    void nothingIsAutomaticInOtherModes() {
        var desk = desk("policy: {mode: recommend}\nautomation:\n" + ALL);
        desk.ticks(5, desk.vcpus(1, 8));
        assertThat(desk.state(1)).isEqualTo(LifecycleState.PROPOSED);
        assertThat(desk.notes(Note.HELD_BACK)).isEmpty();
    }

    @Test
    void aVmOrHostThatOptedOutIsLeftAlone() {
        var desk = desk(ON + "automation:\n" + ALL);
        desk.ticks(3, desk.vcpus(1, 8, "novacron.optimise=off"));
        assertThat(desk.sent).isEmpty();
        assertThat(desk.notes(Note.HELD_BACK).getFirst().facts()).containsEntry("rule", "opt-out");
    }

    @Test
    void aFreezeHoldsForPersonsToo() {
        var desk = desk(ON + "automation:\n  freeze: [\"f: any\"]");
        desk.tick(desk.vcpus(1, 8));
        assertThatThrownBy(desk.approve(1, "ann")::join)
                .hasCauseInstanceOf(CommandException.class)
                .hasMessageContaining("automation.freeze: f: any");
        assertThat(desk.state(1)).isEqualTo(LifecycleState.PROPOSED);
    }

    @Test
    void twoDifferentPersonsApproveWhatNeedsTwo() {
        var desk = desk(ON + "automation:\n  two-persons: [\"p: any where env=prod\"]");
        desk.tick(desk.vcpus(1, 8, "env=prod"));
        assertThat(desk.approve(1, "ann").join().state()).isEqualTo(LifecycleState.PROPOSED);
        assertThatThrownBy(desk.approve(1, "ann")::join).hasMessageContaining("needs two persons");
        desk.restart(); // the first approval is on record
        desk.tick(desk.vcpus(1, 8, "env=prod"));
        assertThat(desk.approve(1, "bob").join().state()).isEqualTo(LifecycleState.APPROVED);
        assertThat(desk.sent).hasSize(1);
        assertThat(desk.row(1).transitions()).extracting(step -> step.who()).contains("ann", "bob");
    }

    @Test
    void nobodySignsAsAPolicyOrAnAgent() {
        var desk = desk(ON);
        desk.tick(desk.vcpus(1, 8));
        for (String who : new String[] {"policy dev", "agent 7", "novacron"}) {
            assertThatThrownBy(desk.approve(1, who)::join).hasMessageContaining("who=" + who);
        }
    }

    @Test
    void theKillSwitchHoldsAtOnceAndAfterARestartUntilItIsResumed() {
        var desk = desk(ON + "automation:\n" + ALL + NO_LIMITS);
        desk.ticks(2, desk.vcpus(1, 8));
        assertThat(desk.sent).hasSize(1);
        assertThat(desk.use(Verb.STOP).join().stopped()).isTrue();
        desk.ticks(3, desk.vcpus(2, 8), desk.vcpus(3, 8));
        assertThat(desk.sent).hasSize(1);
        assertThat(desk.notes(Note.HELD_BACK))
                .hasSize(2)
                .allSatisfy(note -> assertThat(note.text()).contains("ann", "smoke in the hall"));
        desk.restart();
        desk.ticks(3, desk.vcpus(2, 8), desk.vcpus(3, 8));
        assertThat(desk.sent).as("after a restart").hasSize(1);
        assertThat(desk.desk.automation().who()).isEqualTo("ann");
        assertThat(desk.approve(2, "bob").join().state())
                .as("a person may still act")
                .isEqualTo(LifecycleState.APPROVED);
        assertThat(desk.use(Verb.RESUME).join().stopped()).isFalse();
        desk.ticks(2, desk.vcpus(3, 8));
        assertThat(desk.sent).hasSize(3);
    }

    @Test
    void theKillSwitchHoldsEvenWhenTheJournalTakesNothing() {
        var desk = desk(ON + "automation:\n" + ALL);
        desk.tick(desk.vcpus(1, 8));
        desk.journalTakes = false;
        assertThatThrownBy(desk.use(Verb.STOP)::join).hasMessageContaining("automation is stopped");
        desk.journalTakes = true;
        desk.ticks(3, desk.vcpus(1, 8));
        assertThat(desk.sent).isEmpty();
        assertThat(desk.desk.automation().stopped()).isTrue();
    }

    @Test
    void whatWasApprovedAMomentBeforeTheKillSwitchIsNotSent() {
        var desk = desk(ON + "automation:\n" + ALL);
        desk.tick(desk.vcpus(1, 8));
        desk.nowMs += VirtualDesk.MINUTE_MS;
        var advice = desk.vcpus(1, 8);
        desk.desk.onAdvice(List.of(advice), desk.facts(), desk.nowMs); // approves
        desk.desk.submitSwitch(Verb.STOP, "ann", "now", new CompletableFuture<>());
        desk.pump();
        assertThat(desk.sent).isEmpty();
        assertThat(desk.row(1).outcome()).contains("all automation is stopped");
    }

    @Test
    void neverMoreThanTheLimitsAreUnderWayOrBegunInAnHour() {
        var desk =
                desk(
                        ON
                                + "automation:\n"
                                + ALL
                                + "  max-concurrent-per-host: 2\n  max-hourly-per-host: 3\n"
                                + "  reversal-after: 0s\n");
        desk.agentsAct = false;
        var advice = new Proposal[10];
        for (int i = 0; i < advice.length; i++) {
            advice[i] = desk.vcpus(i + 1, 8);
        }
        desk.ticks(2, advice);
        assertThat(desk.sent).as("under way").hasSize(2);
        desk.agentsAct = true;
        desk.act();
        desk.ticks(30, advice);
        assertThat(desk.sent).as("begun in the hour").hasSize(3);
        desk.ticks(40, advice);
        assertThat(desk.sent).as("an hour later").hasSizeGreaterThan(3).hasSizeLessThan(7);
    }

    @Test
    void adviceThatTurnsBackAndForthDoesNotFlap() {
        var desk = desk(ON + "automation:\n" + ALL + NO_LIMITS + "  reversal-after: 6h\n");
        for (int minute = 0; minute < 24 * 60; minute++) {
            VmFacts now =
                    desk.vms.getOrDefault(
                            VirtualDesk.vm(1), new VmFacts(VirtualDesk.host(1), 4, 1L << 30));
            desk.tick(desk.vcpus(1, now.vcpus() == 4 ? 8 : 4));
        }
        assertThat(desk.sent).hasSizeBetween(3, 5);
        assertThat(desk.notes(Note.HELD_BACK))
                .anySatisfy(note -> assertThat(note.facts()).containsEntry("rule", "flapping"));
    }

    @Test
    void observeProposesNothingAndTellsWhatWouldHaveBeenSaved() {
        var desk = desk("policy: {mode: observe}\nautomation:\n" + ALL);
        desk.ticks(121, desk.vcpus(1, 1), desk.vcpus(2, 3));
        assertThat(desk.desk.rows()).isEmpty();
        var observed = desk.desk.automation().observed();
        assertThat(observed.changes()).isEqualTo(2);
        assertThat(observed.vcpusFreed()).isEqualTo(4);
        assertThat(observed.vcpuHours()).isEqualTo(8, org.assertj.core.api.Assertions.within(1e-6));
        assertThat(desk.notes(Note.OBSERVED)).hasSize(3);
    }

    @Test
    void replayingTheJournalGivesTheSameDecisionsAndTheSameSwitch() {
        var desk = desk(ON + "automation:\n" + ALL + NO_LIMITS);
        for (int i = 0; i < 60; i++) {
            desk.tick(
                    desk.vcpus(i % 7, 2 + i % 5, "env=dev"),
                    desk.vcpus(8, 3, "novacron.optimise=off"));
            if (i % 20 == 10) {
                desk.use(i < 30 ? Verb.STOP : Verb.RESUME);
            }
        }
        var replayed = desk.replay();
        assertThat(replayed.rows()).isEqualTo(desk.desk.rows());
        assertThat(replayed.book().automation()).isEqualTo(desk.desk.book().automation());
    }

    @Test
    void theSameJournalConfigurationAndTimesGiveTheSameDecisions() throws IOException {
        String yaml =
                ON + "automation:\n" + ALL + "  max-hourly-per-host: 6\n  reversal-after: 10m\n";
        var first = run(new VirtualDesk(Files.createDirectory(folder.resolve("one")), yaml));
        var second = run(new VirtualDesk(Files.createDirectory(folder.resolve("two")), yaml));
        assertThat(second.desk.rows()).isEqualTo(first.desk.rows());
        assertThat(texts(second)).isEqualTo(texts(first));
        assertThat(second.sent).hasSameSizeAs(first.sent).hasSizeGreaterThan(10);
    }

    private static List<String> texts(VirtualDesk desk) {
        return desk.events.stream()
                .map(event -> new String(event, StandardCharsets.UTF_8))
                .toList();
    }

    private static VirtualDesk run(VirtualDesk desk) {
        for (int i = 0; i < 200; i++) {
            int now = i;
            desk.tick(
                    IntStream.rangeClosed(1, 6)
                            .mapToObj(vm -> desk.vcpus(vm, 2 + (now / 30 + vm) % 5))
                            .toArray(Proposal[]::new));
        }
        return desk;
    }

    @Test
    void anApprovedActionGoesOnAfterARestartAndASentOneIsNotRepeated() {
        var desk = desk("policy: {mode: recommend}");
        desk.agentsAct = false;
        desk.tick(desk.vcpus(1, 8));
        var caller = new CompletableFuture<io.novacron.daemon.view.DecisionRow>();
        desk.desk.submit(1, Verb.APPROVE, "ann", "", caller);
        desk.pump();
        assertThat(desk.state(1)).isEqualTo(LifecycleState.DISPATCHED);
        desk.restart();
        assertThat(desk.state(1)).isEqualTo(LifecycleState.DISPATCHED);
        desk.tick();
        assertThat(desk.sent).as("the agent knows it by its id").hasSize(2);
        assertThat(desk.sent.get(1)).usingRecursiveComparison().isEqualTo(desk.sent.get(0));
        desk.ticks(1);
        assertThat(desk.sent).hasSize(2);
    }

    private VirtualDesk desk(String yaml) {
        return new VirtualDesk(folder, yaml);
    }
}
