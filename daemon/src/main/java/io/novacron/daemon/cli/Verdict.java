package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import picocli.CommandLine.Option;

/// Who approves or rejects, and why; both go into the audit log.
final class Verdict {
    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Why; kept in the audit log.")
    private String reason = "";

    @Option(
            names = "--who",
            paramLabel = "NAME",
            defaultValue = "${sys:user.name}",
            description = "Who; kept in the audit log (default: the user's name).",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
    private String who = "";

    JsonNode body() {
        return JsonNodeFactory.instance.objectNode().put("who", who).put("reason", reason);
    }
}
