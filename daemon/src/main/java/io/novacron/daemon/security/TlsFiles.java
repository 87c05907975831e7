package io.novacron.daemon.security;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// PEM files of one end of a connection.
///
/// @param certificate the certificate chain, leaf first
/// @param key the private key, PKCS#8, not encrypted
/// @param authorities whose certificates the other end must show; null when none is asked for
public record TlsFiles(Path certificate, Path key, @Nullable Path authorities) {}
