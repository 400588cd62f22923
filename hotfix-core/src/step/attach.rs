//! Evidence: logs, stack traces and reports become part of the record, without the secrets in them.

use crate::domain::{Attachment, EventKind, Incident, ObjectId, count, one_line};
use crate::evidence::{self, KeptFrames, ReadReport, Redactor};
use crate::port::Look;
use crate::workflow::{Action, Code, Context, Outcome, Plan, Refusal, Result, Step};

/// Attach a log, stack trace or report; secrets in it are masked
///
/// Of long ones the beginning and the end are kept. What was masked is said. The same evidence is attached only once.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Attach {
    /// The file, or - for standard input
    #[cfg_attr(feature = "cli", arg(value_name = "FILE"))]
    pub file: String,
}

impl Step for Attach {
    step_facts!("attach" about Any, works_without_rules);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident_to_tell_of()?;
        let evidence = read(context.look, context.redactor, &self.file, "FILE")?;
        let (attachment, notes) = looked_up(context, evidence, &incident.base.commit)?;
        let summary = line(&attachment);
        if is_attached(incident, &attachment) {
            let text = format!("attached to {} already: {summary}", incident.id);
            return Ok(Plan::finished(Outcome::text(text)).notes(notes));
        }
        let mut outcome = Outcome::text(format!("attached to {}: {summary}", incident.id));
        outcome.hints.extend(suspects_hint(context.program, std::slice::from_ref(&attachment)));
        let record = Action::record(vec![EventKind::EvidenceAttached(attachment)]);
        Ok(Plan::then_finish(vec![record], outcome).notes(notes))
    }
}

/// Reads a report that a person named by `flag`.
pub(super) fn read(look: Look<'_>, redactor: &Redactor, name: &str, flag: &str) -> Result<ReadReport> {
    let report = look.reports.report(name).map_err(|error| {
        // The person named the file, so this is an argument's error (2) and not the outside's.
        let mut refusal = Refusal::from_port(error);
        refusal.message = format!("{flag}: {}", refusal.message);
        Refusal { kind: crate::port::ErrorKind::Usage, code: Code::Report, ..refusal }
    })?;
    let base_name = if name == "-" { "stdin" } else { name.trim_end_matches('/').rsplit('/').next().unwrap_or(name) };
    evidence::read(base_name, &report.bytes, report.length, redactor).map_err(|error| {
        Refusal::usage(Code::Report, format!("{flag}: `{}` is no evidence: {error}", one_line(base_name)))
            .hint("attach text: a log, a stack trace, what a user wrote")
    })
}

/// Reads the reports that a person named by `flag`, each once.
pub(super) fn read_each(context: &Context<'_>, names: &[String], flag: &str) -> Result<Vec<ReadReport>> {
    let mut read_so_far: Vec<ReadReport> = Vec::new();
    for name in names {
        let evidence = read(context.look, context.redactor, name, flag)?;
        if read_so_far.iter().all(|known| known.attachment.digest != evidence.attachment.digest) {
            read_so_far.push(evidence);
        }
    }
    Ok(read_so_far)
}

/// Evidence with the frames of its stack traces that lie in files of `commit` first, and what to say of it.
pub(super) fn looked_up(
    context: &Context<'_>,
    report: ReadReport,
    commit: &ObjectId,
) -> Result<(Attachment, Vec<String>)> {
    let ReadReport { mut attachment, traces, is_cut } = report;
    let name = one_line(&attachment.name);
    let mut notes = Vec::new();
    if is_cut {
        notes.push(format!("{name} is long: only its beginning and its end were read"));
    }
    if traces.is_empty() {
        notes.push(format!("no stack trace was recognised in {name}"));
        return Ok((attachment, notes));
    }
    let git = context.look.git;
    // Where a colleague's commit is not here yet, what is here tells our files as well.
    let at = if git.has_commit(commit)? { Some(commit.clone()) } else { git.head()?.commit().cloned() };
    let files = at.map(|at| git.files(&at)).transpose()?.unwrap_or_default();
    let KeptFrames { frames, ours, all } = traces.kept(&files);
    attachment.frames = frames;
    let frames = count(all, "stack frame");
    notes.push(match ours {
        0 => format!("none of {frames} in {name} is in a file of this repository"),
        1 => format!("1 of {frames} in {name} is in a file of this repository"),
        ours => format!("{ours} of {frames} in {name} are in files of this repository"),
    });
    Ok((attachment, notes))
}

/// Whether the same evidence is attached already.
pub(super) fn is_attached(incident: &Incident, attachment: &Attachment) -> bool {
    incident.attachments.iter().any(|known| known.digest == attachment.digest)
}

/// Evidence on one line: its name, its size, what was masked and where it points.
pub(super) fn line(attachment: &Attachment) -> String {
    let rules: Vec<&str> = attachment.masked.keys().map(String::as_str).collect();
    let rules = if rules.is_empty() { String::new() } else { format!(": {}", rules.join(", ")) };
    let points = match attachment.frames.as_slice() {
        [] => String::new(),
        [only] => format!(", points to {only}"),
        [first, rest @ ..] => format!(", points to {first} and {} more", rest.len()),
    };
    one_line(&format!("{} ({}{rules}){points}", attachment.name, attachment.size()))
}

/// The advice to look for suspects, where a stack trace says where to look.
pub(super) fn suspects_hint(program: &str, attachments: &[Attachment]) -> Option<String> {
    let points = attachments.iter().any(|attachment| !attachment.frames.is_empty());
    points.then(|| format!("{program} suspects   # who changed the lines that the stack trace names"))
}
