package io.novacron.ingest.remotewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.wire.sbe.EntityKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MappingTableTest {
    private static final String EXPORTER =
            "exporter,node,instance,,,\nexporter,l,instance,domain,host,uuid\n";

    @Test
    void theBundledTableMakesWhatForecastsNeed() {
        MappingTable table = MappingTable.bundled();

        assertThat(table.targets(EntityKind.HOST))
                .contains(
                        "cpu.usage",
                        "memory.usage",
                        "disk.throughput",
                        "network.throughput",
                        "cpu.pressure",
                        "load.one");
        assertThat(table.targets(EntityKind.VM))
                .contains("cpu.usage", "memory.usage", "disk.throughput", "network.throughput");
        assertThat(table.sourceCount()).isGreaterThan(50);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "nodes,node_load1,gauge,host,,,load.one,sum,1; exporter=nodes is not described above. Maybe",
                "node,node_load1,gauge,host,,,load.one,sum; has 8 cells, must have 9",
                "node,node-load1,gauge,host,,,load.one,sum,1; source=node-load1 is not a metric name",
                "node,node_load1,summary,host,,,load.one,sum,1; kind=summary must be",
                "node,node_load1,gauge,rack,,,load.one,sum,1; entity=rack must be",
                "node,node_load1,gauge,vm,,,cpu.usage,sum,1; exporter=node names no vms. Maybe",
                "node,node_load1,gauge,host,,,load.two,sum,1; target=load.two is not in the catalogue. Maybe load.one?",
                "l,node_load1,gauge,vm,,,load.one,sum,1; target=load.one is not a metric of a vm",
                "node,node_load1,gauge,host,,,load.one,plus,1; part=plus must be",
                "node,node_load1,gauge,host,,,load.one,sum,0; factor=0 must be a number other than 0",
                "node,node_load1,gauge,host,,,load.one,sum,x; factor=x is not a number",
                "node,node_load1,gauge,host,a-b,,load.one,sum,1; by=a-b is not a label",
                "node,node_load1,gauge,host,,a~b,load.one,sum,1; where=a~b is not a condition. Maybe",
                "node,node_load1,gauge,host,,a=~(,load.one,sum,1; regex (",
                "exporter,node,instance,,,; must have a name of its own",
                "exporter,other,,,,; has no HOST label. Maybe instance",
                "exporter,other,instance,domain,rack,; SCOPE=rack must be host or fleet",
                "exporter,other,instance; has 3 cells",
                "'# nothing'; maps nothing",
            })
    void namesTheLineAndTheMistake(String row, String problem) {
        assertThatThrownBy(() -> MappingTable.parse(EXPORTER + row))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem)
                .satisfies(e -> {
                    if (!row.startsWith("#")) {
                        assertThat(e).hasMessageStartingWith("line 3: ");
                    }
                });
    }

    @Test
    void listsEveryMistake() {
        assertThatThrownBy(() ->
                        MappingTable.parse(
                                EXPORTER + "node,a,gauge,host,,,load.one,plus,1\nwhat,is,this\n"))
                .hasMessageContaining("line 3: part=plus")
                .hasMessageContaining("line 4: exporter=what");
    }

    @Test
    void linesOfOneSourceMustAgree() {
        assertThatThrownBy(() ->
                        MappingTable.parse(
                                EXPORTER
                                        + "node,a,gauge,host,,,load.one,sum,1\n"
                                        + "node,a,counter,host,,,swap.io,sum,1\n"))
                .hasMessageContaining("line 4: all lines of source=a must have the same");
    }
}
