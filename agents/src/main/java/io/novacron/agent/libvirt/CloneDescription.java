package io.novacron.agent.libvirt;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/// The description of a clone, from that of its template: another name and identity, other network
/// addresses, a disk over each of the template's, and the [CloneMark]. Pure.
///
/// What two guests must not share and has no other way (a disk that is no file, a socket whose name
/// does not tell the guest) is refused.
///
/// @param xml for libvirt
/// @param disks to be made before it is defined
record CloneDescription(String xml, List<Overlay> disks) {
    private static final String LABELS = DomainLabels.NAMESPACE;

    /// A disk of the clone, over one of the template.
    record Overlay(String file, String backing, String format) {}

    CloneDescription {
        disks = List.copyOf(disks);
    }

    /// What the template has that cannot be cloned.
    static final class NotCloneable extends Exception {
        private static final long serialVersionUID = 1L;

        NotCloneable(String message) {
            super(message);
        }
    }

    /// @param template as libvirt describes it
    /// @throws NotCloneable saying what is in the way
    static CloneDescription of(String template, String name, UUID id, String group, long action)
            throws NotCloneable {
        Document document = parse(template);
        Element domain = document.getDocumentElement();
        String templateName = text(domain, "name");
        domain.removeAttribute("id");
        set(domain, "name", name);
        set(domain, "uuid", id.toString());
        for (Element genid : children(domain, "genid")) {
            domain.removeChild(genid);
        }
        for (Element os : children(domain, "os")) {
            for (Element nvram : children(os, "nvram")) {
                os.removeChild(nvram); // libvirt makes one from the firmware's template
            }
        }
        List<Overlay> overlays = new ArrayList<>();
        for (Element devices : children(domain, "devices")) {
            for (Element device : elements(devices)) {
                switch (device.getTagName()) {
                    case "interface" -> renew(device);
                    case "disk" -> overlay(device, name, overlays);
                    default -> ownSockets(device, templateName, name);
                }
            }
        }
        mark(document, domain, group, action, overlays);
        return new CloneDescription(write(document), overlays);
    }

    /// Libvirt gives it another address, and the host side another name.
    private static void renew(Element nic) {
        for (String each : List.of("mac", "target", "alias")) {
            for (Element child : children(nic, each)) {
                nic.removeChild(child);
            }
        }
    }

    private static void overlay(Element disk, String name, List<Overlay> overlays)
            throws NotCloneable {
        boolean readOnly = !children(disk, "readonly").isEmpty();
        List<Element> sources = children(disk, "source");
        if (readOnly || sources.isEmpty()) {
            return; // may be shared, or nothing is in the drive
        }
        List<Element> targets = children(disk, "target");
        String target = targets.isEmpty() ? "disk" : targets.getFirst().getAttribute("dev");
        String file = sources.getFirst().getAttribute("file");
        if (!disk.getAttribute("type").equals("file") || file.isEmpty()) {
            throw new NotCloneable(
                    "disk %s of type %s cannot be laid over. Maybe make it a file?"
                            .formatted(target, disk.getAttribute("type")));
        }
        if (!children(disk, "shareable").isEmpty()) {
            return; // the guests are to share it
        }
        List<Element> drivers = children(disk, "driver");
        String format = drivers.isEmpty() ? "raw" : drivers.getFirst().getAttribute("type");
        String backing = file;
        String own = file.substring(0, file.lastIndexOf('/') + 1) + name + "-" + target + ".qcow2";
        overlays.add(new Overlay(own, backing, format.isEmpty() ? "raw" : format));
        sources.getFirst().setAttribute("file", own);
        for (Element chain : children(disk, "backingStore")) {
            disk.removeChild(chain);
        }
        if (drivers.isEmpty()) {
            Element driver = disk.getOwnerDocument().createElement("driver");
            driver.setAttribute("name", "qemu");
            disk.insertBefore(driver, sources.getFirst());
            drivers = List.of(driver);
        }
        drivers.getFirst().setAttribute("type", "qcow2");
    }

    /// A socket or file of a device is the clone's own where its name tells the guest.
    private static void ownSockets(Element device, String templateName, String name)
            throws NotCloneable {
        for (Element source : children(device, "source")) {
            String path = source.getAttribute("path");
            boolean isFile = !path.isEmpty() && !path.startsWith("/dev/");
            if (isFile && !path.contains(templateName)) {
                throw new NotCloneable(
                        "%s with path %s would be shared. Maybe leave the path to libvirt, or put the name %s into it?"
                                .formatted(device.getTagName(), path, templateName));
            } else if (isFile) {
                source.setAttribute("path", path.replace(templateName, name));
            }
        }
    }

    private static void mark(
            Document document, Element domain, String group, long action, List<Overlay> overlays) {
        List<Element> found = children(domain, "metadata");
        Element metadata;
        if (found.isEmpty()) {
            metadata = document.createElement("metadata");
            domain.appendChild(metadata);
        } else {
            metadata = found.getFirst();
        }
        Element labels = null;
        for (Element each : elements(metadata)) {
            if (LABELS.equals(each.getNamespaceURI())) {
                labels = each;
            } else if (CloneMark.NAMESPACE.equals(each.getNamespaceURI())) {
                metadata.removeChild(each); // a clone of a clone
            }
        }
        if (labels == null) {
            labels = document.createElementNS(LABELS, "novacron:labels");
            metadata.appendChild(labels);
        }
        String prefix = labels.getPrefix();
        Element label =
                document.createElementNS(LABELS, prefix == null ? "label" : prefix + ":label");
        label.setAttribute("key", "novacron.scaled");
        label.setAttribute("value", group);
        labels.appendChild(label);
        Element clone = document.createElementNS(CloneMark.NAMESPACE, "novacron:clone");
        clone.setAttribute("group", group);
        clone.setAttribute("action", Long.toString(action));
        for (Overlay overlay : overlays) {
            Element disk = document.createElementNS(CloneMark.NAMESPACE, "novacron:disk");
            disk.setAttribute("file", overlay.file());
            clone.appendChild(disk);
        }
        metadata.appendChild(clone);
    }

    private static Document parse(String xml) {
        try {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setNamespaceAware(true);
            return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new IllegalArgumentException("libvirt's description is not XML: " + e, e);
        }
    }

    private static String write(Document document) {
        try {
            var factory = TransformerFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            var transformer = factory.newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            var out = new StringWriter();
            transformer.transform(new DOMSource(document), new StreamResult(out));
            return out.toString();
        } catch (TransformerException e) {
            throw new IllegalStateException("a document cannot be written: " + e, e);
        }
    }

    private static void set(Element parent, String tag, String text) {
        List<Element> found = children(parent, tag);
        Element element;
        if (found.isEmpty()) {
            element = parent.getOwnerDocument().createElement(tag);
            parent.insertBefore(element, parent.getFirstChild());
        } else {
            element = found.getFirst();
        }
        element.setTextContent(text);
    }

    private static String text(Element parent, String tag) {
        List<Element> found = children(parent, tag);
        return found.isEmpty() ? "" : found.getFirst().getTextContent();
    }

    private static List<Element> children(Element parent, String tag) {
        return elements(parent).stream().filter(each -> each.getTagName().equals(tag)).toList();
    }

    private static List<Element> elements(Element parent) {
        List<Element> elements = new ArrayList<>();
        for (@Nullable Node node = parent.getFirstChild();
                node != null;
                node = node.getNextSibling()) {
            if (node instanceof Element element) {
                elements.add(element);
            }
        }
        return elements;
    }
}
