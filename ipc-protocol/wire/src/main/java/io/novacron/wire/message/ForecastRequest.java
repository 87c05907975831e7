package io.novacron.wire.message;

import java.util.UUID;

/// Asks for the last forecast of one metric of one entity.
public record ForecastRequest(long requestId, UUID entity, int metricId) implements Message {}
