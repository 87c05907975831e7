package io.novacron.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.novacron.daemon.fake.FakeFleet;
import io.novacron.daemon.security.ListenAddress;
import io.novacron.wire.sbe.LifecycleState;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/// The dashboard in a real browser. Screenshots lie in `target/dashboard-*.png` afterwards.
@Tag("browser")
class DashboardBrowserTest {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final FakeFleet FLEET = new FakeFleet(12, 20);
    private static ControlServer server;
    private static ChromeDriver browser;

    @BeforeAll
    static void start() {
        Assumptions.assumeTrue(
                Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
                "no browser test: install chromium and chromium-driver");
        server =
                ControlServer.start(
                        ControlConfig.of(new ListenAddress("127.0.0.1", 0), null, null),
                        FLEET,
                        FLEET,
                        new CollectorRegistry(),
                        InstantSource.system());
        browser = new ChromeDriver(service(), options());
        browser.manage().window().setSize(new Dimension(1440, 1180));
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.quit();
        }
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void open() {
        FLEET.reset();
        browser.get(server.url("127.0.0.1"));
        waitFor("#hosts tbody tr");
        waitFor(".chart canvas");
    }

    @AfterEach
    void noConsoleErrors() {
        var problems =
                browser.manage().logs().get(LogType.BROWSER).getAll().stream()
                        .filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
                        .toList();
        assertThat(problems).as("console").isEmpty();
    }

    @Test
    void showsHostsVmsAndHealth() throws IOException {
        assertThat(all("#hosts tbody tr")).hasSize(12);
        assertThat(all("#vms tbody tr")).as("bounded").hasSize(100);
        assertThat(all(".health li")).hasSize(4);
        assertThat(one(".live").getText()).isEqualTo("live");
        assertThat(one("#hosts tbody").getText()).contains("host-05").contains("stale");
        screenshot("light");
    }

    @Test
    void drawsHistoryAndForecastOfTheChosenVm() {
        assertThat(one("#entity-title").getText())
                .as("first recommendation's")
                .isEqualTo("web-000");
        assertThat(label(".chart"))
                .contains("cpu.usage of web-000")
                .contains("with 80 % chance between");
        assertThat(inkOf("--chart-line")).as("pixels of history").isGreaterThan(200);
        assertThat(inkOf("--chart-fan")).as("pixels of the forecast").isGreaterThan(100);

        all("#vms tbody button.link").get(1).click();
        until(() -> !one("#entity-title").getText().equals("web-000"));
        button("Memory").click();
        until(() -> label(".chart").startsWith("memory.usage"));
    }

    @Test
    void approvesAfterConfirmation() {
        assertThat(all("#recommendations > li")).hasSize(3);

        all("#recommendations button.primary").getFirst().click();
        assertThat(FLEET.recommendations()).as("not before it is confirmed").hasSize(3);
        one("#reason").sendKeys("before the morning peak");
        one("#confirm").click();

        until(() -> all("#recommendations > li").size() == 2);
        var decision = FLEET.decision(1).orElseThrow();
        assertThat(decision.state()).isEqualTo(LifecycleState.APPROVED);
        assertThat(decision.transitions().getLast().text()).isEqualTo("before the morning peak");
        assertThat(one("#decisions").getText()).contains("approved");
        assertThat(one(".notices").getText()).contains("Decision 1 on web-000 is approved");
    }

    @Test
    void cancelsAndRejects() {
        all("#recommendations .buttons button:not(.primary)").getFirst().click();
        waitFor("dialog[open]");
        button("Cancel").click();
        assertThat(FLEET.recommendations()).hasSize(3);

        all("#recommendations .buttons button:not(.primary)").getFirst().click();
        one("#confirm").click();
        until(() -> FLEET.decision(1).orElseThrow().state() == LifecycleState.REJECTED);
    }

    @Test
    void followsTicksAndDecisionsOfOthers() {
        FLEET.advance();
        until(() -> one(".totals").getText().contains("43"));

        FLEET.approve(2, "alice", "from elsewhere");
        until(() -> all("#recommendations > li").size() == 2);
    }

    @Test
    void filtersAndSortsVms() {
        var filter = one("input[aria-label='Filter vms by name or label']");
        filter.sendKeys("role=db");
        until(() -> all("#vms tbody tr").size() == 60);
        assertThat(one("#vms tbody").getText()).doesNotContain("web-");

        one("#vms thead button").click();
        assertThat(one("#vms tbody button.link").getText()).isEqualTo("db-001");
    }

    @Test
    void isAccessibleInBothThemes() throws IOException {
        assertThat(violations()).as("light").isEmpty();
        button("Dark").click();
        until(() -> all(".chart canvas").size() == 1);
        assertThat(violations()).as("dark").isEmpty();
        screenshot("dark");
        button("Light").click();
    }

    @Test
    void fitsANarrowScreen() throws IOException {
        browser.manage().window().setSize(new Dimension(500, 1400));
        try {
            var overflow =
                    browser.executeScript(
                            "return document.documentElement.scrollWidth - innerWidth");
            assertThat(((Number) Objects.requireNonNull(overflow)).intValue())
                    .isLessThanOrEqualTo(0);
            screenshot("narrow");
        } finally {
            browser.manage().window().setSize(new Dimension(1440, 1180));
        }
    }

    /// What axe-core finds wrong, as text.
    private static String violations() throws IOException {
        browser.executeScript(axe());
        var found =
                browser.executeAsyncScript(
                        "const done = arguments[0];"
                                + "axe.run().then(r => done(r.violations.map(v => v.id + ': ' +"
                                + " v.nodes.map(n => n.target + ' ' + n.failureSummary).join('; ')).join('\\n')));");
        return String.valueOf(found);
    }

    private static String axe() throws IOException {
        String path = "META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";
        try (InputStream in =
                DashboardBrowserTest.class.getClassLoader().getResourceAsStream(path)) {
            return new String(
                    Objects.requireNonNull(in, path).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// Pixels of the chart that have nearly the colour of a CSS variable.
    private static long inkOf(String variable) {
        var count =
                browser.executeScript(
                        """
                        const canvas = document.querySelector('.chart canvas');
                        const probe = document.createElement('i');
                        probe.style.color = `var(${arguments[0]})`;
                        document.body.append(probe);
                        const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
                        probe.remove();
                        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                        let n = 0;
                        for (let i = 0; i < data.length; i += 4) {
                          if (data[i + 3] > 200 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 30) n++;
                        }
                        return n;
                        """,
                        variable);
        return ((Number) Objects.requireNonNull(count)).longValue();
    }

    private static void screenshot(String name) throws IOException {
        Path target = Files.createDirectories(Path.of("target"));
        Files.write(
                target.resolve("dashboard-%s.png".formatted(name)),
                browser.getScreenshotAs(OutputType.BYTES));
    }

    private static WebElement button(String text) {
        return all("button").stream()
                .filter(button -> button.getText().equals(text))
                .findFirst()
                .orElseThrow();
    }

    private static WebElement one(String selector) {
        return browser.findElement(By.cssSelector(selector));
    }

    private static String label(String selector) {
        return String.valueOf(one(selector).getAttribute("aria-label"));
    }

    private static List<WebElement> all(String selector) {
        return browser.findElements(By.cssSelector(selector));
    }

    private static void waitFor(String selector) {
        until(() -> !all(selector).isEmpty());
    }

    private static void until(BooleanSupplier condition) {
        new WebDriverWait(browser, PATIENCE, Duration.ofMillis(50))
                .ignoring(StaleElementReferenceException.class)
                .until(_ -> condition.getAsBoolean());
    }

    private static ChromeDriverService service() {
        return new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .build();
    }

    private static ChromeOptions options() {
        var options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        options.addArguments(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-proxy-server",
                "--force-color-profile=srgb");
        var logging = new LoggingPreferences();
        logging.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logging);
        return options;
    }
}
