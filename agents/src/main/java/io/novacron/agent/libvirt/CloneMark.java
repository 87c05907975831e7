package io.novacron.agent.libvirt;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a domain that we have cloned has in its metadata, and no other: only what is marked is ever
/// destroyed or removed.
///
/// ```xml
/// <novacron:clone xmlns:novacron="urn:novacron:clone" group="web" action="17">
///   <novacron:disk file="/var/lib/libvirt/images/web-1a2b3c4d-vda.qcow2"/>
/// </novacron:clone>
/// ```
///
/// @param group that it is a member of
/// @param action that cloned it
/// @param disks files that were made for it, removed with it
record CloneMark(String group, long action, List<String> disks) {
    static final String NAMESPACE = "urn:novacron:clone";

    private static final Pattern CLONE = Pattern.compile("<(?:[\\w.-]+:)?clone\\s([^>]*)>");
    private static final Pattern DISK = Pattern.compile("<(?:[\\w.-]+:)?disk\\s([^>]*)>");
    private static final Pattern ACTION = Pattern.compile("\\d{1,18}");

    CloneMark {
        disks = List.copyOf(disks);
    }

    /// Reads the element in the form that libvirt's writer has; null where it is none.
    static @Nullable CloneMark parse(String element) {
        Matcher clone = CLONE.matcher(element);
        if (!clone.find()) {
            return null;
        }
        String group = DomainLabels.attribute(clone.group(1), "group");
        String action = DomainLabels.attribute(clone.group(1), "action");
        if (group.isEmpty() || !ACTION.matcher(action).matches()) {
            return null;
        }
        List<String> disks = new ArrayList<>();
        Matcher disk = DISK.matcher(element);
        while (disk.find()) {
            disks.add(DomainLabels.attribute(disk.group(1), "file"));
        }
        return new CloneMark(group, Long.parseLong(action), disks);
    }
}
