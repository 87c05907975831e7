package io.novacron.agent.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/// One guest of a [LibvirtLab], spoken to over its serial line.
public final class LabGuest {
    static final long DISK_BYTES = 32 << 20;
    private static final Duration BOOT_LIMIT = Duration.ofMinutes(5);
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(2);
    private static final Duration TRY_LIMIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_TRY = Duration.ofSeconds(16);

    private final Size size;
    private final LabHost host;
    private int tag;

    LabGuest(Size size, LabHost host) {
        this.size = size;
        this.host = host;
    }

    /// What a guest is made of.
    public record Size(String name, int vcpus, int maxVcpus, int memoryMb) {
        public UUID uuid() {
            return UUID.nameUUIDFromBytes(name.getBytes(UTF_8));
        }

        String xml(Path guestFiles, Path disk) {
            return """
            <domain type='qemu'>
              <name>%1$s</name>
              <uuid>%2$s</uuid>
              <title>%1$s of the lab</title>
              <metadata>
                <nc:labels xmlns:nc="urn:novacron:labels"><nc:label key="tier" value="a &lt; b"/></nc:labels>
              </metadata>
              <memory unit='MiB'>%5$d</memory>
              <currentMemory unit='MiB'>%5$d</currentMemory>
              <vcpu current='%3$d'>%4$d</vcpu>
              <os>
                <type arch='x86_64' machine='q35'>hvm</type>
                <kernel>%6$s/vmlinuz</kernel>
                <initrd>%6$s/initrd.gz</initrd>
                <cmdline>console=ttyS0 quiet panic=-1 rdinit=/init</cmdline>
              </os>
              <features><acpi/><apic/></features>
              <on_reboot>destroy</on_reboot>
              <devices>
                <emulator>/usr/bin/qemu-system-x86_64</emulator>
                <disk type='file' device='disk'>
                  <driver name='qemu' type='raw' cache='none'/>
                  <source file='%7$s'/>
                  <target dev='vda' bus='virtio'/>
                </disk>
                <interface type='bridge'><source bridge='virbr0'/><model type='virtio'/></interface>
                <controller type='usb' model='none'/>
                <serial type='unix'>
                  <source mode='bind' path='/run/libvirt/%1$s.serial'/>
                  <target port='0'/>
                </serial>
                <memballoon model='virtio'><stats period='1'/></memballoon>
              </devices>
            </domain>
            """
                    .formatted(name, uuid(), vcpus, maxVcpus, memoryMb, guestFiles, disk);
        }
    }

    public String name() {
        return size.name();
    }

    public UUID uuid() {
        return size.uuid();
    }

    /// The same guest after it moved.
    public LabGuest on(LabHost other) {
        var moved = new LabGuest(size, other);
        moved.tag = tag + 1000;
        return moved;
    }

    /// Gives the guest a command of `libvirt-lab/init` and returns its result.
    public String tell(String command) {
        return tell(command, ANSWER_LIMIT);
    }

    /// The guest powers itself off, as one does that follows the power button. It answers nothing.
    public void powerOff() {
        tryTell("off", TRY_LIMIT);
    }

    /// CPUs that the guest's own kernel uses.
    public int nproc() {
        return Integer.parseInt(tell("nproc"));
    }

    /// The guest's own word: total and available memory in kB.
    public long[] memoryKb() {
        var words = tell("memory").split(" ");
        return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1])};
    }

    /// Sends a signal to the guest's QEMU, e.g. `STOP` to make it hang.
    public void signal(String signal) {
        LibvirtLab.run(ANSWER_LIMIT, "kill", "-s", signal, "" + host.processOf(this));
    }

    /// Waits until it has booted and answers. On a busy machine an answer may take long, so each
    /// try waits longer than the one before.
    public void awaitBooted() {
        var limit = new AtomicReference<>(TRY_LIMIT);
        LibvirtLab.await(
                name() + " boots",
                BOOT_LIMIT,
                () -> {
                    Duration patience = limit.get();
                    if (patience.compareTo(LONGEST_TRY) < 0) {
                        limit.set(patience.multipliedBy(2));
                    }
                    return !tryTell("nproc", patience).isEmpty();
                });
    }

    private String tell(String command, Duration limit) {
        var result = tryTell(command, limit);
        if (result.isEmpty()) {
            throw new AssertionError("%s does not answer '%s'".formatted(name(), command));
        }
        return result;
    }

    /// The result, or empty when none came in time. QEMU serves one reader of the line at a time
    /// and keeps nothing for the next, so each command makes its own connection.
    private synchronized String tryTell(String command, Duration limit) {
        int expected = ++tag;
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                var selector = Selector.open()) {
            channel.connect(UnixDomainSocketAddress.of(host.runFile(name() + ".serial")));
            channel.write(ByteBuffer.wrap("%d %s\n".formatted(expected, command).getBytes(UTF_8)));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            var received = new StringBuilder();
            var buffer = ByteBuffer.allocate(4096);
            long deadlineNs = System.nanoTime() + limit.toNanos();
            while (System.nanoTime() - deadlineNs < 0) {
                selector.select(Math.max(1, (deadlineNs - System.nanoTime()) / 1_000_000));
                selector.selectedKeys().clear();
                buffer.clear();
                if (channel.read(buffer) < 0) {
                    return "";
                }
                received.append(new String(buffer.array(), 0, buffer.position(), UTF_8));
                int start = received.indexOf("OK " + expected + " ");
                int end = start < 0 ? -1 : received.indexOf("\n", start);
                if (end > 0) {
                    return received.substring(start, end)
                            .substring(("OK " + expected + " ").length())
                            .strip();
                }
            }
            return "";
        } catch (IOException e) {
            return ""; // QEMU has not made the socket yet, or is gone
        }
    }
}
