//! Refs in reftable, of which gix and libgit2 know nothing: asked of the git program, and moved by it.
//!
//! What it listed is kept for as long as the tables are the same. Each change of any ref makes another table, and git names all
//! of them in `tables.list`, which costs less to read than to start a program.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::rc::Rc;
use std::str::FromStr as _;

use crate::adapter::git::GitRepository;
use crate::adapter::git::child::{GitOutput, GitRun};
use crate::adapter::git::convert::{from_gix, lossy, to_gix};
use crate::domain::{ObjectId, RefName};
use crate::port::{Expected, Head, Operation, PortError, RefUpdate};

use super::{RefStore, Swap, revision};

const BRANCHES: &str = "refs/heads/";
/// Refs of ours.
const OWN: &str = "refs/hotfix";
/// Where git stopped in a pick or a revert: refs, other than in a repository whose refs are files.
const PICKS: [(&str, Operation); 2] = [("CHERRY_PICK_HEAD", Operation::CherryPick), ("REVERT_HEAD", Operation::Revert)];
/// What git says of a ref that is not what it should be.
const MOVED: [&str; 4] =
    ["but expected", "reference already exists", "unable to resolve reference", "reference is missing"];

/// All refs of a repository, as git tells them.
#[derive(Default)]
pub(super) struct RefPlumbing {
    listing: RefCell<Option<Rc<RefListing>>>,
    /// The commit that an object leads to, as far as it was asked for. That cannot change.
    peeled: RefCell<HashMap<ObjectId, ObjectId>>,
}

/// What git listed.
struct RefListing {
    /// The tables that it was read from.
    tables: Option<RefTables>,
    refs: BTreeMap<String, ListedRef>,
    /// What symbolic refs name that git does not list, as far as it was asked for: they lead to no ref.
    dangling: RefCell<HashMap<String, Option<String>>>,
}

#[derive(Clone)]
struct ListedRef {
    object: ObjectId,
    symbolic: Option<String>,
}

impl RefPlumbing {
    /// All refs as they are now, HEAD among them.
    fn listing(&self, git: &GitRepository, doing: &str) -> Result<Rc<RefListing>, PortError> {
        // Before git lists them: what changes meanwhile then makes the listing an old one.
        let tables = RefTables::of(git);
        if let Some(last) = self.listing.borrow().as_ref().filter(|last| tables.is_some() && last.tables == tables) {
            return Ok(Rc::clone(last));
        }
        let format = "--format=%(objectname)%00%(symref)%00%(refname)";
        let run = GitRun::new(doing, ["for-each-ref", "--include-root-refs", format]).reading().briefly();
        let refs = parse(&git.output(&run)?);
        let listing = Rc::new(RefListing { tables, refs, dangling: RefCell::default() });
        self.listing.replace(Some(Rc::clone(&listing)));
        Ok(listing)
    }

    /// The ref that a symbolic one names.
    fn target(&self, git: &GitRepository, name: &str, doing: &str) -> Result<Option<String>, PortError> {
        let listing = self.listing(git, doing)?;
        if let Some(listed) = listing.refs.get(name) {
            return Ok(listed.symbolic.clone());
        }
        if let Some(known) = listing.dangling.borrow().get(name) {
            return Ok(known.clone());
        }
        let answer = git.program.run(&GitRun::new(doing, ["symbolic-ref", "--quiet", name]).reading().briefly())?;
        let named = Some(lossy(&answer.stdout).trim_end().to_owned());
        let named = named.filter(|named| answer.status.success() && !named.is_empty());
        listing.dangling.borrow_mut().insert(name.to_owned(), named.clone());
        Ok(named)
    }

    /// The commit that an object leads to.
    fn peeled(&self, git: &GitRepository, object: &ObjectId) -> gix::Result<ObjectId> {
        if let Some(known) = self.peeled.borrow().get(object) {
            return Ok(known.clone());
        }
        let found = git.reads.find_object(to_gix(git, object).map_err(gix::Error::from_error)?)?;
        let commit = from_gix(&found.peel_to_commit()?.id);
        self.peeled.borrow_mut().insert(object.clone(), commit.clone());
        Ok(commit)
    }

    /// Moves refs in one transaction of git's.
    fn update(&self, git: &GitRepository, changes: &[RefChange<'_>], why: &str) -> Result<(), Swap> {
        let names: Vec<&str> = changes.iter().map(|change| change.name).collect();
        let input = changes.iter().flat_map(RefChange::line).collect();
        // A hook is not for what we note: where refs are files, none hears of it.
        let run =
            GitRun::new(format!("move {}", names.join(", ")), ["-c", "core.hooksPath=/dev/null", "update-ref", "-m"])
                .arguments([why, "--stdin", "-z"])
                .elsewhere()
                .briefly()
                .reading_bytes(input);
        let answer = git.program.run(&run)?;
        if answer.status.success() {
            self.take_in(git, changes);
            return Ok(());
        }
        if let Some(name) = moved(&answer, &names) {
            return Err(Swap::Moved(RefName::known(name)));
        }
        Err(git.failure(&run, &answer).into())
    }
}

impl RefPlumbing {
    /// Notes what was moved, where nobody moved anything else meanwhile: what is recorded is asked for next.
    fn take_in(&self, git: &GitRepository, changes: &[RefChange<'_>]) {
        let tables = RefTables::of(git);
        let Some(last) = self.listing.take().filter(|last| RefTables::is_next(&last.tables, &tables)) else { return };
        // No symbolic ref leads there.
        if !changes.iter().all(|change| change.name.starts_with(OWN)) {
            return;
        }
        let mut refs = last.refs.clone();
        for RefChange { name, to, .. } in changes {
            match to {
                Some(object) => {
                    refs.insert((*name).to_owned(), ListedRef { object: (*object).clone(), symbolic: None })
                }
                None => refs.remove(*name),
            };
        }
        self.listing.replace(Some(Rc::new(RefListing { tables, refs, dangling: last.dangling.clone() })));
    }
}

impl RefStore for RefPlumbing {
    fn head(&self, git: &GitRepository) -> Result<Head, PortError> {
        let doing = "read HEAD";
        let named = self.target(git, "HEAD", doing)?;
        let name = named.map(|named| named.strip_prefix(BRANCHES).unwrap_or(&named).to_owned());
        let commit = self.listing(git, doing)?.refs.get("HEAD").map(|head| head.object.clone());
        match (name, commit) {
            (Some(name), Some(commit)) => Ok(Head::Branch { name, commit }),
            (Some(name), None) => Ok(Head::Unborn { name }),
            (None, Some(commit)) => Ok(Head::Detached { commit }),
            (None, None) => Err(git.unreadable(doing, "it names neither a branch nor a commit")),
        }
    }

    fn branch_of(&self, git: &GitRepository, git_dir: &Path) -> Option<String> {
        let linked = git_dir.file_name().filter(|_| git_dir.parent().is_some_and(|it| it.ends_with("worktrees")));
        let head = match linked {
            _ if git_dir.canonicalize().is_ok_and(|git_dir| git_dir == git.layout.git_dir) => "HEAD".to_owned(),
            Some(name) => format!("worktrees/{}/HEAD", name.to_str()?),
            None => "main-worktree/HEAD".to_owned(),
        };
        let named = self.target(git, &head, "read the HEAD of a work tree").ok()??;
        named.strip_prefix(BRANCHES).map(str::to_owned)
    }

    fn pick_in_progress(&self, git: &GitRepository) -> Result<Option<Operation>, PortError> {
        let listing = self.listing(git, "look for a pick that is underway")?;
        Ok(PICKS.into_iter().find_map(|(name, operation)| listing.refs.contains_key(name).then_some(operation)))
    }

    fn commit_of_ref(&self, git: &GitRepository, name: &str) -> Result<Option<ObjectId>, PortError> {
        let doing = format!("read {name}");
        if !name.starts_with("refs/") {
            return Ok(None);
        }
        let Some(object) = self.listing(git, &doing)?.refs.get(name).map(|found| found.object.clone()) else {
            return Ok(None);
        };
        self.peeled(git, &object).map(Some).map_err(|error| git.unreadable(doing, error))
    }

    fn commit_of(&self, git: &GitRepository, revision: &str) -> Result<Option<ObjectId>, PortError> {
        let doing = format!("find the commit `{revision}`");
        if let Ok(id) = ObjectId::from_str(revision)
            && id.format() == git.layout.format.objects
        {
            return Ok(self.peeled(git, &id).ok());
        }
        let is_full = revision == "HEAD" || revision.starts_with("refs/");
        if let Some(found) = self.listing(git, &doing)?.refs.get(revision).filter(|_| is_full) {
            return Ok(self.peeled(git, &found.object).ok());
        }
        revision::by_git(git, revision)
    }

    fn symbolic_ref(&self, git: &GitRepository, name: &str) -> Result<Option<RefName>, PortError> {
        if !name.starts_with("refs/") {
            return Ok(None);
        }
        Ok(self.target(git, name, &format!("read {name}"))?.map(RefName::known))
    }

    fn commits_under(&self, git: &GitRepository, prefix: &str) -> Result<Vec<(RefName, ObjectId)>, PortError> {
        let listing = self.listing(git, &format!("list {prefix}"))?;
        let under = listing.under(prefix);
        // A tag of a tree, or a ref whose object is gone, is no commit to go by.
        let commits =
            under.filter_map(|(name, found)| Some((RefName::known(name), self.peeled(git, &found.object).ok()?)));
        Ok(commits.collect())
    }

    fn object_of(&self, git: &GitRepository, name: &str, doing: &str) -> Result<Option<ObjectId>, PortError> {
        let listing = self.listing(git, doing)?;
        let found = listing.refs.get(name).filter(|found| found.symbolic.is_none());
        Ok(found.map(|found| found.object.clone()))
    }

    fn objects_under(
        &self,
        git: &GitRepository,
        prefix: &str,
        doing: &str,
    ) -> Result<Vec<(String, ObjectId)>, PortError> {
        let listing = self.listing(git, doing)?;
        let under = listing.under(prefix).filter(|(_, found)| found.symbolic.is_none());
        Ok(under.map(|(name, found)| (name.clone(), found.object.clone())).collect())
    }

    fn swap(&self, git: &GitRepository, update: &RefUpdate, why: &str) -> Result<(), Swap> {
        self.swap_all(git, std::slice::from_ref(update), why)
    }

    fn swap_all(&self, git: &GitRepository, updates: &[RefUpdate], why: &str) -> Result<(), Swap> {
        let changes: Vec<RefChange<'_>> = updates
            .iter()
            .map(|update| RefChange {
                name: update.name.as_str(),
                to: update.to.as_ref(),
                expected: Some(&update.expected),
            })
            .collect();
        // Absent, and to be absent: git has no words for it.
        if let Some(never) = updates.iter().find(|update| update.to.is_none() && update.expected == Expected::Absent) {
            return Err(Swap::Moved(never.name.clone()));
        }
        self.update(git, &changes, why)
    }

    fn put(&self, git: &GitRepository, name: &str, to: &ObjectId, why: &str) -> Result<(), PortError> {
        Ok(self.update(git, &[RefChange { name, to: Some(to), expected: None }], why)?)
    }
}

impl RefListing {
    fn under<'l>(&'l self, prefix: &'l str) -> impl Iterator<Item = (&'l String, &'l ListedRef)> {
        self.refs.range(prefix.to_owned()..).take_while(move |(name, _)| name.starts_with(prefix))
    }
}

/// One ref to move.
struct RefChange<'a> {
    name: &'a str,
    /// Absent where it goes.
    to: Option<&'a ObjectId>,
    /// Absent where it does not matter.
    expected: Option<&'a Expected>,
}

impl RefChange<'_> {
    /// As `git update-ref --stdin -z` reads it. The ref itself is meant, and not what it names.
    fn line(&self) -> Vec<u8> {
        let (name, old) = (
            self.name,
            match self.expected {
                Some(Expected::At(old)) => old.as_str(),
                Some(Expected::Absent) | None => "",
            },
        );
        let change = match (self.to, self.expected) {
            (Some(to), Some(Expected::Absent)) => format!("create {name}\0{to}\0"),
            (Some(to), _) => format!("update {name}\0{to}\0{old}\0"),
            (None, _) => format!("delete {name}\0{old}\0"),
        };
        format!("option no-deref\0{change}").into_bytes()
    }
}

/// The names of all tables.
#[derive(PartialEq, Eq)]
struct RefTables {
    /// Those of the refs that all work trees share.
    shared: String,
    /// Those of linked work trees, for their own HEAD.
    linked: Vec<u8>,
}

impl RefTables {
    /// The tables as they are now; `None` where they cannot be read.
    fn of(git: &GitRepository) -> Option<Self> {
        let common = &git.layout.common_dir;
        let shared = std::fs::read_to_string(common.join("reftable/tables.list")).ok()?;
        let folders = std::fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
        let mut folders: Vec<_> = folders.map(|entry| entry.path()).collect();
        folders.sort();
        let mut linked = Vec::new();
        for git_dir in folders {
            linked.extend(git_dir.as_os_str().as_encoded_bytes());
            linked.extend(std::fs::read(git_dir.join("reftable/tables.list")).unwrap_or_default());
        }
        Some(Self { shared, linked })
    }

    /// Whether one transaction lies between the two, and no more.
    fn is_next(before: &Option<Self>, after: &Option<Self>) -> bool {
        let Some((before, after)) = before.as_ref().zip(after.as_ref()) else { return false };
        let newest = before.newest().zip(after.newest());
        before.linked == after.linked && newest.is_some_and(|(before, after)| after == before + 1)
    }

    /// The number of the last transaction, which each table has in its name: `0x<first>-0x<last>-<random>.ref`.
    fn newest(&self) -> Option<u64> {
        let last = self.shared.lines().last()?.split('-').nth(1)?;
        u64::from_str_radix(last.strip_prefix("0x")?, 16).ok()
    }
}

/// What `git for-each-ref` printed.
fn parse(printed: &[u8]) -> BTreeMap<String, ListedRef> {
    let printed = lossy(printed);
    let listed = printed.lines().filter_map(|line| {
        let mut parts = line.splitn(3, '\0');
        let object = parts.next()?.parse().ok()?;
        let symbolic = Some(parts.next()?.to_owned()).filter(|named| !named.is_empty());
        Some((parts.next()?.to_owned(), ListedRef { object, symbolic }))
    });
    listed.collect()
}

/// The ref that git says was moved by somebody else.
fn moved(answer: &GitOutput, names: &[&str]) -> Option<String> {
    let said = lossy(&answer.stderr);
    let line = said.lines().find(|line| MOVED.iter().any(|words| line.contains(words)))?;
    let named = names.iter().find(|name| line.contains(&format!("'{name}'"))).or(names.first())?;
    Some((*named).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_listed_is_read_line_by_line() {
        let (one, other) = ("1".repeat(40), "2".repeat(64));
        let listed = parse(format!("{one}\0refs/heads/a\0HEAD\n{other}\0\0refs/heads/a\nshort\0\0x\n").as_bytes());
        let told: Vec<_> = listed.iter().map(|(name, listed)| (name.as_str(), listed.symbolic.as_deref())).collect();
        assert_eq!(told, [("HEAD", Some("refs/heads/a")), ("refs/heads/a", None)]);
        assert_eq!(listed.get("refs/heads/a").map(|listed| listed.object.as_str()), Some(other.as_str()));
    }

    #[test]
    fn a_transaction_of_somebody_else_in_between_is_seen_by_its_number() {
        let tables = |shared: &str, linked: &str| {
            Some(RefTables { shared: shared.to_owned(), linked: linked.as_bytes().to_vec() })
        };
        let before = tables("0x000000000001-0x000000000009-aa.ref\n", "");
        for (after, is_next) in [
            (tables("0x000000000001-0x000000000009-aa.ref\n0x00000000000a-0x00000000000a-bb.ref\n", ""), true),
            (tables("0x000000000001-0x00000000000a-cc.ref\n", ""), true), // Made one table of.
            (tables("0x000000000001-0x00000000000b-cc.ref\n", ""), false),
            (tables("0x000000000001-0x00000000000a-cc.ref\n", "x"), false),
            (tables("of a newer git\n", ""), false),
            (None, false),
        ] {
            assert_eq!(RefTables::is_next(&before, &after), is_next);
        }
        assert!(!RefTables::is_next(&None, &before));
    }

    #[test]
    fn a_change_is_written_as_git_reads_it() {
        let (to, old): (ObjectId, ObjectId) = ("1".repeat(40).parse().unwrap(), "2".repeat(40).parse().unwrap());
        let line = |to: Option<&ObjectId>, expected: Option<&Expected>| {
            let line = String::from_utf8(RefChange { name: "refs/x", to, expected }.line()).unwrap();
            line.replace('\0', "|").replace(&"1".repeat(40), "TO").replace(&"2".repeat(40), "OLD")
        };
        let old = Expected::At(old);
        assert_eq!(line(Some(&to), Some(&Expected::Absent)), "option no-deref|create refs/x|TO|");
        assert_eq!(line(Some(&to), None), "option no-deref|update refs/x|TO||");
        assert_eq!(line(Some(&to), Some(&old)), "option no-deref|update refs/x|TO|OLD|");
        assert_eq!(line(None, Some(&old)), "option no-deref|delete refs/x|OLD|");
    }
}
