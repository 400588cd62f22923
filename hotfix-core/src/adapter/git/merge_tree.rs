//! Merges that only git makes right: where one side renamed a folder and the other adds a file to it, and where attributes
//! say how a file merges. libgit2 knows no renamed folders and none of the drivers that people configure.

use std::collections::BTreeMap;
use std::path::Path;

use gix::objs::Write as _;

use crate::domain::ObjectId;
use crate::port::{Applied, Conflict, ErrorKind, FileRules, PortError, RefsWrite as _};

use super::GitRepository;
use super::child::{GitRun, LOCAL_DEADLINE};
use super::convert::{BoxedError, failed, from_git2, lossy, oid, to_gix};
use super::meetings::Meetings;
use super::shared::Sharing;
use super::{meetings, settle, trouble};

/// The git that merges trees without a work tree, the one that does so from a base that is given, and the one that reads
/// attributes of a commit.
const MERGES: [u32; 2] = [2, 38];
const MERGES_FROM: [u32; 2] = [2, 40];
const READS_ATTRIBUTES: [u32; 2] = [2, 41];

/// Two sides to be merged: commits by their history, or any trees from a base that is given.
pub(super) struct Sides<'a> {
    pub(super) base: Option<&'a ObjectId>,
    pub(super) ours: &'a ObjectId,
    pub(super) theirs: &'a ObjectId,
}

/// The same as a key: a base that is given, our side and theirs.
pub(super) type MergeQuestion = (Option<ObjectId>, [ObjectId; 2]);

/// Whether git has to make the merge of these trees, and not libgit2.
pub(super) fn is_needed(
    git: &GitRepository,
    repository: &git2::Repository,
    trees: [&git2::Tree<'_>; 3],
) -> Result<bool, PortError> {
    let [_, ours, _] = trees;
    let doing = "compare two sides of a merge";
    let Meetings { in_renamed_folder, changed_twice } =
        meetings::of(repository, trees).map_err(|error| git.unreadable(doing, error))?;
    if in_renamed_folder {
        return Ok(true);
    }
    for path in changed_twice {
        // What is set here, in `info/attributes` or for all repositories, is not in the tree.
        let here = repository.get_attr(Path::new(&path), "merge", git2::AttrCheckFlags::FILE_THEN_INDEX);
        if here.is_ok_and(|value| value.is_some()) || meetings::tells_how_to_merge(repository, ours, &path) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the git here makes merges: by history, or from a base that is given.
pub(super) fn can_merge(git: &GitRepository, is_given: bool) -> bool {
    git.version().is_ok_and(|version| is_at_least(&version, if is_given { MERGES_FROM } else { MERGES }))
}

/// Whether git can be asked for what libgit2 answered, maybe wrongly: without a git that can, that stands.
pub(super) fn may_be_asked(git: &GitRepository, is_given: bool) -> bool {
    (git.runs_drivers.get() || starts_no_others(git))
        && (git.fetches_missing() || !git.is_partial_clone())
        && can_merge(git, is_given)
}

/// Whether git starts no program of the person's when it merges: then also a mere look may ask it.
pub(super) fn starts_no_others(git: &GitRepository) -> bool {
    let config = git.reads.config_snapshot();
    let mut drivers = config.sections_by_name("merge").into_iter().flatten();
    // To renormalize is to run filters.
    !drivers.any(|driver| driver.value("driver").is_some()) && config.boolean("merge.renormalize") != Some(true)
}

/// The merge as git makes it, by the person's settings and the attributes of `ours`. What it writes goes to a folder of
/// its own; only what a merge without conflicts needs is kept. git is asked once for the same merge.
pub(super) fn merge(git: &GitRepository, sides: &Sides<'_>, rules: FileRules<'_>) -> Result<Applied, PortError> {
    // One file without a rule leaves the whole merge to a person.
    let is_left = |found: &[Conflict]| found.iter().any(|conflict| rules(&conflict.path).is_none());
    let question = (sides.base.cloned(), [sides.ours, sides.theirs].map(ObjectId::clone));
    if let Some(known) = git.memory.by_git.borrow().get(&question)
        && !matches!(known, Applied::Conflict(found) if !is_left(found))
    {
        return Ok(known.clone());
    }
    let doing = format!("merge {} into {} by git", sides.theirs.short(), sides.ours.short());
    let repository = git.merging()?;
    let objects = git.layout.common_dir.join("objects");
    let scratch = MergeObjects::beside(&objects, git.reads.object_hash()).map_err(failed(&doing))?;
    let run = asking(git, repository, &doing, sides, &scratch)?;
    let answer = git.program.run(&run)?;
    let (Some(code @ (0 | 1)), printed) = (answer.status.code(), lossy(&answer.stdout)) else {
        return Err(git.failure(&run, &answer));
    };
    let made = Conflicted::parse(&printed)
        .ok_or_else(|| PortError::new(ErrorKind::Internal, &doing, "git's answer cannot be read"))?;
    if code == 1 {
        asked_for(&lossy(&answer.stderr)).into_iter().for_each(|limit| want_limit(git, limit));
        let found = made.places(repository);
        if is_left(&found) {
            git.memory.by_git.borrow_mut().insert(question, Applied::Conflict(found.clone()));
            return Ok(Applied::Conflict(found));
        }
    }
    let _sharing = Sharing::begin(&git.reads);
    scratch.keep_in(repository).map_err(|error| trouble::unwritten(&doing, error))?;
    if code == 1 {
        return made.settled(repository, rules).map_err(|error| trouble::unwritten(&doing, error));
    }
    git.memory.by_git.borrow_mut().insert(question, Applied::Clean(made.tree.clone()));
    Ok(Applied::Clean(made.tree))
}

/// The question for git.
fn asking(
    git: &GitRepository,
    repository: &git2::Repository,
    doing: &str,
    sides: &Sides<'_>,
    scratch: &MergeObjects,
) -> Result<GitRun, PortError> {
    let version = git.version()?;
    require(doing, &version, if sides.base.is_some() { MERGES_FROM } else { MERGES })?;
    // Quoted, a name that is not ASCII would be another one.
    let mut run = GitRun::new(doing, ["-c", "core.quotePath=false"]);
    if is_at_least(&version, READS_ATTRIBUTES) {
        // The attributes that count are production's, not those that are checked out.
        run = run.arguments([format!("--attr-source={}", sides.ours)]);
    }
    run = run.arguments(["merge-tree", "--write-tree", "-z", "--messages"]);
    let run = match sides.base {
        None => run.arguments([sides.ours.as_str(), sides.theirs.as_str()]),
        Some(base) => {
            let commit = |id: &ObjectId| -> Result<String, PortError> {
                let tree = settle::tree(repository, id).map_err(|error| git.unreadable(doing, error))?;
                scratch.lend(git, repository, tree.id()).map_err(failed(doing))?;
                scratch.commit_of(&tree.id().to_string()).map_err(failed(doing))
            };
            run.arguments([format!("--merge-base={}", commit(base)?), commit(sides.ours)?, commit(sides.theirs)?])
        }
    };
    // A conflict writes objects with markers in them, which nobody should ever find.
    let run = run.variable("GIT_OBJECT_DIRECTORY", scratch.path()).within_time(LOCAL_DEADLINE);
    Ok(if starts_no_others(git) { run.reading() } else { run })
}

/// Notes with which limit a conflict would have been no guess.
pub(super) fn want_limit(git: &GitRepository, limit: u32) {
    let wanted = &git.memory.wanted_rename_limit;
    wanted.set(wanted.get().max(Some(limit)));
}

/// The limit that git asks for in what it says about a merge.
fn asked_for(said: &str) -> Option<u32> {
    let (_, after) = said.split_once("merge.renamelimit variable to at least ")?;
    after.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// What git could not merge: the tree with markers in it, and the sides of each file by their stages.
struct Conflicted {
    tree: ObjectId,
    paths: BTreeMap<String, [Option<(u32, ObjectId)>; 3]>,
}

impl Conflicted {
    fn parse(stdout: &str) -> Option<Self> {
        let mut parts = stdout.split('\0');
        let tree = parts.next()?.parse().ok()?;
        let mut paths: BTreeMap<String, [Option<(u32, ObjectId)>; 3]> = BTreeMap::new();
        // Entries of the index end at an empty field; messages, if any, follow.
        for entry in parts.take_while(|entry| !entry.is_empty()) {
            let (entry, path) = entry.split_once('\t')?;
            let mut words = entry.split(' ');
            let mode = u32::from_str_radix(words.next()?, 8).ok()?;
            let id = words.next()?.parse().ok()?;
            let stage: usize = words.next()?.parse().ok()?;
            *paths.entry(path.to_owned()).or_default().get_mut(stage.checked_sub(1)?)? = Some((mode, id));
        }
        Some(Self { tree, paths })
    }

    /// Where it conflicts.
    fn places(&self, repository: &git2::Repository) -> Vec<Conflict> {
        let line = |path: &str, sides: [&(u32, ObjectId); 3]| -> Result<u32, git2::Error> {
            let [before, ours, theirs] =
                sides.map(|(mode, id)| oid(id).map(|id| settle::entry(path.as_bytes(), *mode, id)));
            // Without a rule nothing is settled.
            Ok(settle::settled_file(repository, [&before?, &ours?, &theirs?], None)?.err().unwrap_or_default())
        };
        let place = |(path, stages): (&String, &[Option<(u32, ObjectId)>; 3])| {
            let line = match stages {
                [Some(before), Some(ours), Some(theirs)] => line(path, [before, ours, theirs]),
                _ => Ok(0),
            };
            // What only git has here, of merged bases, is not worth an error.
            Conflict { path: path.clone(), line: line.unwrap_or_default() }
        };
        self.paths.iter().map(place).collect()
    }

    /// The tree with the conflicts settled by the rules, where these settle all of them.
    fn settled(self, repository: &git2::Repository, rules: FileRules<'_>) -> Result<Applied, git2::Error> {
        let mut update = git2::build::TreeUpdateBuilder::new();
        let mut left = Vec::new();
        for (path, stages) in self.paths {
            let entry = |(mode, id): &(u32, ObjectId)| oid(id).map(|id| settle::entry(path.as_bytes(), *mode, id));
            // Deleted or added on one side only: no rule decides that.
            let [Some(before), Some(ours), Some(theirs)] = &stages else {
                left.push(Conflict { path, line: 0 });
                continue;
            };
            let [before, ours, theirs] = [before, ours, theirs].map(entry);
            let (before, ours, theirs) = (before?, ours?, theirs?);
            match settle::settled_file(repository, [&before, &ours, &theirs], rules(&path))? {
                Ok(blob) => {
                    let mode =
                        if ours.mode == 0o100_755 { git2::FileMode::BlobExecutable } else { git2::FileMode::Blob };
                    update.upsert(path.as_str(), blob, mode);
                }
                Err(line) => left.push(Conflict { path, line }),
            }
        }
        if !left.is_empty() {
            return Ok(Applied::Conflict(left));
        }
        let tree = repository.find_tree(oid(&self.tree)?)?;
        update.create_updated(repository, &tree).map(from_git2).map(Applied::Clean)
    }
}

/// A folder for the objects of one merge, which borrows those of the repository.
struct MergeObjects {
    folder: tempfile::TempDir,
    hash: gix::hash::Kind,
}

impl MergeObjects {
    #[expect(clippy::disallowed_methods, reason = "the folder is of our own, and gone after this")]
    fn beside(objects: &Path, hash: gix::hash::Kind) -> std::io::Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("info"))?;
        // Reads go through to the repository's objects, writes stay here.
        let mut alternates = objects.as_os_str().to_owned();
        alternates.push("\n");
        std::fs::write(folder.path().join("info/alternates"), alternates.as_encoded_bytes())?;
        Ok(Self { folder, hash })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn store(&self) -> gix::odb::loose::Store {
        gix::odb::loose::Store::at(self.folder.path(), self.hash)
    }

    /// Takes in what is in memory only of a tree, which git could not read.
    fn lend(&self, git: &GitRepository, repository: &git2::Repository, id: git2::Oid) -> Result<(), BoxedError> {
        if git.reads.has_object(to_gix(git, &from_git2(id))?) {
            return Ok(());
        }
        // What a partial clone left with its remote, git fetches.
        let odb = repository.odb()?;
        let Ok(object) = odb.read(id) else { return Ok(()) };
        if let Ok(tree) = repository.find_tree(id) {
            for entry in tree.iter().filter(|entry| entry.kind() != Some(git2::ObjectType::Commit)) {
                self.lend(git, repository, entry.id())?;
            }
            self.store().write_buf(gix::objs::Kind::Tree, object.data())?;
        } else {
            self.store().write_buf(gix::objs::Kind::Blob, object.data())?;
        }
        Ok(())
    }

    /// A commit of a tree, which git before 2.45 asks for where trees are meant.
    fn commit_of(&self, tree: &str) -> Result<String, BoxedError> {
        // Always the same: the commit is thrown away, and nobody needs an identity for it.
        let by = "hotfix <hotfix@localhost> 0 +0000";
        let commit = format!("tree {tree}\nauthor {by}\ncommitter {by}\n\nhotfix: a side of a merge\n");
        let id = self.store().write_buf(gix::objs::Kind::Commit, commit.as_bytes())?;
        Ok(id.to_hex().to_string())
    }

    /// Copies the trees and files that were made here, durably.
    fn keep_in(&self, repository: &git2::Repository) -> Result<(), BoxedError> {
        let (store, odb) = (self.store(), repository.odb()?);
        for id in store.iter() {
            let id = id?;
            let mut buffer = Vec::new();
            let Some(found) = store.try_find(&id, &mut buffer)? else { continue };
            match found.kind {
                gix::objs::Kind::Tree => odb.write(git2::ObjectType::Tree, found.data).map(drop)?,
                gix::objs::Kind::Blob => odb.write(git2::ObjectType::Blob, found.data).map(drop)?,
                // The commits were made for the question only.
                gix::objs::Kind::Commit | gix::objs::Kind::Tag => {}
            }
        }
        Ok(())
    }
}

fn is_at_least(version: &str, needed: [u32; 2]) -> bool {
    let mut numbers =
        version.split(|character: char| !character.is_ascii_digit()).map(|number| number.parse().unwrap_or(0));
    [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)] >= needed
}

/// Refuses a git that cannot make the merge.
fn require(doing: &str, version: &str, needed: [u32; 2]) -> Result<(), PortError> {
    if is_at_least(version, needed) {
        return Ok(());
    }
    let [major, minor] = needed;
    let why = format!("a renamed folder or a merge driver needs git {major}.{minor} here, and this is git {version}");
    Err(PortError::new(ErrorKind::Precondition, doing, why)
        .hint(format!("Install git {major}.{minor} or newer, and run the same command again.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What git could not merge is read whole, or not at all.
    #[test]
    fn fuzz_merge_tree() {
        crate::tests::fuzz("merge-tree", |input| {
            let printed = String::from_utf8_lossy(input);
            let Some(conflicted) = Conflicted::parse(&printed) else { return };
            assert!(printed.starts_with(conflicted.tree.as_str()));
            assert!(conflicted.paths.keys().all(|path| printed.contains(path.as_str())));
        });
    }

    #[test]
    fn an_old_git_is_named_with_the_one_that_is_needed() {
        let check = |version: &str, needed| {
            require("merge", version, needed).map_err(|error| error.source.unwrap().to_string())
        };
        for version in ["2.40.0", "2.47.3", "3.0.rc1", "2.40.1 (Apple Git-154)"] {
            assert_eq!(check(version, MERGES_FROM), Ok(()), "{version}");
        }
        let old = "a renamed folder or a merge driver needs git 2.40 here, and this is git 2.39.5".to_owned();
        assert_eq!(check("2.39.5", MERGES_FROM), Err(old));
        assert_eq!(check("2.39.5", MERGES), Ok(()));
    }
}
