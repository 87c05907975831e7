package io.novacron.agent.libvirt;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/// Labels that an operator wrote into a domain's metadata:
///
/// ```xml
/// <metadata>
///   <novacron:labels xmlns:novacron="urn:novacron:labels">
///     <novacron:label key="tier" value="web"/>
///   </novacron:labels>
/// </metadata>
/// ```
///
/// `virsh metadata VM --uri urn:novacron:labels --key novacron --set '<labels>…</labels>'` writes
/// them. Libvirt hands the element back in the one form that its XML writer has, so that two
/// patterns read it and the agent needs no XML parser. At most [#MAX_LABELS] are kept.
final class DomainLabels {
    static final String NAMESPACE = "urn:novacron:labels";
    static final String TITLE = "title";
    private static final int MAX_LABELS = 64;
    private static final int MAX_LENGTH = 256;

    private static final Pattern LABEL = Pattern.compile("<(?:[\\w.-]+:)?label\\s([^>]*)>");
    private static final Pattern ATTRIBUTE =
            Pattern.compile("(\\w+)\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)')");

    private DomainLabels() {}

    static Map<String, String> parse(String element, String title) {
        var labels = new LinkedHashMap<String, String>();
        if (!title.isBlank()) {
            labels.put(TITLE, limited(title));
        }
        var label = LABEL.matcher(element);
        while (label.find() && labels.size() < MAX_LABELS) {
            String key = "";
            String value = "";
            var attribute = ATTRIBUTE.matcher(label.group(1));
            while (attribute.find()) {
                var quoted = attribute.group(2) != null ? attribute.group(2) : attribute.group(3);
                switch (attribute.group(1)) {
                    case "key" -> key = unescaped(quoted);
                    case "value" -> value = unescaped(quoted);
                    default -> {} // room for later attributes
                }
            }
            if (!key.isEmpty()) {
                labels.put(limited(key), limited(value));
            }
        }
        return labels;
    }

    /// One attribute of an element, or empty.
    static String attribute(String attributes, String name) {
        var attribute = ATTRIBUTE.matcher(attributes);
        while (attribute.find()) {
            if (attribute.group(1).equals(name)) {
                return unescaped(
                        attribute.group(2) != null ? attribute.group(2) : attribute.group(3));
            }
        }
        return "";
    }

    private static String unescaped(String text) {
        return text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .replace("&amp;", "&");
    }

    private static String limited(String text) {
        return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH);
    }
}
