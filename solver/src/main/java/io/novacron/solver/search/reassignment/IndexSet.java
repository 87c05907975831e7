package io.novacron.solver.search.reassignment;

/// A set of indices from which one can be drawn; in no order.
final class IndexSet {
    private final int[] members;
    private final int[] placeOf; // place + 1, or 0 when not a member
    private int count;

    IndexSet(int end) {
        members = new int[end];
        placeOf = new int[end];
    }

    int count() {
        return count;
    }

    int get(int place) {
        return members[place];
    }

    void set(int index, boolean isMember) {
        int place = placeOf[index] - 1;
        if (isMember && place < 0) {
            members[count++] = index;
            placeOf[index] = count;
        } else if (!isMember && place >= 0) {
            int last = members[--count];
            members[place] = last;
            placeOf[last] = place + 1;
            placeOf[index] = 0;
        }
    }
}
