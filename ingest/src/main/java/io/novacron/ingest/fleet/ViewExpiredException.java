package io.novacron.ingest.fleet;

/// A view was pinned for so long that its rows were needed for newer ones; what was read of it must
/// be thrown away.
public final class ViewExpiredException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    ViewExpiredException(long tick) {
        super(
                ("view of tick=%d has expired: it must be closed within %d minutes. Maybe pin a new"
                                + " one?")
                        .formatted(tick, FleetStore.VIEW_MINUTES));
    }
}
