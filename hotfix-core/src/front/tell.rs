//! What came of a command, as text or JSON, and the exit code.

use std::process::ExitCode;

use crate::workflow::{ActionView, Outcome};

use super::{Globals, Terminal, exit, failure, json};

/// Tells what came of a command that is no step.
pub(super) fn tell(
    globals: &Globals,
    terminal: &Terminal,
    command: &str,
    actions: &[ActionView],
    mut outcome: Outcome,
) -> ExitCode {
    let refusal = outcome.failure.take();
    let parts = json::Parts {
        command,
        dry_run: globals.dry_run,
        fields: None,
        incident: None,
        actions,
        notes: &[],
        outcome: &outcome,
        refusal: refusal.as_ref(),
    };
    tell_parts(globals, terminal, &parts)
}

/// Prints a document or texts, and gives the exit code.
pub(super) fn tell_parts(globals: &Globals, terminal: &Terminal, parts: &json::Parts<'_>) -> ExitCode {
    let outcome = parts.outcome;
    let text = if globals.json { json::document(parts) } else { outcome.text.clone() };
    // The output is the result; who pipes it must learn that it is not whole.
    let printed = match outcome.is_verbatim {
        true => terminal.verbatim(&text),
        false => terminal.result(&text, &outcome.report.severities),
    };
    if let Err(error) = printed {
        terminal.error(&format!("failed to write to standard output: {error}"));
        terminal.hint("Make room where it goes. What was done before is done: `git hotfix status` tells it.");
        return ExitCode::from(exit::PRECONDITION);
    }
    let code = match parts.refusal {
        // The document tells the error already.
        Some(refusal) if globals.json => exit::code(refusal.kind),
        Some(refusal) => failure::tell(terminal, refusal),
        None => ExitCode::from(exit::DONE),
    };
    if !globals.json {
        outcome.hints.iter().for_each(|hint| terminal.hint(hint));
        // A refusal names the way on itself; a second command would contradict it.
        if let (None, Some(next)) = (parts.refusal, &outcome.next) {
            terminal.next(next);
        }
    }
    code
}
