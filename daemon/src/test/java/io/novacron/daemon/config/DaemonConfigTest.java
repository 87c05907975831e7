package io.novacron.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.daemon.config.YamlDocument.Node;
import io.novacron.daemon.security.ListenAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DaemonConfigTest {
    @Test
    void anEmptyFileGivesTheDefaults() {
        assertThat(DaemonConfig.parse("")).isEqualTo(DaemonConfig.DEFAULT);
    }

    @Test
    void listsEveryMistakeInOneMessageWithItsLine() {
        String yaml =
                """
                data-directory: /tmp/novacron
                tick:
                  interval: 60
                agents:
                  listen: 0.0.0.0:7071
                  max-agent: 5
                policy:
                  confidence: 80
                  mode: yolo
                  cpu-target: 70
                  cpu-target: 75
                journal: 7
                """;
        assertThatThrownBy(() -> DaemonConfig.parse(yaml))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e ->
                                assertThat(e.problems())
                                        .hasSize(8)
                                        .anySatisfy(p ->
                                                assertThat(p)
                                                        .startsWith("line 3: tick.interval=60")
                                                        .contains("Maybe a unit is missing"))
                                        .anySatisfy(p ->
                                                assertThat(p)
                                                        .startsWith(
                                                                "line 5: agents.listen=0.0.0.0:7071")
                                                        .contains("must be set"))
                                        .anySatisfy(p ->
                                                assertThat(p)
                                                        .startsWith(
                                                                "line 6: agents.max-agent is not a property")
                                                        .contains("Maybe agents.max-agents?"))
                                        .anySatisfy(p ->
                                                assertThat(p)
                                                        .startsWith("line 8: policy.confidence=80")
                                                        .contains("percentage"))
                                        .anySatisfy(p ->
                                                assertThat(p)
                                                        .startsWith("line 9: policy.mode=yolo")
                                                        .contains("observe, recommend"))
                                        .anySatisfy(p ->
                                                assertThat(p)
                                                        .startsWith(
                                                                "line 11: policy.cpu-target is there twice (first on line 10)"))
                                        .anySatisfy(p ->
                                                assertThat(p)
                                                        .startsWith(
                                                                "line 12: journal must be a mapping")));
    }

    @Test
    void everyPropertyIsReadFromTheFile(@TempDir Path folder) throws Exception {
        Path pem = Files.writeString(folder.resolve("x.pem"), "0123456789abcdef0123456789abcdef");
        Files.setPosixFilePermissions(pem, PosixFilePermissions.fromString("rw-r-----"));
        Path table =
                Files.writeString(
                        folder.resolve("table.csv"),
                        "exporter,n,instance,,,\nn,node_load1,gauge,host,,,load.one,sum,1\n");
        String yaml =
                """
                data-directory: %1$s
                tick: {interval: 7s}
                agents:
                  listen: 0.0.0.0:1
                  tls: {certificate: %2$s, key: %2$s, authorities: %2$s}
                  max-agents: 11
                  max-connections: 12
                  max-entities-per-agent: 13
                  max-frame: 64KiB
                  sample-interval: 14s
                  heartbeat-interval: 15s
                  acknowledge-frames: 16
                  gather: 2ms
                control:
                  listen: "[::]:2"
                  tls: {certificate: %2$s, key: %2$s, authorities: %2$s}
                  token-file: %2$s
                query:
                  listen: 127.0.0.1:3
                  tls: {certificate: %2$s, key: %2$s, authorities: %2$s}
                journal: {ring: 8MiB, sync-interval: 20ms, retention-age: 3d, retention-bytes: 2GiB}
                checkpoint: {interval: 21s, keep: 3}
                audit: {anchor: %1$s/head.json, retention-age: 5d, retention-bytes: 5MiB}
                store: {max-entities: 640, forget-after: 2h}
                models:
                  directory: %1$s
                  time-limit: 3s
                  onnx: false
                  trusted-keys: [MCowBQYDK2VwAyEAsI/MtQXp3XqO9dlgchKm+ImAxiodFhCYbVefo+9bjEk=]
                  allow-unsigned: true
                forecast: {ensemble: false, memory: 3MiB, warm-per-tick: 21, time-zone: Asia/Tokyo, holidays: [2026-12-25]}
                policy:
                  mode: observe
                  confidence: 0.9
                  cpu-target: 60
                  hot-host: 62
                  cpu-over-commit: 3
                  memory-over-commit: 1.2
                  expire-after: 63m
                  cool-down: 11m
                  rejected-for: 12h
                  action-timeout: 64s
                  settle: 3m
                  measure: 20m
                  max-open: 65
                  sync-before-dispatch: false
                automation:
                  allow: ["night: set-vcpus where env=dev at 22:00-06:00"]
                  two-persons: ["prod: any where env=prod"]
                  freeze: ["end: any at 2026-12-20T00:00:00Z/2027-01-02T00:00:00Z"]
                  confidence: 0.9
                  margin: 0.2
                  reversal-after: 5h
                  cluster-label: zone
                  max-concurrent-per-host: 31
                  max-concurrent-per-cluster: 32
                  max-concurrent-per-kind: 33
                  max-hourly-per-host: 34
                  max-hourly-per-cluster: 35
                  max-hourly-per-kind: 36
                scaling:
                  starts: 21
                  interval: 10m
                  groups:
                    - name: web
                      selector: app=web,tier=front
                      min: 2
                      max: 12
                      target-utilisation: 60%%
                      quantile: 0.8
                      lead-time: 4m
                      out-cool-down: 3m
                      in-cool-down: 20m
                      stabilise: 25m
                      hysteresis: 15%%
                      max-added: 4
                      max-removed: 1
                      executor: webhook
                      template: web-template
                      stop-others: true
                      webhook: {url: "https://scaler.example/v1", secret-file: %2$s, timeout: 5s, attempts: 4}
                prometheus:
                  enabled: false
                  table: %3$s
                  max-body: 66KiB
                  max-decompressed: 67MiB
                  max-requests: 68
                  max-series: 69
                  max-labels: 70
                  confirm-timeout: 1s
                  round-timeout: 2s
                  host-timeout: 71s
                budget: {cpu: 1.5%%, start: 72s}
                """
                        .formatted(folder, pem, table);
        var config = DaemonConfig.parse(yaml);

        List<String> untouched = new ArrayList<>();
        collectEqual("", config, DaemonConfig.DEFAULT, untouched);
        assertThat(untouched).as("properties that kept their default").isEmpty();
        assertThat(config.policy().expireAfter()).isEqualTo(Duration.ofMinutes(63));
        assertThat(config.agents().maxFrame().bytes()).isEqualTo(65_536);
    }

    @Test
    void reportsTheMistakesOfAMappingTable(@TempDir Path folder) throws Exception {
        Path table = Files.writeString(folder.resolve("table.csv"), "a,b\nc,d\n");
        assertThatThrownBy(() -> DaemonConfig.parse("prometheus: {table: " + table + "}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("line 1: prometheus.table=%s: line 1: exporter=a", table)
                .hasMessageContaining("prometheus.table=%s: line 2: exporter=c", table);
        assertThatThrownBy(() -> DaemonConfig.parse("prometheus: {table: /absent.csv}"))
                .hasMessageContaining("prometheus.table=/absent.csv cannot be read")
                .hasMessageContaining("Maybe");
    }

    @Test
    void namesTheFileAndWhatToDoWhenItIsMissing(@TempDir Path folder) {
        assertThatThrownBy(() -> DaemonConfig.load(folder.resolve("absent.yaml")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("absent.yaml")
                .hasMessageContaining("Maybe");
    }

    @Test
    void reportsWhatIsNotYamlWithItsLine() {
        assertThatThrownBy(() -> DaemonConfig.parse("tick:\n  - [unclosed\n"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("not YAML");
    }

    @Test
    void remembersTheLineOfEveryKey() {
        var problems = new ArrayList<String>();
        var document = YamlDocument.parse("a: 1\n\nb:\n  c: 2\n", problems);
        assertThat(problems).isEmpty();
        assertThat(document.keyLines()).containsEntry("a", 1).containsEntry("b", 3);
        assertThat(document.entries().get("b"))
                .isInstanceOfSatisfying(
                        Node.Mapping.class, b -> assertThat(b.keyLines()).containsEntry("c", 4));
    }

    @ParameterizedTest
    @CsvSource({"4096,4096", "64MiB,67108864", "64m,67108864", "2GiB,2147483648", "1kb,1024"})
    void readsSizes(String text, long bytes) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
        assertThat(ByteSize.parse(ByteSize.parse(text).toString()).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"250ms", "60s", "90s", "2h", "7d", "0s"})
    void readsDurations(String text) {
        assertThat(Durations.parse(Durations.format(Durations.parse(text))))
                .isEqualTo(Durations.parse(text));
    }

    @Test
    void everyPropertyOfAGroupIsRead(@TempDir Path folder) throws Exception {
        Path secret = secret(folder);
        ScalingGroupConfig group =
                DaemonConfig.parse(
                                """
                                scaling:
                                  groups:
                                    - {name: db, selector: app=db, max: 3, template: t, executor: libvirt}
                                    - name: web
                                      selector: app=web,tier=front
                                      min: 2
                                      max: 12
                                      target-utilisation: 60%%
                                      quantile: 0.8
                                      lead-time: 4m
                                      out-cool-down: 3m
                                      in-cool-down: 20m
                                      stabilise: 25m
                                      hysteresis: 15%%
                                      max-added: 4
                                      max-removed: 1
                                      executor: webhook
                                      template: web-template
                                      stop-others: true
                                      webhook: {url: "https://scaler.example/v1", secret-file: %s, timeout: 5s, attempts: 4}
                                """
                                        .formatted(secret))
                        .scaling()
                        .groups()
                        .get(1);
        List<String> untouched = new ArrayList<>();
        collectEqual("", group, ScalingGroupConfig.DEFAULT, untouched);
        assertThat(untouched).as("properties that kept their default").isEmpty();
        assertThat(group.selects(java.util.Map.of("app", "web", "tier", "front"))).isTrue();
        assertThat(group.selects(java.util.Map.of("app", "web"))).isFalse();
    }

    @Test
    void listsEveryMistakeOfGroupsWithItsLine() {
        String yaml =
                """
                scaling:
                  interval: 5m
                  groups:
                    - name: web
                      selector: web
                      min: 9
                      max: 3
                      target-utilisation: 150%
                      quantile: 0.95
                      out-cool-down: 10m
                      executor: webhook
                      webhook: {url: "http://scaler.example/v1", secret-file: /absent}
                    - {name: web, selector: app=x, max: 2, executor: libvirt}
                    - {name: UP, selector: app=y, max: 2, template: t, extra: 1}
                """;
        assertThatThrownBy(() -> DaemonConfig.parse(yaml))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> {
                            assertThat(String.join("\n", e.problems()))
                                    .contains("line 5: scaling.groups[0].selector=web")
                                    .contains("line 6: scaling.groups[0].min=9")
                                    .contains("line 8: scaling.groups[0].target-utilisation=150%")
                                    .contains("line 9: scaling.groups[0].quantile=0.95")
                                    .contains("line 10: scaling.groups[0].out-cool-down=10m")
                                    .contains("line 12: scaling.groups[0].webhook.url=http://")
                                    .contains("line 12: scaling.groups[0].webhook.secret-file=")
                                    .contains("line 13: scaling.groups[1].name=web is there twice")
                                    .contains("scaling.groups[1].template=")
                                    .contains("line 14: scaling.groups[2].name=UP")
                                    .contains("line 14: scaling.groups[2].extra is not");
                            assertThat(e.problems()).hasSize(11);
                        });
    }

    private static Path secret(Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), "0123456789abcdef0123456789abcdef");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        return file;
    }

    private static void collectEqual(String path, Record left, Record right, List<String> equal)
            throws Exception {
        for (var component : left.getClass().getRecordComponents()) {
            Object a = component.getAccessor().invoke(left);
            Object b = component.getAccessor().invoke(right);
            String name = path + RecordBinder.key(component.getName());
            if (a instanceof Record leftChild
                    && !(a instanceof ByteSize)
                    && !(a instanceof Percent)
                    && !(a instanceof ListenAddress)) {
                collectEqual(name + ".", leftChild, (Record) b, equal);
            } else if (a.equals(b)) {
                equal.add(name);
            }
        }
    }
}
