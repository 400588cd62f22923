//! Step 7: the postmortem, drafted from the events.

pub(super) mod asked;
mod earlier;
pub(super) mod edited;
mod landings;
mod masked;
pub(super) mod redeliver;
pub(super) mod tech_debt;
mod to_deliver;
pub(super) mod told;
mod untouched;

use crate::document::Required;
use crate::domain::event::ExplainTopic;
use crate::domain::{EventKind, Incident, ObjectId, Status, sha256_hex};
use crate::release::{commits, delivery, merge};
use crate::workflow::{Action, Code, Context, EditorUse, FileAction, Outcome, Plan, Refusal, Result, Step};
use crate::{document, production};

pub(super) use self::earlier::is_delivered_draft;
pub(super) use self::masked::masked;
pub(super) use self::to_deliver::text_to_deliver;
use super::pr;
use super::status::next_command;

/// Draft the postmortem from what is recorded
///
/// Writes `docs/decisions/POSTMORTEM-<date>-<slug>.md`: what broke, impact, root cause, fix applied, prevention and the
/// timeline. What nobody recorded is said to be unknown. In a draft that you edited only what is still unknown is filled
/// in; `close` commits it, with the table on top, the fix, the gaps and the timeline as they are then where you left them as
/// they were. Told afterwards, it is delivered again in the same way.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Postmortem {
    /// Why it happened, for the section "Root cause"
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub root_cause: Option<String>,
    /// What keeps it from happening again, for the section "Prevention"
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub prevention: Option<String>,
    /// Open the draft in your editor
    #[cfg_attr(feature = "cli", arg(long))]
    pub edit: bool,
    /// Write it there instead, relative to the top of the work tree
    #[cfg_attr(feature = "cli", arg(long, value_name = "PATH"))]
    pub out: Option<String>,
    /// Open it in your browser: the pull request, or the records once it is closed; prints the address where there is none
    #[cfg_attr(feature = "cli", arg(long))]
    pub web: bool,
}

impl Step for Postmortem {
    step_facts!("postmortem" about Any telling root_cause prevention, needs_work_tree);

    fn wants_page(&self) -> bool {
        self.web
    }

    fn editor(&self) -> Option<EditorUse> {
        let instead = "postmortem   # writes the draft; then edit the file";
        self.edit.then_some(EditorUse { argument: "--edit", is_given: true, instead })
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        let flags = [(Required::RootCause, &self.root_cause), (Required::Prevention, &self.prevention)];
        let news = told::news(&flags, incident)?;
        if !news.is_empty() {
            return Ok(Plan::then_look_again(vec![Action::record(news)]));
        }
        let path = match &self.out {
            Some(out) => out.trim_start_matches("./").to_owned(),
            None => path(context, incident)?,
        };
        let is_delivered = incident.records.is_some() && self.out.is_none();
        if is_delivered && !self.edit {
            return match redeliver::plan(context, incident, &path)? {
                Some(plan) => Ok(plan),
                None => self.delivered(context, incident, &path).map(Plan::finished),
            };
        }
        let there = context.look.files.read(&path)?;
        let draft = draft(context, incident)?;
        let ours = match &there {
            // What says no other word is ours too: a kill may have come before it was recorded.
            Some(bytes) if bytes == draft.as_bytes() || delivery::is_unedited(incident, bytes) => true,
            Some(bytes) => is_delivered_draft(context, incident, bytes)?,
            None => true,
        };
        let mut actions = Vec::new();
        let digest = sha256_hex(draft.as_bytes());
        let recorded = incident.postmortem.as_ref().is_some_and(|known| known.path == path && known.digest == digest);
        if ours && (there.as_deref() != Some(draft.as_bytes()) || !recorded) {
            actions.push(Action::File(FileAction::Write {
                path: path.clone(),
                expected: there.clone(),
                content: draft.clone().into_bytes(),
            }));
            // The digest tells later on whether somebody edited the file.
            actions.push(Action::record(vec![written(context, &path, digest)]));
        } else if !ours && there.as_ref().is_some_and(|bytes| !belongs_to(incident, bytes)) {
            let message = format!("{path} is there and is not about {}", incident.id);
            return Err(Refusal::precondition(Code::ForeignFile, message)
                .hint(format!("{} postmortem --out <another path>", context.program)));
        }
        let mut outcome = outcome(context, incident, &path, ours)?;
        if let Some(edited) = there.filter(|_| !ours) {
            let known = String::from_utf8_lossy(&edited).into_owned();
            let completed = complete(context, incident, &known)?;
            if completed.text != known {
                outcome.text = format!("filled in what was unknown in {path}; the rest is as you edited it\n");
                let (expected, content) = (Some(edited), completed.text.into_bytes());
                actions.push(Action::File(FileAction::Write { path: path.clone(), expected, content }));
            }
            self.hand_out(&completed.missing, &path, &mut outcome);
        }
        if self.edit {
            actions.push(Action::File(FileAction::Edit { path: path.clone() }));
        }
        Ok(Plan::then_finish(actions, outcome))
    }
}

impl Postmortem {
    /// What the delivered document says now, and what it does not.
    fn delivered(&self, context: &Context<'_>, incident: &Incident, path: &str) -> Result<Outcome> {
        let completed = complete(context, incident, &redeliver::text(context, incident, path)?)?;
        let did = if context.known.has_published() { "delivered again, with" } else { "delivered, and says" };
        let mut outcome = Outcome::text(match completed.missing_follow_ups.as_slice() {
            [] => format!("{path} is {did} all that is known"),
            _ => format!("{path} is {did} all that is known but follow-ups: somebody wrote that section"),
        });
        let lacks = completed.missing_follow_ups.iter();
        outcome.hints.extend(lacks.map(|item| format!("paste it into {path}, and commit it: {item}")));
        // Most of these commands take an incident that ended only where it is named.
        let unknown = still_unknown(incident, &evidence(context, incident)?);
        let then = (!unknown.is_empty()).then(|| {
            format!("what is told gets into it by: {} postmortem --incident {}", context.program, incident.id)
        });
        outcome.hints.extend(unknown.into_iter().map(|unknown| format!("{unknown} --incident {}", incident.id)));
        outcome.hints.extend(then);
        let branch = delivery::open_records(context, incident)?;
        outcome.hints.extend(
            branch.map(|branch| {
                format!("it is proposed as {branch}: merge it into {}", incident.production.display_name())
            }),
        );
        self.hand_out(&completed.missing, path, &mut outcome);
        Ok(outcome)
    }

    /// Fails where the document has a section that somebody wrote: what is recorded cannot go in.
    fn hand_out(&self, missing: &[(ExplainTopic, String)], path: &str, outcome: &mut Outcome) {
        let flags = [(Required::RootCause, &self.root_cause), (Required::Prevention, &self.prevention)];
        let Some((text, refusal)) = told::not_taken(&flags, missing, path) else { return };
        outcome.text = text;
        outcome.failure = Some(refusal.hint(format!("paste the text above into {path}, and commit it")));
    }
}

/// A postmortem that somebody edited or that is delivered, with what is known now.
pub(super) fn complete(context: &Context<'_>, incident: &Incident, text: &str) -> Result<document::Completed> {
    complete_with(context, incident, text, &evidence(context, incident)?)
}

fn complete_with(
    context: &Context<'_>,
    incident: &Incident,
    text: &str,
    evidence: &document::Evidence,
) -> Result<document::Completed> {
    document::complete(preset(context), text, incident, evidence, &context.config.severities, context.now)
        .map_err(Refusal::from_render)
}

/// The same of the bytes of a file that is about to be delivered, which tells the end as well; what is no UTF-8 stays as it is.
pub(super) fn completed(context: &Context<'_>, incident: &Incident, file: Vec<u8>) -> Result<Vec<u8>> {
    match str::from_utf8(&file) {
        Ok(text) => {
            let text = untouched::renewed(context, incident, text)?;
            Ok(complete(context, incident, &text)?.text.into_bytes())
        }
        Err(_) => Ok(file),
    }
}

fn preset(context: &Context<'_>) -> document::Preset {
    document::preset(&context.config.documents.preset).expect("the configuration takes no other name")
}

fn still_unknown(incident: &Incident, evidence: &document::Evidence) -> Vec<String> {
    document::unknowns(incident, evidence).into_iter().map(|unknown| format!("still unknown: {unknown}")).collect()
}

/// Where the postmortem is or goes: as recorded, else a name that is free on production and here.
pub(super) fn path(context: &Context<'_>, incident: &Incident) -> Result<String> {
    if let Some(known) = &incident.postmortem {
        return Ok(known.path.clone());
    }
    let tip = production::tip(context.look, &incident.production)?;
    for number in 1..100 {
        let path = document::postmortem_path(&context.config.documents.postmortem, incident, number);
        let taken = |bytes: Option<Vec<u8>>| bytes.is_some_and(|bytes| !belongs_to(incident, &bytes));
        if !taken(context.look.git.file_at(&tip, &path)?) && !taken(context.look.files.read(&path)?) {
            return Ok(path);
        }
    }
    Err(Refusal::precondition(Code::PostmortemPath, "every name for the postmortem is taken")
        .hint(format!("{} postmortem --out <path>", context.program)))
}

/// The incident as the records tell it: they are part of its end.
pub(super) fn as_closed(incident: &Incident) -> Incident {
    let mut closed = incident.clone();
    closed.status = Status::Closed;
    closed
}

/// The document as the events tell it now.
pub(super) fn draft(context: &Context<'_>, incident: &Incident) -> Result<String> {
    draft_with(context, incident, &evidence(context, incident)?)
}

fn draft_with(context: &Context<'_>, incident: &Incident, evidence: &document::Evidence) -> Result<String> {
    document::postmortem(preset(context), incident, evidence, &context.config.severities, context.now)
        .map_err(Refusal::from_render)
}

/// The commits and files of the fix, landed or not.
pub(super) fn evidence(context: &Context<'_>, incident: &Incident) -> Result<document::Evidence> {
    let landed = incident.merged.is_some();
    let tip = if landed { None } else { production::local_branch_tip(context.look, incident)? };
    evidence_at(context, incident, tip.as_ref())
}

/// The same; of a fix that has not landed, up to this commit of its branch.
fn evidence_at(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<document::Evidence> {
    if let Some(landing) = &incident.merged {
        // What was taken off production and never came here can be described by nobody here.
        if merge::is_gone_unseen(context, incident)? {
            return Ok(document::Evidence::default());
        }
        if !incident.merged_before.is_empty() {
            return landings::evidence(context, incident, landing);
        }
        let (from, to) = commits::extent(context, incident, landing)?;
        return pr::evidence(context, from, to, &context.look.git.changes(from, to)?);
    }
    let Some(tip) = tip else { return Ok(document::Evidence::default()) };
    let base = &incident.base.commit;
    pr::evidence(context, base, tip, &context.look.git.changes(base, tip)?)
}

/// The event that says where the postmortem was written.
pub(super) fn written(context: &Context<'_>, path: &str, digest: String) -> EventKind {
    EventKind::PostmortemWritten { path: path.to_owned(), preset: context.config.documents.preset.clone(), digest }
}

/// Whether the file says that it is about this incident.
pub(super) fn belongs_to(incident: &Incident, bytes: &[u8]) -> bool {
    document::is_postmortem_of(incident, bytes)
}

fn outcome(context: &Context<'_>, incident: &Incident, path: &str, ours: bool) -> Result<Outcome> {
    let mut outcome = Outcome::text(if ours { format!("wrote {path}") } else { format!("{path} is as you edited it") });
    if ours {
        let evidence = evidence(context, incident)?;
        outcome.hints.extend(still_unknown(incident, &evidence));
    }
    let next = if incident.status.is_open() { next_command(context, incident)? } else { None };
    Ok(next.into_iter().fold(outcome, Outcome::next))
}
