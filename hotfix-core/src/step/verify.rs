//! Step 6, its end: is production well again?

use crate::config::{Config, ProductionCheck};
use crate::domain::event::Ending;
use crate::domain::{Incident, ObjectId, Printable};
use crate::release::aftermath;
use crate::workflow::{Action, Code, Context, Outcome, Plan, ProgramAction, Question, Refusal, Result, Step, Topic};

use super::deploy;

/// Check that production works with the fix
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Verify {
    /// Use this command or URL once instead of `[deploy] verify`; recorded as an exception
    #[cfg_attr(feature = "cli", arg(long, value_name = "COMMAND"))]
    pub verify_command: Option<String>,
}

impl Step for Verify {
    step_facts!("verify" about Any, follows_rules, needs_work_tree);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        if !incident.status.is_open() {
            return context.nothing_to("verify", incident).map(Plan::finished);
        }
        let check = self.verify_command.as_deref().map(check).transpose()?;
        let Some(commit) = incident.released_commit() else {
            return Err(Refusal::precondition(Code::NotMerged, format!("{} is not merged yet", incident.branch()))
                .hint(format!("{} ship", context.program)));
        };
        if let Some(waive) =
            check.as_ref().and_then(|check| deploy::overridden(context, incident, "verify-command", &check.words()))
        {
            return Ok(Plan::then_look_again(vec![waive]));
        }
        let Some(action) = action(context.config, check, commit) else {
            return Err(Refusal::precondition(Code::NoVerifyCommand, "hotfix.toml has no [deploy] verify")
                .hint(format!("{} verify --verify-command \"https://...\" or a command", context.program))
                .hint(format!("seen by hand? {} mark verified", context.program)));
        };
        match context.known.verifications().last() {
            None => Ok(Plan::then_look_again(vec![action])),
            Some(Ending::Passed) => {
                let outcome = Outcome::text("production verified");
                Ok(Plan::finished(outcome.next(aftermath::next(context, incident)?)))
            }
            Some(Ending::Failed | Ending::TimedOut) => {
                Ok(Plan::finished(failed(context, incident, FELT)?.hint(deploy::rollback_hint(context))))
            }
        }
    }
}

/// The look at production that is still missing after a landing; `None` when it passed, or none is configured.
pub(super) fn next(context: &Context<'_>, incident: &Incident) -> Option<Plan> {
    let commit = incident.released_commit()?;
    let action = action(context.config, None, commit)?;
    // Of this very commit: an earlier landing may have been verified.
    let last = incident.verifications.iter().rev().find(|verified| verified.commit == *commit);
    match last {
        Some(last) if last.ending == Ending::Passed => None,
        _ => Some(Plan::then_look_again(vec![action])),
    }
}

/// What is said of production while nothing took the fix back.
const FELT: &str = "users may still feel it";

/// What follows a verification that failed in this run: the offer of the configured rollback, and the end of it.
pub(super) fn after_failure(context: &Context<'_>, incident: &Incident) -> Result<Option<Plan>> {
    // Only what this run saw: a failure of yesterday is run again, not told again.
    let failed_now = incident.verifications.last().is_some_and(|last| last.ending != Ending::Passed)
        && context.known.verifications().any(|ending| ending != Ending::Passed);
    if failed_now { offer_rollback(context, incident).map(Some) } else { Ok(None) }
}

/// The configured look at production, or another one for once; `None` where neither is there.
pub(super) fn action(config: &Config, check: Option<ProductionCheck>, commit: &ObjectId) -> Option<Action> {
    let check = check.or_else(|| config.deploy.verify.clone())?;
    Some(Action::Program(ProgramAction::Verify { check, commit: commit.clone(), timeout: config.deploy.timeout }))
}

fn offer_rollback(context: &Context<'_>, incident: &Incident) -> Result<Plan> {
    if incident.is_rolled_back() {
        let outcome = failed(context, incident, "production was rolled back")?;
        return Ok(Plan::finished(outcome.hint(aftermath::better_fix(context, incident)?)));
    }
    let Some(rollback) = &context.config.deploy.rollback else {
        return Ok(Plan::finished(failed(context, incident, FELT)?.hint(deploy::rollback_hint(context))));
    };
    if context.answers.about(Topic::Rollback) == Some(true) {
        return deploy::roll_back(context, incident, false);
    }
    let text = format!("Roll back with `{}`?", rollback);
    let otherwise = failed(context, incident, FELT)?.hint(deploy::rollback_hint(context));
    Ok(Plan::offer_or_finish(Question::Confirm { topic: Topic::Rollback, text }, otherwise))
}

/// Why production is not well; its last lines too, unless the person saw them when they were asked about the rollback.
fn failed(context: &Context<'_>, incident: &Incident, what_now: &str) -> Result<Outcome> {
    let last = incident.verifications.last();
    let words = last.map(|verified| verified.command.to_string()).unwrap_or_default();
    let how = last.and_then(|verified| deploy::how_it_ended(verified.ending, verified.exit_code));
    let how = how.map(|how| format!(" {how}")).unwrap_or_default();
    let message = format!("verification failed: `{words}`{how}; {what_now}");
    let mut outcome = Outcome::failed(Refusal::check_failed(Code::Verify, message));
    if context.answers.given(Topic::Rollback).is_none() {
        let lines = last.map(|verified| Printable::new(&verified.output).tail(20, 4 * 1024).to_string());
        outcome.text = lines.filter(|lines| !lines.is_empty()).map(|lines| lines + "\n").unwrap_or_default();
    }
    Ok(outcome.next(aftermath::next(context, incident)?))
}

fn check(text: &str) -> Result<ProductionCheck> {
    let text = text.trim();
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(ProductionCheck::Url(text.to_owned()));
    }
    deploy::command_line(text, "--verify-command").map(ProductionCheck::Command)
}
