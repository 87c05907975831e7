package io.novacron.daemon.control;

import com.linecorp.armeria.common.Cookie;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.novacron.daemon.security.Token;
import io.novacron.daemon.security.TokenGate;
import org.jspecify.annotations.Nullable;

/// Signs a browser in and out: a form with the token becomes a session cookie that scripts cannot
/// read and other sites cannot send.
final class Login {
    private final @Nullable Token token;
    private final boolean secure;
    private final Runnable onRefusal;

    /// @param token null: nobody needs to sign in
    Login(@Nullable Token token, boolean secure, Runnable onRefusal) {
        this.token = token;
        this.secure = secure;
        this.onRefusal = onRefusal;
    }

    HttpResponse signIn(ServiceRequestContext ctx, HttpRequest request) {
        return HttpResponse.of(
                request.aggregate()
                        .thenApply(form ->
                                signIn(
                                        QueryParams.fromQueryString(form.contentUtf8())
                                                .get("token", ""))));
    }

    HttpResponse signOut(ServiceRequestContext ctx, HttpRequest request) {
        return redirect("/login", "", 0);
    }

    /// Tells the page whether there is anything to sign out of.
    HttpResponse session(ServiceRequestContext ctx, HttpRequest request) {
        return HttpResponse.of(
                HttpStatus.OK, MediaType.JSON_UTF_8, "{\"token\":%b}".formatted(token != null));
    }

    private HttpResponse signIn(String candidate) {
        if (token == null) {
            return HttpResponse.ofRedirect(HttpStatus.SEE_OTHER, "/");
        }
        if (!token.matches(candidate.strip())) {
            onRefusal.run();
            return HttpResponse.ofRedirect(HttpStatus.SEE_OTHER, "/login#wrong");
        }
        return redirect("/", token.newSession(), Token.SESSION.toSeconds());
    }

    private HttpResponse redirect(String location, String session, long maxAgeSeconds) {
        var cookie =
                Cookie.secureBuilder(TokenGate.COOKIE, session)
                        .path("/")
                        .maxAge(maxAgeSeconds)
                        .httpOnly(true)
                        .secure(secure)
                        .sameSite("Strict")
                        .build();
        return HttpResponse.of(
                ResponseHeaders.builder(HttpStatus.SEE_OTHER)
                        .set(HttpHeaderNames.LOCATION, location)
                        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                        .cookie(cookie)
                        .build());
    }
}
