package io.novacron.perf.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/// How servers are started: this process' classes and JVM flags, and an archive of the classes that
/// a server loads, so that a hundred of them need not each load and compile what the first one did.
public final class ServerImage {
    private static final long PATIENCE_S = 60;
    private static final int TRIAL_FRAMES = 100;
    private static final String SEPARATOR = System.getProperty("path.separator");

    private final List<String> flags = new ArrayList<>();
    private final String classPath;
    private final Path archive;
    private final String main;

    private ServerImage(String classPath, Path archive, Class<?> main) {
        this.classPath = classPath;
        this.archive = archive;
        this.main = main.getName();
        flags.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        flags.removeIf(flag -> flag.startsWith("-javaagent") || flag.startsWith("-agentlib"));
        // It lives for seconds: the first compiler, for which vectors are slow. The audit's replay
        // has them, and must end in the same fleet store as their scalar twins here.
        flags.remove("--add-modules=jdk.incubator.vector");
        flags.add("-Xmx384m");
        flags.add("-XX:+UseSerialGC");
        flags.add("-XX:TieredStopAtLevel=1");
    }

    /// Without an archive until a process of [#archiving] has ended in order.
    ///
    /// @param folder for what is packed; it is made
    public static ServerImage in(Path folder, Class<?> main) throws IOException {
        Files.createDirectories(folder);
        return new ServerImage(jars(folder), folder.resolve("classes.jsa"), main);
    }

    /// How to start the process whose classes are archived when it ends in order.
    public List<String> archiving() {
        return command("-XX:ArchiveClassesAtExit=" + archive);
    }

    /// How to start any other.
    public List<String> command() {
        return Files.exists(archive)
                ? command("-XX:SharedArchiveFile=" + archive, "-Xshare:auto")
                : command(new String[0]);
    }

    /// Makes the archive, by a server that takes and replays a few frames.
    ///
    /// @param log takes what servers say on standard error
    static ServerImage of(Path folder, Path log) throws IOException {
        ServerImage image = in(folder, FaultServerMain.class);
        try (FaultServer trial = FaultServer.start(image.archiving(), log)) {
            for (int life = 0; life < 2; life++) { // the second has something to replay
                trial.open(folder.resolve("journal"), FaultServer.Limits.USUAL);
                try (var swarm =
                        new Swarm(1, 2, TRIAL_FRAMES, new FrameMaker(2), new SplittableRandom(1))) {
                    swarm.port(trial.port());
                    swarm.produceEach(TRIAL_FRAMES);
                    swarm.run("a trial", () -> swarm.acknowledged() > 0, Stage.PATIENCE);
                }
                trial.statistics();
                trial.closeIngest();
            }
            trial.end(PATIENCE_S);
        }
        return image;
    }

    /// A server that has opened nothing yet.
    FaultServer start(Path log) throws IOException {
        return FaultServer.start(command(), log);
    }

    private List<String> command(String... more) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of(more));
        command.add("-cp");
        command.add(classPath);
        command.add(main);
        return command;
    }

    /// The class path with its folders packed into jars: only those can be archived.
    private static String jars(Path folder) throws IOException {
        var jars = new ArrayList<String>();
        for (String element : System.getProperty("java.class.path").split(SEPARATOR)) {
            Path path = Path.of(element);
            if (Files.isDirectory(path)) {
                Path jar = folder.resolve("classes-" + jars.size() + ".jar");
                pack(path, jar);
                jars.add(jar.toString());
            } else {
                jars.add(element);
            }
        }
        return String.join(SEPARATOR, jars);
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar, StandardOpenOption.CREATE_NEW);
                var out = new JarOutputStream(file);
                var entries = Files.walk(classes)) {
            out.setLevel(0);
            for (Path entry : entries.filter(Files::isRegularFile).sorted().toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(entry).toString()));
                Files.copy(entry, out);
                out.closeEntry();
            }
        }
    }
}
