package io.novacron.daemon.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.common.grpc.GrpcJsonMarshaller;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;

/// Protobuf's own JSON form, on one line. Fields at their default are written, so that a reader
/// finds `[]` and 0; optional fields without a value are left out, for missing is not zero.
final class ProtoJson implements GrpcJsonMarshaller {
    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer()
                    .alwaysPrintFieldsWithNoPresence()
                    .omittingInsignificantWhitespace();
    private static final JsonFormat.Parser PARSER = JsonFormat.parser();

    static String print(MessageOrBuilder message) {
        try {
            return PRINTER.print(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a message of ours cannot be printed", e);
        }
    }

    @Override
    public <T> void serializeMessage(Marshaller<T> marshaller, T message, OutputStream out)
            throws IOException {
        var writer = new OutputStreamWriter(out, UTF_8);
        PRINTER.appendTo((Message) message, writer);
        writer.flush();
    }

    @Override
    public <T> T deserializeMessage(Marshaller<T> marshaller, InputStream in) throws IOException {
        T prototype = ((PrototypeMarshaller<T>) marshaller).getMessagePrototype();
        if (prototype == null) {
            throw new IllegalArgumentException("a marshaller without a prototype: " + marshaller);
        }
        var builder = ((Message) prototype).newBuilderForType();
        try {
            PARSER.merge(new InputStreamReader(in, UTF_8), builder);
        } catch (InvalidProtocolBufferException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("request body: " + e.getMessage())
                    .asRuntimeException();
        }
        @SuppressWarnings("unchecked") // a builder builds what its prototype is
        T message = (T) builder.build();
        return message;
    }
}
