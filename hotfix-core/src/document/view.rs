//! What templates may see of an incident: plain texts and lists, nothing escaped yet, the unknown absent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::event::{DeployPart, Ending, ExplainTopic, GuardRun, PreventionGap, PullRequest, Suite, TestRun};
use crate::domain::incident::{FollowUp, TimelineEntry};
use crate::domain::{
    Attachment, Finding, Incident, Level, Milestone, ObjectId, Printable, Proof, ProvenTest, Severities, Verdict,
    one_line,
};
use crate::port::{Change, ChangeKind, CommitDetails};

use super::duration::{Outage, duration, instant};
use super::records::RecordedOutcome;
use super::unknown::{OpenQuestion, has_tests_of_the_fix, tests_of_the_fix};
use super::{Evidence, marker};

/// How many commits, files or findings a document lists before it only counts the rest.
// A body has at most 65,536 characters at GitHub.
const MAX_LISTED: usize = 30;
/// How much of a failed run's output a document shows: lines and bytes.
const OUTPUT: (usize, usize) = (20, 2_000);
/// How much of each piece of evidence a document shows, in bytes.
const EVIDENCE: usize = 4_000;

/// The first items of a list, and how many more there are.
#[derive(Debug, Serialize)]
struct Listed<T> {
    items: Vec<T>,
    more: usize,
}

impl<T> Listed<T> {
    fn of<S>(all: &[S], view: impl Fn(&S) -> T) -> Self {
        Self { items: all.iter().take(MAX_LISTED).map(view).collect(), more: all.len().saturating_sub(MAX_LISTED) }
    }
}

/// What a template sees as of `now`, with texts from people cut to `limit` characters.
pub(super) fn of(
    incident: &Incident,
    evidence: &Evidence,
    severities: &Severities,
    now: Timestamp,
    limit: usize,
) -> Value {
    let cut = |text: &str| -> String { Printable::new(text).at_most(limit).into() };
    let cut_option = |text: &Option<String>| text.as_deref().map(cut).filter(|text| !text.trim().is_empty());
    let ask: BTreeMap<_, _> =
        OpenQuestion::ALL.iter().map(|asked| (asked.key(), asked.command_for(incident))).collect();
    json!({
        "id": incident.id,
        "marker": marker(incident),
        "title": cut(incident.title.as_given()),
        "severity": severities.label(&incident.severity),
        "status": incident.status.key(),
        "impact": cut_option(&incident.impact),
        "scope": cut_option(&incident.scope),
        "source": cut_option(&incident.source),
        "branch": incident.branch(),
        "production": incident.production.display_name(),
        "base": { "reference": incident.base.reference, "commit": incident.base.commit.short() },
        "opened_by": incident.opened_by.name,
        "at": milestones(incident),
        "now": instant(now),
        "outage": Outage::of(incident).sentence(now),
        "ask": ask,
        "fix": fix(incident, evidence, &cut),
        "root_cause": incident.explanation(ExplainTopic::RootCause).map(cut),
        "prevention": incident.explanation(ExplainTopic::Prevention).map(cut),
        "guard": incident.guard_runs.last().map(|run| guard(run, &cut)),
        "tests": tests(incident),
        "tests_of_the_fix": Listed::of(tests_of_the_fix(incident), Clone::clone),
        "proof": incident.proofs.last().map(|proof| proof_view(proof, &cut)),
        "smoke_tests": last_items(&incident.smoke_tests).map(|(_, text)| cut(text)).collect::<Vec<_>>(),
        "test_deferrals": last_items(&incident.test_deferrals).map(|(_, reason)| cut(reason)).collect::<Vec<_>>(),
        "waivers": last_items(&incident.waivers)
            .map(|waiver| json!({ "check": waiver.check, "reason": cut(&waiver.reason) }))
            .collect::<Vec<_>>(),
        "evidence": last_items(&incident.attachments).map(|of| evidence_view(of, limit)).collect::<Vec<_>>(),
        "pull_request": incident.pull_request.as_ref().map(pull_request),
        "deployment": deployment(incident, evidence),
        "follow_ups": follow_ups(incident, &cut),
        "band_aid": incident.has_band_aid(),
        "gaps": PreventionGap::ALL.into_iter().map(|gap| gap_view(incident, gap, &cut)).collect::<Vec<_>>(),
        "timeline": timeline(incident, &cut),
        "postmortem": incident.postmortem.as_ref().map(|file| &file.path),
        "postmortem_due": incident.postmortem_due(severities).map(|due| due.to_string()),
        "is_cut": limit < super::MAX_TEXT,
    })
}

fn milestones(incident: &Incident) -> BTreeMap<&'static str, Option<String>> {
    let at = |milestone| incident.milestones.get(&milestone).map(|at| instant(*at));
    Milestone::ALL.into_iter().map(|milestone| (milestone.key(), at(milestone))).collect()
}

/// How the subjects of merges begin, as git, hosting services and we write them.
const MERGES: [&str; 7] = [
    "Merge hotfix: ",
    "Merge branch ",
    "Merge branches ",
    "Merge remote-tracking branch ",
    "Merge pull request ",
    "Merge tag ",
    "Merge commit ",
];

fn fix(incident: &Incident, evidence: &Evidence, cut: &dyn Fn(&str) -> String) -> Value {
    let text = incident.explanation(ExplainTopic::Fix).map(cut);
    // "Merge branch main" tells nobody what was fixed; where there is nothing else, the files do. By the subject as well: what a
    // service squashed has one parent.
    let is_merge = |commit: &&CommitDetails| {
        commit.parents.len() > 1 || MERGES.iter().any(|start| commit.subject().starts_with(start))
    };
    let listed: Vec<&CommitDetails> = evidence.commits.iter().filter(|commit| !is_merge(commit)).collect();
    let subjects = || listed.iter().rev().take(3).map(|commit| one_line(commit.subject())).collect::<Vec<_>>();
    let first_line = text.as_ref().and_then(|text| text.lines().map(one_line).find(|line| !line.is_empty()));
    let summary = first_line.or_else(|| match (listed.len(), evidence.changes.as_slice()) {
        (0, []) => None,
        (0, [only]) => Some(only.path.clone()),
        (0, changes) => Some(format!("{} files changed", changes.len())),
        (1..=3, _) => Some(subjects().join("; ")),
        (commits, _) => Some(format!("{}; {} more commits", subjects().join("; "), commits - 3)),
    });
    json!({
        "text": text,
        "summary": summary,
        "commits": Listed::of(&evidence.commits, commit),
        "changes": Listed::of(&evidence.changes, change),
    })
}

fn commit(commit: &CommitDetails) -> Value {
    json!({ "id": commit.id.short(), "subject": Printable::new(commit.subject()).at_most(200).to_string() })
}

fn change(change: &Change) -> Value {
    let how = match (change.kind, &change.renamed_from) {
        (ChangeKind::Added, None) => "new".to_owned(),
        (ChangeKind::Deleted, _) => "deleted".to_owned(),
        (ChangeKind::Modified, None) => "changed".to_owned(),
        (ChangeKind::Added | ChangeKind::Modified, Some(from)) => format!("renamed from {from}"),
    };
    let lines = match change.is_binary {
        true => "binary".to_owned(),
        false => format!("+{} −{}", change.added, change.removed),
    };
    json!({ "path": change.path, "how": format!("{how}, {lines}") })
}

fn guard(run: &GuardRun, cut: &dyn Fn(&str) -> String) -> Value {
    let finding = |finding: &Finding| {
        let place = finding.file.as_ref().map(|file| match finding.line {
            Some(line) => format!("{file}:{line}"),
            None => file.clone(),
        });
        let is_error = finding.level == Level::Error;
        json!({ "check": finding.check, "is_error": is_error, "message": cut(&finding.message), "place": place })
    };
    json!({
        "size": format!("{}, {}", counted(run.files, "file"), counted(run.lines, "line")),
        "reverts": run.reverts.iter().map(ObjectId::short).collect::<Vec<_>>(),
        "passed": run.findings.iter().all(|finding| finding.level != Level::Error),
        "findings": Listed::of(&run.findings, finding),
    })
}

fn counted(count: u32, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The last runs of each suite, those on the same tree; earlier ones were about an earlier state of the fix.
fn tests(incident: &Incident) -> Vec<Value> {
    let mut views = Vec::new();
    for suite in [Suite::Affected, Suite::EndToEnd] {
        let of_suite = || incident.test_runs.iter().filter(move |run| run.suite == suite);
        let Some(last) = of_suite().next_back() else { continue };
        let mut runs: Vec<&TestRun> = Vec::new();
        for run in of_suite().filter(|run| run.tree == last.tree) {
            // The same command run again replaces its earlier run.
            runs.retain(|known| known.command != run.command || known.folder != run.folder);
            runs.push(run);
        }
        // One that failed before the last may have been another command, given up since.
        if last.ending == Ending::Passed {
            runs.retain(|run| run.ending == Ending::Passed);
        }
        views.extend(runs.into_iter().map(test));
    }
    views
}

fn test(run: &TestRun) -> Value {
    let (lines, bytes) = OUTPUT;
    json!({
        "suite": match run.suite {
            Suite::Affected if run.part.as_deref() == Some("regression tests") => "Regression tests",
            Suite::Affected => "Tests",
            Suite::EndToEnd => "End-to-end tests",
        },
        "ending": match run.ending {
            // For a command whose report is not known, its exit code is the word, and whoever reads this should know.
            Ending::Passed if run.is_by_exit_code() => "passed by exit code",
            Ending::Passed => "passed",
            Ending::Failed => "failed",
            Ending::TimedOut => "timed out",
        },
        "passed": run.ending == Ending::Passed,
        "command": Printable::new(&run.words(&run.command.join(" "))).at_most(200).to_string(),
        "took": duration(i64::try_from(run.milliseconds / 1_000).unwrap_or(i64::MAX)),
        "exit_code": run.exit_code,
        "unfinished": run.unfinished.as_deref().map(one_line),
        "ignored": run.ignored.iter().map(|path| one_line(path)).collect::<Vec<_>>(),
        "output": match run.ending {
            Ending::Passed => String::new(),
            // The end of a log says what failed.
            Ending::Failed | Ending::TimedOut => Printable::new(&run.output).tail(lines, bytes).into(),
        },
    })
}

fn proof_view(proof: &Proof, cut: &dyn Fn(&str) -> String) -> Value {
    // Those that carry the verdict; the others only say less.
    let deciding: Vec<&ProvenTest> = proof.tests.iter().filter(|test| test.verdict == proof.verdict).collect();
    let first = deciding.first();
    let runs = first.map(|test| test.runs).filter(|runs| *runs > 1);
    let how = [
        proof.profile.map(|profile| format!("{} build", profile.key())),
        runs.map(|runs| format!("{runs} runs on each side")),
    ];
    json!({
        "is_proof": proof.verdict.is_proof(),
        "has_test": proof.verdict != Verdict::NoRegressionTest,
        "meaning": proof.meaning(),
        "tests": Listed::of(&deciding, |test| cut(&test.id)),
        "how": how.into_iter().flatten().collect::<Vec<_>>().join(", "),
        "symptom": first.and_then(|test| test.symptom.as_deref()).map(cut),
        "cause": first.and_then(|test| test.cause.as_deref()).map(cut),
        "lints_capped": proof.lints_capped,
        "unproven": proof.unproven,
    })
}

fn evidence_view(attachment: &Attachment, limit: usize) -> Value {
    let text = Printable::new(&attachment.text).excerpt(limit.min(EVIDENCE));
    json!({ "name": attachment.name, "size": attachment.size(), "text": text.to_string() })
}

fn pull_request(pull_request: &PullRequest) -> Value {
    json!({
        "reference": pull_request.number.map_or_else(|| "local".to_owned(), |number| format!("#{number}")),
        "url": pull_request.url,
    })
}

fn deployment(incident: &Incident, evidence: &Evidence) -> Value {
    let at = |milestone| incident.milestones.get(&milestone).map(|at| instant(*at));
    let headline = match RecordedOutcome::of(incident, evidence.is_taken_out) {
        RecordedOutcome::RolledBack => "⚠ HOTFIX ROLLED BACK",
        RecordedOutcome::TakenBack => "⚠ HOTFIX TAKEN BACK",
        RecordedOutcome::NotMerged => "INCIDENT ENDED WITHOUT A HOTFIX",
        RecordedOutcome::Merged => "✅ HOTFIX MERGED",
        RecordedOutcome::Deployed => "✅ HOTFIX DEPLOYED",
    };
    let sentence = match (at(Milestone::Deployed), at(Milestone::Merged)) {
        _ if incident.is_rolled_back() => "deployed, then rolled back".to_owned(),
        _ if incident.deploys.doubt_about(DeployPart::Deploy).is_some() => {
            "unknown, a deployment started and nobody saw its end".to_owned()
        }
        (Some(deployed), _) => deployed,
        (None, Some(merged)) => format!("merged, not deployed by hotfix ({merged})"),
        (None, None) => "not merged, not deployed".to_owned(),
    };
    json!({
        "headline": headline,
        "taken_back": evidence.is_taken_out,
        "sentence": sentence,
        "merge_commit": incident.merge_commit().map(ObjectId::short),
        "merged_at": last_landing(incident).map(instant),
        "rolled_back": incident.is_rolled_back(),
        "failed_verification": incident.verifications.last().is_some_and(|last| last.ending != Ending::Passed),
    })
}

/// When the fix landed that the incident ends with: its milestone is that of the first one.
fn last_landing(incident: &Incident) -> Option<Timestamp> {
    let first = incident.milestones.get(&Milestone::Merged).copied();
    let mut landings = incident.events.iter().rev().filter(|event| event.kind == "merged" && !event.is_retracted);
    if incident.merged_before.is_empty() { first } else { landings.next().map(|event| event.at).or(first) }
}

fn follow_ups(incident: &Incident, cut: &dyn Fn(&str) -> String) -> Vec<Value> {
    let view = |follow_up: &FollowUp| {
        let details = [
            follow_up.added.gap.map(|gap| format!("{} gap", gap.key())),
            follow_up.added.owner.as_ref().map(|owner| format!("owner {}", cut(owner))),
            follow_up.added.due.map(|due| format!("due {due}")),
            follow_up.link.as_deref().map(cut),
        ];
        json!({
            "number": follow_up.number,
            "text": cut(&follow_up.added.text),
            "band_aid": follow_up.added.band_aid,
            "done": follow_up.done,
            "details": details.into_iter().flatten().collect::<Vec<_>>(),
            "issue": follow_up.issue.as_ref().map(|(number, _)| *number),
            "reference": match (&follow_up.issue, &follow_up.link) {
                (Some((number, _)), _) => Some(format!("#{number}")),
                (None, link) => link.as_deref().map(issue_reference),
            },
        })
    };
    // That there is nothing to do stands beside its gap.
    incident.follow_ups.iter().filter(|follow_up| !follow_up.added.is_nothing()).map(view).collect()
}

/// `#12` for the link of an issue that ends in its number, else the link.
fn issue_reference(link: &str) -> String {
    let number = link.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    match !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
        true => format!("#{number}"),
        false => link.to_owned(),
    }
}

fn gap_view(incident: &Incident, gap: PreventionGap, cut: &dyn Fn(&str) -> String) -> Value {
    let closes = |follow_up: &&FollowUp| follow_up.added.gap == Some(gap);
    let follow_ups = incident.follow_ups.iter().filter(closes).map(|follow_up| cut(&follow_up.added.text));
    json!({
        "name": match gap {
            PreventionGap::Test => "Test gap",
            PreventionGap::Monitoring => "Monitoring gap",
            PreventionGap::Validation => "Validation gap",
        },
        "follow_ups": follow_ups.collect::<Vec<_>>(),
        "tests": gap == PreventionGap::Test && has_tests_of_the_fix(incident),
        "command": OpenQuestion::Gap(gap).command_for(incident),
    })
}

fn timeline(incident: &Incident, cut: &dyn Fn(&str) -> String) -> Vec<Value> {
    let minute = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M").to_string();
    let view = |entry: &TimelineEntry| json!({ "at": minute(entry.at), "by": entry.by, "text": cut(&entry.text) });
    incident.timeline.iter().map(view).collect()
}

/// The last items of a list that a person can add to without end.
fn last_items<T>(all: &[T]) -> impl Iterator<Item = &T> {
    // A note a minute through a long night would fill the page.
    all.iter().skip(all.len().saturating_sub(MAX_LISTED))
}
