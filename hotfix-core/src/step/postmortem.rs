//! Step 7: the postmortem, drafted from the events.

use crate::document;
use crate::domain::event::Topic;
use crate::domain::{EventKind, Incident, sha256_hex};

use super::{Action, Context, Outcome, Plan, Refusal, Step, pr, production};

/// Draft the postmortem from what is recorded
///
/// Writes `docs/decisions/POSTMORTEM-<date>-<slug>.md`: what broke, impact, root cause, fix applied, prevention and the
/// timeline. What nobody recorded is said to be unknown. A draft that you edited is never overwritten; `close` commits it.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Postmortem {
    /// Why it happened, for the section "Root cause"
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub root_cause: Option<String>,
    /// Open the draft in your editor
    #[cfg_attr(feature = "cli", arg(long))]
    pub edit: bool,
    /// Write it there instead, relative to the top of the work tree
    #[cfg_attr(feature = "cli", arg(long, value_name = "PATH"))]
    pub out: Option<String>,
}

impl Step for Postmortem {
    fn texts(&mut self) -> Vec<&mut String> {
        self.root_cause.iter_mut().collect()
    }

    fn accepts_ended(&self) -> bool {
        true
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan, Refusal> {
        let incident = context.incident()?;
        if let Some(text) = self.root_cause.as_ref().filter(|text| incident.explanation(Topic::RootCause) != Some(text))
        {
            let event = EventKind::Explained { topic: Topic::RootCause, text: text.clone() };
            return Ok(Plan::then_look_again(vec![Action::Record { events: vec![event] }]));
        }
        let path = match &self.out {
            Some(out) => out.trim_start_matches("./").to_owned(),
            None => path(context, incident)?,
        };
        let there = context.look.files.read(&path)?;
        let draft = draft(context, incident)?;
        let ours = there.as_ref().is_none_or(|bytes| is_unedited(incident, bytes));
        let mut actions = Vec::new();
        let digest = sha256_hex(draft.as_bytes());
        let recorded = incident.postmortem.as_ref().is_some_and(|known| known.path == path && known.digest == digest);
        if ours && (there.as_deref() != Some(draft.as_bytes()) || !recorded) {
            actions.push(Action::WriteFile {
                path: path.clone(),
                expected: there,
                content: draft.clone().into_bytes(),
            });
            actions.push(Action::Record { events: vec![written(context, &path, digest)] });
        } else if !ours && there.as_ref().is_some_and(|bytes| !belongs_to(incident, bytes)) {
            return Err(Refusal::precondition(
                "foreign-file",
                format!("{path} is there and is not about {}", incident.id),
            )
            .hint(format!("{} postmortem --out <another path>", context.program)));
        }
        if self.edit {
            actions.push(Action::EditFile { path: path.clone() });
        }
        let outcome = outcome(context, incident, &path, ours)?;
        Ok(Plan::then_finish(actions, outcome))
    }
}

/// Where the postmortem is or goes: as recorded, else a name that is free on production and here.
///
/// # Errors
/// When the repository cannot be read.
pub(super) fn path(context: &Context<'_>, incident: &Incident) -> Result<String, Refusal> {
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
    Err(Refusal::precondition("postmortem-path", "every name for the postmortem is taken")
        .hint(format!("{} postmortem --out <path>", context.program)))
}

/// The document as the events tell it now.
///
/// # Errors
/// When the repository cannot be read.
pub(super) fn draft(context: &Context<'_>, incident: &Incident) -> Result<String, Refusal> {
    let evidence = evidence(context, incident)?;
    let name = &context.config.documents.preset;
    let preset = document::preset(name).ok_or_else(|| {
        Refusal::usage("preset", format!("[documents] preset: there is no preset `{}`", crate::domain::one_line(name)))
    })?;
    document::postmortem(preset, incident, &evidence, &context.config.severities, context.now)
        .map_err(Refusal::from_render)
}

/// The commits and files of the fix, landed or not.
///
/// # Errors
/// When the repository cannot be read.
pub(super) fn evidence(context: &Context<'_>, incident: &Incident) -> Result<document::Evidence, Refusal> {
    let head = match &incident.merged {
        Some(merged) => Some(merged.head.clone()),
        None => production::local_branch_tip(context.look, incident)?,
    };
    let Some(head) = head else { return Ok(document::Evidence::default()) };
    let changes = context.look.git.changes(&incident.base.commit, &head)?;
    pr::evidence(context, incident, &head, &changes)
}

/// The event that says where the postmortem was written.
pub(super) fn written(context: &Context<'_>, path: &str, digest: String) -> EventKind {
    EventKind::PostmortemWritten { path: path.to_owned(), preset: context.config.documents.preset.clone(), digest }
}

/// Whether the file is as we wrote it last.
pub(super) fn is_unedited(incident: &Incident, bytes: &[u8]) -> bool {
    incident.postmortem.as_ref().is_some_and(|known| known.digest == sha256_hex(bytes))
}

/// Whether the file says that it is about this incident.
pub(super) fn belongs_to(incident: &Incident, bytes: &[u8]) -> bool {
    document::is_postmortem_of(incident, bytes)
}

fn outcome(context: &Context<'_>, incident: &Incident, path: &str, ours: bool) -> Result<Outcome, Refusal> {
    let mut outcome = Outcome::text(if ours { format!("wrote {path}") } else { format!("{path} is as you edited it") });
    if ours {
        let evidence = evidence(context, incident)?;
        outcome.hints.extend(
            document::unknowns(incident, &evidence).into_iter().map(|unknown| format!("still unknown: {unknown}")),
        );
    }
    Ok(outcome.next(format!("{} close", context.program)))
}
