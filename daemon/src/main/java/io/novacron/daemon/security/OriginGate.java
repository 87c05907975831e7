package io.novacron.daemon.security;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Keeps other web sites from using the operator's browser against the daemon.
///
/// A page elsewhere can make a browser send requests to `127.0.0.1`. So a request whose `Origin` is
/// not this server is refused, and without a token also one whose `Host` is not a loopback name
/// (DNS rebinding: the page's own name made to point here).
public final class OriginGate implements DecoratingHttpServiceFunction {
    private final boolean loopbackNamesOnly;
    private final Runnable onRefusal;

    public OriginGate(boolean loopbackNamesOnly, Runnable onRefusal) {
        this.loopbackNamesOnly = loopbackNamesOnly;
        this.onRefusal = onRefusal;
    }

    @Override
    public HttpResponse serve(HttpService delegate, ServiceRequestContext ctx, HttpRequest request)
            throws Exception {
        String authority = request.authority();
        if (loopbackNamesOnly && !isLoopbackAuthority(authority)) {
            onRefusal.run();
            return refuse(
                    "Host=%s is not a loopback name. Maybe open http://127.0.0.1:%d/ instead?"
                            .formatted(authority, ctx.localAddress().getPort()));
        }
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        if (origin != null && !isSame(origin, authority)) {
            onRefusal.run();
            return refuse("Origin=%s is another site than Host=%s".formatted(origin, authority));
        }
        return delegate.serve(ctx, request);
    }

    private static boolean isSame(String origin, @Nullable String authority) {
        try {
            String originAuthority = URI.create(origin).getAuthority();
            return originAuthority != null
                    && authority != null
                    && originAuthority
                            .toLowerCase(Locale.ROOT)
                            .equals(authority.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static boolean isLoopbackAuthority(@Nullable String authority) {
        if (authority == null) {
            return false;
        }
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf(']');
        return ListenAddress.isLoopback(hasPort ? authority.substring(0, colon) : authority);
    }

    private static HttpResponse refuse(String text) {
        return HttpResponse.of(HttpStatus.FORBIDDEN, MediaType.PLAIN_TEXT_UTF_8, text + "\n");
    }
}
