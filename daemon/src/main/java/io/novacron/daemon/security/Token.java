package io.novacron.daemon.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The control port's bearer token, and the browser sessions made from it.
///
/// A session is `expiryMs.signature`, signed with a key made from the token: the daemon keeps
/// nothing for it, a restart does not end it, a new token ends all of them. Immutable; any thread.
public final class Token {
    /// How long a browser stays signed in.
    public static final Duration SESSION = Duration.ofHours(12);

    private static final int MAX_SESSION_LENGTH = 128;

    private final byte[] digest;
    private final SecretKeySpec sessionKey;
    private final InstantSource clock;

    public Token(String token, InstantSource clock) {
        this.digest = sha256(token);
        this.sessionKey = new SecretKeySpec(sha256("novacron session " + token), "HmacSHA256");
        this.clock = clock;
    }

    /// Compares digests in constant time, so that neither length nor prefix leaks.
    public boolean matches(String candidate) {
        return MessageDigest.isEqual(digest, sha256(candidate));
    }

    /// A new session that ends [#SESSION] from now.
    public String newSession() {
        long expiryMs = clock.millis() + SESSION.toMillis();
        return expiryMs + "." + sign(expiryMs);
    }

    /// Whether `session` was made from this token and has not ended.
    public boolean isOpen(String session) {
        int dot = session.indexOf('.');
        if (dot <= 0 || session.length() > MAX_SESSION_LENGTH) {
            return false;
        }
        long expiryMs;
        try {
            expiryMs = Long.parseLong(session, 0, dot, 10);
        } catch (NumberFormatException _) {
            return false;
        }
        byte[] signature = session.substring(dot + 1).getBytes(UTF_8);
        return MessageDigest.isEqual(sign(expiryMs).getBytes(UTF_8), signature)
                && clock.millis() < expiryMs;
    }

    private String sign(long expiryMs) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(sessionKey);
            byte[] signature = mac.doFinal(Long.toString(expiryMs).getBytes(UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no HmacSHA256", e);
        }
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }
}
