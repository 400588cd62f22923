//! Commits and tags by the person's settings, signed by git; refs as libgit2 moves them, durably.

use std::ffi::OsStr;
use std::io::Write as _;

use crate::domain::{ObjectId, RefName};
use crate::port::{Author, ErrorKind, Expected, NewCommit, PortError, RefUpdate, RefsWrite};

use super::child::{GitRun, LOCAL_DEADLINE};
use super::convert::{failed, lossy, object_id, oid};
use super::{GitRepository, trouble, unsigned};

/// The tree without files, which git knows without storing it.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// The settings by which a tag is written and signed. Scopes of the machine and the person hold in the throw-away repository
/// too; here they stand again, and after what the repository says.
const TAGGING: [&str; 5] = ["user.", "committer.", "gpg.", "tag.", "i18n."];

impl RefsWrite for GitRepository {
    fn commit(&self, commit: &NewCommit) -> Result<ObjectId, PortError> {
        let doing = "write the commit";
        self.keep(&commit.tree)?;
        if let Some(written) = unsigned::commit(self, commit)? {
            return Ok(written);
        }
        // By a file: standard input is the terminal's, for pinentry.
        let mut message = tempfile::NamedTempFile::new().map_err(failed(doing))?;
        message.write_all(commit.message.as_bytes()).map_err(failed(doing))?;
        // `commit-tree` does not read `commit.gpgSign`; only `commit` does.
        let signs = self.reads.config_snapshot().boolean("commit.gpgSign").unwrap_or_default();
        let author = commit.author.iter().flat_map(|Author { name, email, date }| {
            let date = format!("@{date}"); // Without the sign small numbers would be read as calendar dates.
            [("GIT_AUTHOR_NAME", name.clone()), ("GIT_AUTHOR_EMAIL", email.clone()), ("GIT_AUTHOR_DATE", date)]
        });
        // Our messages are UTF-8, whatever encoding the person has set for theirs.
        let run = GitRun::new(doing, ["-c", "i18n.commitEncoding=UTF-8", "commit-tree"]);
        let run = author
            .fold(run, |run, (name, value)| run.variable(name, value))
            .arguments(signs.then_some("-S"))
            .arguments(commit.parents.iter().flat_map(|parent| ["-p", parent.as_str()]))
            .arguments([OsStr::new("-F"), message.path().as_os_str(), OsStr::new(commit.tree.as_str())])
            .elsewhere()
            .asking(LOCAL_DEADLINE);
        object_id(&self.output(&run)?, doing)
    }

    /// `git tag` makes a ref at once, so it works in a throw-away repository that has our objects and settings.
    #[expect(clippy::disallowed_methods, reason = "the folder is of our own, and gone after this")]
    fn annotated_tag(&self, name: &str, commit: &ObjectId, message: &str) -> Result<ObjectId, PortError> {
        if let Some(written) = unsigned::tag(self, name, commit, message)? {
            return Ok(written);
        }
        let doing = format!("write the tag {name}");
        let folder = tempfile::tempdir().map_err(failed(&doing))?;
        let git_dir = folder.path().join("git");
        for part in ["objects", "refs"] {
            std::fs::create_dir_all(git_dir.join(part)).map_err(failed(&doing))?;
        }
        // git knows a repository by `HEAD`, `objects` and `refs`; the branch need not exist.
        std::fs::write(git_dir.join("HEAD"), "ref: refs/heads/none\n").map_err(failed(&doing))?;
        let text = folder.path().join("message");
        std::fs::write(&text, message).map_err(failed(&doing))?;
        // Settings may hang on where the repository is (`includeIf`, `config.worktree`), so they are read there.
        let read = GitRun::new(&doing, ["config", "--list", "--includes", "-z"]).reading();
        let settings = lossy(&self.output(&read)?);
        let settings: Vec<(&str, &str)> = settings
            .split_terminator('\0')
            .map(|setting| setting.split_once('\n').unwrap_or((setting, "true")))
            .filter(|(name, _)| TAGGING.iter().any(|section| name.starts_with(section)))
            .collect();
        let top = self.layout.work_tree.as_ref().unwrap_or(&self.layout.git_dir);
        let within = |arguments: &[&str]| {
            let run = GitRun::new(&doing, arguments)
                .variable("GIT_DIR", &git_dir)
                .variable("GIT_OBJECT_DIRECTORY", self.layout.common_dir.join("objects"))
                .variable("GIT_CONFIG_COUNT", settings.len().to_string())
                .within(Some(top))
                .elsewhere();
            (0..).zip(&settings).fold(run, |run, (number, (name, value))| {
                run.variable(format!("GIT_CONFIG_KEY_{number}"), name)
                    .variable(format!("GIT_CONFIG_VALUE_{number}"), value)
            })
        };
        // With `--annotate`, `tag.forceSignAnnotated` would not count.
        let tag = within(&["-c", "core.bare=true", "tag", "--cleanup=verbatim", "--file"])
            .arguments([&text])
            .arguments(["--end-of-options", name, commit.as_str()])
            .asking(LOCAL_DEADLINE);
        self.output(&tag)?;
        object_id(&self.output(&within(&["rev-parse", "--verify", RefName::of_tag(name).as_str()]))?, &doing)
    }

    fn rehearse_signing(&self) -> Result<(), PortError> {
        let doing = "sign a commit";
        // What is signed for a try is written elsewhere, and leaves no object behind.
        let objects = tempfile::tempdir().map_err(failed(doing))?;
        let run = GitRun::new(doing, ["commit-tree", "-S", "-m", "rehearsal", EMPTY_TREE])
            .variable("GIT_OBJECT_DIRECTORY", objects.path())
            .elsewhere()
            .asking(LOCAL_DEADLINE);
        self.output(&run).map(drop)
    }

    fn version(&self) -> Result<String, PortError> {
        let answer = lossy(&self.output(&GitRun::new("ask git for its version", ["version"]).reading())?);
        let text = crate::domain::one_line(answer.trim());
        Ok(text.strip_prefix("git version ").unwrap_or(&text).to_owned())
    }

    fn update_refs(&self, updates: &[RefUpdate], why: &str) -> Result<(), PortError> {
        if let [one] = updates {
            return move_ref(self, one, why); // Unlike a transaction, it takes the log of a ref that goes along.
        }
        let durable = self.durable()?;
        let repository = &durable.repository;
        let names: Vec<&str> = updates.iter().map(|update| update.name.as_str()).collect();
        let doing = || format!("move {}", names.join(", "));
        let mut transaction = repository.transaction().map_err(failed(doing()))?;
        for update in updates {
            // All are locked before one is moved: a ref that moved meanwhile then moves none.
            transaction.lock_ref(&update.name).map_err(|error| ref_error(self, &update.name, error))?;
            let now = repository.refname_to_id(&update.name).ok();
            let expected = match &update.expected {
                Expected::Absent => None,
                Expected::At(id) => Some(oid(id).map_err(failed(doing()))?),
            };
            if now != expected {
                return Err(moved_meanwhile(&update.name));
            }
            match &update.to {
                Some(to) => oid(to).and_then(|to| transaction.set_target(&update.name, to, None, why)),
                None => transaction.remove(&update.name),
            }
            .map_err(|error| ref_error(self, &update.name, error))?;
        }
        transaction.commit().map_err(|error| trouble::unwritten(doing(), error))
    }
}

/// Moves, makes or deletes one ref.
fn move_ref(git: &GitRepository, update: &RefUpdate, why: &str) -> Result<(), PortError> {
    let RefUpdate { name, to, expected } = update;
    let durable = git.durable()?;
    swap(&durable.repository, name, to.as_ref(), expected, why).map_err(|refusal| match refusal {
        Swap::Moved => moved_meanwhile(name),
        Swap::Failed(error) => ref_error(git, name, error),
    })
}

fn moved_meanwhile(name: &str) -> PortError {
    PortError::new(ErrorKind::Retry, format!("move {name}"), "somebody else moved it meanwhile")
        .hint("Run the same command again: it looks at the new state first.")
}

/// A failure to write a ref; a taken lock is named.
pub(super) fn ref_error(git: &GitRepository, name: &str, error: git2::Error) -> PortError {
    let doing = format!("move {name}");
    let own = git.layout.common_dir.join(format!("{name}.lock"));
    // A ref that is deleted may be packed, too.
    let packed = git.layout.common_dir.join("packed-refs.lock");
    let is_locked = error.code() == git2::ErrorCode::Locked;
    // libgit2 does not always say `Locked` where it meets a lock.
    if own.exists() || is_locked && !packed.exists() {
        PortError::new(ErrorKind::Retry, doing, "its lock is taken").hint(trouble::lock_hint(&own))
    } else if is_locked {
        PortError::new(ErrorKind::Retry, doing, "the lock of all packed refs is taken")
            .hint(trouble::lock_hint(&packed))
    } else {
        trouble::unwritten(doing, error)
    }
}

/// Why a ref was not moved.
pub(super) enum Swap {
    /// It is not what was expected.
    Moved,
    /// It could not be written.
    Failed(git2::Error),
}

/// Moves, makes or deletes a ref if it is what is expected, decided under its lock.
pub(super) fn swap(
    repository: &git2::Repository,
    name: &str,
    to: Option<&ObjectId>,
    expected: &Expected,
    why: &str,
) -> Result<(), Swap> {
    let expected = match expected {
        Expected::Absent => git2::Oid::ZERO_SHA1, // For libgit2 too: it must not exist.
        Expected::At(id) => oid(id).map_err(Swap::Failed)?,
    };
    let result = match to {
        Some(to) => oid(to).and_then(|to| repository.reference_matching(name, to, true, expected, why).map(drop)),
        None => repository.find_reference(name).and_then(|mut found| match found.target() {
            // libgit2 deletes it only while it is what was found.
            Some(target) if target == expected => found.delete(),
            _ => Err(git2::Error::new(git2::ErrorCode::Modified, git2::ErrorClass::Reference, "it moved")),
        }),
    };
    result.map_err(|error| match error.code() {
        git2::ErrorCode::Modified | git2::ErrorCode::NotFound | git2::ErrorCode::Exists => Swap::Moved,
        _ => Swap::Failed(error),
    })
}
