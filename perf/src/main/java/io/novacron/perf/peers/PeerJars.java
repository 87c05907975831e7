package io.novacron.perf.peers;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The jars of peers that are Java programs. They are no part of the product: `perf/peers/pom.xml`
/// names them, and they lie in `perf/target/peers`, whither Maven copies them on demand.
final class PeerJars {
    private static final long RESOLVE_MINUTES = 10;

    private final @Nullable Path home;

    private PeerJars(@Nullable Path home) {
        this.home = home;
    }

    /// @param home the project's source tree, or null when there is none
    static PeerJars in(@Nullable Path home) {
        boolean sources = home != null && Files.exists(home.resolve("perf/peers/pom.xml"));
        return new PeerJars(sources ? home : null);
    }

    /// Of the source tree that this runs from: the launcher's, or one around the working directory.
    static PeerJars ofThisTree() {
        String launched = System.getenv("NOVACRON_HOME");
        if (launched != null) {
            return in(Path.of(launched));
        }
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("perf/peers/pom.xml"))) {
            folder = folder.getParent();
        }
        return in(folder);
    }

    /// The jar of an artifact, or null when it is not there.
    @Nullable Path find(String artifact) throws IOException {
        if (home == null || !Files.isDirectory(folder())) {
            return null;
        }
        try (Stream<Path> files = Files.list(folder())) {
            return files.filter(file ->
                            file.getFileName().toString().matches(artifact + "-[0-9][^/]*[.]jar"))
                    .findFirst()
                    .orElse(null);
        }
    }

    /// Why an artifact cannot be had, or null; resolves all jars when it is missing.
    @Nullable String absence(String artifact) {
        try {
            if (find(artifact) != null) {
                return null;
            }
            if (home == null) {
                return "not installed: its jars are resolved in a source tree only";
            }
            if (ServerProcess.find("mvn") == null) {
                return "not installed: apt-get install maven, which resolves its jars";
            }
            String problem = resolve(home);
            boolean there = problem == null && find(artifact) != null;
            return there ? null : "not installed: its jars were not resolved: " + problem;
        } catch (IOException problem) {
            return "not installed: its jars were not resolved: " + problem.getMessage();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "not installed: interrupted while its jars were resolved";
        }
    }

    private @Nullable String resolve(Path home) throws IOException, InterruptedException {
        Path log = Files.createTempFile("novacron-peers-", ".log");
        Process maven =
                new ProcessBuilder(
                                "mvn",
                                "-q",
                                "-B",
                                "-ntp",
                                "-f",
                                home.resolve("perf/peers/pom.xml").toString(),
                                "dependency:copy-dependencies",
                                "-DoutputDirectory=" + folder().toAbsolutePath())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        if (!maven.waitFor(RESOLVE_MINUTES, TimeUnit.MINUTES)) {
            maven.destroyForcibly();
            return "mvn took more than %s minutes, see %s".formatted(RESOLVE_MINUTES, log);
        }
        if (maven.exitValue() != 0) {
            return "mvn ended with code %s, see %s".formatted(maven.exitValue(), log);
        }
        Files.delete(log);
        return null;
    }

    /// For a child JVM.
    String classPath() {
        return folder() + "/*";
    }

    /// Loads the jars apart from the product's own libraries.
    URLClassLoader load() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            List<Path> jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
            var urls = new URL[jars.size()];
            for (int i = 0; i < urls.length; i++) {
                urls[i] = url(jars.get(i));
            }
            return new URLClassLoader("peers", urls, ClassLoader.getPlatformClassLoader());
        }
    }

    private static URL url(Path jar) throws MalformedURLException {
        return jar.toUri().toURL();
    }

    private Path folder() {
        if (home == null) {
            throw new IllegalStateException("there is no source tree, so no jars of peers");
        }
        return home.resolve("perf/target/peers");
    }
}
