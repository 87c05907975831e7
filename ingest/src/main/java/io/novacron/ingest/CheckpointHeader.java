package io.novacron.ingest;

import io.novacron.ingest.checkpoint.CheckpointException;
import io.novacron.ingest.checkpoint.CheckpointReader;
import io.novacron.ingest.checkpoint.CheckpointWriter;
import io.novacron.ingest.checkpoint.Section;
import io.novacron.wire.catalogue.Metric;
import io.novacron.wire.catalogue.MetricCatalogue;
import java.io.IOException;
import java.util.stream.Collectors;

/// The first words of a checkpoint: what must hold for the rest to mean anything.
///
/// @param ordinal of the last journal record whose effect the file holds
record CheckpointHeader(long ordinal) {
    private static final long MAGIC = 0x4E43_4348_4543_4B31L; // NCCHECK1
    private static final int FORMAT = 1;

    void write(CheckpointWriter out) throws IOException {
        out.begin(Section.HEADER);
        out.putLong(MAGIC);
        out.putInt(FORMAT);
        out.putLong(ordinal);
        out.putString(catalogue(MetricCatalogue.INSTANCE));
    }

    /// @throws CheckpointException when this version cannot use the file
    static CheckpointHeader read(CheckpointReader in) throws IOException {
        in.begin(Section.HEADER);
        long magic = in.getLong();
        int format = in.getInt();
        if (magic != MAGIC || format != FORMAT) {
            throw new CheckpointException(
                    "magic=0x%016x format=%d must be 0x%016x and %d. Maybe another version wrote it?"
                            .formatted(magic, format, MAGIC, FORMAT));
        }
        var header = new CheckpointHeader(in.getLong());
        if (!in.getString().equals(catalogue(MetricCatalogue.INSTANCE))) {
            throw new CheckpointException(
                    "the metric catalogue has changed since it was written. Maybe another version"
                            + " wrote it?");
        }
        return header;
    }

    /// What of the catalogue decides how samples become cells.
    private static String catalogue(MetricCatalogue catalogue) {
        return catalogue.all().stream()
                .map(CheckpointHeader::describe)
                .collect(Collectors.joining("\n"));
    }

    private static String describe(Metric metric) {
        return "%d %s %s %s %s %s %s %s"
                .formatted(
                        metric.id(),
                        metric.name(),
                        metric.scope(),
                        metric.cellRule(),
                        metric.scale(),
                        metric.forecast(),
                        Float.toHexString(metric.min()),
                        Float.toHexString(metric.max()));
    }
}
