//! `doctor --fix`: the safe ones of the remedies are run, after asking; what they came to is looked at, not believed.

use crate::domain::CommandLine;
use crate::workflow::{Action, Context, Diagnosis, Outcome, Plan, ProgramAction, Question, Topic};

/// What of the remedies is still to be run, of checks that say whether theirs is safe; `None` where nothing is.
pub(super) fn plan(context: &Context<'_>, looked: &[(Diagnosis, bool)]) -> Option<Plan> {
    let commands: Vec<CommandLine> =
        looked.iter().filter_map(|(diagnosis, is_safe)| command(diagnosis, *is_safe)).collect();
    // One attempt: what a remedy did not mend it will not mend the next time.
    if commands.is_empty() || context.known.has_remedied() {
        return None;
    }
    let runs = commands.iter().map(|command| Action::Program(ProgramAction::Remedy { command: command.clone() }));
    let runs: Vec<Action> = runs.collect();
    let wrong = looked.iter().filter(|(_, is_safe)| *is_safe);
    let notes = wrong.map(|(diagnosis, _)| format!("{}: {}", diagnosis.check, diagnosis.message)).collect();
    Some(match context.answers.about(Topic::Remedies) {
        None => {
            let named: Vec<String> = commands.iter().map(ToString::to_string).collect();
            let text = format!("Run {}?", named.join(", and "));
            Plan::ask(Question::Confirm { topic: Topic::Remedies, text }).ahead(runs).notes(notes)
        }
        Some(false) => Plan::finished(Outcome::declined()),
        Some(true) => Plan::then_look_again(runs),
    })
}

/// The command that a fix is, where it may be run as it stands.
fn command(diagnosis: &Diagnosis, is_safe: bool) -> Option<CommandLine> {
    let fix = diagnosis.fix.as_deref().filter(|_| is_safe)?;
    Some(shell_words::split(fix).ok()?.into())
}

/// What is left to the person.
pub(super) fn left(context: &Context<'_>, looked: &[(Diagnosis, bool)]) -> Option<String> {
    let left: Vec<&str> =
        looked.iter().filter(|(diagnosis, _)| diagnosis.fix.is_some()).map(|(diagnosis, _)| diagnosis.check).collect();
    match (left.is_empty(), context.known.has_remedied()) {
        (true, true) => None,
        (true, false) => Some("there is nothing to mend".to_owned()),
        (false, _) => Some(format!("left to you: {}", left.join(", "))),
    }
}

/// What runs the safe ones, where there are any.
pub(super) fn advice(context: &Context<'_>, looked: &[(Diagnosis, bool)]) -> Option<String> {
    let safe: Vec<&str> = looked.iter().filter(|(_, is_safe)| *is_safe).map(|(diagnosis, _)| diagnosis.check).collect();
    let advice = || format!("{} doctor --fix   # does it for you: {}", context.program, safe.join(", "));
    (!safe.is_empty()).then(advice)
}
