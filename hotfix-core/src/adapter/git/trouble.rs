//! Why git failed, told from what it said (in the C locale): who can do what about it.

use std::path::Path;

use crate::domain::{Printable, count};
use crate::port::{ErrorKind, PortError};

use super::child::{ALL_REFS_LOCKED, GitOutput, GitRun};
use super::convert::{BoxedError, LOOK_FOR_DAMAGE};

/// What people are shown of git's words.
const SHOWN_LINES: usize = 12;
const SHOWN_BYTES: usize = 2000;
/// How many lines beside git's reason: more files than that help nobody.
const SHOWN_FILES: usize = 6;

/// What git said, safe to print.
#[derive(Debug, thiserror::Error)]
#[error("git: {0}")]
struct Said(Printable);

/// A hook of the repository that said no, with its words.
#[derive(Debug, thiserror::Error)]
#[error("the hook {path} said no: {said}")]
struct HookSaid {
    path: Printable,
    said: String,
}

/// A git that ended with a failure. What hooks, filters and other programs print stands among its words: a hook that failed
/// goes first, and only who talks to a remote can fail for one.
pub(super) fn error(run: &GitRun, answer: &GitOutput) -> PortError {
    let words = Printable::from_bytes(&answer.stderr);
    let said = shown(&if run.moves() { reason_first(words.as_str()) } else { words.as_str().to_owned() }, answer);
    // What a hook prints looks like words of git; that it failed is known from git's trace.
    if let Some(hook) = &answer.hook {
        let path = Printable::new(&hook.path).one_line();
        return PortError::new(ErrorKind::Precondition, run.doing(), HookSaid { path, said });
    }
    // Whoever dies of a remote that hangs up says nothing: how it ended is all that there is to tell by.
    let told = if words.as_str().trim().is_empty() { &said } else { words.as_str() };
    let (kind, hint) = kind_and_hint(told, run.talks());
    let error = PortError::new(kind, run.doing(), Said(Printable::new(&said)));
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// What git said of a checkout, with its reason before the files that it lists, of which the last are shown.
fn reason_first(words: &str) -> String {
    let lines: Vec<&str> = words.trim_end().lines().collect();
    let begins = |with: &str| lines.iter().position(|line| line.starts_with(with));
    let Some(at) = begins("fatal: ").or_else(|| begins("error: ")) else { return words.to_owned() };
    let (before, from) = lines.split_at(at);
    let (reason, after) = from.split_at(1);
    let rest = [before, after].concat();
    let (left_out, shown) = rest.split_at(rest.len().saturating_sub(SHOWN_FILES));
    let gap = (!left_out.is_empty()).then(|| format!("[… {} left out …]", count(left_out.len(), "line")));
    let lines = reason.iter().copied().chain(gap.as_deref()).chain(shown.iter().copied());
    lines.collect::<Vec<_>>().join("\n")
}

/// The end of what was said, or how it ended where nothing was.
pub(super) fn shown(words: &str, answer: &GitOutput) -> String {
    match Printable::new(words).tail(SHOWN_LINES, SHOWN_BYTES) {
        nothing if nothing.as_str().is_empty() => format!("it ended with {}", answer.status),
        something => something.into(),
    }
}

type KnownFailure = (ErrorKind, &'static [&'static str], Option<&'static str>);

/// What git says and what it means, the first match counting: the specific before the general.
const LOCAL_FAILURES: [KnownFailure; 12] = [
    (
        ErrorKind::Retry,
        &["Too many open files", "Input/output error", "Cannot allocate memory", "unable to fork"],
        None,
    ),
    (ErrorKind::Precondition, &FULL, Some(MAKE_ROOM)),
    (ErrorKind::Precondition, &[READ_ONLY], Some(MAKE_WRITABLE)),
    // git has lost the system's reason by then.
    (
        ErrorKind::Precondition,
        &["unable to write file"],
        Some("Most often the disk is full: make room on it, and run the same command again."),
    ),
    (
        ErrorKind::Precondition,
        &["Please tell me who you are", "unable to auto-detect email", "empty ident name", "no name was given"],
        Some("Set user.name and user.email with `git config --global`."),
    ),
    (
        ErrorKind::Precondition,
        &["failed to sign", "gpg failed", "no signature returned", "user.signingkey", "user.signingKey"],
        Some("Signing failed: `git hotfix doctor` tries it with a throw-away object."),
    ),
    (
        ErrorKind::Precondition,
        &["would be overwritten by", "commit your changes or stash them", "contains modified or untracked files"],
        Some("Stash or commit these files first; nothing was overwritten."),
    ),
    (
        ErrorKind::Precondition,
        &["already checked out at", "already used by worktree", "already exists", "possible to fast-forward"],
        None,
    ),
    (ErrorKind::Retry, &[ALL_REFS_LOCKED], Some(REFTABLE_LOCKED)),
    // git has lost the system's reason by then.
    (
        ErrorKind::Precondition,
        &["reftable: transaction prepare: I/O error", "reftable: transaction failure: I/O error"],
        Some("Is the disk full, or the repository read-only? Mend that, and run the same command again."),
    ),
    (ErrorKind::Retry, &["cannot lock ref", "Another git process seems to be running"], None),
    (
        ErrorKind::Retry,
        &["promisor remote", "missing blob object", "lazy fetching disabled", "could not fetch"],
        Some(UNREACHABLE),
    ),
];

/// The same of those who talk to a remote.
const REMOTE_FAILURES: [KnownFailure; 9] = [
    (
        ErrorKind::Refused,
        &["does not support push options"],
        Some(
            "The setting push.pushOption is for servers that take push options: `git config --unset-all push.pushOption`, or \
             without it once: `git -c push.pushOption= hotfix ship`",
        ),
    ),
    (
        ErrorKind::Refused,
        &["does not support --signed push"],
        Some(
            "The setting push.gpgSign is for servers that take signed pushes: `git config push.gpgSign if-asked` signs where \
             one does.",
        ),
    ),
    (
        ErrorKind::Precondition,
        &["--mirror can't be combined with refspecs"],
        Some(
            "The remote is set to mirror all refs (remote.<remote>.mirror true), so nothing can be pushed by its name: \
             `git config --unset remote.<remote>.mirror`, or name another remote in [production] remote.",
        ),
    ),
    (
        ErrorKind::Precondition,
        &["refusing to fetch into branch"],
        Some(
            "This clone mirrors its remote: a fetch would move the branch that is checked out. Make the fix in an ordinary \
             clone: `git clone <address>`",
        ),
    ),
    (ErrorKind::Precondition, &["couldn't find remote ref"], Some("The remote has no such branch (any more).")),
    (
        ErrorKind::NeedsHuman,
        &["Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED"],
        Some("Check the remote's host key: `ssh -T git@<host>`."),
    ),
    (
        ErrorKind::Refused,
        &[
            "Authentication failed",
            "Permission denied",
            "could not read Username",
            "could not read Password",
            "terminal prompts disabled",
            "returned error: 401",
            "returned error: 403",
            "Access denied",
        ],
        Some("Check your credentials for this remote: `git ls-remote <remote>` must work."),
    ),
    (
        ErrorKind::Refused,
        &["Repository not found", "returned error: 404", "does not appear to be a git repository", "not found"],
        Some("Check the remote's address with `git remote -v`; a private repository looks like this without access."),
    ),
    (
        ErrorKind::Retry,
        &[
            "Could not resolve host",
            "Connection refused",
            "onnection timed out",
            "Connection reset",
            "unreachable",
            "Failed to connect",
            "returned error: 429",
            "returned error: 5",
            "early EOF",
            "hung up unexpectedly",
            "RPC failed",
            "unexpected disconnect",
            "peer closed",
            "(SIGPIPE)",
            "Operation timed out",
            "unable to access",
            "Could not read from remote repository",
        ],
        Some("The network or the remote failed; run the same command again."),
    ),
];

const REFTABLE_LOCKED: &str = "Another git is writing refs: run the same command again in a while. Where none runs any more, remove \
                               `reftable/tables.list.lock` from the git directory.";

/// What a partial clone needs its remote for.
pub(super) const UNREACHABLE: &str = "Objects are fetched on demand here (a partial clone): is the remote reachable?";
/// Stands for the remote in advice on a push.
pub(super) const REMOTE: &str = "<remote>";

const FULL: [&str; 3] = ["No space left on device", "Disk quota exceeded", "Out of diskspace"];
const MAKE_ROOM: &str = "Make room on the disk, and run the same command again.";
const READ_ONLY: &str = "Read-only file system";
const MAKE_WRITABLE: &str = "Make the repository writable, and run the same command again.";

/// What the system says of a disk, to whoever writes to it.
const DISK_FAILURES: [(&[&str], &str); 3] = [
    (&FULL, MAKE_ROOM),
    (&[READ_ONLY, "Permission denied"], MAKE_WRITABLE),
    // libgit2, of what it wrote a moment before and cannot open now: it loses the system's reason.
    (
        &[
            "target OID for the reference doesn't exist",
            "invalid object specified",
            "corrupted packed references",
            "corrupted loose reference",
        ],
        LOOK_FOR_DAMAGE,
    ),
];

/// An object that is not here.
#[derive(Debug, thiserror::Error)]
#[error("an object with id {0} could not be found")]
pub(super) struct Lacking(pub(super) String);

/// Whether the reason is an object that is not there, as the libraries say it.
pub(super) fn lacks_object(why: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(why), |error| error.source());
    causes.any(|cause| {
        let said = cause.to_string();
        // As libgit2 says it.
        let is_libgit2 = said.contains("object not found - no match for id");
        is_libgit2 || said.contains("object with id") && said.contains("could not be found")
    })
}

fn kind_and_hint(said: &str, talks: bool) -> (ErrorKind, Option<String>) {
    // Before all words: a lock is named in many sentences, and only trying again helps.
    if let Some(lock) = lock_file(said) {
        return (ErrorKind::Retry, Some(lock_hint(lock)));
    }
    // A filter or hook says "not found" and "Permission denied" too, where nobody asked a remote.
    let remote = REMOTE_FAILURES.iter().filter(|_| talks);
    let mut known = LOCAL_FAILURES.iter().chain(remote);
    let failure = known.find(|(_, texts, _)| texts.iter().any(|text| said.contains(text)));
    match failure {
        Some((kind, _, hint)) => (*kind, hint.map(str::to_owned)),
        // Words that nobody foresaw: git said no, which is no bug of ours.
        None => (ErrorKind::Precondition, None),
    }
}

/// The lock that git found taken: "Unable to create '/x/.git/index.lock': File exists."
fn lock_file(said: &str) -> Option<&Path> {
    let (before, _) = said.split_once(".lock': File exists")?;
    // The last quote: the folder may have one in its name.
    let start = before.rfind('\'')? + 1;
    said.get(start..before.len() + ".lock".len()).map(Path::new)
}

/// Names the lock and how long it has been there: one left over is for a person to remove.
pub(super) fn lock_hint(lock: &Path) -> String {
    let modified = std::fs::metadata(lock).and_then(|metadata| metadata.modified());
    let age = modified.ok().and_then(|modified| modified.elapsed().ok());
    let lock = lock.display();
    match age.map(|age| age.as_secs()) {
        // Somebody holds it: to remove it would break what they are at.
        Some(seconds @ 0..10) => {
            format!("{lock} is {seconds} s old, so somebody is at work; run the same command again in a while.")
        }
        Some(seconds) => {
            let age = match seconds {
                0..120 => format!("{seconds} s"),
                120..7_200 => format!("{} min", seconds / 60),
                _ => format!("{} h", seconds / 3_600),
            };
            format!("{lock} is {age} old; if no git runs any more, remove it and run the same command again.")
        }
        None => format!("{lock} is free again; run the same command again."),
    }
}

/// A write that libgit2 could not do: of a full or read-only disk the person is told so, all else is a bug or a broken disk.
pub(super) fn unwritten(doing: impl Into<String>, why: impl Into<BoxedError>) -> PortError {
    let why = why.into();
    let said = why.to_string();
    // `git gc` takes away a folder of objects once it is empty, also the one that a new object is just to get into.
    if said.contains("failed to rename lockfile") && said.contains("No such file or directory") {
        return PortError::new(ErrorKind::Retry, doing, why).hint("Run the same command again.");
    }
    let failure = DISK_FAILURES.iter().find(|(texts, _)| texts.iter().any(|text| said.contains(text)));
    match failure {
        Some((_, hint)) => PortError::new(ErrorKind::Precondition, doing, why).hint(*hint),
        None => PortError::new(ErrorKind::Internal, doing, why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_gc_took_away_is_there_the_next_time() {
        let said = "failed to rename lockfile to '/r/.git/objects/51/6a4b': No such file or directory";
        assert_eq!(unwritten("record", said).kind, ErrorKind::Retry);
        assert_eq!(unwritten("record", "failed to rename lockfile to '/r/x': Permission").kind, ErrorKind::Internal);
    }

    #[test]
    fn git_words_become_kinds() {
        for (said, kind) in [
            ("fatal: unable to access 'https://x/': Could not resolve host: x", ErrorKind::Retry),
            ("it ended with signal: 13 (SIGPIPE)", ErrorKind::Retry),
            ("fatal: unable to access 'https://x/': The requested URL returned error: 403", ErrorKind::Refused),
            (
                "git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.",
                ErrorKind::Refused,
            ),
            ("remote: Repository not found.\nfatal: repository 'https://x/' not found", ErrorKind::Refused),
            ("fatal: Unable to create '/r/.git/index.lock': File exists.\n", ErrorKind::Retry),
            (
                "error: Your local changes to the following files would be overwritten by checkout:",
                ErrorKind::Precondition,
            ),
            ("fatal: 'main' is already used by worktree at '/r'", ErrorKind::Precondition),
            ("error: unable to write file: No space left on device", ErrorKind::Precondition),
            ("fatal: Unable to create '/r/.git/index.lock': Read-only file system", ErrorKind::Precondition),
            ("fatal: the remote end hung up unexpectedly", ErrorKind::Retry),
            ("what nobody has seen before", ErrorKind::Precondition),
        ] {
            assert_eq!(kind_and_hint(said, true).0, kind, "{said}");
        }
    }

    #[test]
    fn the_reason_goes_before_the_files() {
        let files = |number: usize| (0..number).map(|file| format!("\td/f{file}\n")).collect::<String>();
        let refused = "error: The following untracked working tree files would be overwritten by checkout:\n";
        let many = reason_first(&format!("{refused}{}Please move or remove them.\nAborting\n", files(300)));
        let shown = "\td/f296\n\td/f297\n\td/f298\n\td/f299\nPlease move or remove them.\nAborting";
        assert_eq!(many, format!("{refused}[… 296 lines left out …]\n{shown}"));
        let few = format!("{refused}{}Aborting", files(2));
        assert_eq!(reason_first(&few), few);
        let full =
            "error: unable to write file a\nerror: unable to write file b\nfatal: write error. Out of diskspace\n";
        assert_eq!(
            reason_first(full),
            "fatal: write error. Out of diskspace\nerror: unable to write file a\nerror: unable to write file b"
        );
        assert_eq!(kind_and_hint(full, false), (ErrorKind::Precondition, Some(MAKE_ROOM.to_owned())));
        let lost = kind_and_hint("error: unable to write file d/f1.txt", false).1;
        assert!(lost.is_some_and(|hint| hint.contains("the disk is full")));
        assert_eq!(reason_first("what a filter says\n"), "what a filter says\n");
    }

    #[test]
    fn nobody_has_trouble_with_a_remote_that_is_not_asked() {
        for said in [
            "git-lfs filter-process: git-lfs: not found\nfatal: the remote end hung up unexpectedly",
            ".husky/post-checkout: Permission denied",
            "curl: Could not resolve host: x",
        ] {
            assert_eq!(kind_and_hint(said, false), (ErrorKind::Precondition, None), "{said}");
        }
    }

    #[test]
    fn a_setting_that_the_server_does_not_know_is_named() {
        for (said, setting) in [
            ("fatal: the receiving end does not support push options", "push.pushOption"),
            (
                "fatal: the receiving end does not support --signed push\nfatal: the remote end hung up unexpectedly",
                "push.gpgSign",
            ),
        ] {
            let (kind, hint) = kind_and_hint(said, true);
            assert_eq!(kind, ErrorKind::Refused, "{said}");
            assert!(hint.unwrap().contains(setting), "{said}");
        }
    }

    #[test]
    fn a_disk_that_takes_nothing_is_no_bug() {
        for (said, kind) in [
            ("failed to write: No space left on device", ErrorKind::Precondition),
            ("failed to create 'x': Read-only file system", ErrorKind::Precondition),
            ("failed to fsync: Input/output error", ErrorKind::Retry),
            ("failed to insert entry: invalid object specified - a.json", ErrorKind::Precondition),
        ] {
            assert_eq!(unwritten("record", said).kind, kind, "{said}");
        }
    }

    #[test]
    fn the_lock_is_named() {
        let said = "fatal: Unable to create '/r/it''s/.git/index.lock': File exists.";
        assert_eq!(
            lock_file("Unable to create '/r/.git/index.lock': File exists."),
            Some(Path::new("/r/.git/index.lock"))
        );
        assert!(lock_file(said).is_some());
    }
}
