/// The control port: gRPC, REST, `/health`, `/metrics`, server-sent events and the dashboard, on
/// one Armeria server.
///
/// Start at [io.novacron.daemon.control.ControlServer], then `FleetService` (the service of
/// `fleet.proto`; REST is its transcoding) and `Messages` (rows to protobuf). It reads the
/// published view and hands commands over; it owns no state of the fleet. Handlers run on virtual
/// threads. The only package that may use `io.grpc`.
@NullMarked
package io.novacron.daemon.control;

import org.jspecify.annotations.NullMarked;
