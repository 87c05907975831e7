package io.novacron.daemon.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SystemdUnitsTest {
    private static final Path UNITS = Checkout.root().resolve("systemd/system");

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "novacron.service",
                "novacron-agent.service",
                "novacron-history.service",
                "novacron-train.service"
            })
    void systemdFindsNothingWrongWithTheUnit(String unit) throws Exception {
        assumeAnalyze();
        // The programs are not installed here: verify the unit with one that exists in their place.
        String text =
                Files.readString(UNITS.resolve(unit))
                        .replaceAll("(?m)^ExecStart=\\S+", "ExecStart=/bin/true")
                        .replaceAll("(?m)^Documentation=.*\\R", "");
        Path copy = Files.writeString(folder.resolve(unit), text);
        Result result = run("systemd-analyze", "verify", "--man=no", copy.toString());
        assertThat(result.output().lines().filter(line -> line.contains(unit)))
                .as("systemd-analyze exits 0 on unknown keys, so its words count: %s", result)
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "novacron.service",
                "novacron-agent.service",
                "novacron-history.service",
                "novacron-train.service"
            })
    void theUnitIsHardened(String unit) throws Exception {
        assumeAnalyze();
        Result result =
                run(
                        "systemd-analyze",
                        "security",
                        "--offline=true",
                        unit.contains("agent") ? "--threshold=40" : "--threshold=25",
                        UNITS.resolve(unit).toString());
        assertThat(result.exitCode()).as(result.output()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "novacron.service",
                "novacron-agent.service",
                "novacron-history.service",
                "novacron-train.service"
            })
    void theUnitSetsNoCpuQuota(String unit) throws Exception {
        assertThat(Files.readAllLines(UNITS.resolve(unit)))
                .as("a quota stops the process in mid-flight")
                .noneMatch(line -> line.startsWith("CPUQuota"))
                .anyMatch(line -> line.startsWith("CPUWeight"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"novacron-history", "novacron-train"})
    void theTimerIsDailyAndFitsItsUnit(String name) throws Exception {
        assumeAnalyze();
        String timer = name + ".timer";
        Result result =
                run("systemd-analyze", "verify", "--man=no", UNITS.resolve(timer).toString());
        assertThat(result.output().lines().filter(line -> line.contains(timer)))
                .as("%s", result)
                .isEmpty();
        assertThat(Files.readAllLines(UNITS.resolve(timer)))
                .anyMatch(line -> line.startsWith("OnCalendar=*-*-* "));
        assertThat(Files.readAllLines(UNITS.resolve(name + ".service")))
                .as("it gives way to everything else")
                .contains("Nice=19", "CPUSchedulingPolicy=idle");
    }

    @Test
    void theJvmFlagsAreWrittenInOnePlace() throws Exception {
        try (var files = Files.walk(Checkout.root())) {
            List<Path> others =
                    files.filter(Files::isRegularFile)
                            .filter(SystemdUnitsTest::mayHoldFlags)
                            .filter(file ->
                                    contains(
                                            file,
                                            "--add-" + "opens=java.base/java.lang=ALL-UNNAMED"))
                            .toList();
            assertThat(others).containsExactly(Checkout.root().resolve("daemon/jvm.options"));
        }
    }

    private static boolean mayHoldFlags(Path file) {
        String path = Checkout.root().relativize(file).toString();
        return !path.contains("target")
                && !path.startsWith(".git")
                && !path.startsWith(".novacron")
                && (path.endsWith("pom.xml")
                        || path.endsWith(".options")
                        || path.endsWith(".service")
                        || path.endsWith(".java")
                        || path.equals("novacron"));
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void assumeAnalyze() {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/systemd-analyze")),
                "systemd-analyze is not installed: apt-get install systemd");
    }

    private static Result run(String... command) throws Exception {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        return new Result(process.exitValue(), output);
    }

    private record Result(int exitCode, String output) {}
}
