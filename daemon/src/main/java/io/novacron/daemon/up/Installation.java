package io.novacron.daemon.up;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Where the parts lie, in a checkout or installed, and how each process is started. Set by the
/// launcher through `NOVACRON_HOME` and `NOVACRON_JDK`.
record Installation(Path home, Path java, Path options) {

    static Installation find() {
        String home = System.getenv("NOVACRON_HOME");
        if (home == null) {
            throw new IllegalStateException(
                    "NOVACRON_HOME is not set. Maybe start it with the ./novacron launcher?");
        }
        String jdk = System.getenv().getOrDefault("NOVACRON_JDK", System.getProperty("java.home"));
        Path folder = Path.of(home);
        Path options = folder.resolve("daemon/jvm.options");
        return new Installation(
                folder,
                Path.of(jdk, "bin", "java"),
                Files.exists(options) ? options : folder.resolve("jvm.options"));
    }

    List<String> daemon(Path config) {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.add("@" + options);
        command.addAll(
                List.of("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"));
        command.addAll(List.of("-cp", classPath("daemon")));
        command.addAll(
                List.of(
                        "io.novacron.daemon.cli.Novacron",
                        "daemon",
                        "--config",
                        config.toString()));
        return command;
    }

    List<String> agent(int port, Path spool, String libvirt) {
        List<String> command = new ArrayList<>();
        Path image = home.resolve("agents/target/image/bin/novacron-agent");
        if (Files.isExecutable(image)) {
            command.add(image.toString());
        } else {
            command.addAll(smallJvm("32m"));
            command.addAll(List.of("-cp", classPath("agents"), "io.novacron.agent.AgentMain"));
        }
        command.addAll(
                List.of(
                        "--daemon",
                        "127.0.0.1:" + port,
                        "--spool",
                        spool.toString(),
                        "--libvirt",
                        libvirt));
        return command;
    }

    List<String> simulatedFleet(int port, int hosts, int vms, long seed, String backfill) {
        List<String> command = new ArrayList<>(smallJvm("256m"));
        command.addAll(
                List.of(
                        "-cp",
                        classPath("agents"),
                        "io.novacron.agent.simulation.SimulateMain",
                        "--daemon",
                        "127.0.0.1:" + port,
                        "--hosts",
                        Integer.toString(hosts),
                        "--vms",
                        Integer.toString(vms),
                        "--seed",
                        Long.toString(seed),
                        "--backfill",
                        backfill));
        return command;
    }

    private List<String> smallJvm(String heap) {
        return List.of(
                java.toString(),
                "@" + options,
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1");
    }

    private String classPath(String module) {
        return home.resolve(module + "/target")
                + "/*:"
                + home.resolve(module + "/target/lib")
                + "/*";
    }
}
