package io.novacron.perf.solvers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Scanner;
import java.util.zip.GZIPInputStream;

/// A model of the ROADEF/EURO challenge 2012 as plain columns, for peers. Files are taken to be
/// sound: our own reader has checked them before.
public final class RoadefModel {
    public final boolean[] isTransient; // by resource
    public final int[] loadWeight; // by resource
    public final int[] neighbourhood; // by machine
    public final int[] location; // by machine
    public final int[][] capacity; // by machine and resource
    public final int[][] safety; // by machine and resource
    public final int[][] machineMoveCost; // by machine left and reached
    public final int[] spreadMin; // by service
    public final int[][] dependsOn; // by service
    public final int[] service; // by process
    public final int[][] need; // by process and resource
    public final int[] moveCost; // by process
    public final int[][] balance; // {first, second, target, weight}
    public final int processMoveWeight;
    public final int serviceMoveWeight;
    public final int machineMoveWeight;

    private RoadefModel(Scanner in) {
        int resources = in.nextInt();
        isTransient = new boolean[resources];
        loadWeight = new int[resources];
        for (int resource = 0; resource < resources; resource++) {
            isTransient[resource] = in.nextInt() == 1;
            loadWeight[resource] = in.nextInt();
        }
        int machines = in.nextInt();
        neighbourhood = new int[machines];
        location = new int[machines];
        capacity = new int[machines][];
        safety = new int[machines][];
        machineMoveCost = new int[machines][];
        for (int machine = 0; machine < machines; machine++) {
            neighbourhood[machine] = in.nextInt();
            location[machine] = in.nextInt();
            capacity[machine] = row(in, resources);
            safety[machine] = row(in, resources);
            machineMoveCost[machine] = row(in, machines);
        }
        int services = in.nextInt();
        spreadMin = new int[services];
        dependsOn = new int[services][];
        for (int index = 0; index < services; index++) {
            spreadMin[index] = in.nextInt();
            dependsOn[index] = row(in, in.nextInt());
        }
        int processes = in.nextInt();
        service = new int[processes];
        need = new int[processes][];
        moveCost = new int[processes];
        for (int process = 0; process < processes; process++) {
            service[process] = in.nextInt();
            need[process] = row(in, resources);
            moveCost[process] = in.nextInt();
        }
        balance = new int[in.nextInt()][];
        for (int index = 0; index < balance.length; index++) {
            balance[index] = row(in, 4);
        }
        processMoveWeight = in.nextInt();
        serviceMoveWeight = in.nextInt();
        machineMoveWeight = in.nextInt();
    }

    /// @param path unpacked if it ends with `.gz`
    public static RoadefModel read(Path path) throws IOException {
        try (InputStream raw = Files.newInputStream(path);
                InputStream unpacked =
                        path.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
                var in = new Scanner(unpacked, StandardCharsets.US_ASCII)) {
            return new RoadefModel(in);
        }
    }

    public int machines() {
        return location.length;
    }

    public int resources() {
        return loadWeight.length;
    }

    private static int[] row(Scanner in, int length) {
        var row = new int[length];
        for (int index = 0; index < length; index++) {
            row[index] = in.nextInt();
        }
        return row;
    }
}
