package io.novacron.inference;

/// Ascending indices of the series that a model is asked about.
public final class Selection {
    private int[] indices = new int[0];
    private int count;

    /// All series of a batch.
    public static Selection all(int series) {
        var selection = new Selection();
        selection.reset(series);
        for (int index = 0; index < series; index++) {
            selection.add(index);
        }
        return selection;
    }

    /// Empties the selection and makes room for `series` indices.
    void reset(int series) {
        if (indices.length < series) {
            indices = new int[series];
        }
        count = 0;
    }

    void add(int index) {
        indices[count++] = index;
    }

    public int count() {
        return count;
    }

    public int at(int position) {
        return indices[position];
    }
}
