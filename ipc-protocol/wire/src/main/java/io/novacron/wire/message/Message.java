package io.novacron.wire.message;

/// Everything on the wire but metric batches. [Messages] encodes and decodes them.
public sealed interface Message
        permits Hello,
                Welcome,
                Heartbeat,
                ErrorMessage,
                Inventory,
                Acknowledgement,
                Action,
                Outcome,
                PlaceRequest,
                PlaceReply,
                ForecastRequest,
                ForecastReply,
                RecommendationsRequest,
                RecommendationsReply,
                ApproveRequest,
                ApproveReply {}
