package io.novacron.perf.peers;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Kafka's own producer, spoken to by reflection, since its jars are not on the product's class
/// path. One topic of one partition. Not thread-safe.
final class KafkaClient implements AutoCloseable {
    private static final String PRODUCER = "org.apache.kafka.clients.producer.";
    private static final String BYTES = "org.apache.kafka.common.serialization.ByteArraySerializer";
    private static final int BATCH_BYTES = 256 * 1024;
    private static final int MAX_UNCONFIRMED = 100_000;

    private final URLClassLoader loader;
    private final String topic;
    private final Object producer;
    private final Constructor<?> newRecord;
    private final Method send;
    private final Method flush;
    private final Method partitionsFor;
    private final Method offset;
    private final Method close;
    private final Queue<Future<?>> unconfirmed = new ArrayDeque<>();
    private long recordsStored;
    private boolean closed;

    private KafkaClient(URLClassLoader loader, int port, String topic)
            throws IOException, ReflectiveOperationException {
        this.loader = loader;
        this.topic = topic;
        Class<?> producerType = loader.loadClass(PRODUCER + "KafkaProducer");
        Class<?> recordType = loader.loadClass(PRODUCER + "ProducerRecord");
        newRecord = recordType.getConstructor(String.class, Object.class);
        send = producerType.getMethod("send", recordType);
        flush = producerType.getMethod("flush");
        partitionsFor = producerType.getMethod("partitionsFor", String.class);
        close = producerType.getMethod("close");
        offset = loader.loadClass(PRODUCER + "RecordMetadata").getMethod("offset");
        System.setProperty(
                "org.slf4j.simpleLogger.defaultLogLevel", "error"); // of these jars alone
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader); // it loads serializers by name
        try {
            producer = producerType.getConstructor(Map.class).newInstance(settings(port));
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    /// @param jars of Kafka's clients; closed with the client
    static KafkaClient connect(URLClassLoader jars, int port, String topic) throws IOException {
        try {
            return new KafkaClient(jars, port, topic);
        } catch (ReflectiveOperationException problem) {
            throw failure(problem);
        }
    }

    private static Map<String, Object> settings(int port) {
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", "127.0.0.1:" + port);
        settings.put("key.serializer", BYTES);
        settings.put("value.serializer", BYTES);
        settings.put("acks", "1");
        settings.put("enable.idempotence", false); // it wants acks=all
        settings.put("compression.type", "lz4");
        settings.put("batch.size", BATCH_BYTES);
        settings.put("linger.ms", 100);
        settings.put("max.block.ms", 2_000);
        return settings;
    }

    /// Whether the broker knows the topic; asking makes it.
    boolean ready() throws IOException {
        return !((Collection<?>) invoke(partitionsFor, producer, topic)).isEmpty();
    }

    void send(FleetRound round) throws IOException, InterruptedException {
        round.forEachVm((vm, batch, entity) ->
                send(KafkaRecords.encode(vm, batch, entity, round.timestampMs())));
        confirm(MAX_UNCONFIRMED);
    }

    private void send(byte[] value) throws IOException {
        try {
            Object record = newRecord.newInstance(topic, value);
            unconfirmed.add((Future<?>) invoke(send, producer, record));
        } catch (ReflectiveOperationException problem) {
            throw failure(problem);
        }
    }

    /// Waits until all records are acknowledged.
    void flush() throws IOException {
        invoke(flush, producer);
        confirm(0);
    }

    private void confirm(int remaining) throws IOException {
        try {
            while (unconfirmed.size() > remaining) {
                Object metadata = unconfirmed.remove().get();
                recordsStored = 1 + (Long) invoke(offset, metadata);
            }
        } catch (ExecutionException refused) {
            throw new IOException("a record was refused: " + refused.getCause(), refused);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while records were acknowledged", interrupted);
        }
    }

    /// One more than the highest offset that the broker gave.
    long recordsStored() {
        return recordsStored;
    }

    private static Object invoke(Method method, @Nullable Object target, Object... arguments)
            throws IOException {
        try {
            Object result = method.invoke(target, arguments);
            return Objects.requireNonNullElse(result, "");
        } catch (ReflectiveOperationException problem) {
            throw failure(problem);
        }
    }

    private static IOException failure(ReflectiveOperationException problem) {
        Throwable cause =
                problem instanceof InvocationTargetException thrown
                        ? Objects.requireNonNullElse(thrown.getCause(), thrown)
                        : problem;
        return new IOException("Kafka's producer failed: " + cause, cause);
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            invoke(close, producer);
            loader.close();
        }
    }
}
