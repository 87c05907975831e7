package io.novacron.daemon.scaling;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.novacron.daemon.decision.ScalingOrder;
import io.novacron.wire.sbe.ActionType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// What a webhook is told, and what it answers. Stateless.
///
/// ```text
///  POST URL
///  Idempotency-Key: 17                       the decision: the same order has the same key and body
///  X-Novacron-Signature: sha256=HEX          HMAC-SHA256 of the body with the shared secret
///
///  {"decision":17,"group":"web","change":"scale-out","from":4,"to":6,"issuedAtMs":…,"expiresAtMs":…,"reason":"…"}
///
///  200  {"decision":17,"status":"accepted","text":"…"}     or done; refused
/// ```
final class WebhookMessage {
    static final String SIGNATURE_HEADER = "X-Novacron-Signature";
    static final String KEY_HEADER = "Idempotency-Key";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ALGORITHM = "HmacSHA256";
    private static final int MOST_TEXT = 500;

    private WebhookMessage() {}

    /// The same order gives the same bytes.
    static byte[] body(ScalingOrder order) {
        var body =
                JSON.createObjectNode()
                        .put("decision", order.decision())
                        .put("group", order.group())
                        .put(
                                "change",
                                order.type() == ActionType.SCALE_OUT ? "scale-out" : "scale-in")
                        .put("from", order.from())
                        .put("to", order.to())
                        .put("issuedAtMs", order.issuedAtMs())
                        .put("expiresAtMs", order.expiresAtMs())
                        .put("reason", order.summary());
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot encode %s".formatted(order), e);
        }
    }

    static String signature(byte[] body, byte[] secret) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /// What was answered.
    ///
    /// @param refused whether it is sure that nothing was done
    record Reply(boolean refused, String text) {}

    /// Reads an answer to an order.
    ///
    /// @return null when it is not one; `problem` says why
    static @Nullable Reply reply(ScalingOrder order, byte[] body, StringBuilder problem) {
        JsonNode reply;
        try {
            reply = JSON.readTree(new String(body, StandardCharsets.UTF_8));
        } catch (IOException _) {
            problem.append("the answer is not JSON");
            return null;
        }
        long decision = reply == null ? 0 : reply.path("decision").asLong(0);
        if (reply == null || decision != order.decision()) {
            problem.append(
                    "the answer is about decision %d, it must be about %d"
                            .formatted(decision, order.decision()));
            return null;
        }
        String status = reply.path("status").asText("");
        String said = reply.path("text").asText("");
        String text = said.length() > MOST_TEXT ? said.substring(0, MOST_TEXT) : said;
        return switch (status) {
            case "accepted", "done" -> new Reply(false, words(status, text));
            case "refused" -> new Reply(true, words(status, text));
            default -> {
                problem.append(
                        "the answer has status=%s, it must be accepted, done or refused"
                                .formatted(
                                        status.length() > 40 ? status.substring(0, 40) : status));
                yield null;
            }
        };
    }

    private static String words(String status, String text) {
        return text.isEmpty() ? status : status + ": " + text;
    }
}
