package io.novacron.ingest.statistics;

import java.util.Locale;

/// Everything that ingest counts, each since the daemon's start (a replay counts too).
public enum Counter {
    // connections
    CONNECTIONS_OPENED("connections accepted"),
    CONNECTIONS_CLOSED("connections ended, whoever ended them"),
    CONNECTIONS_REFUSED("connections over the limit of connections"),
    CONNECTIONS_REPLACED("connections that a newer one of the same agent and kind replaced"),
    CONNECTIONS_TIMED_OUT("connections that did not say hello, or finish a frame, in time"),
    CONNECTIONS_IDLED_OUT("connections without a byte for too long"),
    CONNECTIONS_PAUSED("times that reading stopped because the ring was full"),
    AGENTS_REFUSED("hellos over the limit of agents"),
    AGENTS_UNAUTHENTICATED("hellos that did not match the certificate"),
    SESSIONS_STARTED("hellos accepted"),
    // frames
    FRAMES_RECEIVED("whole frames with a good CRC"),
    BYTES_RECEIVED("bytes read from connections"),
    CRC_ERRORS("frames with a bad CRC"),
    MAGIC_ERRORS("frames that do not begin as ours do"),
    VERSION_ERRORS("frames of a protocol version that is not spoken"),
    FRAMES_TOO_LARGE("frames over the limit of length"),
    FRAMES_TRUNCATED("frames too short to be one, or cut by the end of a connection"),
    MESSAGES_UNDECODABLE("frames whose message breaks the schema's rules"),
    MESSAGES_UNEXPECTED("messages that do not belong on that connection or at that time"),
    INVENTORIES_REFUSED("inventories with more entities than an agent may have"),
    ERRORS_SENT("error messages sent to agents"),
    HEARTBEATS_RECEIVED("heartbeats of agents"),
    ACKNOWLEDGEMENTS_SENT("acknowledgements sent"),
    ACTIONS_SENT("actions sent to agents"),
    ACTIONS_REFUSED("actions not sent: no control connection, or it does not keep up"),
    // ring and journal
    RECORDS_OFFERED("records of the daemon accepted by append"),
    RECORDS_REFUSED("records of the daemon refused by append: queue full or journal unavailable"),
    RECORDS_APPENDED("records in the journal"),
    RECORD_BYTES_APPENDED("bytes of the journal's files filled: headers, padding, index included"),
    RECORDS_NOT_JOURNALED("records dropped because the journal was not available"),
    JOURNAL_SYNCS("group commits that reached the device"),
    JOURNAL_FILES_DELETED("old files of the journal deleted, by age or bytes"),
    FRAMES_DUPLICATED("frames that had been journaled before, dropped"),
    FRAMES_REORDERED("frames that came after a later one, kept"),
    FRAMES_MISSING("sequences that an agent skipped"),
    // replay
    RECORDS_REPLAYED("records read at start"),
    RECORDS_DAMAGED("synced records with a bad CRC, skipped"),
    RECORDS_LOST("records that the synced mark promises and the journal has not"),
    RECORDS_UNKNOWN("records of a type that this version does not know"),
    JOURNAL_TAILS_CUT("torn tails cut at start"),
    // checkpoints
    CHECKPOINTS_WRITTEN("checkpoints written and in place"),
    CHECKPOINTS_FAILED("checkpoints that could not be written; the one before stays"),
    CHECKPOINTS_IGNORED("checkpoints that could not be used at start"),
    // fleet
    BATCHES_APPLIED("metric batches applied"),
    BATCHES_UNDECODABLE("metric batches whose column block breaks the rules"),
    BATCHES_OUT_OF_INTERVAL("metric batches whose interval is neither live nor history"),
    BATCHES_QUARANTINED("metric batches stamped more than a tick after their receipt"),
    BATCHES_TOO_OLD("metric batches stamped before all that is kept"),
    SAMPLES_APPLIED("samples written into the fleet store"),
    SAMPLES_MISSING("cells of batches without a value"),
    SAMPLES_NOT_FINITE("infinite values, dropped"),
    SAMPLES_OUT_OF_RANGE("values outside the catalogue's range, dropped"),
    SAMPLES_OF_UNKNOWN_METRICS("samples of metrics outside the catalogue, dropped"),
    SAMPLES_OF_UNKNOWN_ENTITIES("samples of entities in no inventory, dropped"),
    SAMPLES_OUT_OF_SCOPE("samples of host metrics for vms or the reverse, dropped"),
    SAMPLES_OF_FORMER_HOSTS("samples of vms that have moved to another host, dropped"),
    SAMPLES_TOO_OLD("samples before the rows that are kept, dropped"),
    SAMPLES_LATE("samples of minutes that were closed already, applied"),
    SAMPLES_NOT_KEPT("history of metrics that have no roll-ups, dropped"),
    INVENTORIES_APPLIED("inventories applied"),
    INVENTORIES_STALE("inventories older than the one in force, dropped"),
    ENTITIES_ADDED("entities that got a slot"),
    ENTITIES_FREED("entities whose slot was freed"),
    ENTITIES_REFUSED("entities over the limit of entities"),
    ENTITIES_CONTESTED("claims of a host on a vm that another host runs"),
    VMS_MIGRATED("vms that moved to another host"),
    TICKS_CLOSED("ticks closed"),
    TICKS_OUT_OF_ORDER("ticks whose time is not after the one before"),
    TILES_ALLOCATED("tiles of the fleet store"),
    TILES_COPIED("tiles copied because a reader may see them"),
    VIEWS_EXPIRED("views still pinned when their rows were needed"),
    VIEWS_REFUSED("views not given out because too many are pinned"),
    LISTENER_ERRORS("exceptions thrown by the daemon's listener");

    private final String key;
    private final String help;

    Counter(String help) {
        this.key = camel(name());
        this.help = help;
    }

    /// The name in figures and in `/metrics` (there in snake case), e.g. `framesReceived`.
    public String key() {
        return key;
    }

    public String help() {
        return help;
    }

    private static String camel(String name) {
        var result = new StringBuilder();
        for (String word : name.toLowerCase(Locale.ROOT).split("_")) {
            result.append(
                    result.isEmpty()
                            ? word
                            : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return result.toString();
    }
}
