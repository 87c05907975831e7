package io.novacron.daemon.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// The `novacron` command. Its sub-commands are this package's, and those that other modules
/// register as `java.util.concurrent.Callable` services with a [Command] annotation.
@Command(
        name = "novacron",
        description = "Inference daemon for vm fleets: see, forecast, decide.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Novacron.Version.class,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:refused or failed",
            "2:wrong usage",
            "3:the daemon cannot be reached",
            "70:broken: a defect or an incomplete installation"
        })
public final class Novacron implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    private Novacron() {}

    public static void main(String[] args) {
        try {
            System.exit(commandLine().execute(args));
        } catch (Throwable broken) {
            // such as a class that is not there: no thread may keep a process alive that does
            // nothing
            new PrintWriter(System.err, true, StandardCharsets.UTF_8)
                    .println("novacron: broken: " + broken);
            broken.printStackTrace();
            System.exit(CliFailure.BROKEN);
        }
    }

    /// The whole command tree, ready to execute.
    public static CommandLine commandLine() {
        var top = new CommandLine(new Novacron());
        for (Object command : commands(top.getErr())) {
            top.addSubcommand(command);
        }
        top.setCaseInsensitiveEnumValuesAllowed(true);
        top.setParameterExceptionHandler(shortUsage());
        top.setExecutionExceptionHandler(Failures::handle);
        return top;
    }

    /// This package's commands. The daemon's own (`daemon`, `up`, `journal`) join by the services
    /// file `META-INF/services/java.util.concurrent.Callable`, like those of other modules.
    private static List<Object> commands(PrintWriter err) {
        var commands =
                new ArrayList<Object>(
                        List.of(
                                new ActCommand(),
                                new DrainCommand(),
                                new WindowCommand(),
                                new StatusCommand(),
                                new HostsCommand(),
                                new VmsCommand(),
                                new CapacityCommand(),
                                new ForecastCommand(),
                                new ModelsCommand(),
                                new FindingsCommand(),
                                new RecommendationsCommand(),
                                new DecisionsCommand(),
                                new DecisionCommand(),
                                new ExplainCommand(),
                                new ApproveCommand(),
                                new AutomationCommand(),
                                new RejectCommand(),
                                new ReplayCommand(),
                                new PlaceCommand()));
        commands.addAll(registered(err));
        commands.sort(Comparator.comparing(Novacron::nameOf));
        return commands;
    }

    private static List<Object> registered(PrintWriter err) {
        var found = new ArrayList<Object>();
        var providers = ServiceLoader.load(Callable.class).stream().iterator();
        while (true) {
            try {
                if (!providers.hasNext()) {
                    return found;
                }
                var provider = providers.next();
                if (provider.type().isAnnotationPresent(Command.class)) {
                    found.add(provider.get());
                }
            } catch (ServiceConfigurationError e) {
                // one broken module must not take the others' commands away
                err.println("novacron: a registered command cannot be loaded: " + e.getMessage());
            }
        }
    }

    private static String nameOf(Object command) {
        return Objects.requireNonNull(command.getClass().getAnnotation(Command.class)).name();
    }

    /// Names the mistake and where help is, instead of printing the whole usage.
    private static IParameterExceptionHandler shortUsage() {
        return (ParameterException e, String[] args) -> {
            var command = e.getCommandLine();
            command.getErr().println(e.getMessage());
            CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
            command.getErr()
                    .println("Maybe see: " + command.getCommandSpec().qualifiedName() + " --help");
            command.getErr().flush();
            return command.getCommandSpec().exitCodeOnInvalidInput();
        };
    }

    /// Without a sub-command: the usage, as a mistake of usage.
    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        command.usage(command.getErr());
        return CommandLine.ExitCode.USAGE;
    }

    /// Reads the version from the jar's manifest.
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Novacron.class.getPackage().getImplementationVersion();
            return new String[] {"novacron " + (version == null ? "(development)" : version)};
        }
    }
}
