package io.novacron.daemon.tick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.inference.ModelKind;
import io.novacron.inference.WorkPlan;
import io.novacron.wire.catalogue.Metrics;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TickPlanTest {
    private static final TickPlan PLAN =
            new TickPlan(
                    7,
                    1_700_000_000_000L,
                    true,
                    3,
                    BitSet.valueOf(new long[] {5, 1L << 63}),
                    BitSet.valueOf(new long[] {4}),
                    17,
                    Integer.MAX_VALUE,
                    200_000,
                    8,
                    9,
                    6,
                    List.of(new UUID(1, 2), new UUID(3, 4)),
                    List.of(
                            WorkPlan.UNLIMITED,
                            WorkPlan.UNLIMITED.with(ModelKind.GBT, 17).withBacktestOrigins(2),
                            WorkPlan.UNLIMITED),
                    Map.of(new UUID(1, 2), 5L, new UUID(7, 8), 9L),
                    List.of(new UUID(5, 6)));

    @Test
    void aPlanComesBackAsItWas() throws Exception {
        assertThat(TickPlan.decode(PLAN.encode())).isEqualTo(PLAN);
        assertThat(TickPlan.tickOf(PLAN.encode())).isEqualTo(7);
    }

    @Test
    void aPlanWithoutADrainIsAsBeforeThereWereDrains() throws Exception {
        byte[] bytes = PLAN.encode();
        byte[] first = Arrays.copyOf(bytes, bytes.length - 4 - 16); // one host
        first[0] = 1;
        assertThat(TickPlan.decode(first).draining()).isEmpty();
        assertThat(TickPlan.decode(first).encode()).isEqualTo(first);
    }

    @Test
    void aPlanOfANewerVersionIsRefusedByName() {
        byte[] bytes = PLAN.encode();
        bytes[0] = 3;
        assertThatThrownBy(() -> TickPlan.decode(bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version=3")
                .hasMessageContaining("must be 1 or 2");
        assertThat(TickPlan.tickOf(bytes)).isEqualTo(-1);
    }

    @Test
    void aCutPlanIsRefused() {
        byte[] bytes = PLAN.encode();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> TickPlan.decode(cut)).isInstanceOf(IOException.class);
        }
    }

    @Property(tries = 100)
    void journaledForecastsGiveTheTableThatDecisionsRestedOn(@ForAll long seed) throws Exception {
        var random = new Random(seed);
        ForecastTable before = table(random, ForecastTable.EMPTY, random.nextInt(1, 400));
        ForecastTable after = table(random, before, before.slots() + random.nextInt(3));

        List<byte[]> records = ForecastRecords.between(before, after);
        ForecastTable replayed = before.copyWithRoomFor(after.slots());
        for (byte[] record : records) {
            assertThat(record.length).isLessThanOrEqualTo(16 * 1024);
            ForecastRecords.apply(record, replayed);
        }

        assertSame(replayed, after);
        assertThat(ForecastRecords.between(replayed, after)).isEmpty();
    }

    @Test
    void forecastsThatEndInTheMiddleOfARowAreRefused() {
        var random = new Random(1);
        ForecastTable after = table(random, ForecastTable.EMPTY, 3);
        byte[] record = ForecastRecords.between(ForecastTable.EMPTY, after).getFirst();
        ForecastTable target = ForecastTable.EMPTY.copyWithRoomFor(3);
        byte[] cut = Arrays.copyOf(record, record.length - 1);
        assertThatThrownBy(() -> ForecastRecords.apply(cut, target))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("middle of a row");
    }

    private static void assertSame(ForecastTable one, ForecastTable other) {
        var difference = one.compareJournaled(other);
        assertThat(difference.identical()).isEqualTo(difference.values());
        assertThat(one.historyHours).isEqualTo(other.historyHours);
        for (int metricId : new int[] {Metrics.CPU_USAGE, Metrics.MEMORY_USAGE}) {
            int column = one.column(metricId);
            assertThat(one.models[column]).isEqualTo(other.models[column]);
        }
    }

    /// Some rows as before, some new, some without a forecast, some with values that are missing.
    private static ForecastTable table(Random random, ForecastTable before, int slots) {
        ForecastTable table = before.copyWithRoomFor(slots);
        for (int slot = 0; slot < slots; slot++) {
            if (slot < before.slots() && random.nextBoolean()) {
                continue;
            }
            table.historyHours[slot] = random.nextFloat() * 72;
            for (int metricId : new int[] {Metrics.CPU_USAGE, Metrics.MEMORY_USAGE}) {
                int column = table.column(metricId);
                boolean answered = random.nextInt(4) > 0;
                table.models[column][slot] =
                        answered ? ModelKind.LAST_VALUE.code() : ModelKind.NONE.code();
                int cells = ForecastTable.row(1);
                for (int i = 0; i < cells && answered; i++) {
                    float value = random.nextInt(30) == 0 ? Float.NaN : random.nextFloat() * 100;
                    table.quantiles[column][ForecastTable.row(slot) + i] =
                            ForecastRecords.rounded(value);
                }
            }
        }
        return table;
    }
}
