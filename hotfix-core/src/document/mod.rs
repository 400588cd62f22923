//! What people read about an incident, rendered from its events: triage, pull request, postmortem, summary, messages.
//!
//! Templates see the view of an incident and nothing else; what they print is escaped for the format of the document.

mod complete;
mod duration;
pub mod escape;
#[cfg(test)]
mod fixture;
pub mod records;
mod render;
mod required;
mod sarif;
#[cfg(test)]
mod tests;
mod unknown;
mod view;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{EventKind, Incident, Printable, Severities};
use crate::port::{Change, CommitDetails};

#[cfg(feature = "workflow")]
pub(crate) use complete::renewed;
pub use complete::{Completed, complete};
#[cfg(feature = "workflow")]
pub(crate) use duration::{Outage, duration, is_same_but_for_when};
pub use render::RenderError;
pub use required::Required;
#[cfg(feature = "workflow")]
pub(crate) use sarif::uri;
pub use sarif::{SarifRule, sarif};
pub use unknown::{asks_for_end, asks_for_gap, asks_for_start, unknowns};

macro_rules! template {
    ($name:literal) => {
        Template { name: $name, source: include_str!(concat!("templates/", $name)) }
    };
}

/// The longest title that hosting services take, in characters.
const MAX_TITLE: usize = 256;
/// The longest text of a pull request that hosting services take, in characters.
const MAX_BODY: usize = 65_536;
/// How long a text from people may be in a document, in characters.
const MAX_TEXT: usize = 8_000;
/// How long such a text may be in a pull request; the first that makes it fit is used.
const TEXT_LIMITS: [usize; 4] = [MAX_TEXT, 1_000, 200, 40];

/// What the repository says about the fix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The commits of the fix, newest first.
    pub commits: Vec<CommitDetails>,
    /// The files that the fix changes.
    pub changes: Vec<Change>,
    /// Whether production had the fix, and somebody took it out again.
    pub is_taken_out: bool,
}

/// A document that the workflow writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// The block that `open` prints.
    Triage,
    /// The text of the pull request.
    PullRequest,
    /// The postmortem, in the preset `default`.
    Postmortem,
    /// The summary that ends the incident.
    Final,
    /// The message of the merge commit.
    MergeMessage,
    /// The message of the commit that holds the records.
    RecordsMessage,
}

impl Document {
    /// All documents in the order of the workflow.
    pub const ALL: [Self; 6] =
        [Self::Triage, Self::PullRequest, Self::MergeMessage, Self::Postmortem, Self::RecordsMessage, Self::Final];

    /// The name people use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::PullRequest => "pull-request",
            Self::Postmortem => "postmortem",
            Self::Final => "final",
            Self::MergeMessage => "merge-message",
            Self::RecordsMessage => "records-message",
        }
    }

    /// The name and source of its template.
    pub fn template(self) -> Template {
        match self {
            Self::Triage => template!("triage.txt"),
            Self::PullRequest => template!("pull-request.md"),
            Self::Postmortem => DEFAULT_PRESET.template,
            Self::Final => template!("final.txt"),
            Self::MergeMessage => template!("merge-message.txt"),
            Self::RecordsMessage => template!("records-message.txt"),
        }
    }

    /// Renders the document as of `now`, with the labels of `severities`; ends with a newline.
    ///
    /// # Errors
    /// When the template is wrong.
    pub fn render(
        self,
        incident: &Incident,
        evidence: &Evidence,
        severities: &Severities,
        now: Timestamp,
    ) -> Result<String, RenderError> {
        if self == Self::PullRequest {
            return pull_request(incident, evidence, severities, now);
        }
        render::render(self.template(), &view::of(incident, evidence, severities, now, MAX_TEXT))
    }
}

/// A template that is part of the program. Names that end in `.md` are escaped as Markdown, others as plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Its file name.
    pub name: &'static str,
    /// Its text.
    pub source: &'static str,
}

/// A house style of the postmortem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// What `documents.preset` and `--preset` call it.
    pub name: &'static str,
    /// Its template.
    pub template: Template,
}

const LINE_PROPOSAL: Template = template!("line-proposal.md");
const DEFAULT_PRESET: Preset = Preset { name: "default", template: template!("postmortem-default.md") };

/// All presets; a new one is a file and its line here.
pub const PRESETS: [Preset; 1] = [DEFAULT_PRESET];

/// The preset of that name.
pub fn preset(name: &str) -> Option<Preset> {
    PRESETS.into_iter().find(|preset| preset.name == name)
}

/// Renders the block that `open` prints.
///
/// # Errors
/// When the template is wrong; this holds for all documents.
pub fn triage(incident: &Incident, severities: &Severities, now: Timestamp) -> Result<String, RenderError> {
    Document::Triage.render(incident, &Evidence::default(), severities, now)
}

/// The title of the pull request, at most 256 characters.
pub fn pull_request_title(incident: &Incident) -> String {
    format!("[HOTFIX] {}", escape::commit_line(incident.title.as_given(), MAX_TITLE - "[HOTFIX] ".len()))
}

/// The title of the pull request that takes the fix to a line, at most 256 characters.
pub fn line_title(incident: &Incident, line: &str) -> String {
    let end = format!(" (into {})", escape::commit_line(line, MAX_TITLE / 2));
    let room = MAX_TITLE - "[HOTFIX] ".len() - end.chars().count();
    format!("[HOTFIX] {}{end}", escape::commit_line(incident.title.as_given(), room))
}

/// What the pull request says that takes the fix to a release branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineProposal {
    /// The incident's id.
    pub incident: String,
    /// The branch, without `refs/heads/`.
    pub line: String,
    /// The production branch, without `refs/heads/`.
    pub production: String,
    /// The number of the pull request that took the fix to production.
    pub number: Option<u64>,
    /// The commit on production.
    pub commit: String,
    /// The commits that were cherry-picked.
    pub picked: Vec<String>,
    /// The branch that was merged.
    pub merged: Option<String>,
    /// Whether somebody resolved conflicts.
    pub is_settled: bool,
}

impl LineProposal {
    /// Renders it.
    pub fn render(&self) -> Result<String, RenderError> {
        render::render(LINE_PROPOSAL, self)
    }
}

/// The title of the pull request that proposes the records, at most 256 characters.
pub fn records_title(incident: &Incident) -> String {
    format!("Records of {}: {}", incident.id, escape::commit_line(incident.title.as_given(), MAX_TITLE - 40))
}

/// Renders the text of the pull request, at most 65,536 characters; long texts are cut and refer to the postmortem.
pub fn pull_request(
    incident: &Incident,
    evidence: &Evidence,
    severities: &Severities,
    now: Timestamp,
) -> Result<String, RenderError> {
    let mut body = String::new();
    for limit in TEXT_LIMITS {
        body = render::render(template!("pull-request.md"), &view::of(incident, evidence, severities, now, limit))?;
        if body.chars().count() <= MAX_BODY {
            break;
        }
    }
    Ok(body)
}

/// Renders the postmortem. It holds [`marker`], so that a later run finds it.
pub fn postmortem(
    preset: Preset,
    incident: &Incident,
    evidence: &Evidence,
    severities: &Severities,
    now: Timestamp,
) -> Result<String, RenderError> {
    render::render(preset.template, &view::of(incident, evidence, severities, now, MAX_TEXT))
}

/// Renders the summary that ends the incident.
pub fn summary(
    incident: &Incident,
    evidence: &Evidence,
    severities: &Severities,
    now: Timestamp,
) -> Result<String, RenderError> {
    Document::Final.render(incident, evidence, severities, now)
}

/// Renders the message of the merge into `branch`, which names the incident in a trailer.
///
/// # Errors
/// As for [`triage`].
pub fn merge_message(
    incident: &Incident,
    branch: &str,
    severities: &Severities,
    now: Timestamp,
) -> Result<String, RenderError> {
    let there = incident.with(&[EventKind::ProductionMoved { branch: crate::domain::BranchName::known(branch) }]);
    Document::MergeMessage.render(&there, &Evidence::default(), severities, now)
}

/// Renders the message of the commit that holds the records, which names the incident in a trailer.
pub fn records_message(incident: &Incident, severities: &Severities, now: Timestamp) -> Result<String, RenderError> {
    Document::RecordsMessage.render(incident, &Evidence::default(), severities, now)
}

/// The invisible line of a postmortem that says whose it is. Text from people cannot forge it.
pub fn marker(incident: &Incident) -> String {
    format!("<!-- hotfix: {} -->", incident.id)
}

/// Where the postmortem goes: `<folder>/POSTMORTEM-<YYYY-MM-DD>-<slug>.md` with the UTC date of the opening; from
/// `number` 2 on with `-<number>`, for names that are taken.
pub fn postmortem_path(folder: &str, incident: &Incident, number: u32) -> String {
    let date = incident.opened_at().to_zoned(jiff::tz::TimeZone::UTC).date();
    let suffix = if number > 1 { format!("-{number}") } else { String::new() };
    format!("{}/POSTMORTEM-{date}-{}{suffix}.md", folder.trim_end_matches('/'), incident.slug)
}

/// Whether a postmortem is about this incident.
pub fn is_postmortem_of(incident: &Incident, content: &[u8]) -> bool {
    let marker = marker(incident);
    Printable::from_bytes(content).as_str().lines().any(|line| line == marker)
}
