//! The views: where we are, which incidents there are, one of them, its timeline. They change nothing.

mod elsewhere;
mod fields;
mod find;
mod progress;

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::domain::incident::{Anomaly, TimelineEntry};
use crate::domain::{
    ClaimedBy, EventId, Incident, ObjectId, Printable, RecordedEvent, Status as IncidentStatus, TakenBack, one_line,
};
use crate::ledger::Summary;
use crate::production::fork;
use crate::release::{aftermath, branch, table};
use crate::workflow::{Code, Context, Outcome, Plan, Refusal, Report, Result, Step, time};
use crate::worktree::{checkout, uncommitted};
use crate::{document, production};

pub use self::fields::{LISTED_FIELDS, SHOWN_FIELDS};
use self::find::Sought;
pub(crate) use self::find::touched;
pub use self::progress::{Progress, StepState, progress};
use super::{attach, follow_up, triage};

/// How much of each piece of evidence `show` prints, in bytes.
const SHOWN_EVIDENCE: usize = 2_000;

/// Show where the incident stands and what is next
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Status {
    /// Print JSON with these values of the incident only, such as id,title,severity
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAMES", value_delimiter = ',', hide_possible_values = true))]
    #[cfg_attr(feature = "cli", arg(value_parser = fields::shown()))]
    pub fields: Option<Vec<String>>,
}

/// List incidents, newest first; the open ones unless --all or something is looked for
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct List {
    /// Also those that are closed or canceled
    #[cfg_attr(feature = "cli", arg(long))]
    pub all: bool,
    /// Only those with this status: triage, active, mitigated, resolved, closed, canceled
    #[cfg_attr(feature = "cli", arg(long, value_name = "STATUS"))]
    pub status: Option<String>,
    /// Only those with this severity
    #[cfg_attr(feature = "cli", arg(long, value_name = "SEVERITY", allow_hyphen_values = true))]
    pub severity: Option<String>,
    /// Only those opened on or after this date (UTC): YYYY-MM-DD
    #[cfg_attr(feature = "cli", arg(long, value_name = "DATE"))]
    pub since: Option<String>,
    /// Only those opened on or before this date (UTC): YYYY-MM-DD
    #[cfg_attr(feature = "cli", arg(long, value_name = "DATE"))]
    pub until: Option<String>,
    /// Only those in which these words were written, by people or programs; case does not count
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT", allow_hyphen_values = true))]
    pub grep: Option<String>,
    /// Only those whose fix changed this file, or one in this folder, or whose stack traces name it; from the top
    #[cfg_attr(feature = "cli", arg(long, value_name = "PATH"))]
    pub path: Option<String>,
    /// Only those in which this person recorded something: a part of the name or address
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub author: Option<String>,
    /// Print JSON with these values of each incident only, such as id,title,severity
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAMES", value_delimiter = ',', hide_possible_values = true))]
    #[cfg_attr(feature = "cli", arg(value_parser = fields::listed()))]
    pub fields: Option<Vec<String>>,
}

/// Show everything about one incident
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Show {
    /// The incident, by its id, the beginning of that, or its slug; the one meant here if absent
    #[cfg_attr(feature = "cli", arg(value_name = "ID"))]
    pub id: Option<String>,
    /// Print JSON with these values of the incident only, such as id,title,severity
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAMES", value_delimiter = ',', hide_possible_values = true))]
    #[cfg_attr(feature = "cli", arg(value_parser = fields::shown()))]
    pub fields: Option<Vec<String>>,
}

/// Show the timeline of one incident
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Log {
    /// The incident, by its id, the beginning of that, or its slug; the one meant here if absent
    #[cfg_attr(feature = "cli", arg(value_name = "ID"))]
    pub id: Option<String>,
    /// Show every event with its id and its kind, also those that tell a person nothing
    #[cfg_attr(feature = "cli", arg(long))]
    pub ids: bool,
}

impl Step for Status {
    step_facts!("status" about OpenIfClear, only_looks, works_without_rules);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let Some(incident) = context.incident else { return List::default().plan(context) };
        let mut text = head_lines(context, incident);
        if let Some(instead) = checkout::instead(context, incident)?.filter(|_| is_at_work(incident)) {
            text.insert_str(text.trim_end().len(), &format!(" ({instead})"));
        }
        if let Some(line) = elsewhere::line(context, incident)? {
            text.push_str(&format!("{}{line}", if text.ends_with('\n') { "" } else { "\n" }));
        }
        text.push('\n');
        for step in progress(incident, context.config, fix_committed(context, incident)?) {
            let mark = match step.state {
                StepState::Done => "✓",
                StepState::Next => "→",
                StepState::Pending => "·",
                StepState::Waived => "–",
                StepState::Failed => "✗",
            };
            let _ = writeln!(text, "  {mark} {}", step.step); // Writing to a `String` cannot fail.
        }
        // Without release branches the table is one row, and merges in memory are not free.
        let rows = if branch::patterns(context)?.is_empty() { Vec::new() } else { table::rows(context, incident)? };
        if rows.len() > 1 {
            let _ = write!(text, "\nLines\n{}", table::text(&rows));
        }
        let open = incident.follow_ups.iter().filter(|follow_up| !follow_up.done).count();
        if open > 0 {
            let _ = writeln!(text, "\n{open} follow-up{} open", if open == 1 { "" } else { "s" });
        }
        if let Some(due) = incident.postmortem_due(&context.config.severities).filter(|_| incident.status.is_open()) {
            let _ = writeln!(text, "\npostmortem due {due}");
        }
        for anomaly in &incident.anomalies {
            text.push_str(&odd(context, anomaly));
        }
        if let Some(other) = context.incidents.sharing_branch(&incident.id, incident.branch().as_str()) {
            text.push_str(&twins(context, [&Summary::from(incident), other]));
        }
        let mut outcome = Outcome::text(text);
        outcome.next = next_command(context, incident)?;
        if incident.status.is_open()
            && incident.merged.is_some()
            && aftermath::lacks(context.config, incident).is_empty()
            && let Some(command) = table::next(&rows, incident)
        {
            outcome.next = Some(format!("{} {command}", context.program));
        }
        outcome.report.lines = (rows.len() > 1).then_some(rows);
        Ok(Plan::finished(outcome))
    }
}

/// Two incidents on one branch, and the command that gives one of them up.
fn twins(context: &Context<'_>, [one, other]: [&Summary; 2]) -> String {
    format!(
        "odd: {} and {} are both open on {}; name the one you mean by --incident\n     {} abort --incident {}   # \
         gives that one up, and keeps the branch\n",
        one.id, other.id, one.branch, context.program, other.id
    )
}

/// What cannot be as it is recorded, and the command that decides.
fn odd(context: &Context<'_>, anomaly: &Anomaly) -> String {
    let events = std::iter::once(&anomaly.event).chain(&anomaly.against);
    let events: Vec<&str> = events.map(|id| id.as_str().get(..12).unwrap_or_default()).collect();
    let help = anomaly.help.as_ref().map(|help| format!("\n     {} {help}", context.program)).unwrap_or_default();
    format!("odd: {} ({}){help}\n", anomaly.text, events.join(", "))
}

impl Step for List {
    step_facts!("list" about None, only_looks, works_without_rules);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let chosen = self.choose(context)?;
        let narrowed = self.status.is_some() || self.severity.is_some() || self.since.is_some() || self.all;
        let narrowed = narrowed || self.until.is_some() || self.looks_into_all();
        let text = match chosen.is_empty() {
            true if context.incidents.unread().is_some() => String::new(), // A note says what is not known.
            true if !narrowed => nothing_open(context),
            _ => table(&chosen),
        };
        let twins_here = chosen.iter().enumerate().filter(|(_, summary)| summary.status.is_open());
        let shared = twins_here.filter_map(|(at, summary)| {
            let mut earlier = chosen.iter().take(at).filter(|earlier| earlier.status.is_open());
            earlier.find(|earlier| earlier.branch == summary.branch).map(|earlier| twins(context, [earlier, summary]))
        });
        let text = shared.fold(text, |text, twins| text + &twins);
        let mut outcome = Outcome::text(text);
        if chosen.is_empty() {
            outcome.hints.push(format!("{} open \"what is broken\" --severity high opens one", context.program));
        }
        outcome.report = Report { incidents: Some(chosen.into_iter().cloned().collect()), ..Report::default() };
        Ok(Plan::finished(outcome))
    }
}

impl List {
    /// What is looked for is as a rule in the past.
    fn looks_into_all(&self) -> bool {
        self.all || self.status.is_some() || !Sought::by(self).is_nothing()
    }

    fn choose<'a>(&self, context: &Context<'a>) -> Result<Vec<&'a Summary>> {
        let status: Option<IncidentStatus> = match &self.status {
            Some(text) => Some(text.parse().map_err(|error| {
                Refusal::usage(Code::Status, format!("--status: {error}"))
                    .hint(IncidentStatus::ALL.map(IncidentStatus::key).join(", "))
            })?),
            None => None,
        };
        let (open, all) = (context.incidents.open(), || context.incidents.all());
        let among = if self.looks_into_all() || self.severity.is_some() { all()? } else { open };
        // One that an old incident has may be defined no more.
        let severity = self.severity.as_ref().map(|text| {
            let known = among.iter().find(|summary| summary.severity.key() == text.trim());
            known.map_or_else(|| triage::severity(context, text), |summary| Ok(summary.severity.clone()))
        });
        let severity = severity.transpose()?;
        let date = |text: Option<&str>, flag: &str| {
            text.map(|text| time::date(text, Code::Since, flag, "2026-01-31")).transpose()
        };
        let since = date(self.since.as_deref(), "--since")?;
        let until = date(self.until.as_deref(), "--until")?;
        let sought = Sought::by(self);
        let opened_on = |summary: &Summary| summary.opened_at().to_zoned(jiff::tz::TimeZone::UTC).date();
        Ok(among
            .iter()
            .filter(|summary| self.looks_into_all() || summary.status.is_open())
            .filter(|summary| status.is_none_or(|status| summary.status == status))
            .filter(|summary| severity.as_ref().is_none_or(|severity| summary.severity == *severity))
            .filter(|summary| since.is_none_or(|since| opened_on(summary) >= since))
            .filter(|summary| until.is_none_or(|until| opened_on(summary) <= until))
            .filter(|summary| sought.is_in(context, summary))
            .collect())
    }
}

impl Step for Show {
    step_facts!("show" about Any, only_looks, works_without_rules);

    fn named_incident(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        let mut text = head_lines(context, incident);
        let triage = document::triage(incident, &context.config.severities, context.now);
        let _ = writeln!(text, "\n{}", triage.map_err(Refusal::from_render)?);
        let _ = writeln!(text, "base       {} at {}", one_line(&incident.base.reference), incident.base.commit.short());
        for (milestone, at) in &incident.milestones {
            let _ = writeln!(text, "{:<10} {}", milestone.key(), time::human(*at));
        }
        if let Some(postmortem) = &incident.postmortem {
            let _ = writeln!(text, "postmortem {}", one_line(&postmortem.path));
        }
        for attachment in &incident.attachments {
            let _ = writeln!(text, "\nEvidence {}", attach::line(attachment));
            for line in Printable::new(&attachment.text).excerpt(SHOWN_EVIDENCE).as_str().lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
        if !incident.follow_ups.is_empty() {
            text.push_str("\nFollow-ups\n");
            for follow_up in &incident.follow_ups {
                let _ = writeln!(text, "{}", follow_up::line(follow_up));
            }
        }
        text.push_str("\nTimeline (UTC)\n");
        text.push_str(&timeline(incident));
        Ok(Plan::finished(Outcome::text(text)))
    }
}

impl Step for Log {
    step_facts!("log" about Any, only_looks, works_without_rules);

    fn named_incident(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        let text = if self.ids { events(incident) } else { whole_timeline(incident) };
        Ok(Plan::finished(Outcome::text(text)))
    }
}

fn head_lines(context: &Context<'_>, incident: &Incident) -> String {
    let rolled_back = if incident.is_rolled_back() { " (rolled back)" } else { "" };
    let Incident { id, status, title, .. } = incident;
    let (severity, branch) = (context.config.severities.label(&incident.severity), incident.branch());
    let driven = incident.driver.as_ref().map(|ClaimedBy { name, workplace, since }| {
        format!("driven by {name} from {} since {}\n", one_line(&workplace.host), time::human(*since))
    });
    let driven = driven.unwrap_or_default();
    format!("{id}  {severity}  {status}{rolled_back}\n{title}\nbranch {branch}\n{driven}")
}

fn timeline(incident: &Incident) -> String {
    incident.timeline.iter().fold(String::new(), |mut text, entry| {
        let _ = writeln!(text, "{}  {}  ({})", time::human(entry.at), entry.text, entry.by); // Writing to a `String` cannot fail.
        text
    })
}

/// The same, and in it what was said and taken back.
fn whole_timeline(incident: &Incident) -> String {
    let stands = incident.timeline.iter().map(|entry| (entry, None));
    let taken_back = incident.taken_back.iter().map(|gone| (&gone.entry, Some(gone)));
    let mut lines: Vec<(&TimelineEntry, Option<&TakenBack>)> = stands.chain(taken_back).collect();
    lines.sort_by_key(|(entry, _)| entry.at);
    lines.iter().fold(String::new(), |mut text, (entry, gone)| {
        let gone = gone.map(|gone| format!("; taken back {} by {}", time::human(gone.at), gone.by)).unwrap_or_default();
        let _ = writeln!(text, "{}  {}  ({}{gone})", time::human(entry.at), entry.text, entry.by);
        text
    })
}

/// Every event: the beginning of its id, its kind, and what the timeline says of it.
fn events(incident: &Incident) -> String {
    let taken_back = incident.taken_back.iter().map(|gone| &gone.entry);
    let told: HashMap<&EventId, &TimelineEntry> =
        incident.timeline.iter().chain(taken_back).map(|entry| (&entry.event, entry)).collect();
    incident.events.iter().fold(String::new(), |mut text, RecordedEvent { id, kind, is_retracted, .. }| {
        let gone = if *is_retracted { "  (taken back)" } else { "" };
        let _ = match told.get(id) {
            Some(entry) => {
                writeln!(text, "{}  {kind:<20}  {}  {}{gone}", id.short(), time::human(entry.at), entry.text)
            }
            None => writeln!(text, "{}  {kind}{gone}", id.short()),
        };
        text
    })
}

/// Says that nothing is open, and what was last.
fn nothing_open(context: &Context<'_>) -> String {
    match context.incidents.newest() {
        // A note says what is not known.
        None if context.incidents.unread().is_some() => String::new(),
        None => "no incidents\n".to_owned(),
        Some(last) => format!("no open incidents; the last one:\n{}", table(&[last])),
    }
}

fn table(incidents: &[&Summary]) -> String {
    if incidents.is_empty() {
        return "no incidents\n".to_owned();
    }
    incidents.iter().fold(String::new(), |mut text, summary| {
        let opened = summary.opened_at().strftime("%Y-%m-%d %H:%M");
        let (severity, status) = (summary.severity.key(), summary.status.key());
        let _ = writeln!(text, "{}  {opened}  {severity:<8}  {status:<9}  {}", summary.id, summary.title);
        text
    })
}

/// Whether the branch holds a commit of its own.
///
/// # Errors
/// When the repository cannot be read.
pub fn fix_committed(context: &Context<'_>, incident: &Incident) -> Result<bool> {
    Ok(branch_tip(context, incident)?.is_some_and(|tip| tip != incident.base.commit))
}

/// The tip of the branch here, or where it is not here, on the remote as far as is known.
fn branch_tip(context: &Context<'_>, incident: &Incident) -> Result<Option<ObjectId>> {
    match production::local_branch_tip(context.look, incident)? {
        Some(tip) => Ok(Some(tip)),
        None => Ok(production::remote_branch_tip(context, incident)?),
    }
}

/// Whether the branch is there to be worked on.
fn is_at_work(incident: &Incident) -> bool {
    incident.status.is_open() && incident.merged.is_none() && incident.branch_created
}

/// The next command to type; `None` when the incident is over.
///
/// # Errors
/// When the repository cannot be read.
pub fn next_command(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    if !incident.status.is_open() {
        return Ok(None);
    }
    let program = context.program;
    if incident.merged.is_none()
        && incident.branch_created
        && branch_tip(context, incident)?.is_none()
        && let Some(remote) = fork::remote(context, incident)?
    {
        let branch = shell_words::quote(&incident.branch()).into_owned();
        return Ok(Some(format!("git fetch {remote} {branch}   # whoever has it pushes it first")));
    }
    // Once it is proposed, it ships from anywhere.
    let is_proposed = match (branch_tip(context, incident)?, &incident.pull_request) {
        (Some(tip), Some(proposed)) => proposed.head == tip,
        _ => false,
    };
    if is_at_work(incident)
        && !is_proposed
        && let Some(command) = checkout::way_back(context, incident)?
    {
        return Ok(Some(command));
    }
    if is_at_work(incident)
        && checkout::is_fix(context, incident)?
        && let Some(commit) = uncommitted::next(context, incident, fix_committed(context, incident)?)?
    {
        return Ok(Some(commit));
    }
    Ok(Some(if incident.merged.is_some() {
        aftermath::next(context, incident)?
    } else if !incident.branch_created {
        format!("{program} open {}", shell_words::quote(&incident.title.to_string()))
    } else {
        format!("{program} ship")
    }))
}
