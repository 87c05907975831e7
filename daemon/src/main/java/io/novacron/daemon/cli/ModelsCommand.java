package io.novacron.daemon.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.inference.ModelRegistry;
import io.novacron.inference.ModelRegistry.Contents;
import io.novacron.inference.ModelRegistry.Entry;
import io.novacron.inference.ModelRegistry.State;
import io.novacron.inference.patch.PatchPackage;
import io.novacron.inference.serving.StackPackage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// The registry of stacked models: what is there, what serves. A running daemon sees a change at
/// its next tick.
@Command(
        name = "models",
        description = "List models, put them into service, take them out",
        subcommands = {
            ModelsCommand.ListModels.class,
            ModelsCommand.Promote.class,
            ModelsCommand.Retire.class,
            ModelsCommand.RollBack.class,
            ModelsCommand.KeyGen.class
        })
public final class ModelsCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        command.usage(command.getErr());
        return CommandLine.ExitCode.USAGE;
    }

    /// What all of them share.
    abstract static class Action implements Callable<Integer> {
        @Spec private @Nullable CommandSpec spec;

        @Option(names = "--json", description = "End with one JSON line")
        private boolean json;

        abstract void act() throws IOException, GeneralSecurityException;

        @Override
        public final Integer call() {
            try {
                act();
                return CommandLine.ExitCode.OK;
            } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
                PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
                err.println("models: " + e.getMessage());
                err.flush();
                return CommandLine.ExitCode.SOFTWARE;
            }
        }

        final void answer(String text, Map<String, Object> figures) {
            PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
            if (json) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("benchmark", "models");
                line.put("figures", figures);
                try {
                    out.println(new ObjectMapper().writeValueAsString(line));
                } catch (JsonProcessingException e) {
                    throw new IllegalStateException("figures are plain values", e);
                }
            } else {
                out.print(text);
            }
            out.flush();
        }
    }

    /// Those that work on a registry.
    abstract static class OfRegistry extends Action {
        @Option(
                names = "--dir",
                required = true,
                paramLabel = "DIR",
                description = "models.directory of the daemon, --out of `novacron train`")
        private Path root = Path.of("");

        final ModelRegistry registry() {
            return new ModelRegistry(root, StackPackage.NAME);
        }

        /// Patch networks, which are evaluated and not served.
        final Contents networks() throws IOException {
            return new ModelRegistry(root, PatchPackage.NAME).read();
        }

        final void show(Contents contents) {
            show(contents, new Contents(0, 0, List.of()));
        }

        final void show(Contents contents, Contents networks) {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("models", contents.models().size());
            figures.put("serving", contents.in(State.SERVING));
            figures.put("shadow", contents.in(State.SHADOW));
            figures.put("previous", contents.previous());
            figures.put("revision", contents.revision());
            var text = new StringBuilder();
            for (Entry entry : contents.models()) {
                figures.put(entry.version() + ".state", entry.state().label());
                figures.put(entry.version() + ".reason", entry.reason());
                text.append(
                        "%6d  %-10s %s%n"
                                .formatted(entry.version(), entry.state().label(), entry.reason()));
            }
            if (!networks.models().isEmpty()) {
                figures.put("lstm.models", networks.models().size());
            }
            for (Entry entry : networks.models()) {
                figures.put("lstm." + entry.version() + ".state", entry.state().label());
                figures.put("lstm." + entry.version() + ".reason", entry.reason());
                text.append(
                        "lstm %d  %-10s %s%n"
                                .formatted(entry.version(), entry.state().label(), entry.reason()));
            }
            if (text.isEmpty()) {
                text.append("No models yet. Maybe run `novacron train --out DIR` first?\n");
            }
            answer(text.toString(), figures);
        }
    }

    @Command(name = "list", description = "Versions and their states, patch networks (lstm) last")
    static final class ListModels extends OfRegistry {
        @Override
        void act() throws IOException {
            show(registry().read(), networks());
        }
    }

    @Command(name = "promote", description = "Put a version into service")
    static final class Promote extends OfRegistry {
        @Parameters(paramLabel = "VERSION")
        private int version;

        @Option(names = "--reason", description = "Default: ${DEFAULT-VALUE}")
        private String reason = "by hand";

        @Option(
                names = "--shadow",
                description = "Only mark it as a candidate that is being watched; nothing runs it")
        private boolean shadow;

        @Override
        void act() throws IOException {
            show(registry().promote(version, shadow ? State.SHADOW : State.SERVING, reason));
        }
    }

    @Command(name = "retire", description = "Take a version out of use; the members answer alone")
    static final class Retire extends OfRegistry {
        @Parameters(paramLabel = "VERSION")
        private int version;

        @Option(names = "--reason", description = "Default: ${DEFAULT-VALUE}")
        private String reason = "by hand";

        @Override
        void act() throws IOException {
            show(registry().retire(version, reason));
        }
    }

    @Command(name = "rollback", description = "Put the version before back into service")
    static final class RollBack extends OfRegistry {
        @Option(names = "--reason", description = "Default: ${DEFAULT-VALUE}")
        private String reason = "by hand";

        @Override
        void act() throws IOException {
            Contents contents = registry().read();
            int serving = contents.in(State.SERVING);
            if (serving == 0 || contents.previous() == 0) {
                throw new IllegalArgumentException(
                        "serving=%d previous=%d: there is nothing to go back to. Maybe `novacron models promote VERSION`?"
                                .formatted(serving, contents.previous()));
            }
            show(registry().rollBack(serving, reason));
        }
    }

    @Command(name = "keygen", description = "Make a key to sign models with")
    static final class KeyGen extends Action {
        @Option(
                names = "--key",
                required = true,
                paramLabel = "FILE",
                description = "Where the private key goes; it must not exist")
        private Path file = Path.of("");

        @Override
        void act() throws IOException, GeneralSecurityException {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            String pem =
                    "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                            .formatted(
                                    Base64.getEncoder()
                                            .encodeToString(pair.getPrivate().getEncoded()));
            if (Files.exists(file)) {
                throw new IllegalArgumentException(
                        "--key=%s exists already and is not overwritten".formatted(file));
            }
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, pem, StandardOpenOption.WRITE);
            String publicKey = Base64.getEncoder().encodeToString(pair.getPublic().getEncoded());
            answer(
                    "%s%nIs the public key, for models.trusted-keys.%n".formatted(publicKey),
                    new LinkedHashMap<>(Map.of("publicKey", publicKey)));
        }
    }
}
