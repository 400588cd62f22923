//! Who changed what and when, by the git program: it knows renames, ignored revisions and the changed-path filters of the
//! commit-graph, and answers for one line or path without reading the rest of history.

use std::str::FromStr as _;
use std::time::Duration;

use crate::domain::ObjectId;
use crate::port::{CommitInfo, ErrorKind, PortError};

use super::GitRepository;
use super::child::Run;
use super::convert::{lossy, to_gix};
use super::trouble;

/// A line's history may be long; nobody waits longer for it.
const DEADLINE: Duration = Duration::from_secs(20);

impl GitRepository {
    /// All files of a commit.
    pub(super) fn files_of(&self, commit: &ObjectId) -> Result<Vec<String>, PortError> {
        let read = || -> gix::Result<Vec<String>> {
            let id = to_gix(commit).map_err(gix::Error::from_error)?;
            let tree = self.reads.find_object(id)?.peel_to_tree()?;
            let entries = tree.traverse().breadthfirst.files()?;
            let blobs = entries.into_iter().filter(|entry| entry.mode.is_blob());
            Ok(blobs.map(|entry| lossy(&entry.filepath)).collect())
        };
        read().map_err(|error| self.unreadable(format!("list the files of {}", commit.short()), error))
    }

    /// The newest tag before a commit; `None` where there is none.
    pub(super) fn release_before(&self, commit: &ObjectId) -> Result<Option<(String, ObjectId)>, PortError> {
        for revision in [commit.to_string(), format!("{commit}^")] {
            let run = Run::new("find the last release", ["describe", "--tags", "--abbrev=0", "--candidates=1"])
                .arguments([&revision])
                .reading()
                .within_time(DEADLINE);
            let answer = self.program.run(&run)?;
            let name = lossy(&answer.stdout).trim().to_owned();
            if !answer.status.success() || name.is_empty() {
                return Ok(None);
            }
            let tagged = crate::port::GitRead::commit_of(self, &format!("refs/tags/{name}"))?;
            if let Some(tagged) = tagged.filter(|tagged| tagged != commit) {
                return Ok(Some((name, tagged)));
            }
        }
        Ok(None)
    }

    /// Commits that changed one of the paths, newest first.
    pub(super) fn log_of(
        &self,
        base: Option<&ObjectId>,
        tip: &ObjectId,
        paths: &[String],
        limit: usize,
    ) -> Result<Vec<CommitInfo>, PortError> {
        let doing = format!("read the history of {}", paths.join(", "));
        let run = Run::new(&doing, ["--literal-pathspecs", "log", "-z", "--no-show-signature", "--no-ext-diff"])
            .arguments(["--no-textconv", "--no-color", "--no-mailmap", "--format=%H%x1f%an%x1f%s"])
            .arguments([format!("--max-count={limit}"), tip.to_string()])
            .arguments(base.map(|base| format!("^{base}")))
            .arguments(["--"])
            .arguments(paths)
            .reading()
            .within_time(DEADLINE);
        let stdout = self.git(&run)?;
        let commits = stdout.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()).map(commit);
        commits
            .collect::<Option<_>>()
            .ok_or_else(|| PortError::new(ErrorKind::Internal, doing, "git's answer cannot be read"))
    }

    /// The commits that last changed lines of a file, by line; none where the file has no such lines.
    pub(super) fn blame_of(
        &self,
        commit: &ObjectId,
        path: &str,
        lines: (u32, u32),
    ) -> Result<Vec<(u32, ObjectId)>, PortError> {
        let (first, last) = lines;
        let run = Run::new(format!("find who changed {path}"), ["blame", "--porcelain", "-w", "--no-textconv"])
            .arguments([format!("-L{first},{last}"), commit.to_string(), "--".to_owned(), path.to_owned()])
            .reading()
            .within_time(DEADLINE);
        let answer = self.program.run(&run)?;
        match answer.status.success() {
            true => Ok(blamed(&answer.stdout)),
            false if lossy(&answer.stderr).contains("has only") => Ok(Vec::new()),
            false => Err(trouble::error(&run, &answer)),
        }
    }
}

fn commit(entry: &[u8]) -> Option<CommitInfo> {
    let entry = lossy(entry);
    let mut fields = entry.trim_start_matches('\n').splitn(3, '\u{1f}');
    let id = ObjectId::from_str(fields.next()?).ok()?;
    let author = fields.next()?.to_owned();
    Some(CommitInfo { id, subject: fields.next()?.to_owned(), author })
}

/// Parses `git blame --porcelain`: each line of the file has a header `<commit> <line then> <line now>`.
fn blamed(stdout: &[u8]) -> Vec<(u32, ObjectId)> {
    let header = |line: &str| {
        let mut words = line.split(' ');
        let id = ObjectId::from_str(words.next()?).ok()?;
        Some((words.nth(1)?.parse().ok()?, id))
    };
    lossy(stdout).lines().filter(|line| !line.starts_with('\t')).filter_map(header).collect()
}
