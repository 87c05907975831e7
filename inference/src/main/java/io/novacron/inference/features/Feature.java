package io.novacron.inference.features;

/// One feature of the catalogue.
///
/// @param name stable: a change of meaning needs a new name
/// @param group what it tells about
/// @param definition what is computed, in words that a slow program could follow
public record Feature(String name, String group, String definition) {}
