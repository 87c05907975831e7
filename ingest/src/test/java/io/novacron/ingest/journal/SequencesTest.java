package io.novacron.ingest.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SequencesTest {
    @Property(tries = 200)
    void countsAsASetDoes(@ForAll List<@IntRange(min = 1, max = 60) Integer> numbers) {
        var sequences = new Sequences();
        var model = new TreeSet<Integer>();
        for (int number : numbers) {
            assertThat(sequences.add(number)).isEqualTo(model.add(number));
        }
        assertThat(sequences.count()).isEqualTo(model.size());
        assertThat(sequences.highest()).isEqualTo(model.isEmpty() ? 0 : model.last());
        assertThat(sequences.countUpTo(30)).isEqualTo(model.headSet(30, true).size());
    }
}
