//! The JSON document of every command: one on standard output, and nothing else there.

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::config::ConfigEntry;
use crate::domain::event::{Ending, Suite, TestCounts, TestRun};
use crate::domain::{Attachment, Incident, Milestone, Printable, Proof, PullRequestState, Visibility};
use crate::evidence::Located;
use crate::ledger::Summary;
use crate::port::CommitDetails;
use crate::step::{Progress, progress};
use crate::workflow::{ActionView, Context, Outcome, Refusal};

use super::Program;

/// An incident as JSON shows it.
pub(super) type IncidentView = Value;

/// What a document is made of.
pub(super) struct Parts<'a> {
    pub(super) command: &'a str,
    pub(super) dry_run: bool,
    pub(super) incident: Option<&'a IncidentView>,
    pub(super) actions: &'a [ActionView],
    pub(super) notes: &'a [String],
    pub(super) outcome: &'a Outcome,
    pub(super) refusal: Option<&'a Refusal>,
}

/// The document, with a final newline.
pub(super) fn document(parts: &Parts<'_>) -> String {
    let report = &parts.outcome.report;
    let mut document = Map::new();
    let mut put = |key: &str, value: Value| document.insert(key.to_owned(), value);
    put("v", json!(1));
    put("command", json!(parts.command));
    put("dry_run", json!(parts.dry_run));
    if let Some(incident) = parts.incident {
        put("incident", incident.clone());
    }
    if let Some(incidents) = &report.incidents {
        put("incidents", incidents.iter().map(summary).collect());
    }
    if !parts.actions.is_empty() {
        put("actions", json!(parts.actions));
    }
    if let Some(findings) = &report.findings {
        put("findings", json!(findings));
    }
    if let Some(checks) = &report.checks {
        put("checks", json!(checks));
    }
    if let Some(found) = &report.suspects {
        put("suspects", json!(found.suspects));
        put("places", found.places.iter().map(place).collect());
        if let Some(since) = &found.since {
            put("since", json!(since));
        }
    }
    if let Some(lines) = &report.lines {
        put("lines", json!(lines));
    }
    if let Some(entries) = &report.config {
        put("config", entries.iter().map(entry).collect());
    }
    if !report.test_runs.is_empty() || report.proof.is_some() {
        put("tests", tests(&report.test_runs, report.proof.as_ref(), &report.selection));
    }
    if !parts.notes.is_empty() {
        put("notes", json!(parts.notes));
    }
    if !parts.outcome.text.is_empty() {
        put("text", json!(parts.outcome.text));
    }
    if !parts.outcome.hints.is_empty() {
        put("hints", json!(parts.outcome.hints));
    }
    if let Some(next) = &parts.outcome.next {
        put("next", json!(next));
    }
    if let Some(refusal) = parts.refusal {
        put("error", error(refusal));
    }
    pretty(&Value::Object(document))
}

/// A place that a stack trace names, and its last change.
fn place((located, last): &(Located, Option<CommitDetails>)) -> Value {
    let mut place = json!({ "file": located.path, "line": located.line });
    if let Value::Object(place) = &mut place {
        place.extend(located.function.as_ref().map(|function| ("function".to_owned(), json!(function))));
        place.extend(last.as_ref().map(|last| {
            let change = json!({ "commit": last.id, "subject": last.subject(), "author": last.author.name });
            ("last_change".to_owned(), change)
        }));
    }
    place
}

/// The document of a drill.
pub(super) fn drill(dry_run: bool, drill: &Value, refusal: Option<&Refusal>) -> String {
    let mut document = json!({ "v": 1, "command": "drill", "dry_run": dry_run, "drill": drill });
    if let (Value::Object(document), Some(refusal)) = (&mut document, refusal) {
        document.insert("error".to_owned(), error(refusal));
    }
    pretty(&document)
}

/// The document of a command that never began: its arguments are wrong.
pub(super) fn failure(program: Program, arguments: &[OsString], refusal: &Refusal) -> String {
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
        "message": format!("{}{}", refusal.message, refusal.causes()),
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
        if plain || !Printable::new(character.encode_utf8(&mut [0; 4])).as_str().is_empty() {
            safe.push(character);
        } else {
            safe.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    safe
}

/// An incident, with where it is in the workflow.
///
/// # Errors
/// When the repository cannot be read.
pub(super) fn incident(context: &Context<'_>, incident: &Incident) -> Result<IncidentView, Refusal> {
    let steps: Vec<Progress> = progress(incident, context.config, crate::step::fix_committed(context, incident)?);
    let mut view = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            view.insert(key.to_owned(), value);
        }
    };
    put("id", json!(incident.id));
    put("title", json!(incident.title));
    put("slug", json!(incident.slug));
    put("severity", json!(incident.severity));
    put("impact", json!(incident.impact));
    put("scope", json!(incident.scope));
    put("source", json!(incident.source));
    put("status", json!(incident.status));
    put("visibility", visibility(incident.visibility));
    put("branch", json!(incident.branch()));
    put("base", json!(incident.base));
    for (milestone, at) in milestones(&incident.milestones) {
        put(&milestone, at);
    }
    if let Some(pull_request) = &incident.pull_request {
        let mut shown = json!({ "state": state(pull_request.state), "title": pull_request.title });
        if let Value::Object(shown) = &mut shown {
            shown.extend(pull_request.number.map(|number| ("number".to_owned(), json!(number))));
            shown.extend(pull_request.url.as_ref().map(|url| ("url".to_owned(), json!(url))));
        }
        put("pull_request", shown);
    }
    put("steps", json!(steps));
    put(
        "timeline",
        incident
            .timeline
            .iter()
            .map(|entry| json!({ "at": entry.at, "kind": entry.kind, "text": entry.text }))
            .collect(),
    );
    put("evidence", incident.attachments.iter().map(attachment).collect());
    put("follow_ups", incident.follow_ups.iter().map(follow_up).collect());
    put("band_aid", json!(incident.has_band_aid()));
    put("postmortem", json!(incident.postmortem.as_ref().map(|postmortem| &postmortem.path)));
    put("postmortem_due", json!(incident.postmortem_due(&context.config.severities)));
    Ok(Value::Object(view))
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
    let mut shown = json!({ "key": entry.key, "origin": entry.origin(), "source": entry.source().key() });
    if let (Value::Object(shown), Some(value)) = (&mut shown, &entry.value) {
        shown.insert("value".to_owned(), value.clone());
    }
    shown
}

fn follow_up(owed: &crate::domain::incident::FollowUp) -> Value {
    let mut shown = json!({ "number": owed.number, "done": owed.done });
    if let (Value::Object(shown), Value::Object(added)) = (&mut shown, json!(owed.added)) {
        shown.extend(added);
        let issue = owed.issue.as_ref().map(|(number, url)| json!({ "number": number, "url": url }));
        shown.extend(issue.map(|issue| ("issue".to_owned(), issue)));
        shown.extend(owed.link.as_ref().map(|link| ("link".to_owned(), json!(link))));
    }
    shown
}

fn summary(summary: &Summary) -> Value {
    let mut view = Map::new();
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            view.insert(key.to_owned(), value);
        }
    };
    put("id", json!(summary.id));
    put("title", json!(summary.title));
    put("slug", json!(summary.slug));
    put("severity", json!(summary.severity));
    put("impact", json!(summary.impact));
    put("scope", json!(summary.scope));
    put("source", json!(summary.source));
    put("status", json!(summary.status));
    put("visibility", visibility(summary.visibility));
    put("branch", json!(summary.branch));
    put("base", json!(summary.base));
    for (milestone, at) in milestones(&summary.milestones) {
        put(&milestone, at);
    }
    put("band_aid", json!(summary.band_aid));
    put("postmortem", json!(summary.postmortem));
    Value::Object(view)
}

fn milestones(reached: &BTreeMap<Milestone, jiff::Timestamp>) -> impl Iterator<Item = (String, Value)> {
    reached.iter().map(|(milestone, at)| (format!("{}_at", milestone.key()), json!(at)))
}

fn visibility(visibility: Visibility) -> Value {
    json!(visibility)
}

fn state(state: PullRequestState) -> Value {
    json!(state)
}

/// The test runs: in short, and one by one.
fn tests(runs: &[TestRun], proof: Option<&Proof>, selection: &[String]) -> Value {
    let passed = runs.iter().all(|run| run.ending == Ending::Passed);
    #[derive(Serialize)]
    struct TestRunView<'a> {
        suite: Suite,
        command: &'a [String],
        outcome: Ending,
        #[serde(skip_serializing_if = "Option::is_none")]
        part: Option<&'a String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        counts: Option<TestCounts>,
        #[serde(skip_serializing_if = "Option::is_none")]
        unfinished: Option<&'a String>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        by_exit_code: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        exit_code: Option<i32>,
        milliseconds: u64,
        files: &'a [String],
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        ignored: &'a [String],
        tree: &'a crate::domain::ObjectId,
    }
    let runs: Vec<TestRunView<'_>> = runs
        .iter()
        .map(|run| TestRunView {
            suite: run.suite,
            command: &run.command,
            outcome: run.ending,
            part: run.part.as_ref(),
            counts: run.counts,
            unfinished: run.unfinished.as_ref(),
            by_exit_code: run.is_by_exit_code(),
            exit_code: run.exit_code,
            milliseconds: run.milliseconds,
            files: &run.files,
            ignored: &run.ignored,
            tree: &run.tree,
        })
        .collect();
    let mut tests = json!({ "outcome": if passed { "passed" } else { "failed" }, "runs": runs });
    if let Value::Object(tests) = &mut tests {
        tests.extend(proof.map(|proof| ("proof".to_owned(), json!(proof))));
        tests.extend((!selection.is_empty()).then(|| ("selection".to_owned(), json!(selection))));
    }
    tests
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
