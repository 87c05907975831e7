package io.novacron.daemon.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.agent.libvirt.LibvirtLab;
import io.novacron.daemon.cli.Novacron;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Predicate;

/// An operator at the command line of a running daemon.
final class OperatorLine {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration RECOMMENDATION_LIMIT = Duration.ofMinutes(8);
    private static final Duration OUTCOME_LIMIT = Duration.ofMinutes(4);

    private final String url;

    OperatorLine(int controlPort) {
        url = "http://127.0.0.1:" + controlPort;
    }

    /// Waits for a recommendation of a type.
    JsonNode recommended(String type) {
        return recommended(type, _ -> true);
    }

    JsonNode recommended(String type, Predicate<JsonNode> wanted) {
        JsonNode[] found = new JsonNode[1];
        LibvirtLab.await(
                "a recommendation of type " + type,
                RECOMMENDATION_LIMIT,
                () -> {
                    for (JsonNode one : run("recommendations").path("decisions")) {
                        if (one.path("type").asText().equals(type) && wanted.test(one)) {
                            found[0] = one;
                        }
                    }
                    return found[0] != null;
                });
        return found[0];
    }

    void approve(long id) {
        JsonNode approved = run("approve", Long.toString(id));
        assertThat(approved.path("state").asText()).isEqualTo("APPROVED");
    }

    /// Waits for the end of a decision.
    JsonNode finished(long id) {
        LibvirtLab.await(
                "the end of decision " + id,
                OUTCOME_LIMIT,
                () ->
                        switch (run("decision", Long.toString(id)).path("state").asText()) {
                            case "KEPT", "FAILED", "EXPIRED", "ROLLED_BACK" -> true;
                            default -> false;
                        });
        return run("decision", Long.toString(id));
    }

    /// Runs one command and reads its JSON.
    JsonNode run(String... arguments) {
        return execute(0, with(arguments, "--json", "--url", url));
    }

    /// Runs one command that needs no daemon.
    JsonNode runLocal(String... arguments) {
        return execute(0, with(arguments, "--json"));
    }

    /// Runs one command that is refused.
    ///
    /// @return what it says
    String refused(String... arguments) {
        return execute(1, with(arguments, "--json", "--url", url)).toString();
    }

    private static String[] with(String[] arguments, String... more) {
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return all;
    }

    private static JsonNode execute(int expected, String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var line = Novacron.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int code = line.execute(arguments);
        try {
            assertThat(code)
                    .as("%s: %s %s", String.join(" ", arguments), out, err)
                    .isEqualTo(expected);
            return JSON.readTree(out.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(out.toString(), e);
        }
    }
}
