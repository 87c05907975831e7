package io.novacron.daemon.view;

/// A stretch of time in which a host is predicted to be little used.
///
/// @param peakPercent highest predicted CPU use of an hour in it
/// @param meanPercent of the predicted CPU use in it
public record WindowRow(long fromMs, long toMs, double peakPercent, double meanPercent) {}
