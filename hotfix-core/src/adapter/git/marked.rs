//! Commits that have a line which begins with one of several marks, such as the title of a hotfix. Few have, and what a commit
//! says cannot change: which have none is kept between runs, so that a long history is read once.

use gix::ObjectId;
use gix::bstr::{ByteSlice as _, Finder};
use gix::hashtable::HashSet;
use gix::objs::{Kind, compute_hash};

use crate::port::{CommitDetails, LedgerStore as _};

use super::GitRepository;

/// What the name of the cache of some marks begins with. It may be lost, stale or damaged at any time: then messages are read
/// once more.
const CACHE: &str = "unmarked-";

/// Changes whenever what follows means anything else.
const VERSION: &str = "hotfix unmarked 1\n";

/// Fewer are sooner read once more than kept.
const WORTH_KEEPING: usize = 512;

/// Looks for marked commits.
pub(super) struct MarkedCommits<'a> {
    git: &'a GitRepository,
    marks: &'a [&'a str],
    finders: Vec<Finder<'a>>,
    /// What is known to have no mark.
    unmarked: HashSet<ObjectId>,
    /// How many of these were known before.
    known: usize,
    /// The name of their cache; absent where none is worth it.
    cache: Option<String>,
}

impl<'a> MarkedCommits<'a> {
    /// Among so many commits.
    pub(super) fn new(git: &'a GitRepository, marks: &'a [&'a str], commits: usize) -> Self {
        // As long as one is replaced (`git replace`) it may say something else.
        let keeps = commits >= WORTH_KEEPING && git.reads.objects.store_ref().replacements().next().is_none();
        let cache = if keeps { cache_of(git, marks) } else { None };
        let kept = cache.as_ref().and_then(|cache| git.cached(cache));
        let unmarked = kept.and_then(|bytes| decode(git, marks, &bytes)).unwrap_or_default();
        let finders = marks.iter().map(Finder::new).collect();
        Self { git, marks, finders, known: unmarked.len(), unmarked, cache }
    }

    /// Those of several commits that are marked, in their order.
    pub(super) fn among(&mut self, ids: Vec<ObjectId>) -> gix::Result<Vec<CommitDetails>> {
        let mut found = Vec::new();
        for id in ids {
            if self.unmarked.contains(&id) {
                continue;
            }
            match self.read(id)? {
                Some(commit) => found.push(commit),
                None => {
                    self.unmarked.insert(id);
                }
            }
        }
        Ok(found)
    }

    /// A commit, if it is marked.
    fn read(&self, id: ObjectId) -> gix::Result<Option<CommitDetails>> {
        let holds_mark = |commit: &[u8]| self.finders.iter().any(|finder| finder.find(commit).is_some());
        let mut objects = self.git.bulk();
        // Of thousands few are, and only these are taken apart.
        if matches!(objects.read(self.git, id, Kind::Commit), Ok(Some(bytes)) if !bytes.is_empty() && !holds_mark(bytes))
        {
            return Ok(None);
        }
        let commit = self.git.reads.find_commit(id)?;
        let is_marked = |line: &[u8]| self.marks.iter().any(|mark| line.starts_with(mark.as_bytes()));
        let is_meant = commit.message_raw()?.lines().any(is_marked);
        is_meant.then(|| self.git.commit_details(id)).transpose()
    }

    /// Keeps what was found out for the next run.
    pub(super) fn keep(self) {
        let Some(cache) = self.cache.filter(|_| self.unmarked.len() - self.known >= WORTH_KEEPING) else { return };
        let mut ids: Vec<ObjectId> = self.unmarked.into_iter().collect();
        ids.sort_unstable();
        let body: Vec<u8> = ids.iter().flat_map(|id| id.as_bytes()).copied().collect();
        if let Ok(sum) = compute_hash(self.git.reads.object_hash(), Kind::Blob, &body) {
            self.git.keep_cache(&cache, &[header(self.marks).as_bytes(), sum.as_bytes(), &body].concat());
        }
    }
}

/// The name of the cache of these marks: two that took turns would read everything each time.
fn cache_of(git: &GitRepository, marks: &[&str]) -> Option<String> {
    let sum = compute_hash(git.reads.object_hash(), Kind::Blob, header(marks).as_bytes()).ok()?;
    Some(format!("{CACHE}{}", sum.to_hex_with_len(8)))
}

/// What the cache of these marks begins with.
fn header(marks: &[&str]) -> String {
    format!("{VERSION}{}\n\n", marks.join("\n"))
}

/// Reads what [`MarkedCommits::keep`] wrote; `None` where it is anything else.
fn decode(git: &GitRepository, marks: &[&str], bytes: &[u8]) -> Option<HashSet<ObjectId>> {
    let format = git.reads.object_hash();
    let (sum, body) = bytes.strip_prefix(header(marks).as_bytes())?.split_at_checked(format.len_in_bytes())?;
    if compute_hash(format, Kind::Blob, body).ok()?.as_bytes() != sum {
        return None;
    }
    let ids = body.chunks_exact(format.len_in_bytes()).map(ObjectId::try_from);
    ids.collect::<Result<_, _>>().ok()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use super::*;
    use crate::adapter::tests::sandbox::{Clone, Sandbox};
    use crate::port::HistoryRead as _;

    const MARKS: [&str; 2] = ["[HOTFIX] ", "Merge hotfix: "];

    /// A history in which the second commit is marked.
    fn long_history(sandbox: &Sandbox) -> Clone {
        let clone = sandbox.empty("long", &[]);
        let mut stream = String::new();
        for number in 0..=WORTH_KEEPING {
            let says = if number == 1 { "Pay once (#7)\n\n[HOTFIX] Pay once" } else { "Work on a [HOTFIX] " };
            let _ = write!(
                stream,
                "commit refs/heads/main\ncommitter A <a@b> {number} +0000\ndata {}\n{says}\n\n",
                says.len()
            );
        }
        clone.write("stream", &stream);
        clone.git(["-c", "alias.take=!git fast-import --quiet <stream", "take"]);
        clone
    }

    fn found(clone: &Clone, marks: &[&str]) -> Vec<String> {
        let marked = clone.open().marked(&[], &clone.id("refs/heads/main"), marks).unwrap();
        marked.along.iter().map(|commit| commit.subject().to_owned()).collect()
    }

    #[expect(clippy::disallowed_methods, reason = "a cache in a sandbox")]
    fn put(cache: &Path, bytes: &[u8]) {
        std::fs::write(cache, bytes).unwrap();
    }

    #[test]
    fn what_is_not_marked_is_read_once() {
        let sandbox = Sandbox::new();
        let clone = long_history(&sandbox);
        assert_eq!(found(&clone, &MARKS), ["Pay once (#7)"]);
        let git = clone.open();
        let cache = clone.path.join(".git/hotfix").join(cache_of(&git, &MARKS).unwrap());
        let kept = std::fs::read(&cache).unwrap();
        assert_eq!(found(&clone, &MARKS), ["Pay once (#7)"]);
        assert_eq!(std::fs::read(&cache).unwrap(), kept, "nothing new is written");

        // One that names the marked commit too is believed.
        let mut commits = MarkedCommits::new(&git, &MARKS, WORTH_KEEPING);
        assert_eq!(commits.unmarked.len(), WORTH_KEEPING);
        commits.known = 0;
        commits.unmarked.insert(marked_id(&clone));
        commits.keep();
        assert_eq!(found(&clone, &MARKS), [""; 0]);
        let lie = std::fs::read(&cache).unwrap();
        // But not where it is damaged, cut off or about other marks, or where commits are replaced.
        let mut damaged = lie.clone();
        *damaged.last_mut().unwrap() ^= 1;
        put(&cache, &damaged);
        assert_eq!(found(&clone, &MARKS), ["Pay once (#7)"]);
        for length in [0, 5, header(&MARKS).len(), header(&MARKS).len() + 3, lie.len() - 1] {
            put(&cache, &lie[..length]);
            assert_eq!(found(&clone, &MARKS), ["Pay once (#7)"], "{length}");
        }
        put(&cache, &lie);
        assert_eq!(found(&clone, &MARKS[..1]), ["Pay once (#7)"]);
        put(&clone.path.join(".git/hotfix").join(cache_of(&git, &MARKS[..1]).unwrap()), &lie);
        assert_eq!(found(&clone, &MARKS[..1]), ["Pay once (#7)"]);
        assert_eq!(found(&clone, &MARKS), [""; 0]);
        // In reftable no replacement reaches us, and so none makes a cache wrong.
        if !clone.has_tables() {
            clone.git(["replace", "main~1", "main~2"]);
            assert_eq!(found(&clone, &MARKS), ["Pay once (#7)"]);
        }
    }

    fn marked_id(clone: &Clone) -> ObjectId {
        let id = clone.id(&format!("refs/heads/main~{}", WORTH_KEEPING - 1));
        ObjectId::from_hex(id.as_str().as_bytes()).unwrap()
    }
}
