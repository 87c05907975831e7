package io.novacron.daemon.decision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/// Events and commands as the bytes of a journal record. Equal values give equal bytes. Stateless.
final class EventCodec {
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES) // newer writers
                    .build();

    private EventCodec() {}

    static byte[] encode(Object value) {
        try {
            return value instanceof DecisionEvent event
                    ? JSON.writerFor(DecisionEvent.class).writeValueAsBytes(event)
                    : JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot encode %s".formatted(value), e);
        }
    }

    /// @throws IOException when the bytes are not an event that this version knows
    static DecisionEvent event(byte[] bytes) throws IOException {
        return JSON.readValue(bytes, DecisionEvent.class);
    }

    /// @throws IOException when the bytes are not a state that this version knows
    static DecisionState state(byte[] bytes) throws IOException {
        DecisionState state = JSON.readValue(bytes, DecisionState.class);
        if (state.version() != DecisionState.VERSION) {
            throw new IOException(
                    "version=%d of the decisions must be %d. Maybe another version wrote them?"
                            .formatted(state.version(), DecisionState.VERSION));
        }
        return state;
    }

    /// @throws IOException when the bytes are not a command that this version knows
    static OperatorCommand command(byte[] bytes) throws IOException {
        return JSON.readValue(bytes, OperatorCommand.class);
    }
}
