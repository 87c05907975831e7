package io.novacron.daemon.cli;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where the daemon is and how to speak to it: options that every query command has.
final class RestOptions {
    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${env:NOVACRON_URL:-http://127.0.0.1:7070}",
            description = "Address of the daemon (env NOVACRON_URL; default: ${DEFAULT-VALUE}).")
    URI url = URI.create("http://127.0.0.1:7070");

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            defaultValue = "${env:NOVACRON_TOKEN}",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "Token of the control port (env NOVACRON_TOKEN).")
    @Nullable String token;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            defaultValue = "${env:NOVACRON_CA}",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "PEM file of who signed the daemon's certificate (env NOVACRON_CA).")
    @Nullable Path authorities;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "How long to wait for an answer (default: ${DEFAULT-VALUE}).")
    Duration timeout = Duration.ofSeconds(10);

    @Option(names = "--json", description = "Print one JSON document instead of a table.")
    boolean json;
}
