package io.novacron.wire.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.novacron.wire.Golden;
import io.novacron.wire.sbe.EntityKind;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricCatalogueTest {
    private static final String HEADER =
            "id,name,unit,kind,scope,cell,min,max,scale,forecast,text\n";

    private final MetricCatalogue catalogue = MetricCatalogue.INSTANCE;

    @Test
    void readsEveryColumn() {
        assertThat(catalogue.byId(Metrics.CPU_USAGE))
                .isEqualTo(
                        new Metric(
                                1,
                                "cpu.usage",
                                "percent",
                                Metric.Kind.GAUGE,
                                Metric.Scope.BOTH,
                                Metric.CellRule.MEAN,
                                0,
                                100,
                                Metric.Scale.LINEAR,
                                true,
                                "CPU in use, as a share of the entity's own CPUs (a vm's vCPUs, a"
                                        + " host's cores)"));
    }

    @Test
    void findsMetricsByIdAndName() {
        for (Metric metric : catalogue.all()) {
            assertThat(catalogue.byId(metric.id())).isSameAs(metric);
            assertThat(catalogue.byName(metric.name())).isSameAs(metric);
        }
        assertThat(catalogue.all()).hasSize(24);
        assertThat(catalogue.idLimit()).isEqualTo(Metrics.MAX_ID + 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 25, 65_535, Integer.MAX_VALUE})
    void knowsNoOtherIds(int id) {
        assertThat(catalogue.byId(id)).isNull();
    }

    @Test
    void namesTheFourForecastMetrics() {
        assertThat(catalogue.forecastMetrics())
                .extracting(Metric::id)
                .containsExactly(
                        Metrics.CPU_USAGE,
                        Metrics.MEMORY_USAGE,
                        Metrics.DISK_THROUGHPUT,
                        Metrics.NETWORK_THROUGHPUT);
    }

    @Test
    void generatedConstantsAreTheIds() throws ReflectiveOperationException {
        for (Metric metric : catalogue.all()) {
            String constant = metric.name().replace('.', '_').toUpperCase(Locale.ROOT);
            assertThat(Metrics.class.getField(constant).getInt(null)).isEqualTo(metric.id());
        }
    }

    @Test
    void prometheusNamesEndInTheirUnitOnce() {
        assertThat(catalogue.all())
                .extracting(metric -> metric.prometheusName(EntityKind.VM))
                .contains(
                        "novacron_vm_cpu_usage_percent",
                        "novacron_vm_memory_used_bytes",
                        "novacron_vm_disk_throughput_bytes_per_second",
                        "novacron_vm_disk_read_requests_per_second")
                .allMatch(name -> name.matches("[a-z_]+"))
                .doesNotHaveDuplicates();
        assertThat(catalogue.all().getFirst().prometheusName(EntityKind.HOST))
                .isEqualTo("novacron_host_cpu_usage_percent");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0,a,percent,gauge,both,mean,0,1,linear,no,text",
                "1024,a,percent,gauge,both,mean,0,1,linear,no,text",
                "x,a,percent,gauge,both,mean,0,1,linear,no,text",
                "1,a,percent,gage,both,mean,0,1,linear,no,text",
                "1,a,percent,gauge,both,mean,0,1,linear,maybe,text",
                "1,a,percent,gauge,both,mean,2,1,linear,no,text",
                "1,a,percent,gauge,both,mean,0,1,linear,no",
                "1,,percent,gauge,both,mean,0,1,linear,no,text",
            })
    void namesTheLineThatIsWrong(String line) {
        String good = "7,b,percent,gauge,both,mean,0,1,linear,no,text\n";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MetricCatalogue.parse(HEADER + good + line))
                .withMessageContaining("metrics.csv line 3")
                .withMessageContaining(line);
    }

    @Test
    void refusesAnIdOrANameGivenTwice() {
        String first = "1,a,percent,gauge,both,mean,0,1,linear,no,text\n";
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> MetricCatalogue.parse(HEADER + first + first.replace(",a,", ",z,")))
                .withMessageContaining("id=1");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> MetricCatalogue.parse(HEADER + first + first.replace("1,a", "2,a")))
                .withMessageContaining("name=a");
    }

    @Test
    void knowsWhatIsAbsurd() {
        Metric usage = catalogue.all().getFirst();
        assertThat(usage.inRange(0)).isTrue();
        assertThat(usage.inRange(100)).isTrue();
        assertThat(usage.inRange(-0.1f)).isFalse();
        assertThat(usage.inRange(Float.POSITIVE_INFINITY)).isFalse();
        assertThat(usage.inRange(Float.NaN)).isFalse();
    }

    @Test
    void documentIsUpToDate() {
        Golden.assertText(Path.of("../../docs/metrics.md"), MetricsDocument.markdown(catalogue));
    }
}
