package io.novacron.daemon.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.ServerCacheControl;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.encoding.EncodingService;
import com.linecorp.armeria.server.file.FileService;
import com.linecorp.armeria.server.file.HttpFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Properties;
import java.util.regex.Pattern;

/// The dashboard's files, from the class path: nothing is loaded from elsewhere, so that it works
/// without the internet and under a strict content security policy.
final class Dashboard {
    private static final ClassLoader LOADER = Dashboard.class.getClassLoader();
    private static final String ROOT = "dashboard";
    private static final String PREACT_POM = "META-INF/maven/org.webjars.npm/preact/pom.properties";

    /// The one inline script: it tells the browser where modules are, which a file cannot.
    private static final Pattern IMPORT_MAP =
            Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

    private Dashboard() {}

    /// Whether a path must be served to somebody who is not signed in yet.
    static boolean isOpen(String path) {
        return path.equals("/login") || path.equals("/styles.css") || path.equals("/favicon.svg");
    }

    static void addTo(ServerBuilder server) {
        String policy = policy(read(ROOT + "/index.html"));
        server.route().get("/login").build(file("login.html", policy));
        server.serviceUnder("/lib/preact/", folder(preactFolder(), policy));
        server.serviceUnder("/", folder(ROOT, policy));
    }

    /// What the page may load and do: its own files, and the import map by its hash.
    static String policy(String index) {
        var importMap = IMPORT_MAP.matcher(index);
        if (!importMap.find()) {
            throw new IllegalStateException("dashboard/index.html has no import map");
        }
        return String.join(
                "; ",
                "default-src 'none'",
                "script-src 'self' 'sha256-%s'".formatted(sha256(importMap.group(1))),
                "style-src 'self'",
                "img-src 'self'",
                "connect-src 'self'",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'");
    }

    private static HttpService folder(String folder, String policy) {
        return FileService.builder(LOADER, folder)
                .cacheControl(ServerCacheControl.REVALIDATED)
                .setHeader(HttpHeaderNames.CONTENT_SECURITY_POLICY, policy)
                .setHeader(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                .setHeader(HttpHeaderNames.REFERRER_POLICY, "no-referrer")
                .build()
                .decorate(EncodingService.newDecorator());
    }

    private static HttpService file(String name, String policy) {
        return HttpFile.builder(LOADER, ROOT + "/" + name)
                .cacheControl(ServerCacheControl.REVALIDATED)
                .setHeader(HttpHeaderNames.CONTENT_SECURITY_POLICY, policy)
                .setHeader(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                .setHeader(HttpHeaderNames.REFERRER_POLICY, "no-referrer")
                .build()
                .asService();
    }

    /// The WebJar's folder carries its version, which the jar says itself.
    private static String preactFolder() {
        try (InputStream in = open(PREACT_POM)) {
            var properties = new Properties();
            properties.load(in);
            return "META-INF/resources/webjars/preact/" + properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(String resource) {
        try (InputStream in = open(resource)) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String resource) {
        InputStream in = LOADER.getResourceAsStream(resource);
        if (in == null) {
            throw new IllegalStateException(resource + " must be on the class path");
        }
        return in;
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no SHA-256", e);
        }
    }
}
