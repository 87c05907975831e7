package io.novacron.daemon.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.novacron.wire.sbe.ActionType;
import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// Asks for an action on a vm, under the same policies and audit as any other decision.
@Command(
        name = "act",
        description =
                "Ask for an action on a vm and approve it; freezes and two-person rules hold.",
        footerHeading = "%nActions:%n",
        footer = {
            "  set-vcpus VM N            vcpus of the running vm",
            "  set-memory VM SIZE        memory of the running vm, e.g. 4GiB",
            "  set-cpu-quota VM CPUS     CPU time of all vcpus together, e.g. 1.5, or none",
            "  set-cpu-shares VM WEIGHT  beside other vms when CPU time is short, e.g. 1024",
            "  pin-vcpus VM CPUS         the host's CPUs, e.g. 0-3,8, or one list a vcpu: 0;1, or any",
            "  live-migrate VM HOST      to another host",
            "  start VM                  that is defined and off",
            "  stop VM                   asks the guest to shut down; it is never destroyed"
        })
final class ActCommand extends QueryCommand {
    /// What to do.
    enum Action {
        SET_VCPUS,
        SET_MEMORY,
        SET_CPU_QUOTA,
        SET_CPU_SHARES,
        PIN_VCPUS,
        LIVE_MIGRATE,
        START,
        STOP
    }

    @Spec private @Nullable CommandSpec spec;

    @Parameters(index = "0", paramLabel = "ACTION", description = "See below.")
    private String action = "";

    @Parameters(index = "1", paramLabel = "VM", description = "Name or UUID.")
    private String vm = "";

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "VALUE",
            description = "What it is to become; none for start and stop.")
    private @Nullable String value;

    @Mixin private final Verdict verdict = new Verdict();

    @Override
    JsonNode ask(RestClient client) {
        ActionType type = type();
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.setAll((ObjectNode) verdict.body());
        body.put("type", type.name());
        boolean needsValue = type != ActionType.START && type != ActionType.STOP;
        String wanted = value == null ? "" : value;
        if (needsValue == wanted.isEmpty()) {
            throw wrong(
                    needsValue
                            ? "%s of %s needs a value".formatted(action, vm)
                            : "%s of %s takes no value".formatted(action, vm));
        }
        switch (type) {
            case SET_VCPUS -> body.put("vcpus", number(wanted));
            case SET_MEMORY -> body.put("memoryBytes", Long.toString(bytes(wanted)));
            case LIVE_MIGRATE -> body.put("targetHost", wanted);
            default -> body.put("setting", wanted);
        }
        return client.post("/api/v1/vms/%s:act".formatted(RestClient.encode(vm)), body);
    }

    private ActionType type() {
        for (Action one : Action.values()) {
            if (one.name().equalsIgnoreCase(action.replace('-', '_'))) {
                return ActionType.valueOf(one.name());
            }
        }
        throw wrong("ACTION=%s is not known".formatted(action));
    }

    private int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException _) {
            throw wrong("vcpus=%s must be a number".formatted(text));
        }
    }

    private long bytes(String text) {
        try {
            return new ByteCountConverter().convert(text);
        } catch (TypeConversionException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    @Override
    void show(JsonNode decision, PrintWriter out) {
        Decisions.full(decision, out);
    }
}
