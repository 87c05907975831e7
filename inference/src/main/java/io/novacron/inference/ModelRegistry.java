package io.novacron.inference;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/// Which version of a model is in which state: `<root>/<name>/registry.json`, replaced as a whole.
/// A lock beside it keeps two writers apart; readers need none. Any thread, any process.
public final class ModelRegistry {
    /// Where a version stands.
    public enum State {
        /// Trained, not in use.
        CANDIDATE,
        /// Runs beside the one in service: its answers are judged and not used; one at a time.
        SHADOW,
        /// Its answers are used; one at a time.
        SERVING,
        /// Was in use, or was refused.
        RETIRED;

        /// As in the file and on the command line.
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// One version and its state.
    ///
    /// @param reason why it is in its state, one line
    public record Entry(
            @JsonProperty("version") int version,
            @JsonProperty("state") State state,
            @JsonProperty("reason") String reason) {}

    /// What the file holds.
    ///
    /// @param revision grows with every change
    /// @param previous the version that was in service before, 0 for none
    public record Contents(
            @JsonProperty("revision") long revision,
            @JsonProperty("previous") int previous,
            @JsonProperty("models") List<Entry> models) {
        static final Contents EMPTY = new Contents(0, 0, List.of());

        public Contents {
            models = List.copyOf(models);
        }

        /// The version in a state, 0 for none.
        public int in(State state) {
            for (Entry entry : models) {
                if (entry.state() == state) {
                    return entry.version();
                }
            }
            return 0;
        }

        boolean has(int version) {
            return models.stream().anyMatch(entry -> entry.version() == version);
        }

        /// Puts a version into a state; whoever was in SHADOW or SERVING there before retires.
        Contents with(int version, State state, String reason) {
            List<Entry> changed = new ArrayList<>();
            boolean exclusive = state == State.SERVING || state == State.SHADOW;
            for (Entry entry : models) {
                if (entry.version() == version) {
                    continue;
                }
                changed.add(
                        exclusive && entry.state() == state
                                ? new Entry(
                                        entry.version(),
                                        State.RETIRED,
                                        "version %d took its place".formatted(version))
                                : entry);
            }
            changed.add(new Entry(version, state, reason));
            changed.sort((left, right) -> Integer.compare(left.version(), right.version()));
            return new Contents(revision + 1, previous, changed);
        }

        Contents withPrevious(int version) {
            return new Contents(revision, version, models);
        }
    }

    private static final String FILE = "registry.json";
    private static final int MAX_BYTES = 1 << 20;
    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .build();

    private final Path directory;

    /// @param name of the model, a folder under the root
    public ModelRegistry(Path root, String name) {
        this.directory = root.resolve(name);
    }

    public Path file() {
        return directory.resolve(FILE);
    }

    /// As it is now; empty where there is no file.
    ///
    /// @throws IOException when it cannot be read or is damaged
    public Contents read() throws IOException {
        if (!Files.exists(file())) {
            return Contents.EMPTY;
        }
        if (Files.size(file()) > MAX_BYTES) {
            throw new IOException("%s has more than %d bytes".formatted(file(), MAX_BYTES));
        }
        try {
            return MAPPER.readValue(Files.readAllBytes(file()), Contents.class);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IOException(
                    "%s is damaged: %s. Maybe it was edited by hand?"
                            .formatted(file(), e.getOriginalMessage()),
                    e);
        }
    }

    /// A version that was just written.
    public Contents add(int version, String reason) throws IOException {
        return change(contents -> contents.with(version, State.CANDIDATE, reason));
    }

    /// Puts a version into service, or beside the one in service.
    public Contents promote(int version, State to, String reason) throws IOException {
        if (to != State.SERVING && to != State.SHADOW) {
            throw new IllegalArgumentException("a version is promoted to SHADOW or SERVING");
        }
        return change(contents -> {
            check(contents, version);
            int serving = contents.in(State.SERVING);
            Contents changed = contents.with(version, to, reason);
            return to == State.SERVING && serving != 0 && serving != version
                    ? changed.withPrevious(serving)
                    : changed;
        });
    }

    /// Takes a version out of use.
    public Contents retire(int version, String reason) throws IOException {
        return change(contents -> {
            check(contents, version);
            return contents.with(version, State.RETIRED, reason);
        });
    }

    /// Puts the version that was in service before back, if there is one, and retires the present
    /// one.
    ///
    /// @param from the version that must be in service; when another is, nothing changes
    public Contents rollBack(int from, String reason) throws IOException {
        return change(contents -> {
            if (contents.in(State.SERVING) != from) {
                return contents;
            }
            Contents retired = contents.with(from, State.RETIRED, reason);
            int previous = contents.previous();
            return contents.has(previous) && previous != from
                    ? retired.with(previous, State.SERVING, "back in service: " + reason)
                            .withPrevious(0)
                    : retired.withPrevious(0);
        });
    }

    private void check(Contents contents, int version) {
        if (!contents.has(version)) {
            throw new IllegalArgumentException(
                    "version=%d is not one of %s in %s"
                            .formatted(
                                    version,
                                    contents.models().stream().map(Entry::version).toList(),
                                    file()));
        }
    }

    private Contents change(UnaryOperator<Contents> by) throws IOException {
        Files.createDirectories(directory);
        try (FileChannel lock =
                        FileChannel.open(
                                directory.resolve(".registry.lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                var held = lock.lock()) {
            if (!held.isValid()) {
                throw new IOException("%s cannot be locked".formatted(directory));
            }
            Contents before = read();
            Contents after = by.apply(before);
            if (!after.equals(before)) {
                Path aside = directory.resolve(".registry.new");
                Files.write(
                        aside, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(after));
                Files.move(
                        aside,
                        file(),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
            return after;
        }
    }
}
