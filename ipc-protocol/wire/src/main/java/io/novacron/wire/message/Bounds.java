package io.novacron.wire.message;

/// The longest strings and data of the cold messages, in bytes of UTF-8.
public final class Bounds {
    /// Host, vm and model names: refused when longer.
    public static final int NAME = 255;

    /// Versions and who approves: refused when longer.
    public static final int WHO = 128;

    /// Label keys: refused when longer.
    public static final int LABEL_KEY = 255;

    /// Label values: refused when longer.
    public static final int LABEL_VALUE = 4096;

    /// Where a migration goes to: refused when longer.
    public static final int URI = 1024;

    /// Settings of a vm, its pins among them: refused when longer.
    public static final int SETTING = 4096;

    /// Signatures: refused when longer.
    public static final int SIGNATURE = 1024;

    /// Texts, reasons and summaries for people: cut when longer.
    public static final int TEXT = 4096;

    /// The longest text, the rejections of a placement: cut when longer.
    public static final int LONG_TEXT = 65_534;

    /// Entries of any repeated group: refused when more.
    public static final int GROUP = 65_534;

    private Bounds() {}
}
