package io.novacron.daemon.security;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.function.Predicate;

/// Lets a request through when it shows the token (`Authorization: Bearer …`) or an open session.
///
/// A browser that asks for a page is sent to `/login`; everything else gets 401, which a gRPC
/// client sees as UNAUTHENTICATED. Refusals are counted by the caller's `onRefusal`.
public final class TokenGate implements DecoratingHttpServiceFunction {
    /// The session cookie's name.
    public static final String COOKIE = "novacron_session";

    private static final String BEARER = "Bearer ";
    private static final String REFUSAL =
            "{\"grpc-code\":\"UNAUTHENTICATED\",\"message\":\"this port wants a token. Maybe pass --token, set NOVACRON_TOKEN, or send 'Authorization: Bearer …'?\"}";

    private final Token token;
    private final Predicate<String> openPaths;
    private final Runnable onRefusal;

    /// @param openPaths paths that anyone may ask for: the login page and what it shows
    public TokenGate(Token token, Predicate<String> openPaths, Runnable onRefusal) {
        this.token = token;
        this.openPaths = openPaths;
        this.onRefusal = onRefusal;
    }

    @Override
    public HttpResponse serve(HttpService delegate, ServiceRequestContext ctx, HttpRequest request)
            throws Exception {
        if (openPaths.test(ctx.path()) || isKnown(request)) {
            return delegate.serve(ctx, request);
        }
        onRefusal.run();
        if (request.method() == HttpMethod.GET
                && request.headers().get(HttpHeaderNames.ACCEPT, "").contains("text/html")) {
            return HttpResponse.ofRedirect(HttpStatus.SEE_OTHER, "/login");
        }
        return HttpResponse.of(
                ResponseHeaders.of(
                        HttpStatus.UNAUTHORIZED,
                        HttpHeaderNames.WWW_AUTHENTICATE,
                        "Bearer realm=\"novacron\"",
                        HttpHeaderNames.CONTENT_TYPE,
                        MediaType.JSON_UTF_8),
                HttpData.ofUtf8(REFUSAL));
    }

    /// Whether the request shows the token or an open session.
    public boolean isKnown(HttpRequest request) {
        String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        if (authorization != null
                && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                && token.matches(authorization.substring(BEARER.length()).strip())) {
            return true;
        }
        return request.headers().cookies().stream()
                .anyMatch(cookie -> cookie.name().equals(COOKIE) && token.isOpen(cookie.value()));
    }
}
