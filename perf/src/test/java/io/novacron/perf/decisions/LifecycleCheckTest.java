package io.novacron.perf.decisions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.perf.decisions.PaperFleet.Line;
import io.novacron.perf.decisions.PaperFleet.Place;
import io.novacron.perf.decisions.PaperFleet.Step;
import io.novacron.wire.sbe.LifecycleState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifecycleCheckTest {
    private static final String DONE = "PROPOSED,APPROVED,DISPATCHED,RUNNING,VERIFYING,";

    private final LifecycleCheck check = new LifecycleCheck();
    private final List<Line> lines = new ArrayList<>();

    @Test
    void aDecisionThatWasDoneOnceAndKeptIsRight() throws IOException {
        look(1, 0, DONE + "KEPT", "");
        paper(1, Step.DO);
        expect(0, 0, 0);
    }

    @Test
    void anActionThatIsDoneTwiceIsRepeated() throws IOException {
        look(1, 0, DONE + "KEPT", "");
        paper(1, Step.DO);
        paper(1, Step.DO);
        expect(1, 0, 0);
    }

    @Test
    void whatACallerWasToldMustHoldAfterTheProcessHasEnded() throws IOException {
        check.told(1, LifecycleState.APPROVED);
        look(1, 0, "PROPOSED", "");
        assertThat(check.lost()).as("its rows may be a moment behind").isZero();
        check.ended();
        look(1, 0, "PROPOSED", "");
        assertThat(check.lost()).isEqualTo(1);
    }

    @Test
    void aDecisionThatHasVanishedIsLost() throws IOException {
        check.told(2, LifecycleState.APPROVED);
        check.ended();
        look(1, 0, "PROPOSED", "");
        assertThat(check.lost()).isEqualTo(1);
    }

    @Test
    void aDecisionThatGoesBackIsLost() throws IOException {
        look(1, 0, "PROPOSED,APPROVED,DISPATCHED", "");
        look(1, 0, "PROPOSED,APPROVED", "");
        assertThat(check.lost()).isEqualTo(1);
    }

    @Test
    void aDecisionThatNeverEndsIsLost() throws IOException {
        look(1, 0, "PROPOSED,APPROVED,DISPATCHED", "");
        assertThat(check.allEnded()).isFalse();
        expect(0, 1, 0);
    }

    @Test
    void anApprovedDecisionThatWasNeverBegunIsLostButARefusedOneIsNot() throws IOException {
        look(1, 0, "PROPOSED,APPROVED,DISPATCHED,UNKNOWN,FAILED", "read back: nothing has changed");
        look(2, 0, "PROPOSED,APPROVED,DISPATCHED,RUNNING,FAILED", "refused");
        paper(2, Step.SKIP);
        expect(0, 1, 0);
    }

    @Test
    void anEndThatIsNotWhatWasDoneIsWrong() throws IOException {
        look(1, 0, DONE + "KEPT", "");
        look(2, 0, DONE + "UNKNOWN,FAILED", "read back: the vm is gone");
        paper(2, Step.DO);
        look(3, 0, "PROPOSED,APPROVED,EXPIRED", "");
        paper(3, Step.DO);
        look(4, 0, DONE + "ROLLED_BACK", "");
        paper(4, Step.DO);
        paper(9, Step.DO);
        expect(0, 0, 5);
    }

    @Test
    void aDecisionIsUndoneByTheAgentOrByAnotherDecision() throws IOException {
        look(1, 0, "PROPOSED,APPROVED,DISPATCHED,RUNNING,ROLLED_BACK", "");
        paper(1, Step.DO);
        paper(1, Step.UNDO);
        look(2, 0, DONE + "ROLLED_BACK", "");
        paper(2, Step.DO);
        look(3, 2, DONE + "KEPT", "");
        paper(3, Step.DO);
        look(4, 0, DONE + "FAILED", "worse, and decision 5 could not undo it");
        paper(4, Step.DO);
        look(5, 4, "PROPOSED,EXPIRED", "");
        expect(0, 0, 0);
    }

    private void look(long id, long undoes, String states, String outcome) throws IOException {
        check.look(
                new ObjectMapper()
                        .readTree(
                                "[{\"id\":%d,\"vm\":0,\"undoes\":%d,\"states\":[\"%s\"],\"outcome\":\"%s\"}]"
                                        .formatted(
                                                id,
                                                undoes,
                                                states.replace(",", "\",\""),
                                                outcome)));
    }

    private void paper(long id, Step step) {
        lines.add(new Line(id, step, PaperFleet.vm(0), new Place(PaperFleet.host(0), 1, 1L << 30)));
    }

    private void expect(int repeated, int lost, int wrongEndState) {
        check.finish(lines);
        assertThat(List.of(check.repeated(), check.lost(), check.wrongEndState()))
                .as("repeated, lost, wrong end state: %s", check.problems())
                .containsExactly(repeated, lost, wrongEndState);
    }
}
