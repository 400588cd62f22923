//! Step 8: what remains to be done after the fix.

mod issue;

use std::fmt::Write as _;

use crate::domain::event::{FollowUpAdded, PreventionGap};
use crate::domain::incident::FollowUp as Owed;
use crate::domain::{EventKind, Incident, one_line};
use crate::workflow::{
    Action, Code, Context, EditorUse, IncidentNeed, Outcome, Plan, Refusal, Result, Step, refuse_blank, time,
};

use self::issue::file_as_issue;
use super::written::{self, ComposedText};

/// Keep account of remaining work
#[derive(Debug, Clone)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct FollowUp {
    /// What to do with it
    #[cfg_attr(feature = "cli", command(subcommand))]
    pub command: FollowUpCommand,
}

/// What to do with remaining work.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "cli", derive(clap::Subcommand))]
pub enum FollowUpCommand {
    /// Add work that remains
    Add {
        /// What is to be done; without it, your editor opens
        #[cfg_attr(feature = "cli", arg(value_name = "TEXT"))]
        text: Option<String>,
        /// The fix is a band-aid and this is the proper one; also goes to TECH-DEBT.md
        #[cfg_attr(feature = "cli", arg(long))]
        band_aid: bool,
        /// The gap it closes: test, monitoring or validation
        #[cfg_attr(feature = "cli", arg(long, value_name = "GAP"))]
        gap: Option<String>,
        /// Who does it
        #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
        owner: Option<String>,
        /// Until when: YYYY-MM-DD
        #[cfg_attr(feature = "cli", arg(long, value_name = "DATE"))]
        due: Option<String>,
        /// File it as an issue at the hosting service, once
        #[cfg_attr(feature = "cli", arg(long))]
        issue: bool,
    },
    /// List remaining work
    List,
    /// Say that work is done
    Done {
        /// Its number, as `list` shows it
        #[cfg_attr(feature = "cli", arg(value_name = "NUMBER", allow_negative_numbers = true))]
        number: String,
        /// Where to see it
        #[cfg_attr(feature = "cli", arg(long, value_name = "URL"))]
        link: Option<String>,
    },
}

impl Step for FollowUp {
    fn name(&self) -> &'static str {
        match self.command {
            FollowUpCommand::Add { .. } => "follow-up add",
            FollowUpCommand::List => "follow-up list",
            FollowUpCommand::Done { .. } => "follow-up done",
        }
    }

    fn incident(&self) -> IncidentNeed {
        IncidentNeed::Any
    }

    fn works_without_rules(&self) -> bool {
        // An issue is filed where the rules say that the repository is hosted.
        !matches!(self.command, FollowUpCommand::Add { issue: true, .. })
    }

    fn texts(&mut self) -> Vec<&mut String> {
        match &mut self.command {
            FollowUpCommand::Add { text, owner, .. } => text.iter_mut().chain(owner).collect(),
            FollowUpCommand::Done { link, .. } => link.iter_mut().collect(),
            FollowUpCommand::List => Vec::new(),
        }
    }

    fn editor(&self) -> Option<EditorUse> {
        let FollowUpCommand::Add { text: None, .. } = &self.command else { return None };
        let instead = "follow-up add \"...\"   # what is to be done";
        Some(EditorUse { argument: "TEXT", is_given: false, instead })
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        match &self.command {
            FollowUpCommand::Add { text, band_aid, gap, owner, due, issue } => {
                let written = written::text(context, incident, text.as_ref(), "What is to be done after")?;
                let text = match written {
                    ComposedText::Text(text) => text,
                    ComposedText::First(plan) => return Ok(plan),
                };
                let outcome = format!("follow-up {}: {}", incident.next_follow_up(), one_line(&text));
                let added = FollowUpAdded {
                    text,
                    band_aid: *band_aid,
                    gap: gap.as_deref().map(parse_gap).transpose()?,
                    owner: owner.as_deref().map(|owner| some_text(owner, "--owner")).transpose()?,
                    due: due
                        .as_deref()
                        .map(|due| time::date(due, Code::Due, "--due", "2026-12-31", context))
                        .transpose()?,
                };
                if *issue {
                    return file_as_issue(context, incident, added);
                }
                let record = Action::record(vec![EventKind::FollowUpAdded(added)]);
                Ok(Plan::then_finish(vec![record], recorded(context, incident, outcome)))
            }
            FollowUpCommand::List => Ok(Plan::finished(Outcome::text(listed(incident)))),
            FollowUpCommand::Done { number, link } => finish(context, incident, number, link.as_ref()),
        }
    }
}

fn finish(context: &Context<'_>, incident: &Incident, number: &str, link: Option<&String>) -> Result<Plan> {
    let owed = number
        .trim()
        .parse::<u32>()
        .ok()
        .and_then(|number| incident.follow_ups.iter().find(|follow_up| follow_up.number == number));
    let Some(owed) = owed else {
        let message = format!("NUMBER: {} has no follow-up {}", incident.id, one_line(number));
        let refusal = Refusal::usage(Code::Number, message);
        return Err(match incident.follow_ups.is_empty() {
            true => refusal,
            false => refusal.hint(listed(incident).trim_end().to_owned()),
        });
    };
    let outcome = format!("follow-up {} done: {}", owed.number, one_line(&owed.added.text));
    let outcome = recorded(context, incident, outcome);
    if owed.done && (link.is_none() || owed.link.as_ref() == link) {
        return Ok(Plan::finished(outcome));
    }
    let event = EventKind::FollowUpDone { number: owed.number, link: link.cloned() };
    Ok(Plan::then_finish(vec![Action::record(vec![event])], outcome))
}

/// What is recorded after the postmortem was delivered is not in it yet.
fn recorded(context: &Context<'_>, incident: &Incident, text: String) -> Outcome {
    let mut outcome = Outcome::text(text);
    if incident.records.is_some() {
        outcome.hints.push(format!("{} postmortem --incident {}   # delivers it", context.program, incident.id));
    }
    outcome
}

fn listed(incident: &Incident) -> String {
    if incident.follow_ups.is_empty() {
        return format!("{} has no follow-ups\n", incident.id);
    }
    incident.follow_ups.iter().map(|owed| line(owed) + "\n").collect()
}

/// A follow-up as one line.
pub(super) fn line(owed: &Owed) -> String {
    let mark = if owed.done { "done" } else { "open" };
    let mut line = format!("{:>2}  {mark}  {}", owed.number, one_line(&owed.added.text));
    let details = [
        owed.added.band_aid.then(|| "band-aid".to_owned()),
        owed.added.gap.map(|gap| format!("{} gap", gap.key())),
        owed.added.owner.as_ref().map(|owner| format!("owner {}", one_line(owner))),
        owed.added.due.map(|due| format!("due {due}")),
        owed.issue.as_ref().map(|(number, url)| format!("issue #{number}, {}", one_line(url))),
        owed.link.as_ref().map(|link| one_line(link)),
    ];
    let details: Vec<String> = details.into_iter().flatten().collect();
    if !details.is_empty() {
        let _ = write!(line, "  ({})", details.join(", ")); // Writing to a `String` cannot fail.
    }
    line
}

fn some_text(text: &str, flag: &str) -> Result<String> {
    refuse_blank(text, Code::Text, format!("{flag}: there is no text in it"))?;
    Ok(text.trim().to_owned())
}

fn parse_gap(text: &str) -> Result<PreventionGap> {
    let wanted = text.trim().to_ascii_lowercase();
    PreventionGap::ALL.into_iter().find(|gap| gap.key() == wanted).ok_or_else(|| {
        Refusal::usage(Code::Gap, format!("--gap: unknown gap `{}`", one_line(text)))
            .hint("test, monitoring, validation")
    })
}
