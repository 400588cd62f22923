//! Which change may have caused it: what stack traces name, and who changed that since the last release.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::domain::{Frame, Incident, ObjectId, count, one_line};
use crate::evidence::{self, Located};
use crate::port::{CommitDetails, CommitFilter};
use crate::production::{policy, unfetched};
use crate::workflow::{Context, Outcome, Plan, Refusal, Result, Step, Suspect, SuspectReport};

/// How many stack frames are looked up: each asks git for the history of a few lines.
const MAX_FRAMES: usize = 10;
/// How many commits since the last release are looked at.
const MAX_COMMITS: usize = 1_000;
/// How many commits count as recent where there is no release.
const WITHOUT_RELEASE: usize = 50;
/// How many lines around the one that is named count as near.
const NEAR: u32 = 3;

/// Name the commits that may have caused it, best first
///
/// Looks up the files of this repository that the attached stack traces name, and ranks the commits since the last release
/// (the newest tag before production, else the last 50 commits): those that changed the very line, a line near it, the file.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Suspects {
    /// Look at the commits since this one instead of the last release
    #[cfg_attr(feature = "cli", arg(long, value_name = "REV"))]
    pub since: Option<String>,
    /// Name at most this many
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", default_value_t = 10))]
    pub limit: usize,
}

impl Step for Suspects {
    step_facts!("suspects" about Any, only_looks, works_without_rules);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        if let Some(commit) = unfetched::of(context.look, incident)? {
            return Err(unfetched::refusal(context.look, incident, &commit));
        }
        let since = self.since(context, &incident.base.commit)?;
        let frames: Vec<Frame> = incident.attachments.iter().flat_map(|attached| attached.frames.clone()).collect();
        let traced = traced_lines(context, &incident.base.commit, &frames)?;
        let mut search = Search { context, tip: &incident.base.commit, since: &since, found: BTreeMap::new() };
        // Without a line to go by, the newest commit would be as good as any other, and would look like more.
        if !traced.is_empty() {
            // The surest first: `suspect` keeps the best reason of each commit.
            search.by_line(&traced);
            search.by_file(&traced)?;
            search.others();
        }
        let mut suspects: Vec<Suspect> = search.found.into_values().map(|(_, suspect)| suspect).collect();
        // By id where scores are equal: the same question gets the same answer.
        suspects.sort_by(|left, right| right.score.cmp(&left.score).then_with(|| left.commit.cmp(&right.commit)));
        suspects.truncate(self.limit);
        let mut outcome = Outcome::text(text(incident, &since, &traced, &suspects));
        if traced.is_empty() {
            outcome.hints.push(format!("{} attach FILE   # a stack trace tells which of them", context.program));
            let (tip, since) = (incident.base.commit.short(), since.base.as_ref());
            let range = since.map_or_else(|| tip.to_string(), |since| format!("{}..{tip}", since.short()));
            outcome.hints.push(format!("git log --oneline {range}   # what is new in production"));
        }
        let traced_lines = traced.iter().map(|line| (line.located.clone(), line.last.clone())).collect();
        outcome.report.suspects = Some(SuspectReport { since: since.name, traced_lines, suspects });
        Ok(Plan::finished(outcome))
    }
}

/// Where the search begins.
struct Since {
    /// As people call it; absent where nothing was released.
    name: Option<String>,
    /// The commits since, newest first.
    commits: Vec<CommitDetails>,
    base: Option<ObjectId>,
}

/// A frame of a stack trace in a file of ours, and who changed its line last.
struct TracedLine {
    located: Located,
    /// The changes of the lines around it.
    lines: Vec<(u32, ObjectId)>,
    /// The last change of the very line, else of the file.
    last: Option<CommitDetails>,
}

impl Suspects {
    fn since(&self, context: &Context<'_>, tip: &ObjectId) -> Result<Since> {
        let git = context.look.git;
        let (name, base) = match &self.since {
            Some(revision) => {
                let commit = git.commit_of(revision)?.ok_or_else(|| {
                    let refusal = policy::no_such_base(context.look, revision);
                    Refusal { message: format!("--since: `{}` names no commit", one_line(revision)), ..refusal }
                })?;
                (Some(revision.clone()), Some(commit))
            }
            None => git.tag_before(tip)?.map_or((None, None), |(name, commit)| (Some(name), Some(commit))),
        };
        let commits = match &base {
            Some(base) => git.commits(Some(base), tip, CommitFilter::All, MAX_COMMITS)?,
            None => git.commits(None, tip, CommitFilter::Touching(&[]), WITHOUT_RELEASE)?,
        };
        Ok(Since { name, commits, base })
    }
}

impl Since {
    fn get(&self, commit: &ObjectId) -> Option<&CommitDetails> {
        self.commits.iter().find(|info| info.id == *commit)
    }
}

/// The first frames of the traces that lie in files of production.
fn traced_lines(context: &Context<'_>, tip: &ObjectId, frames: &[Frame]) -> Result<Vec<TracedLine>> {
    if frames.is_empty() {
        return Ok(Vec::new());
    }
    let git = context.look.git;
    let located = evidence::locate(frames, &git.files(tip)?);
    let mut traced = Vec::new();
    for located in located.into_iter().take(MAX_FRAMES) {
        let first = located.line.saturating_sub(NEAR).max(1);
        let mut lines = git.last_changes(tip, &located.path, first, located.line.saturating_add(NEAR))?;
        // Builds move lines: the trace may be of a slightly older source.
        lines.sort_by_key(|(line, _)| line.abs_diff(located.line));
        let last = match lines.first().filter(|(line, _)| *line == located.line) {
            Some((_, commit)) => vec![git.details(commit)?],
            None => git.commits(None, tip, CommitFilter::Touching(std::slice::from_ref(&located.path)), 1)?,
        };
        traced.push(TracedLine { located, lines, last: last.into_iter().next() });
    }
    Ok(traced)
}

/// The suspects found so far, each for its best reason.
struct Search<'a> {
    context: &'a Context<'a>,
    tip: &'a ObjectId,
    since: &'a Since,
    found: BTreeMap<ObjectId, (u32, Suspect)>,
}

impl Search<'_> {
    /// Those that changed the line of a frame, or one near it.
    fn by_line(&mut self, traced: &[TracedLine]) {
        for (rank, traced_line) in traced.iter().enumerate() {
            for (line, commit) in &traced_line.lines {
                let Some(info) = self.since.get(commit).cloned() else { continue };
                let away = line.abs_diff(traced_line.located.line);
                let (score, why) = match away {
                    0 => (100, "changed the line that the stack trace names".to_owned()),
                    1 => (75, "changed the line beside it".to_owned()),
                    away => (75 - away, format!("changed a line {away} lines from it")),
                };
                self.suspect(&info, Some((&traced_line.located.path, *line)), lowered(score, rank, 2), why);
            }
        }
    }

    /// Those that changed the file of a frame.
    fn by_file(&mut self, traced: &[TracedLine]) -> Result<()> {
        let mut seen: Vec<&str> = Vec::new();
        for (rank, traced_line) in traced.iter().enumerate() {
            let path = &traced_line.located.path;
            // A file that several frames name is asked for once.
            if seen.contains(&path.as_str()) {
                continue;
            }
            seen.push(path);
            let paths = std::slice::from_ref(path);
            let git = self.context.look.git;
            for info in git.commits(self.since.base.as_ref(), self.tip, CommitFilter::Touching(paths), MAX_COMMITS)? {
                if self.since.get(&info.id).is_some() {
                    self.suspect(&info, Some((path, 0)), lowered(50, rank, 2), "changed the file".to_owned());
                }
            }
        }
        Ok(())
    }

    /// All others since the last release, newer ones first.
    fn others(&mut self) {
        for (age, info) in self.since.commits.iter().enumerate() {
            self.suspect(info, None, lowered(20, age, 1), "is new in production".to_owned());
        }
    }

    fn suspect(&mut self, info: &CommitDetails, location: Option<(&str, u32)>, score: u32, why: String) {
        if self.found.get(&info.id).is_some_and(|(known, _)| *known >= score) {
            return;
        }
        let suspect = Suspect {
            commit: info.id.clone(),
            subject: one_line(info.subject()),
            author: one_line(&info.author.name),
            file: location.map(|(path, _)| path.to_owned()),
            line: location.map(|(_, line)| line).filter(|line| *line > 0),
            why,
            score,
        };
        self.found.insert(info.id.clone(), (score, suspect));
    }
}

/// A score that sinks with the rank, and stays one.
fn lowered(score: u32, rank: usize, step: u32) -> u32 {
    score.saturating_sub(u32::try_from(rank).unwrap_or(u32::MAX).saturating_mul(step)).max(1)
}

fn text(incident: &Incident, since: &Since, traced: &[TracedLine], suspects: &[Suspect]) -> String {
    let commits = count(since.commits.len(), "commit");
    if traced.is_empty() {
        let since = since.name.as_ref().map(|name| format!(" since {}", one_line(name))).unwrap_or_default();
        return format!("{}: none of {commits}{since} is suspected\n", without_a_line(incident));
    }
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "Named by the stack traces of {}", incident.id);
    for traced_line in traced {
        let _ = writeln!(text, "  {}", line_of(traced_line));
    }
    text.push('\n');
    let _ = match &since.name {
        Some(name) => writeln!(text, "Suspects among {commits} since {}", one_line(name)),
        None => writeln!(text, "Suspects among the last {commits} (there is no release tag)"),
    };
    for suspect in suspects {
        let location = match (&suspect.file, suspect.line) {
            (Some(file), Some(line)) => format!(": {}:{line}", one_line(file)),
            (Some(file), None) => format!(": {}", one_line(file)),
            (None, _) => String::new(),
        };
        let _ = writeln!(text, "  {}  {} ({})", suspect.commit.short(), suspect.subject, suspect.author);
        let _ = writeln!(text, "           {}{}", suspect.why, location);
    }
    if suspects.is_empty() {
        text.push_str("  none\n");
    }
    text
}

/// Why there is no line to go by.
fn without_a_line(incident: &Incident) -> String {
    if incident.attachments.is_empty() {
        return format!("no stack trace is attached to {}", incident.id);
    }
    let names: Vec<String> = incident.attachments.iter().map(|attached| one_line(&attached.name)).collect();
    format!("no stack trace in {} names a file of this repository", names.join(", "))
}

fn line_of(traced_line: &TracedLine) -> String {
    let function = traced_line.located.function.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
    let last = traced_line.last.as_ref().map_or_else(String::new, |last| {
        format!(", last changed by {} {} ({})", last.id.short(), last.subject(), last.author.name)
    });
    one_line(&format!("{}:{}{function}{last}", traced_line.located.path, traced_line.located.line))
}
