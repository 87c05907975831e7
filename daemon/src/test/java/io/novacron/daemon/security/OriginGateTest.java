package io.novacron.daemon.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginGateTest {
    private final AtomicInteger refusals = new AtomicInteger();

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:7070, , 200",
        "localhost:7070, http://localhost:7070, 200",
        "'[::1]:7070', 'http://[::1]:7070', 200",
        "LOCALHOST, , 200",
        "rebound.example:7070, , 403", // a name of somebody else that now points here
        "rebound.example:7070, http://rebound.example:7070, 403",
        "127.0.0.1:7070, http://127.0.0.1:8080, 403",
        "127.0.0.1:7070, https://evil.example, 403",
        "127.0.0.1:7070, null, 403", // what a browser sends from a sandboxed page
        "127.0.0.1:7070, ':', 403",
    })
    void withoutATokenOnlyThisMachinesNamesAreServed(String host, String origin, int code)
            throws Exception {
        assertThat(statusOf(new OriginGate(true, refusals::incrementAndGet), host, origin))
                .isEqualTo(code);
        assertThat(refusals).hasValue(code == 200 ? 0 : 1);
    }

    @ParameterizedTest
    @CsvSource({
        "novacron.example, , 200",
        "novacron.example, https://novacron.example, 200",
        "novacron.example, https://evil.example, 403",
    })
    void withATokenAnyNameIsServedButNoOtherSite(String host, String origin, int code)
            throws Exception {
        assertThat(statusOf(new OriginGate(false, refusals::incrementAndGet), host, origin))
                .isEqualTo(code);
    }

    private static int statusOf(OriginGate gate, String host, String origin) throws Exception {
        var headers =
                RequestHeaders.builder(HttpMethod.POST, "/api/v1/decisions/1:approve")
                        .authority(host);
        if (origin != null) {
            headers.add(HttpHeaderNames.ORIGIN, origin);
        }
        var request = HttpRequest.of(headers.build());
        var ctx = ServiceRequestContext.of(request);
        return gate.serve((_, _) -> HttpResponse.of(HttpStatus.OK), ctx, request)
                .aggregate()
                .join()
                .status()
                .code();
    }
}
