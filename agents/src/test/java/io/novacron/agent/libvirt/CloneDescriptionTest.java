package io.novacron.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.novacron.agent.libvirt.CloneDescription.NotCloneable;
import io.novacron.agent.libvirt.CloneDescription.Overlay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a clone has of its template, and what it has not.
class CloneDescriptionTest {
    private static final UUID ID = new UUID(7, 8);
    private static final String TEMPLATE =
            """
            <domain type='kvm' id='3' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
              <name>web-template</name>
              <uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>
              <genid>43dc0cf8-809b-4adb-9bea-a9abb5f3d90e</genid>
              <title>a &lt; b</title>
              <metadata>
                <nc:labels xmlns:nc="urn:novacron:labels"><nc:label key="app" value="web"/></nc:labels>
                <o:other xmlns:o="urn:other">kept</o:other>
              </metadata>
              <memory unit='MiB'>192</memory>
              <os><type arch='x86_64'>hvm</type><nvram>/var/lib/nvram/web-template.fd</nvram></os>
              <devices>
                <disk type='file' device='disk'>
                  <driver name='qemu' type='raw' cache='none'/>
                  <source file='/images/base.img'/>
                  <target dev='vda' bus='virtio'/>
                </disk>
                <disk type='file' device='cdrom'>
                  <source file='/images/cd.iso'/><target dev='sda'/><readonly/>
                </disk>
                <interface type='bridge'>
                  <mac address='52:54:00:11:22:33'/><source bridge='br0'/><target dev='vnet0'/>
                </interface>
                <serial type='unix'>
                  <source mode='bind' path='/run/web-template.serial'/><target port='0'/>
                </serial>
                <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
              </devices>
              <qemu:commandline><qemu:arg value='-foo'/></qemu:commandline>
            </domain>
            """;

    private static CloneDescription clone(String template) throws NotCloneable {
        return CloneDescription.of(template, "web-1", ID, "web", 17);
    }

    private static String mark(String xml) {
        return xml.substring(xml.indexOf("<novacron:clone"), xml.indexOf("</novacron:clone>"));
    }

    @Test
    void hasAnIdentityOfItsOwnAndAllThatIsNotOne() throws Exception {
        String xml = clone(TEMPLATE).xml();
        assertThat(xml)
                .contains("<name>web-1</name>", "<uuid>" + ID + "</uuid>")
                .contains("<title>a &lt; b</title>", "<memory unit=\"MiB\">192</memory>")
                .contains("<source bridge=\"br0\"/>", "org.qemu.guest_agent.0", "-foo")
                .contains("/run/web-1.serial")
                .doesNotContain("52:54:00", "vnet0", "genid", "nvram", "6695eb01", " id=\"3\"");
    }

    @Test
    void layersADiskOverEachThatIsWritten() throws Exception {
        var clone = clone(TEMPLATE);
        assertThat(clone.disks())
                .containsExactly(new Overlay("/images/web-1-vda.qcow2", "/images/base.img", "raw"));
        assertThat(clone.xml())
                .contains("file=\"/images/web-1-vda.qcow2\"", "type=\"qcow2\"")
                .contains("cache=\"none\"", "/images/cd.iso")
                .doesNotContain("base.img");
    }

    @Test
    void isMarkedAndLabelled() throws Exception {
        String xml = clone(TEMPLATE).xml();
        String element = mark(xml);
        assertThat(CloneMark.parse(element))
                .isEqualTo(new CloneMark("web", 17, java.util.List.of("/images/web-1-vda.qcow2")));
        assertThat(DomainLabels.parse(xml, ""))
                .containsEntry("app", "web")
                .containsEntry("novacron.scaled", "web");
        assertThat(xml).contains("kept");
        assertThat(CloneMark.parse("")).isNull();
        assertThat(CloneMark.parse("<novacron:clone group=\"web\" action=\"-1\"/>")).isNull();
    }

    @Test
    void aTemplateWithoutMetadataOrDisksIsClonedToo() throws Exception {
        var clone =
                clone(
                        "<domain type='test'><name>t</name><memory>1024</memory><os><type>hvm</type></os></domain>");
        assertThat(clone.disks()).isEmpty();
        assertThat(clone.xml()).contains("novacron.scaled", ID.toString());
    }

    @Test
    void aCloneOfACloneHasItsOwnMarkOnly() throws Exception {
        String again = CloneDescription.of(clone(TEMPLATE).xml(), "web-2", ID, "other", 18).xml();
        assertThat(again).containsOnlyOnce("<novacron:clone");
        assertThat(CloneMark.parse(mark(again)))
                .extracting(mark -> mark.group())
                .isEqualTo("other");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<disk type='block' device='disk'><source dev='/dev/sdb'/><target dev='vda'/></disk>",
                "<disk type='network'><source protocol='rbd' name='a'/><target dev='vda'/></disk>",
                "<serial type='unix'><source mode='bind' path='/run/shared'/></serial>",
            })
    void whatTwoGuestsMustNotShareIsRefused(String device) {
        String template = "<domain><name>tpl</name><devices>" + device + "</devices></domain>";
        assertThatThrownBy(() -> clone(template))
                .isInstanceOf(NotCloneable.class)
                .hasMessageContaining("Maybe");
    }

    @Test
    void entitiesFromOutsideAreNotRead() {
        assertThatThrownBy(() ->
                        clone(
                                "<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><domain><name>&e;</name></domain>"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anOverlayNamesItsBackingFileAndHasItsSize(@TempDir Path folder) throws IOException {
        Path base = Files.write(folder.resolve("base.img"), new byte[3 << 20]);
        Path overlay = folder.resolve("overlay.qcow2");
        OverlayDisk.create(overlay, base, "raw");
        var bytes = ByteBuffer.wrap(Files.readAllBytes(overlay));
        assertThat(bytes.getInt(0)).as("magic").isEqualTo(0x514649fb);
        assertThat(bytes.getLong(24)).as("size").isEqualTo(3 << 20);
        var name = new byte[bytes.getInt(16)];
        bytes.get((int) bytes.getLong(8), name);
        assertThat(new String(name, java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo(base.toString());

        Path second = folder.resolve("second.qcow2");
        OverlayDisk.create(second, overlay, "qcow2");
        assertThat(ByteBuffer.wrap(Files.readAllBytes(second)).getLong(24)).isEqualTo(3 << 20);
        assertThatThrownBy(() -> OverlayDisk.create(overlay, base, "raw"))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> OverlayDisk.create(folder.resolve("x"), base, "qcow2"))
                .hasMessageContaining("is no qcow2 file");
        assertThatThrownBy(() -> OverlayDisk.create(folder.resolve("x"), base, "vmdk"))
                .hasMessageContaining("must be raw or qcow2");
    }
}
