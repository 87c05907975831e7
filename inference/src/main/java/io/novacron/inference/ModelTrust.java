package io.novacron.inference;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Whose models may serve: Ed25519 keys, by the JDK's own provider.
///
/// What is signed is the card, which holds the hash of the model file. A signature file is one
/// line, the base64 of 64 bytes.
///
/// @param keys public keys, base64 of their X.509 form as `novacron models keygen` prints it
/// @param allowUnsigned whether a package without a signature is taken
public record ModelTrust(List<String> keys, boolean allowUnsigned) {
    /// Asks for no signature and looks at none: for what does not serve.
    public static final ModelTrust ANY = new ModelTrust(List.of("*"), true);

    private static final String ANYONE = "*";

    /// Takes every package without a signature, and none with one.
    public static final ModelTrust UNSIGNED = new ModelTrust(List.of(), true);

    public static final String SIGNATURE_FILE = "card.json.ed25519";
    private static final String ALGORITHM = "Ed25519";
    private static final byte[] PURPOSE =
            "novacron model card 1\n".getBytes(StandardCharsets.UTF_8);

    public ModelTrust {
        keys = List.copyOf(keys);
    }

    /// What is wrong with the keys of a configuration property; empty when nothing is.
    public static List<String> problems(String property, List<String> keys) {
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            try {
                publicKey(keys.get(i));
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                problems.add(
                        ("%s=%s: key %d is not an Ed25519 public key in base64."
                                        + " Maybe print it by `novacron models keygen --key FILE`?")
                                .formatted(property, keys.get(i), i + 1));
            }
        }
        return problems;
    }

    /// Signs a card.
    public static byte[] sign(byte[] card, PrivateKey key) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(ALGORITHM);
        signature.initSign(key);
        signature.update(PURPOSE);
        signature.update(card);
        return (Base64.getEncoder().encodeToString(signature.sign()) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// Refuses a card that none of the keys has signed.
    ///
    /// @param signature the file's bytes, empty when there is none
    public void verify(byte[] card, byte[] signature, String where) throws ModelRejectedException {
        if (keys.contains(ANYONE)) {
            return;
        }
        if (signature.length == 0) {
            if (!allowUnsigned) {
                throw new ModelRejectedException(
                        ("%s: is not signed, there is no %s. Maybe train it with --key FILE, or set"
                                        + " models.allow-unsigned: true?")
                                .formatted(where, SIGNATURE_FILE));
            }
            return;
        }
        for (String key : keys) {
            if (verifies(card, signature, key)) {
                return;
            }
        }
        throw new ModelRejectedException(
                ("%s: %s fits none of the %d keys of models.trusted-keys. Maybe the card was changed,"
                                + " or the key is another one?")
                        .formatted(where, SIGNATURE_FILE, keys.size()));
    }

    private static boolean verifies(byte[] card, byte[] signature, String key) {
        try {
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(publicKey(key));
            verifier.update(PURPOSE);
            verifier.update(card);
            String text = new String(signature, StandardCharsets.US_ASCII).strip();
            return verifier.verify(Base64.getDecoder().decode(text));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // not base64, not 64 bytes
        }
    }

    private static PublicKey publicKey(String base64) throws GeneralSecurityException {
        byte[] encoded = Base64.getDecoder().decode(base64.strip());
        return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
    }
}
