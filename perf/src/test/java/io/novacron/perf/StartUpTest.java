package io.novacron.perf;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.cli.Novacron;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A client command lives a second, and making the command tree is most of that.
final class StartUpTest {
    @Test
    void makingTheCommandTreeLoadsNeitherLoggingNorKernelsNorClients() throws Exception {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.removeIf(argument -> argument.startsWith("-javaagent"));
        command.add("-Xlog:class+load");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Novacron.class.getName());
        command.add("--version");

        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        assertThat(output).contains(Novacron.class.getName(), "novacron ");
        assertThat(output.lines())
                .noneMatch(line -> line.contains(" org.apache.logging.log4j.core."))
                .noneMatch(line -> line.contains(" jdk.incubator.vector.AbstractVector "))
                .noneMatch(line -> line.contains(" com.fasterxml.jackson.databind.ObjectMapper "))
                .noneMatch(line -> line.contains(" sun.security.ssl.SSLContextImpl "));
    }
}
