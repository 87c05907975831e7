package io.novacron.solver.search.reassignment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RoomLevelsTest {
    @Property(tries = 300, seed = "20261121")
    void passesOverNoMachineThatHasRoomAndMostThatHaveFarTooLittle(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 14) int resources) {
        var random = new SplittableRandom(seed);
        int machines = 1 + random.nextInt(40);
        var isFirst = new boolean[resources];
        for (int resource = 0; resource < resources; resource++) {
            isFirst[resource] = random.nextInt(3) == 0;
        }
        var levels = new RoomLevels(machines, 1, isFirst);
        var room = new long[machines * resources];
        var need = new int[resources];
        for (int index = 0; index < room.length; index++) {
            room[index] = amount(random) - random.nextInt(3);
        }
        for (int resource = 0; resource < resources; resource++) {
            need[resource] = random.nextInt(3) == 0 ? 0 : amount(random);
        }
        levels.setNeed(0, need, 0);
        for (boolean onlyFirst : new boolean[] {true, false}) {
            if (onlyFirst) {
                levels.useFirst();
            } else {
                levels.useAll();
            }
            for (int machine = 0; machine < machines; machine++) {
                levels.setRoom(machine, room, machine * resources);
                boolean hasRoom = true;
                boolean lacksMuch = false;
                for (int resource = 0; resource < resources; resource++) {
                    if (isFirst[resource] || !onlyFirst) {
                        long there = Math.max(0, room[machine * resources + resource]);
                        hasRoom &= need[resource] <= there;
                        lacksMuch |= need[resource] > 2 && need[resource] > 1.2 * there;
                    }
                }
                int found = levels.next(0, machine, machine + 1);
                if (hasRoom) {
                    assertThat(found).isEqualTo(machine);
                } else if (lacksMuch) {
                    assertThat(found).isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void findsTheFirstFromOneOn() {
        var levels = new RoomLevels(4, 1, new boolean[1]);
        levels.setNeed(0, new int[] {5}, 0);
        for (int machine = 0; machine < 4; machine++) {
            levels.setRoom(machine, new long[] {0, 9, 0, 9}, machine);
        }
        assertThat(levels.next(0, 0, 4)).isEqualTo(1);
        assertThat(levels.next(0, 1, 4)).isEqualTo(1);
        assertThat(levels.next(0, 2, 4)).isEqualTo(3);
        assertThat(levels.next(0, 2, 3)).isEqualTo(-1);
        assertThat(levels.next(0, 4, 4)).isEqualTo(-1);
    }

    private static int amount(SplittableRandom random) {
        return random.nextInt(1 << (1 + random.nextInt(30)));
    }
}
