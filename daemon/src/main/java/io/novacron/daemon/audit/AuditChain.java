package io.novacron.daemon.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a line of the chain is.
///
/// ```text
///  {"line":7, … ,"previous":"<hash of line 6>","hash":"<SHA-256 of all before it, closed by }>"}
/// ```
///
/// Where older lines are retired, the file begins with a stub that is no line of the chain and says
/// how far the retired ones went: `{"retired":{"lines":…,"head":"…","bytes":…}}`. A later line of
/// the chain must say the same, so that a cut at the front shows too. Not thread-safe.
final class AuditChain {
    static final String GENESIS = "0".repeat(64);

    /// Longer lines are not of this chain: what goes into one is bounded.
    static final int LONGEST_LINE = 4 * 1024 * 1024;

    /// The kind of line that says how far lines are retired, in its `facts`.
    static final String RETIRED = "AUDIT_RETIRED";

    private static final JsonMapper JSON =
            JsonMapper.builder().disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY).build();
    private static final String HASH = ",\"hash\":\"";
    private static final int HASH_DIGITS = 64;
    private static final int TAIL = HASH.length() + HASH_DIGITS + 2;
    private static final Pattern STUB =
            Pattern.compile(
                    "\\{\"retired\":\\{\"lines\":(\\d{1,18}),\"head\":\"([0-9a-f]{64})\",\"bytes\":(\\d{1,18})}}");

    private final MessageDigest sha256 = sha256();

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /// A line, with the line break behind it, and its hash.
    Line line(long number, Map<String, ?> fields, String previous) {
        Map<String, @Nullable Object> content = new LinkedHashMap<>();
        content.put("line", number);
        content.putAll(fields);
        content.put("previous", previous);
        String body;
        try {
            body = JSON.writeValueAsString(content);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write %s".formatted(fields), e);
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String hash = hash(bytes, bytes.length);
        String text = body.substring(0, body.length() - 1) + HASH + hash + "\"}\n";
        return new Line(text.getBytes(StandardCharsets.UTF_8), hash);
    }

    @SuppressWarnings("ArrayRecordComponent") // written at once and not kept
    record Line(byte[] bytes, String hash) {}

    /// The hash that a line (without its line break) states; null when it does not end in one.
    static @Nullable String statedHash(byte[] line) {
        if (line.length <= TAIL) {
            return null;
        }
        var tail = new String(line, line.length - TAIL, TAIL, StandardCharsets.ISO_8859_1);
        String hash = tail.substring(HASH.length(), HASH.length() + HASH_DIGITS);
        boolean formed =
                tail.startsWith(HASH)
                        && tail.endsWith("\"}")
                        && hash.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f');
        return formed ? hash : null;
    }

    /// The hash that a line should state.
    String computedHash(byte[] line) {
        byte[] body = Arrays.copyOf(line, line.length - TAIL + 1);
        body[body.length - 1] = '}';
        return hash(body, body.length);
    }

    private String hash(byte[] bytes, int length) {
        sha256.update(bytes, 0, length);
        return HexFormat.of().formatHex(sha256.digest());
    }

    /// @throws IOException when the line is not JSON
    static JsonNode read(byte[] line) throws IOException {
        return JSON.readTree(line);
    }

    static byte[] stub(AuditPlace retired) {
        return "{\"retired\":{\"lines\":%d,\"head\":\"%s\",\"bytes\":%d}}\n"
                .formatted(retired.lines(), retired.head(), retired.bytes())
                .getBytes(StandardCharsets.UTF_8);
    }

    /// How far lines are retired, if this first line of a file (without its line break) says so.
    static @Nullable AuditPlace retired(byte[] line) {
        Matcher stub = STUB.matcher(new String(line, StandardCharsets.ISO_8859_1));
        return stub.matches()
                ? new AuditPlace(
                        Long.parseLong(stub.group(1)), stub.group(2), Long.parseLong(stub.group(3)))
                : null;
    }

    /// What a line of kind [#RETIRED] says of itself.
    static Map<String, String> facts(AuditPlace retired) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("lines", Long.toString(retired.lines()));
        facts.put("head", retired.head());
        facts.put("bytes", Long.toString(retired.bytes()));
        return facts;
    }
}
