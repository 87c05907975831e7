/// Turns forecasts into advice: right-sizing, relief of hot hosts, and placement of new vms.
///
/// A problem goes in, a plan comes out ([ADR
/// 0005](../../../../../../../docs/adr/0005-solver-seam.md)). Start at [FleetProblem], the
/// immutable columns that every answer is computed from; then [RightSizer], [HotHostRelief] (behind
/// [Rebalancer]) and [PlacementIndex] with [Placer]. Answers are [Advice] and [Placement], each
/// with its [Grounds]: confidence, reasons, cost, benefit. [PlanChecker] replays a plan step by
/// step and shares no code with what made it.
///
/// Packages of their own: `consolidation` keeps a fleet on few hosts while demand changes, `gpu`
/// places work on whole and shared GPUs, `scaling` says how many members groups of vms should have.
///
/// Nothing here reads a clock, draws unseeded random numbers, or keeps state between calls. Work is
/// limited in moves ([WorkLimit]); the same problem, policy, seed and move limit give the same
/// plan.
@NullMarked
package io.novacron.solver;

import org.jspecify.annotations.NullMarked;
