package io.novacron.training.history;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;

/// A DuckDB of its own in memory that asks the network for nothing.
public final class DuckDb {
    private static final List<String> SETTINGS =
            List.of(
                    "memory_limit='512MB'",
                    "threads=1", // same input, same bytes
                    "TimeZone='UTC'",
                    "autoinstall_known_extensions=false",
                    "autoload_known_extensions=false");

    private DuckDb() {}

    /// Opens one. Results come in pieces, not whole.
    ///
    /// @param spill folder for what does not fit into its 512 MB; made when needed
    public static Connection open(Path spill) throws SQLException {
        var properties = new Properties();
        properties.setProperty("jdbc_stream_results", "true");
        Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties);
        try (Statement statement = connection.createStatement()) {
            for (String setting : SETTINGS) {
                statement.execute("SET " + setting);
            }
            statement.execute("SET temp_directory=" + literal(spill.toString()));
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /// A string as SQL writes it.
    public static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /// A name as SQL writes it.
    public static String name(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }

    /// A table function over these files; columns that some lack are null there.
    public static String parquet(List<Path> files) {
        return files.stream()
                .map(file -> literal(file.toString()))
                .collect(
                        Collectors.joining(
                                ", ",
                                "read_parquet([",
                                "], union_by_name=true, hive_partitioning=false)"));
    }
}
