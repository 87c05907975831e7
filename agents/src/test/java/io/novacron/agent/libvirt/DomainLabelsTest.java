package io.novacron.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DomainLabelsTest {
    @Test
    void readsWhatLibvirtHandsBack() {
        var element =
                """
                <labels xmlns="urn:novacron:labels">
                  <label key="tier" value="web"/>
                  <nc:label value='say "hi" &amp; &lt;go&gt;' key='motd' xmlns:nc="urn:x"></nc:label>
                </labels>\
                """;

        assertThat(DomainLabels.parse(element, "The shop"))
                .isEqualTo(Map.of("title", "The shop", "tier", "web", "motd", "say \"hi\" & <go>"));
    }

    @Test
    void anAmpersandIsUnescapedOnce() {
        assertThat(DomainLabels.parse("<label key=\"a\" value=\"&amp;lt;\"/>", ""))
                .isEqualTo(Map.of("a", "&lt;"));
    }

    @Test
    void noMetadataIsNoLabels() {
        assertThat(DomainLabels.parse("", " ")).isEmpty();
    }

    @Test
    void aLabelWithoutKeyIsLeftOut() {
        assertThat(DomainLabels.parse("<label value=\"x\"/><label key=\"k\"/>", ""))
                .isEqualTo(Map.of("k", ""));
    }

    @Test
    void keepsAtMost64LabelsOfAtMost256Characters() {
        var element = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            element.append("<label key=\"k%d\" value=\"%s\"/>".formatted(i, "v".repeat(1000)));
        }

        var labels = DomainLabels.parse(element.toString(), "");

        assertThat(labels).hasSize(64);
        assertThat(labels.values()).allSatisfy(value -> assertThat(value).hasSize(256));
    }
}
