//! What one is asked in the call: since when, for how long, what is broken, where the fix is, whether it is live.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::document::{Outage, duration};
use crate::domain::event::DeployPart;
use crate::domain::{Incident, Milestone, PullRequestState, RecordedEvent, Status, one_line};
use crate::release::aftermath::{self, Lack};
use crate::workflow::{Context, Result};
use crate::worktree::checkout;

use super::{Progress, StepState, is_at_work};

/// The facts, a line each; `steps` are those of the incident.
pub(super) fn lines(context: &Context<'_>, incident: &Incident, steps: &[Progress]) -> Result<String> {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<12}  {value}"); // Writing to a `String` cannot fail.
    };
    line("felt", &felt(context, incident));
    line("open", &open(context, incident));
    line("impact", &incident.impact.as_deref().map_or_else(|| unknown(context, "triage --impact \"...\""), one_line));
    line("branch", &branch(context, incident)?);
    line("pull request", &pull_request(incident));
    line("merged", &merged(incident));
    line("deployed", &deployed(context, incident, steps));
    line("verified", &verified(context, incident, steps));
    Ok(text)
}

/// How long users have felt it, or felt it.
fn felt(context: &Context<'_>, incident: &Incident) -> String {
    let at = |(milestone, at): &(Milestone, Timestamp)| format!("{milestone} {}", context.reader.minute(*at));
    match Outage::of(incident) {
        Outage::Lasting { from: (Milestone::Opened, _) } if incident.status.is_open() => {
            unknown(context, "mark started --at \"40m ago\"")
        }
        Outage::Lasting { from } if incident.status.is_open() => {
            format!("{}for {} ({})", least(from.0), between(from.1, context.now), at(&from))
        }
        Outage::Lasting { from } => format!("unknown ({})", at(&from)),
        Outage::Over { from, to } => {
            format!("{}for {} ({}, {})", least(from.0), between(from.1, to.1), at(&from), at(&to))
        }
        Outage::Contradictory { from, to } => format!("unknown: {} is before {}", at(&to), at(&from)),
    }
}

/// Detected is not started: users may have felt it for longer.
fn least(from: Milestone) -> &'static str {
    if from == Milestone::Started { "" } else { "at least " }
}

fn open(context: &Context<'_>, incident: &Incident) -> String {
    let (from, at) = (incident.opened_at(), |at| context.reader.minute(at));
    match (incident.status, incident.milestones.get(&Milestone::Closed)) {
        (Status::Canceled, _) => format!("no: opened {}, canceled", at(from)),
        (Status::Closed, Some(to)) => format!("no: for {}, closed {}", between(from, *to), at(*to)),
        (Status::Closed, None) => format!("no: opened {}, closed", at(from)),
        _ => format!("for {} (since {})", between(from, context.now), at(from)),
    }
}

/// How long it took; clocks of two machines differ.
fn between(from: Timestamp, to: Timestamp) -> String {
    duration(to.as_second().saturating_sub(from.as_second()).max(0))
}

/// What is not known yet, and the command that says it.
fn unknown(context: &Context<'_>, command: &str) -> String {
    format!("unknown; say it: {} {command}", context.program)
}

fn branch(context: &Context<'_>, incident: &Incident) -> Result<String> {
    let branch = incident.branch().to_string();
    let instead = if is_at_work(incident) { checkout::instead(context, incident)? } else { None };
    Ok(instead.map_or_else(|| branch.clone(), |instead| format!("{branch} ({instead})")))
}

fn pull_request(incident: &Incident) -> String {
    let Some(proposed) = &incident.pull_request else {
        return if incident.merged.is_some() { "none" } else { "none yet" }.to_owned();
    };
    let state = match proposed.state {
        PullRequestState::Open => "open",
        PullRequestState::Draft => "draft",
        PullRequestState::Merged => "merged",
        PullRequestState::Closed => "closed",
    };
    match (proposed.number, &proposed.url) {
        (Some(number), Some(url)) => format!("#{number}, {state}: {}", one_line(url)),
        (Some(number), None) => format!("#{number}, {state}"),
        (None, _) => format!("{state}, in the record alone: no service hosts the repository"),
    }
}

fn merged(incident: &Incident) -> String {
    match incident.merge_commit() {
        Some(commit) => format!("as {} into {}", commit.short(), one_line(&incident.production.display_name())),
        None => "no".to_owned(),
    }
}

fn deployed(context: &Context<'_>, incident: &Incident, steps: &[Progress]) -> String {
    let lacks = aftermath::lacks(context.config, incident);
    let about = |lack: &&Lack| !matches!(lack, Lack::Look | Lack::Health);
    match state_of("deploy", steps) {
        StepState::Done => reached(context, incident, Milestone::Deployed),
        StepState::Waived => waived(incident, "deploy", "hotfix.toml has no [deploy] command"),
        _ => match lacks.iter().find(about) {
            Some(Lack::End(part)) => in_doubt(context, incident, *part),
            lack => not_yet(incident, lack),
        },
    }
}

/// Who began a part of the deployment, and when: they may know how it ended.
fn in_doubt(context: &Context<'_>, incident: &Incident, part: DeployPart) -> String {
    let what = match part {
        DeployPart::Deploy => "the deployment",
        DeployPart::Migrate => "the migration",
        DeployPart::Rollback => "the rollback",
    };
    let start = incident.deploys.doubt_about(part).and_then(|doubt| incident.start_of(doubt));
    let begun = start.map(|RecordedEvent { at, by, .. }| {
        format!(" was begun {} by {}", context.reader.minute(*at), one_line(&by.name))
    });
    format!("not known: {what}{}, and how it ended was not recorded", begun.unwrap_or_default())
}

fn verified(context: &Context<'_>, incident: &Incident, steps: &[Progress]) -> String {
    let lacks = aftermath::lacks(context.config, incident);
    let about = |lack: &&Lack| matches!(lack, Lack::Look | Lack::Health);
    match state_of("verify", steps) {
        StepState::Done => reached(context, incident, Milestone::Verified),
        StepState::Waived => waived(incident, "verify", "hotfix.toml has no [deploy] verify"),
        _ => not_yet(incident, lacks.iter().find(about)),
    }
}

fn reached(context: &Context<'_>, incident: &Incident, milestone: Milestone) -> String {
    let at = incident.milestones.get(&milestone);
    at.map_or_else(|| "yes".to_owned(), |at| format!("yes, {}", context.reader.minute(*at)))
}

fn waived(incident: &Incident, check: &str, otherwise: &str) -> String {
    let reason = incident.waiver(check).map(|waiver| one_line(&waiver.reason));
    format!("left out: {}", reason.as_deref().unwrap_or(otherwise))
}

/// Why not, once the fix has landed; before that it is plain.
fn not_yet(incident: &Incident, lack: Option<&Lack>) -> String {
    match lack.filter(|_| incident.merged.is_some()) {
        Some(lack) => format!("no: {}", lack.text()),
        None => "no".to_owned(),
    }
}

fn state_of(step: &str, steps: &[Progress]) -> StepState {
    steps.iter().find(|known| known.step == step).map_or(StepState::Pending, |known| known.state)
}
