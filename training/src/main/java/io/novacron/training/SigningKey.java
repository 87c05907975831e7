package io.novacron.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/// Reads an Ed25519 private key from PKCS#8 PEM.
final class SigningKey {
    private static final int MAX_BYTES = 1 << 14;

    private SigningKey() {}

    static PrivateKey read(Path file) throws IOException, TrainingException {
        if (Files.size(file) > MAX_BYTES) {
            throw new TrainingException("--key=%s is too large to be a key".formatted(file));
        }
        String pem = Files.readString(file);
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]*-----", ""));
            return KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new TrainingException(
                    "--key=%s is not an Ed25519 key in PKCS#8 PEM. Maybe make one by `novacron models keygen --key %s`?"
                            .formatted(file, file),
                    e);
        }
    }
}
