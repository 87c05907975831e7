package io.novacron.inference;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// ONNX Runtime's native library, unpacked once. Left to itself the runtime unpacks 22 MB from its
/// jar into the temporary folder at each start of a JVM, most of the time that opening a model
/// takes.
///
/// A file is used only when its length and CRC are those of the jar's entry. Where anything of this
/// does not work, the runtime unpacks as it ever did.
public final class OnnxLibrary {
    private static final Logger LOGGER = LoggerFactory.getLogger(OnnxLibrary.class);
    private static final String PATH_PROPERTY = "onnxruntime.native.path";
    private static final String RESOURCES = "/ai/onnxruntime/native/";
    private static final List<String> FILES =
            List.of("libonnxruntime.so", "libonnxruntime4j_jni.so"); // in the order of loading
    private static final String ASIDE = ".new";

    private OnnxLibrary() {}

    /// Lets the runtime load its library from a folder, which gets those files and no others stay
    /// in it. Before anything of the runtime is used; later, and where the property
    /// `onnxruntime.native.path` is given, it changes nothing.
    ///
    /// @param directory that nobody else may write to: what lies there is executed
    /// @return whether the library comes from there
    public static synchronized boolean keepIn(Path directory) {
        @Nullable String platform = platform();
        if (platform == null || System.getProperty(PATH_PROPERTY) != null) {
            return false;
        }
        Path absolute = directory.toAbsolutePath();
        try {
            Files.createDirectories(absolute);
            for (String name : FILES) {
                @Nullable URL packed =
                        OnnxLibrary.class.getResource(RESOURCES + platform + "/" + name);
                if (packed == null || !unpack(packed, absolute.resolve(name))) {
                    return false;
                }
            }
            removeOthers(absolute);
            System.load(absolute.resolve(FILES.getFirst()).toString()); // a folder may forbid that
        } catch (IOException | UnsatisfiedLinkError e) {
            LOGGER.warn(
                    "ONNX Runtime is unpacked at each start, for it cannot be kept in {}: {}."
                            + " Maybe the folder's file system is mounted noexec?",
                    absolute,
                    e.toString());
            return false;
        }
        System.setProperty(PATH_PROPERTY, absolute.toString());
        return true;
    }

    private static @Nullable String platform() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return null;
        }
        return switch (System.getProperty("os.arch", "")) {
            case "amd64" -> "linux-x64";
            case "aarch64" -> "linux-aarch64";
            default -> null;
        };
    }

    /// @return false when there is no length and CRC to compare with
    private static boolean unpack(URL packed, Path file) throws IOException {
        if (!(packed.openConnection() instanceof JarURLConnection connection)) {
            return false;
        }
        ZipEntry entry = connection.getJarEntry();
        if (isWhole(file, entry)) {
            return true;
        }
        Path aside = file.resolveSibling(file.getFileName() + ASIDE);
        try (InputStream in = connection.getInputStream()) {
            Files.copy(in, aside, StandardCopyOption.REPLACE_EXISTING);
        }
        if (!isWhole(aside, entry)) {
            throw new IOException("%s was not written as it is in %s".formatted(aside, packed));
        }
        // a process that has the older file mapped keeps it
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        LOGGER.info("unpacked {}", file);
        return true;
    }

    private static boolean isWhole(Path file, ZipEntry entry) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) != entry.getSize()) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            var crc = new CRC32();
            var buffer = ByteBuffer.allocateDirect(1 << 20);
            while (channel.read(buffer) >= 0) {
                crc.update(buffer.flip());
                buffer.clear();
            }
            return crc.getValue() == entry.getCrc();
        }
    }

    private static void removeOthers(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (!FILES.contains(file.getFileName().toString()) && Files.isRegularFile(file)) {
                    Files.delete(file);
                }
            }
        }
    }
}
