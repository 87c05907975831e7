package io.novacron.daemon.view;

import java.util.UUID;
import java.util.concurrent.CompletionStage;

/// Commands of operators. They go through the journal; the stage completes when the command has
/// been applied, with the decision as it then stands, or with a [CommandException].
public interface FleetCommands {
    CompletionStage<DecisionRow> approve(long decisionId, String who, String reason);

    CompletionStage<DecisionRow> reject(long decisionId, String who, String reason);

    /// Asks for an action and approves it, under the same freezes and two-person rules as any
    /// approval. Completes when it is approved, or waits for the second person.
    CompletionStage<DecisionRow> act(ActionRequest request, String who, String reason);

    /// Empties a host by waves of live migrations, approved in the name of who asks, and keeps it
    /// empty. Completes when that is journaled.
    ///
    /// @param fromMs when to begin; 0: at once
    CompletionStage<DrainRow> drain(UUID host, long fromMs, String who, String reason);

    /// Lets a host take vms again.
    CompletionStage<DrainRow> undrain(UUID host, String who, String reason);

    /// The kill switch: no action begins without a person any more, at once and after a restart.
    CompletionStage<AutomationRow> stopAutomation(String who, String reason);

    CompletionStage<AutomationRow> resumeAutomation(String who, String reason);
}
