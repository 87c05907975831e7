package io.novacron.daemon.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rule that every port obeys before it listens: loopback is free; any other address needs TLS
/// and proof of who is calling.
///
/// Pure checks that return texts, so that configuration can report every mistake at once.
public final class SecurityRules {
    /// Shorter tokens can be guessed within reach of an online attack.
    static final int MIN_TOKEN_LENGTH = 24;

    static final int MAX_TOKEN_LENGTH = 512;

    /// Who calls a port, and therefore how they prove who they are.
    public enum Audience {
        /// Hypervisor agents, over the wire protocol: client certificates.
        AGENTS,
        /// Schedulers on the binary query port: client certificates, for a frame carries no token.
        SCHEDULERS,
        /// People and programs on the control port (gRPC, REST, dashboard): a bearer token.
        PEOPLE
    }

    private SecurityRules() {}

    /// Everything wrong with a port's settings; empty when it may listen.
    ///
    /// @param property how configuration calls the port, e.g. `agents`
    public static List<String> problems(
            String property,
            ListenAddress address,
            Audience audience,
            @Nullable TlsFiles tls,
            @Nullable String token) {
        var problems = new ArrayList<String>();
        if (tls != null) {
            checkFile(problems, property + ".tls.certificate", tls.certificate());
            checkFile(problems, property + ".tls.key", tls.key());
            checkKeyIsPrivate(problems, property + ".tls.key", tls.key());
            if (tls.authorities() != null) {
                checkFile(problems, property + ".tls.authorities", tls.authorities());
            }
        }
        if (token != null) {
            problems.addAll(tokenProblems(property + ".token", token));
        }
        if (!address.isLoopback()) {
            problems.addAll(exposureProblems(property, address, audience, tls, token));
        }
        return List.copyOf(problems);
    }

    /// Why `token` is not a good one; the token itself is never in the text.
    public static List<String> tokenProblems(String property, String token) {
        var problems = new ArrayList<String>();
        if (token.length() < MIN_TOKEN_LENGTH || token.length() > MAX_TOKEN_LENGTH) {
            problems.add(
                    "%s has %d characters, must have %d to %d. Maybe: openssl rand -hex 32?"
                            .formatted(
                                    property, token.length(), MIN_TOKEN_LENGTH, MAX_TOKEN_LENGTH));
        }
        if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            problems.add(
                    "%s must be visible ASCII without spaces. Maybe a line break at its end?"
                            .formatted(property));
        }
        return problems;
    }

    private static List<String> exposureProblems(
            String property,
            ListenAddress address,
            Audience audience,
            @Nullable TlsFiles tls,
            @Nullable String token) {
        var problems = new ArrayList<String>();
        if (tls == null) {
            problems.add(
                    "%s.listen=%s is not a loopback address, so %s.tls.certificate and %s.tls.key must be set. Maybe 127.0.0.1:%d?"
                            .formatted(property, address, property, property, address.port()));
        }
        switch (audience) {
            case AGENTS, SCHEDULERS -> {
                if (tls == null || tls.authorities() == null) {
                    problems.add(
                            "%s.listen=%s is not a loopback address, so callers must show a certificate: %s.tls.authorities must name the PEM file of who signs theirs"
                                    .formatted(property, address, property));
                }
            }
            case PEOPLE -> {
                if (token == null) {
                    problems.add(
                            "%s.listen=%s is not a loopback address, so %s.token-file must name a file with a token. Maybe: openssl rand -hex 32?"
                                    .formatted(property, address, property));
                }
            }
        }
        return problems;
    }

    private static void checkFile(List<String> problems, String property, Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            problems.add(
                    "%s=%s is not a readable file. Maybe the path is relative to another folder?"
                            .formatted(property, file));
        }
    }

    private static void checkKeyIsPrivate(List<String> problems, String property, Path key) {
        if (!Files.isReadable(key)
                || !key.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        try {
            if (Files.getPosixFilePermissions(key).contains(PosixFilePermission.OTHERS_READ)) {
                problems.add(
                        "%s=%s can be read by every user of this machine. Maybe: chmod 640 %s?"
                                .formatted(property, key, key));
            }
        } catch (IOException e) {
            problems.add("%s=%s: %s".formatted(property, key, e.getMessage()));
        }
    }
}
