package io.novacron.solver.search.reassignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.solver.search.SearchLimit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoadefFilesTest {
    // the first resource is transient; two machines, services 0 and 1 (which needs 0), 3 processes
    private static final String MODEL =
            """
            2
            1 100
            0 10
            2
            0 0 30 400 16 80 0 1
            0 1 10 240 8 160 1 0
            2
            1 0
            1 1 0
            3
            0 12 10 1000
            0 10 20 100
            1 6 200 1
            1
            0 1 20
            10
            1 10 100
            """;

    @TempDir private Path folder;

    @Test
    void readsAModelAndItsAssignment() throws IOException {
        Path model = write("model.txt", MODEL);
        var problem = RoadefFiles.readModel(model);
        assertThat(problem.machineCount()).isEqualTo(2);
        assertThat(problem.serviceCount()).isEqualTo(2);
        int[] initial = RoadefFiles.readAssignment(write("a.txt", "0 1 0\n"), problem);
        assertThat(ReassignmentRecount.faults(problem, initial, initial)).isEmpty();
        // loads: 100·(18 − 16) + 100·(10 − 8) + 10·(210 − 80); balance: 10·(20·12 − 190)
        assertThat(ReassignmentRecount.cost(problem, initial, initial)).isEqualTo(2_200);
        var plan = ReassignmentSearch.search(problem, initial, SearchLimit.ofMoves(100_000, 1, 1));
        assertThat(plan.cost()).isLessThanOrEqualTo(2_200);
    }

    @Test
    void unpacksByName() throws IOException {
        Path packed = folder.resolve("model.txt.gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(MODEL.getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(RoadefFiles.readModel(packed).processCount()).isEqualTo(3);
        Path plain = write("plain.gz", MODEL);
        assertThatThrownBy(() -> RoadefFiles.readModel(plain))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("plain.gz: not packed by gzip");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 12 10 1000|0 12 1x 1000|line 11: the need holds 'x'",
                "0 12 10 1000|0 12 -10 1000|line 11: the need holds '-'",
                "0 12 10 1000|7 12 10 1000|line 11: the service of a process is 7, not in [0, 2)",
                "1 1 0|1 1 9|line 9: the service depended on is 9, not in [0, 2)",
                "1 100|2 100|line 2: the transient flag is 2, not in [0, 2)",
                "0 1 20|0 3 20|line 15: the second resource of a balance is 3, not in [0, 2)",
                "1 10 100|1 10|the file ends before the weight of machine moves",
                "1 10 100|1 10 100 5|there is more in the file ('5')",
                "0 10 20 100|0 10 99999999999 100|line 12: the need is 99999999999",
            })
    void namesLineValueAndRuleOfAMistake(String right, String wrong, String message)
            throws IOException {
        Path model = write("bad.txt", MODEL.replace(right, wrong));
        assertThatThrownBy(() -> RoadefFiles.readModel(model))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("bad.txt")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "0 1,the file ends before the machine of process 2 of 3",
        "0 1 2,'machine of process 2 of 3 is 2, not in [0, 2)'",
        "0 1 0 1,there is more in the file",
    })
    void namesTheMistakeOfAnAssignment(String text, String message) throws IOException {
        var problem = RoadefFiles.readModel(write("model.txt", MODEL));
        Path assignment = write("a.txt", text);
        assertThatThrownBy(() -> RoadefFiles.readAssignment(assignment, problem))
                .hasMessageContaining(message);
    }

    @Test
    void writesOneLineThatItReadsAgain() throws IOException {
        var problem = RoadefFiles.readModel(write("model.txt", MODEL));
        Path out = folder.resolve("out.txt");
        RoadefFiles.writeAssignment(out, new int[] {1, 0, 1});
        assertThat(out).hasContent("1 0 1");
        assertThat(RoadefFiles.readAssignment(out, problem)).containsExactly(1, 0, 1);
    }

    @Test
    void namesEveryMistakeOfColumns() {
        assertThatThrownBy(() -> new ReassignmentProblem.Builder().build())
                .hasMessageContaining("there are no machines");
        assertThatThrownBy(() ->
                        new ReassignmentProblem.Builder()
                                .resources(new boolean[1], new int[] {1})
                                .machines(
                                        new int[1],
                                        new int[1],
                                        new int[] {-1},
                                        new int[1],
                                        new int[1])
                                .services(new int[1], new int[][] {{4}})
                                .processes(new int[] {1}, new int[1], new int[1])
                                .build())
                .hasMessageContaining("capacity at index 0 is -1")
                .hasMessageContaining("dependency of service 0, at 0 is 4, not in [0, 1)")
                .hasMessageContaining("service of process 0 is 1, not in [0, 1)");
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
