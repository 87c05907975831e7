package io.novacron.ingest.remotewrite;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Reads the two messages of remote write, `prometheus.WriteRequest` and
/// `io.prometheus.write.v2.Request`, series by series. Known label sets are found by a hash of 128
/// bits with a secret seed; only unknown ones are taken apart. Allocates nothing once warm.
final class RequestReader {
    /// What becomes of the parts.
    interface Visitor {
        /// Called once for each series, before its samples.
        ///
        /// @param labels to be asked only when the hash is not known; valid during the call
        /// @return whether its samples are wanted one by one; else they are told by number
        boolean series(long hash1, long hash2, LabelSource labels);

        /// @param valueBits the double's bits: a stale marker is a NaN among others
        /// @param createdMs when the counter began, 0 when nobody says
        void sample(long timestampMs, long valueBits, long createdMs);

        /// Samples of a series that answered false, native histograms and exemplars.
        void others(int samples, int histograms, int exemplars);

        /// A series that breaks a rule of the specification; nothing else of it is told.
        void invalid(String problem, int samples, int histograms, int exemplars);

        void metadata(int count);
    }

    /// Takes the labels of the present series apart, when asked.
    interface LabelSource {
        /// @return the labels; the problem with them is the caller's to find
        LabelSet read();
    }

    private static final int MAX_SYMBOLS = 1 << 20;
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long STEP_1 = 0xA0761D6478BD642FL;
    private static final long STEP_2 = 0xE7037ED1A0B428DBL;

    private final long seed1;
    private final long seed2;
    private final ProtobufCursor request = new ProtobufCursor();
    private final ProtobufCursor series = new ProtobufCursor();
    private final ProtobufCursor inner = new ProtobufCursor();
    private final LabelSet labels = new LabelSet();
    private final LabelSource labelsOfVersion1 = this::readLabels;
    private final LabelSource labelsOfVersion2 = this::readReferences;

    private byte[] bytes = {};
    private long[] timestamps = new long[64];
    private long[] values = new long[64];
    private int[] symbolPlaces = new int[2 * 1024]; // from, to
    private long[] symbolHashes = new long[2 * 1024];
    private int symbolCount;
    private int[] references = new int[64];
    private int referenceCount;
    private int seriesFrom;
    private int seriesTo;
    private long hash1;
    private long hash2;

    /// @param seed1 a secret, so that nobody can make two label sets of one hash
    /// @param seed2 another
    RequestReader(long seed1, long seed2) {
        this.seed1 = seed1;
        this.seed2 = seed2;
    }

    /// Reads a `prometheus.WriteRequest`.
    void readVersion1(byte[] array, int length, Visitor visitor) {
        bytes = array;
        request.wrap(array, 0, length);
        int metadata = 0;
        while (request.hasMore()) {
            int tag = request.tag();
            if (tag >>> 3 == 1) {
                request.expect(tag, ProtobufCursor.BYTES);
                int size = request.length();
                readSeries1(request.position, request.position + size, visitor);
                request.position += size;
            } else {
                metadata += tag >>> 3 == 3 ? 1 : 0;
                request.skip(tag);
            }
        }
        if (metadata > 0) {
            visitor.metadata(metadata);
        }
    }

    private void readSeries1(int from, int to, Visitor visitor) {
        seriesFrom = from;
        seriesTo = to;
        series.wrap(bytes, from, to);
        int samples = 0;
        int exemplars = 0;
        int histograms = 0;
        int labelsFrom = -1;
        int labelsTo = -1;
        boolean together = true;
        while (series.hasMore()) {
            int start = series.position;
            int tag = series.tag();
            switch (tag >>> 3) {
                case 1 -> {
                    series.skip(tag);
                    together &= labelsTo < 0 || labelsTo == start;
                    labelsFrom = labelsFrom < 0 ? start : labelsFrom;
                    labelsTo = series.position;
                }
                case 2 -> readSample(tag, samples++);
                case 3 -> {
                    series.skip(tag);
                    exemplars++;
                }
                case 4 -> {
                    series.skip(tag);
                    histograms++;
                }
                default -> series.skip(tag);
            }
        }
        hash1 = seed1;
        hash2 = seed2;
        if (together && labelsFrom >= 0) {
            hash(labelsFrom, labelsTo);
        } else {
            hashApart();
        }
        tell(samples, histograms, exemplars, 0, labelsOfVersion1, visitor);
    }

    private void hashApart() {
        series.wrap(bytes, seriesFrom, seriesTo);
        while (series.hasMore()) {
            int start = series.position;
            int tag = series.tag();
            series.skip(tag);
            if (tag >>> 3 == 1) {
                hash(start, series.position);
            }
        }
    }

    private LabelSet readLabels() {
        labels.clear(bytes);
        series.wrap(bytes, seriesFrom, seriesTo);
        while (series.hasMore()) {
            int tag = series.tag();
            if (tag >>> 3 != 1) {
                series.skip(tag);
                continue;
            }
            series.expect(tag, ProtobufCursor.BYTES);
            int size = series.length();
            inner.wrap(bytes, series.position, series.position + size);
            series.position += size;
            int nameFrom = 0;
            int nameTo = 0;
            int valueFrom = 0;
            int valueTo = 0;
            while (inner.hasMore()) {
                int field = inner.tag();
                if (field >>> 3 > 2) {
                    inner.skip(field);
                    continue;
                }
                inner.expect(field, ProtobufCursor.BYTES);
                int length = inner.length();
                if (field >>> 3 == 1) {
                    nameFrom = inner.position;
                    nameTo = nameFrom + length;
                } else {
                    valueFrom = inner.position;
                    valueTo = valueFrom + length;
                }
                inner.position += length;
            }
            labels.add(nameFrom, nameTo, valueFrom, valueTo);
        }
        return labels;
    }

    /// Reads an `io.prometheus.write.v2.Request`: symbols first, wherever they are.
    void readVersion2(byte[] array, int length, Visitor visitor) {
        bytes = array;
        symbolCount = 0;
        request.wrap(array, 0, length);
        boolean any = false;
        while (request.hasMore()) {
            int tag = request.tag();
            if (tag >>> 3 == 4) {
                request.expect(tag, ProtobufCursor.BYTES);
                int size = request.length();
                addSymbol(request.position, request.position + size);
                request.position += size;
            } else {
                any |= tag >>> 3 == 5;
                request.skip(tag);
            }
        }
        if (any && (symbolCount == 0 || symbolPlaces[0] != symbolPlaces[1])) {
            throw RemoteWriteException.bad(
                    "symbols must begin with an empty string, there are %d. Maybe the message is"
                            + " prometheus.WriteRequest?",
                    symbolCount);
        }
        request.wrap(array, 0, length);
        while (request.hasMore()) {
            int tag = request.tag();
            if (tag >>> 3 == 5) {
                request.expect(tag, ProtobufCursor.BYTES);
                int size = request.length();
                readSeries2(request.position, request.position + size, visitor);
                request.position += size;
            } else {
                request.skip(tag);
            }
        }
    }

    private void addSymbol(int from, int to) {
        if (symbolCount == MAX_SYMBOLS) {
            throw RemoteWriteException.tooLarge(
                    "more than %d symbols. Maybe lower max_samples_per_send?", MAX_SYMBOLS);
        }
        if (2 * symbolCount == symbolPlaces.length) {
            symbolPlaces = Arrays.copyOf(symbolPlaces, 2 * symbolPlaces.length);
            symbolHashes = Arrays.copyOf(symbolHashes, 2 * symbolHashes.length);
        }
        hash1 = seed1;
        hash2 = seed2;
        hash(from, to);
        symbolPlaces[2 * symbolCount] = from;
        symbolPlaces[2 * symbolCount + 1] = to;
        symbolHashes[2 * symbolCount] = hash1;
        symbolHashes[2 * symbolCount + 1] = hash2;
        symbolCount++;
    }

    private void readSeries2(int from, int to, Visitor visitor) {
        series.wrap(bytes, from, to);
        referenceCount = 0;
        int samples = 0;
        int exemplars = 0;
        int histograms = 0;
        long createdMs = 0;
        boolean metadata = false;
        while (series.hasMore()) {
            int tag = series.tag();
            switch (tag >>> 3) {
                case 1 -> readReferences(tag);
                case 2 -> readSample(tag, samples++);
                case 3 -> {
                    series.skip(tag);
                    histograms++;
                }
                case 4 -> {
                    series.skip(tag);
                    exemplars++;
                }
                case 5 -> {
                    series.skip(tag);
                    metadata = true;
                }
                case 6 -> {
                    series.expect(tag, ProtobufCursor.VARINT);
                    createdMs = series.varint();
                }
                default -> series.skip(tag);
            }
        }
        if (metadata) {
            visitor.metadata(1);
        }
        String problem = null;
        if (referenceCount == 0 || referenceCount % 2 != 0) {
            problem = "labels_refs has %d entries, must have pairs".formatted(referenceCount);
        } else if (samples > 0 && histograms > 0) {
            problem = "a series must not have both samples and histograms";
        } else if (samples + histograms + exemplars == 0) {
            problem = "a series must have a sample or a histogram";
        }
        hash1 = seed1 ^ STEP_1; // a series is no symbol
        hash2 = seed2 ^ STEP_2;
        for (int i = 0; i < referenceCount && problem == null; i++) {
            int symbol = references[i];
            if (symbol < 0 || symbol >= symbolCount) {
                problem =
                        "label reference %d is not below the number of symbols, %d"
                                .formatted(symbol & 0xFFFF_FFFFL, symbolCount);
            } else {
                mix(symbolHashes[2 * symbol], symbolHashes[2 * symbol + 1]);
            }
        }
        if (problem != null) {
            visitor.invalid(problem, samples, histograms, exemplars);
        } else {
            tell(samples, histograms, exemplars, createdMs, labelsOfVersion2, visitor);
        }
    }

    /// Repeated numbers come packed or one by one.
    private void readReferences(int tag) {
        if ((tag & 7) == ProtobufCursor.VARINT) {
            addReference(series.varint());
            return;
        }
        series.expect(tag, ProtobufCursor.BYTES);
        int size = series.length();
        inner.wrap(bytes, series.position, series.position + size);
        series.position += size;
        while (inner.hasMore()) {
            addReference(inner.varint());
        }
    }

    private void addReference(long symbol) {
        if (referenceCount == references.length) {
            references = Arrays.copyOf(references, 2 * references.length);
        }
        references[referenceCount++] = symbol < 0 || symbol > Integer.MAX_VALUE ? -1 : (int) symbol;
    }

    private LabelSet readReferences() {
        labels.clear(bytes);
        for (int i = 0; i < referenceCount; i += 2) {
            int name = 2 * references[i];
            int value = 2 * references[i + 1];
            labels.add(
                    symbolPlaces[name],
                    symbolPlaces[name + 1],
                    symbolPlaces[value],
                    symbolPlaces[value + 1]);
        }
        return labels;
    }

    // Both versions

    private void tell(
            int samples,
            int histograms,
            int exemplars,
            long createdMs,
            LabelSource source,
            Visitor visitor) {
        boolean wanted = visitor.series(hash1, hash2, source);
        if (wanted) {
            for (int i = 0; i < samples; i++) {
                visitor.sample(timestamps[i], values[i], createdMs);
            }
        }
        int untold = wanted ? 0 : samples;
        if (untold + histograms + exemplars > 0) {
            visitor.others(untold, histograms, exemplars);
        }
    }

    private void readSample(int tag, int index) {
        series.expect(tag, ProtobufCursor.BYTES);
        int size = series.length();
        inner.wrap(bytes, series.position, series.position + size);
        series.position += size;
        long valueBits = 0;
        long timestampMs = 0;
        while (inner.hasMore()) {
            int field = inner.tag();
            if (field >>> 3 == 1) {
                inner.expect(field, ProtobufCursor.FIXED64);
                valueBits = inner.fixed64();
            } else if (field >>> 3 == 2) {
                inner.expect(field, ProtobufCursor.VARINT);
                timestampMs = inner.varint();
            } else {
                inner.skip(field);
            }
        }
        if (index == timestamps.length) {
            timestamps = Arrays.copyOf(timestamps, 2 * index);
            values = Arrays.copyOf(values, 2 * index);
        }
        timestamps[index] = timestampMs;
        values[index] = valueBits;
    }

    /// Folds bytes into the two hashes, sixteen at a time: products of 128 bits, both halves kept
    /// (after wyhash). Two lanes with seeds of their own make 128 bits.
    private void hash(int from, int to) {
        int at = from;
        for (; to - at >= 2 * Long.BYTES; at += 2 * Long.BYTES) {
            mix((long) LONG.get(bytes, at), (long) LONG.get(bytes, at + Long.BYTES));
        }
        int left = to - at;
        long first = 0;
        long second = 0;
        if (left >= Long.BYTES) {
            first = (long) LONG.get(bytes, at);
            at += Long.BYTES;
            for (int shift = 0; at < to; at++, shift += Byte.SIZE) {
                second |= (bytes[at] & 0xFFL) << shift;
            }
        } else {
            for (int shift = 0; at < to; at++, shift += Byte.SIZE) {
                first |= (bytes[at] & 0xFFL) << shift;
            }
        }
        mix(first ^ to - from, second + STEP_1);
    }

    /// A hash of a whole body, to know it again.
    static long hash(byte[] body, int length, long seed) {
        long hash = seed ^ length;
        int at = 0;
        for (; length - at >= Long.BYTES; at += Long.BYTES) {
            hash = fold((long) LONG.get(body, at) ^ STEP_1 ^ hash, seed ^ STEP_2);
        }
        long rest = 0;
        for (int shift = 0; at < length; at++, shift += Byte.SIZE) {
            rest |= (body[at] & 0xFFL) << shift;
        }
        return fold(rest ^ STEP_2 ^ hash, seed ^ STEP_1);
    }

    private void mix(long first, long second) {
        hash1 = fold(first ^ STEP_1 ^ hash1, second ^ seed1);
        hash2 = fold(first ^ seed2, second ^ STEP_2 ^ hash2) + Long.rotateLeft(hash2, 23);
    }

    private static long fold(long left, long right) {
        return left * right ^ Math.unsignedMultiplyHigh(left, right);
    }
}
