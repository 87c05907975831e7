package io.novacron.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LibvirtUriTest {
    @Test
    void takesItsOwnOptionsOutOfTheUri() {
        assertThat(
                        LibvirtUri.parse(
                                "qemu:///system?novacron.unsafe-migration=true&socket=/run/x"
                                        + "&novacron.call-timeout=750ms&mode=direct&novacron.slow-interval=30s"))
                .isEqualTo(
                        new LibvirtUri(
                                "qemu:///system?socket=/run/x&mode=direct",
                                "/run/x",
                                true,
                                Duration.ofMillis(750),
                                Duration.ofSeconds(30)));
    }

    @Test
    void hasCautiousDefaults() {
        assertThat(LibvirtUri.parse("qemu:///system"))
                .isEqualTo(
                        new LibvirtUri(
                                "qemu:///system",
                                "",
                                false,
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(10)));
        assertThat(LibvirtUri.parse("qemu:///system?novacron.unsafe-migration=false").uri())
                .isEqualTo("qemu:///system");
    }

    @ParameterizedTest
    @CsvSource({
        "novacron.slow=1s, Maybe novacron.unsafe-migration",
        "novacron.slow-interval=10, Maybe a unit is missing",
        "novacron.slow-interval=0s, must be a positive duration",
        "novacron.call-timeout=99999999999999999999s, must be a positive duration",
        "novacron.unsafe-migration=yes, must be true or false"
    })
    void saysWhatIsWrongWithAnOption(String option, String expected) {
        assertThatThrownBy(() -> LibvirtUri.parse("qemu:///system?" + option))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "qemu:///system",
                "qemu+tls://host/system",
                "test:///default",
                "ch:///system"
            })
    void acceptsLibvirtsDrivers(String uri) {
        assertThat(LibvirtUri.accepts(uri)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "none", "simulated:3", "http://host/system", "+:"})
    void leavesOtherSchemesToOthers(String uri) {
        assertThat(LibvirtUri.accepts(uri)).isFalse();
    }
}
