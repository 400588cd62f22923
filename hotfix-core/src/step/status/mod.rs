//! The views: where we are, which incidents there are, one of them, its timeline. They change nothing.

mod columns;
mod elsewhere;
mod facts;
mod fields;
mod find;
mod list;
mod progress;

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::domain::incident::{Anomaly, TimelineEntry};
use crate::domain::{ClaimedBy, EventId, Incident, Milestone, ObjectId, Printable, RecordedEvent, TakenBack, one_line};
use crate::ledger::Summary;
use crate::production::no_remote::NoRemote;
use crate::production::{fork, unfetched};
use crate::release::taken_out::TakenOut;
use crate::release::{aftermath, branch, conflict, table, untold};
use crate::workflow::{Context, Outcome, Plan, Refusal, Result, RowState, Step};
use crate::worktree::{checkout, uncommitted};
use crate::{document, production};

pub use self::fields::{LISTED_FIELDS, SHOWN_FIELDS};
pub(crate) use self::find::touched;
pub use self::list::List;
pub use self::progress::{Here, Progress, StepState, progress};
use super::{attach, follow_up, test};

/// The steps of `status` stand in lines: before the fix is tested, until it has landed, what is live, and the records.
const ENDS_A_LINE: [&str; 4] = ["fix", "merge", "verify", "close"];

/// How much of each piece of evidence `show` prints, in bytes.
const SHOWN_EVIDENCE: usize = 2_000;

/// Show where the incident stands and what is next
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Status {
    /// The incident, by its id, the beginning of that, or its slug; the one meant here if absent
    #[cfg_attr(feature = "cli", arg(value_name = "ID", conflicts_with = "short"))]
    pub id: Option<String>,
    /// Print one line for a shell's prompt, by what is kept here alone; nothing where no incident is open
    #[cfg_attr(feature = "cli", arg(long, conflicts_with = "fields"))]
    pub short: bool,
    /// Print JSON with these values of the incident only, such as id,title,severity
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAMES", value_delimiter = ',', hide_possible_values = true))]
    #[cfg_attr(feature = "cli", arg(value_parser = fields::shown()))]
    pub fields: Option<Vec<String>>,
    /// Open it in your browser: the pull request, or the records once it is closed; prints the address where there is none
    #[cfg_attr(feature = "cli", arg(long, conflicts_with_all = ["short", "fields"]))]
    pub web: bool,
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
    /// Open it in your browser: the pull request, or the records once it is closed; prints the address where there is none
    #[cfg_attr(feature = "cli", arg(long, conflicts_with = "fields"))]
    pub web: bool,
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

    fn wants_page(&self) -> bool {
        self.web
    }

    fn named_incident(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let Some(incident) = context.incident else { return List::default().plan(context) };
        let steps = progress(incident, context.config, Here::look(context, incident)?);
        let mut text = format!("{}\n{}", head_lines(context, incident), facts::lines(context, incident, &steps)?);
        let taken_out = taken_out(context, incident)?;
        if let Some(taken_out) = &taken_out {
            let _ = writeln!(text, "{}", taken_out.text());
        } else if let Some(line) = elsewhere::line(context, incident)? {
            text.push_str(&line);
        }
        text.push_str(&format!("\n{}", marks(&steps)));
        // Without release branches the table is one row, and merges in memory are not free.
        let rows = if branch::patterns(context)?.is_empty() { Vec::new() } else { table::rows(context, incident)? };
        if rows.len() > 1 {
            let _ = write!(text, "\nRelease branches\n{}", table::text(&rows));
        }
        let conflicting = rows.iter().filter(|row| row.state == RowState::Conflict).map(|row| row.line.as_str());
        for conflict in conflict::laid_out(context, incident, conflicting)? {
            let path = one_line(&conflict.path);
            let _ = writeln!(text, "the conflict with {} is laid out in {path}", conflict.release_branch);
        }
        let open = incident.follow_ups.iter().filter(|follow_up| !follow_up.done).count();
        if open > 0 {
            let _ = writeln!(text, "\n{open} follow-up{} open", if open == 1 { "" } else { "s" });
        }
        if let Some(due) = incident.postmortem_due(&context.config.severities).filter(|_| incident.status.is_open()) {
            let _ = writeln!(text, "\npostmortem due {due}");
        }
        for anomaly in &incident.anomalies {
            text.push_str(&odd(context, incident, anomaly)?);
        }
        if let Some(other) = context.incidents.sharing_branch(&incident.id, incident.branch().as_str()) {
            text.push_str(&list::twins(context, [&Summary::from(incident), other]));
        }
        let mut outcome = Outcome::text(text);
        outcome.next = next_after(context, incident, taken_out.as_ref())?;
        let ships = incident.merged.is_none() && outcome.next == Some(format!("{} ship", context.program));
        let carries = incident.status.is_open()
            && incident.merged.is_some()
            && taken_out.is_none()
            && aftermath::lacks(context.config, incident).is_empty();
        if (ships || carries)
            && let Some(command) = table::next(context, &rows, incident)
        {
            outcome.next = Some(command);
        }
        outcome.report.severities = context.config.severities.levels().to_vec();
        outcome.report.lines = (rows.len() > 1).then_some(rows);
        Ok(Plan::finished(outcome))
    }
}

/// What cannot be as it is recorded, and the command that decides.
fn odd(context: &Context<'_>, incident: &Incident, anomaly: &Anomaly) -> Result<String> {
    let events = std::iter::once(&anomaly.event).chain(&anomaly.against);
    let events: Vec<&str> = events.map(|id| id.as_str().get(..12).unwrap_or_default()).collect();
    let head = context.look.git.head()?;
    let named = match context.incidents.has_to_be_named(&incident.id, &incident.branch(), head.branch()) {
        true => format!(" --incident {}", incident.id),
        false => String::new(),
    };
    let help = anomaly.help.as_ref().map(|help| format!("\n     {}{named} {help}", context.program));
    Ok(format!("odd: {} ({}){}\n", anomaly.text, events.join(", "), help.unwrap_or_default()))
}

impl Step for Show {
    step_facts!("show" about Any, only_looks, shows_record, works_without_rules);

    fn wants_page(&self) -> bool {
        self.web
    }

    fn named_incident(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        let mut text = head_lines(context, incident);
        let triage = document::triage(incident, &context.config.severities, context.now);
        let _ = writeln!(text, "\n{}", triage.map_err(Refusal::from_render)?);
        let _ = writeln!(text, "branch     {}", one_line(&incident.branch()));
        let _ = writeln!(text, "base       {} at {}", one_line(&incident.base.reference), incident.base.commit.short());
        for (milestone, at) in &incident.milestones {
            let _ = writeln!(text, "{:<10} {}", milestone.key(), context.reader.second(*at));
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
        text.push_str("\nTimeline\n");
        text.push_str(&timeline(context, incident));
        Ok(Plan::finished(Outcome::text(text)))
    }
}

impl Step for Log {
    step_facts!("log" about Any, only_looks, shows_record, works_without_rules);

    fn named_incident(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        let text = if self.ids { events(context, incident) } else { whole_timeline(context, incident) };
        Ok(Plan::finished(Outcome::text(text)))
    }
}

fn head_lines(context: &Context<'_>, incident: &Incident) -> String {
    let rolled_back = if incident.is_rolled_back() { " (rolled back)" } else { "" };
    let Incident { id, status, title, .. } = incident;
    let severity = context.config.severities.label(&incident.severity);
    let driven = incident.driver.as_ref().map(|ClaimedBy { name, workplace, since }| {
        format!("driven by {name} from {} since {}\n", one_line(&workplace.host), context.reader.second(*since))
    });
    let driven = driven.unwrap_or_default();
    format!("{id}  {severity}  {status}{rolled_back}\n{title}\n{driven}")
}

/// Every step with its mark, a few in a line.
fn marks(steps: &[Progress]) -> String {
    let marked = steps.iter().map(|step| {
        let mark = match step.state {
            StepState::Done => "✓",
            StepState::Next => "→",
            StepState::Pending => "·",
            StepState::Waived => "–",
            StepState::Failed => "✗",
        };
        let end = if ENDS_A_LINE.contains(&step.step) { "\n" } else { "" };
        format!("  {mark} {}{end}", step.step)
    });
    marked.collect()
}

fn timeline(context: &Context<'_>, incident: &Incident) -> String {
    incident.timeline.iter().fold(String::new(), |mut text, entry| {
        let _ = writeln!(text, "{}  {}  ({})", context.reader.second(entry.at), entry.text, entry.by); // Writing to a `String` cannot fail.
        text
    })
}

/// The same, and in it what was said and taken back.
fn whole_timeline(context: &Context<'_>, incident: &Incident) -> String {
    let at = |at| context.reader.second(at);
    let stands = incident.timeline.iter().map(|entry| (entry, None));
    let taken_back = incident.taken_back.iter().map(|gone| (&gone.entry, Some(gone)));
    let mut lines: Vec<(&TimelineEntry, Option<&TakenBack>)> = stands.chain(taken_back).collect();
    lines.sort_by_key(|(entry, _)| entry.at);
    lines.iter().fold(String::new(), |mut text, (entry, gone)| {
        let gone = gone.map(|gone| format!("; taken back {} by {}", at(gone.at), gone.by)).unwrap_or_default();
        let _ = writeln!(text, "{}  {}  ({}{gone})", at(entry.at), entry.text, entry.by);
        text
    })
}

/// Every event: the beginning of its id, its kind, and what the timeline says of it.
fn events(context: &Context<'_>, incident: &Incident) -> String {
    let taken_back = incident.taken_back.iter().map(|gone| &gone.entry);
    let told: HashMap<&EventId, &TimelineEntry> =
        incident.timeline.iter().chain(taken_back).map(|entry| (&entry.event, entry)).collect();
    incident.events.iter().fold(String::new(), |mut text, RecordedEvent { id, kind, is_retracted, .. }| {
        let gone = if *is_retracted { "  (taken back)" } else { "" };
        let _ = match told.get(id) {
            Some(entry) => {
                let at = context.reader.second(entry.at);
                writeln!(text, "{}  {kind:<20}  {at}  {}{gone}", id.short(), entry.text)
            }
            None => writeln!(text, "{}  {kind}{gone}", id.short()),
        };
        text
    })
}

/// Whether the branch holds a commit of its own.
///
/// # Errors
/// When the repository cannot be read.
pub(super) fn fix_committed(context: &Context<'_>, incident: &Incident) -> Result<bool> {
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

/// Whether it was reopened after its fix had landed, and neither production nor a look at it has changed that.
fn is_taken_up_again(incident: &Incident) -> bool {
    let is_news = |event: &&RecordedEvent| {
        ["reopened", "merged", "deploy-finished", "verified"].contains(&event.kind) && !event.is_retracted
    };
    let last = incident.events.iter().rev().find(is_news);
    let is_over = incident.milestones.contains_key(&Milestone::Resolved);
    incident.merged.is_some() && !is_over && last.is_some_and(|event| event.kind == "reopened")
}

/// Whether the branch holds what is still to land after what landed last.
fn went_on(context: &Context<'_>, incident: &Incident) -> Result<bool> {
    let tip = production::local_branch_tip(context.look, incident)?;
    let (Some(landing), Some(tip)) = (&incident.merged, tip) else { return Ok(false) };
    Ok(!production::is_part_of(context, &tip, &landing.head)?
        && !production::contains(context.look, &incident.production, &tip)?)
}

/// The next command to type; `None` when the incident is over.
///
/// # Errors
/// When the repository cannot be read.
pub fn next_command(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    next_after(context, incident, taken_out(context, incident)?.as_ref())
}

/// Whether production took the fix out again, where the incident is not over.
fn taken_out(context: &Context<'_>, incident: &Incident) -> Result<Option<TakenOut>> {
    if !incident.status.is_open() {
        return Ok(None);
    }
    let found = TakenOut::find(context, incident, branch_tip(context, incident)?.as_ref());
    unfetched::as_far_as_known(found)
}

/// The same, where it is known whether production took the fix out again.
fn next_after(context: &Context<'_>, incident: &Incident, taken_out: Option<&TakenOut>) -> Result<Option<String>> {
    if !incident.status.is_open() {
        return Ok(None);
    }
    let program = context.program;
    if let Some(gone) = NoRemote::look(context.look, &incident.production)? {
        return Ok(Some(gone.next()));
    }
    if let Some(taken_out) = taken_out
        && !incident.is_rolled_back()
        && !is_taken_up_again(incident)
        && !went_on(context, incident)?
    {
        return Ok(Some(taken_out.command(program)));
    }
    // Who made the merge could not tell: it is recorded wherever the next one ships.
    if incident.merged.is_none() && unfetched::as_far_as_known(untold::landing(context, incident))?.is_some() {
        return Ok(Some(format!("{program} ship")));
    }
    if incident.merged.is_none() && incident.branch_created && branch_tip(context, incident)?.is_none() {
        let branch = shell_words::quote(&incident.branch()).into_owned();
        if let Some(tip) = production::last_tip(context, incident)? {
            return Ok(Some(format!("git branch {branch} {}   # brings it back", tip.short())));
        }
        if let Some(remote) = fork::remote(context, incident)? {
            return Ok(Some(match incident.pull_request {
                // A fetch of what was deleted there would be next for ever; this asks, and says what it finds.
                Some(_) => format!(
                    "{program} ship   # takes it over from {remote}; if it is gone there, where it is: git push {remote} {branch}"
                ),
                None => format!("git fetch {remote} {branch}   # whoever has it pushes it first"),
            }));
        }
    }
    // Once it is proposed, it ships from anywhere.
    let tip = branch_tip(context, incident)?;
    let is_proposed = match (&tip, &incident.pull_request) {
        (Some(tip), Some(proposed)) => proposed.head == *tip,
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
    if is_at_work(incident)
        && !is_proposed
        && let Some(tip) = &tip
        && let Some(mend) = test::next_where_refused(context, incident, &context.look.git.tree_of(tip)?)?
    {
        return Ok(Some(mend));
    }
    Ok(Some(if is_taken_up_again(incident) {
        aftermath::after_reopening(context, incident)?
    } else if incident.merged.is_some() {
        aftermath::next(context, incident)?
    } else if !incident.branch_created {
        format!("{program} open {}", shell_words::quote(&incident.title.to_string()))
    } else {
        format!("{program} ship")
    }))
}
