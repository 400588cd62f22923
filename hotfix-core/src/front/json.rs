//! The JSON document of every command: one on standard output, and nothing else there.

use std::ffi::OsString;

use serde_json::{Value, json};

use crate::config::ConfigEntry;
use crate::domain::event::{Ending, TestRun};
use crate::domain::incident::{Anomaly, FollowUp};
use crate::domain::{Attachment, Incident, Printable, Proof};
use crate::evidence::Located;
use crate::ledger::Summary;
use crate::port::CommitDetails;
use crate::step::{Here, progress};
use crate::workflow::{ActionView, Context, Outcome, Refusal};

use super::Program;

/// An incident as JSON shows it.
pub(super) type IncidentView = Value;

/// What a document is made of.
pub(super) struct Parts<'a> {
    pub(super) command: &'a str,
    pub(super) dry_run: bool,
    /// The values that are wanted of each incident; all where it is absent.
    pub(super) fields: Option<&'a [String]>,
    pub(super) incident: Option<&'a IncidentView>,
    pub(super) actions: &'a [ActionView],
    pub(super) notes: &'a [String],
    pub(super) outcome: &'a Outcome,
    pub(super) refusal: Option<&'a Refusal>,
}

/// The document, with a final newline.
pub(super) fn document(parts: &Parts<'_>) -> String {
    let Outcome { report, text, hints, next, .. } = parts.outcome;
    let found = report.suspects.as_ref();
    let narrowed = |incident: &IncidentView| narrowed(incident, parts.fields);
    let listed = |incidents: &Vec<Summary>| -> Vec<Value> {
        incidents.iter().map(|incident| narrowed(&summary(incident))).collect()
    };
    // Who names values reads no text.
    let text = Some(text).filter(|text| !text.is_empty() && parts.fields.is_none());
    let ran = !report.test_runs.is_empty() || report.proof.is_some();
    let document = known(json!({
        "v": 1,
        "command": parts.command,
        "dry_run": parts.dry_run,
        "fields": parts.fields,
        "incident": parts.incident.map(narrowed),
        "incidents": report.incidents.as_ref().map(listed),
        "actions": unless_empty(parts.actions),
        "findings": report.findings,
        "checks": report.checks,
        "suspects": found.map(|found| &found.suspects),
        "places": found.map(|found| found.traced_lines.iter().map(traced_line).collect::<Vec<_>>()),
        "since": found.and_then(|found| found.since.as_ref()),
        "lines": report.lines,
        "config": report.config.as_ref().map(|entries| entries.iter().map(entry).collect::<Vec<_>>()),
        "tests": ran.then(|| tests(&report.test_runs, report.proof.as_ref(), &report.selection)),
        "notes": unless_empty(parts.notes),
        "text": text,
        "hints": unless_empty(hints),
        "next": next,
        "error": parts.refusal.map(error),
    }));
    pretty(&document)
}

/// The same without the keys that say nothing.
fn known(mut document: Value) -> Value {
    if let Value::Object(document) = &mut document {
        document.retain(|_, value| !value.is_null());
    }
    document
}

/// An incident with the values that are wanted of it.
fn narrowed(incident: &IncidentView, fields: Option<&[String]>) -> IncidentView {
    let mut narrowed = incident.clone();
    if let (Value::Object(values), Some(fields)) = (&mut narrowed, fields) {
        values.retain(|name, _| fields.contains(name));
    }
    narrowed
}

fn unless_empty<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}

/// A line that a stack trace names, and its last change.
fn traced_line((located, last): &(Located, Option<CommitDetails>)) -> Value {
    let change =
        |last: &CommitDetails| json!({ "commit": last.id, "subject": last.subject(), "author": last.author.name });
    known(json!({
        "file": located.path,
        "line": located.line,
        "function": located.function,
        "last_change": last.as_ref().map(change),
    }))
}

/// The document of a drill.
pub(super) fn drill(dry_run: bool, drill: &Value, refusal: Option<&Refusal>) -> String {
    let error = refusal.map(error);
    pretty(&known(json!({ "v": 1, "command": "drill", "dry_run": dry_run, "drill": drill, "error": error })))
}

/// The document of a command that never began: its arguments are wrong.
pub(super) fn failure(program: Program, arguments: &[OsString], refusal: &Refusal) -> String {
    // Nothing was parsed, so the first word that is no option has to do. Cargo puts `hotfix` before it.
    let command = arguments
        .iter()
        .skip(1)
        .filter_map(|argument| argument.to_str())
        .find(|argument| !argument.starts_with('-') && *argument != "hotfix")
        .unwrap_or(program.name);
    pretty(&json!({ "v": 1, "command": command, "dry_run": false, "error": error(refusal) }))
}

fn error(refusal: &Refusal) -> Value {
    json!({
        "kind": refusal.kind.key(),
        "code": refusal.code.as_str(),
        "message": refusal.to_string(),
        "hints": refusal.hints,
    })
}

fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string());
    format!("{}\n", harmless(&text))
}

/// Escapes what a terminal would obey and the serialiser leaves as it is; the document says the same.
fn harmless(document: &str) -> String {
    let mut safe = String::with_capacity(document.len());
    for character in document.chars() {
        let plain = character == '\n' || (character.is_ascii() && !character.is_ascii_control());
        // JSON escapes only what is below U+0020; marks that turn the direction of text would reach the terminal.
        if plain || !Printable::new(character.encode_utf8(&mut [0; 4])).as_str().is_empty() {
            safe.push(character);
        } else {
            safe.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    safe
}

/// An incident, with where it is in the workflow.
pub(super) fn incident(context: &Context<'_>, incident: &Incident) -> Result<IncidentView, Refusal> {
    let steps = progress(incident, context.config, Here::look(context, incident)?);
    let pull_request = incident.pull_request.as_ref().map(|shown| {
        known(json!({ "state": shown.state, "title": shown.title, "number": shown.number, "url": shown.url }))
    });
    let timeline =
        incident.timeline.iter().map(|entry| json!({ "at": entry.at, "kind": entry.kind, "text": entry.text }));
    let taken_back = incident.taken_back.iter().map(|gone| {
        let entry = &gone.entry;
        json!({ "at": entry.at, "kind": entry.kind, "text": entry.text, "taken_back_at": gone.at })
    });
    let anomalies: Vec<Value> = incident.anomalies.iter().map(anomaly).collect();
    let more = known(json!({
        "pull_request": pull_request,
        "steps": steps,
        "timeline": timeline.collect::<Vec<_>>(),
        "taken_back": unless_empty(&taken_back.collect::<Vec<_>>()),
        "evidence": incident.attachments.iter().map(attachment).collect::<Vec<_>>(),
        "follow_ups": incident.follow_ups.iter().map(follow_up).collect::<Vec<_>>(),
        "anomalies": (!incident.anomalies.is_empty()).then_some(anomalies),
        "postmortem_due": incident.postmortem_due(&context.config.severities),
    }));
    Ok(with(summary(&Summary::from(incident)), more))
}

fn with(mut view: Value, more: Value) -> Value {
    if let (Value::Object(view), Value::Object(more)) = (&mut view, more) {
        view.extend(more);
    }
    view
}

/// What cannot be as it is recorded.
fn anomaly(odd: &Anomaly) -> Value {
    known(json!({ "event": odd.event, "against": odd.against, "text": odd.text, "help": odd.help }))
}

/// Evidence without its text, which may be long.
fn attachment(attached: &Attachment) -> Value {
    json!({
        "name": attached.name,
        "bytes": attached.bytes,
        "digest": attached.digest,
        "masked": attached.masked,
        "frames": attached.frames,
    })
}

fn entry(entry: &ConfigEntry) -> Value {
    let (origin, source) = (entry.origin(), entry.source().key());
    known(json!({ "key": entry.key, "origin": origin, "source": source, "value": entry.value }))
}

fn follow_up(owed: &FollowUp) -> Value {
    let issue = owed.issue.as_ref().map(|(number, url)| json!({ "number": number, "url": url }));
    let shown = known(json!({ "number": owed.number, "done": owed.done, "issue": issue, "link": owed.link }));
    with(shown, json!(owed.added))
}

fn summary(summary: &Summary) -> Value {
    let mut view = known(json!({
        "id": summary.id,
        "title": summary.title,
        "slug": summary.slug,
        "severity": summary.severity,
        "impact": summary.impact,
        "scope": summary.scope,
        "source": summary.source,
        "status": summary.status,
        "visibility": summary.visibility,
        "branch": summary.branch,
        "base": summary.base,
        "band_aid": summary.band_aid,
        "postmortem": summary.postmortem,
    }));
    if let Value::Object(view) = &mut view {
        view.extend(summary.milestones.iter().map(|(milestone, at)| (format!("{}_at", milestone.key()), json!(at))));
    }
    view
}

/// The test runs: in short, and one by one.
fn tests(runs: &[TestRun], proof: Option<&Proof>, selection: &[String]) -> Value {
    let outcome = if runs.iter().all(|run| run.ending == Ending::Passed) { "passed" } else { "failed" };
    let run = |run: &TestRun| {
        known(json!({
            "suite": run.suite,
            "command": run.command,
            "folder": run.folder,
            "outcome": run.ending,
            "part": run.part,
            "counts": run.counts,
            "unfinished": run.unfinished,
            "by_exit_code": run.is_by_exit_code().then_some(true),
            "exit_code": run.exit_code,
            "milliseconds": run.milliseconds,
            "files": run.files,
            "ignored": unless_empty(&run.ignored),
            "tree": run.tree,
        }))
    };
    let runs: Vec<Value> = runs.iter().map(run).collect();
    known(json!({ "outcome": outcome, "runs": runs, "proof": proof, "selection": unless_empty(selection) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_no_character_that_a_terminal_obeys() {
        let text = "\u{1b}[31m \u{9b}2J \u{7f} \u{202e}live\u{e0041} plain \u{e9}";
        let document = pretty(&json!({ "title": text }));
        insta::assert_snapshot!(document, @r#"
        {
          "title": "\u001b[31m \u009b2J \u007f \u202elive\udb40\udc41 plain é"
        }
        "#);
        assert_eq!(serde_json::from_str::<Value>(&document).unwrap(), json!({ "title": text }));
    }
}
