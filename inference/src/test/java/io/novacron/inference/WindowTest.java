package io.novacron.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class WindowTest {
    private final float[] values = {1, 10, 2, 20, 3, 30, 4, 40};
    private final Window window = Window.of(values, 2, 4, 300, 1_000_000);

    @Test
    void isTimeMajor() {
        assertThat(window.at(0, 1)).isEqualTo(10);
        assertThat(window.at(3, 0)).isEqualTo(4);
    }

    @Test
    void untilSeesOnlyThePastAndKnowsItsTime() {
        Window past = window.until(2);
        assertThat(past.steps()).isEqualTo(2);
        assertThat(past.at(1, 1)).isEqualTo(20);
        assertThat(past.endTimeMs()).isEqualTo(1_000_000 - 2 * 300_000);
    }

    @Test
    void lastKeepsTheNewestSteps() {
        Window recent = window.last(3).last(2);
        assertThat(recent.at(0, 0)).isEqualTo(3);
        assertThat(recent.endTimeMs()).isEqualTo(1_000_000);
        assertThat(window.last(99).steps()).isEqualTo(4);
    }

    @Test
    void copiesFromMemoryOutsideTheHeap() {
        try (var arena = Arena.ofConfined()) {
            var segment = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
            Window copy = Window.copyOf(segment, new float[8], 2, 4, 300, 0);
            assertThat(copy.at(2, 1)).isEqualTo(30);
        }
    }

    @Test
    void refusesAShapeThatDoesNotFit() {
        assertThatThrownBy(() -> Window.of(values, 3, 4, 300, 0))
                .hasMessageContaining("values.length=8")
                .hasMessageContaining("3*4");
        assertThatThrownBy(() -> Window.of(values, 2, 4, 300_000, 0))
                .hasMessageContaining("stepSeconds=300000");
        assertThatThrownBy(() -> window.until(5)).hasMessageContaining("steps=5");
    }

    @Test
    void knowsHowManyStepsADayHas() {
        assertThat(window.stepsPerDay()).isEqualTo(288);
        assertThat(Window.of(values, 2, 4, 7, 0).stepsPerDay()).as("not a whole number").isZero();
    }
}
