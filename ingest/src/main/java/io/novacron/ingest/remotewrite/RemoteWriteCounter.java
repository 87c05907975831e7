package io.novacron.ingest.remotewrite;

import java.util.Locale;

/// Everything that remote write counts, since the daemon's start.
public enum RemoteWriteCounter {
    // requests
    REQUESTS_WRITTEN("requests all of which was taken"),
    REQUESTS_PARTLY_WRITTEN("requests of which some samples were refused (400)"),
    REQUESTS_REPEATED("requests that had come before, answered again from memory"),
    REQUESTS_UNDECODABLE("requests that are no snappy block or not the message they say (400)"),
    REQUESTS_TOO_LARGE("requests over a limit of size (413)"),
    REQUESTS_UNSUPPORTED("requests of a media type or encoding that is not spoken (415)"),
    REQUESTS_BUSY("requests refused because too many were in work (503)"),
    REQUESTS_UNAVAILABLE("requests refused because the journal was not available or behind (503)"),
    REQUESTS_UNCONFIRMED("requests whose samples were not journaled in time (503)"),
    BYTES_RECEIVED("bytes of request bodies"),
    BYTES_DECOMPRESSED("bytes of requests after decompression"),
    // samples
    SERIES_RECEIVED("series in requests"),
    SAMPLES_RECEIVED("samples in requests"),
    SAMPLES_MAPPED("samples that a line of the mapping table takes"),
    SAMPLES_UNMAPPED("samples that no line of the mapping table takes, accepted and dropped"),
    SAMPLES_WITHOUT_HOST("samples of mapped metrics whose labels name no host or vm, dropped"),
    SAMPLES_STALE("stale markers: series that ended"),
    SAMPLES_NOT_FINITE("samples of mapped metrics that are NaN or infinite, dropped"),
    SAMPLES_DUPLICATED("samples that had come before, dropped"),
    SAMPLES_LATE("samples of rounds that were closed already; the next rate begins at them"),
    SAMPLES_INVALID("samples refused: the labels break a rule"),
    SAMPLES_OUT_OF_ORDER("samples refused: not after the last one of their series"),
    SAMPLES_TOO_OLD("samples refused: before all rows that are kept"),
    SAMPLES_AHEAD("samples refused: more than a minute ahead of this clock"),
    SAMPLES_OVER_LIMIT("samples refused: over the limit of series, hosts or vms of a host"),
    HISTOGRAMS_NOT_KEPT("native histograms, accepted and dropped"),
    EXEMPLARS_NOT_KEPT("exemplars, accepted and dropped"),
    METADATA_NOT_KEPT("metadata entries, read over"),
    COUNTER_RESETS("counters that began anew"),
    // series, hosts and rounds
    SERIES_ADDED("series that became known"),
    SERIES_RETIRED("series that ended or fell silent"),
    HOSTS_ADDED("hosts that became known"),
    VMS_ADDED("vms that became known"),
    ROUNDS_CLOSED("scrapes of a target put together"),
    ROUNDS_INCOMPLETE("scrapes closed before every known series had come"),
    VALUES_SENT("values of our metrics sent to the journal"),
    FRAMES_SENT("frames of virtual agents sent to the journal");

    private final String key;
    private final String help;

    RemoteWriteCounter(String help) {
        var camel = new StringBuilder();
        for (String word : name().toLowerCase(Locale.ROOT).split("_")) {
            camel.append(
                    camel.isEmpty()
                            ? word
                            : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        this.key = camel.toString();
        this.help = help;
    }

    /// The name in figures and in `/metrics` (there in snake case).
    public String key() {
        return key;
    }

    public String help() {
        return help;
    }
}
