//! What is wrong with the repository itself while a command runs: others deleted, reset or garbled something of it. A person
//! who is told so puts it right.

use std::fs;
use std::path::PathBuf;

use hotfix_tests::{CommandOutput, Repo};

use super::world::{HANGS, Place};

/// What was done to it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Damage {
    /// `fetch.prune` deleted the ledger.
    LedgerGone,
    /// A forced fetch took the newest events away.
    LedgerWentBack,
    /// The object of one event is not there, or there is something else in its place.
    EventLost(Option<&'static [u8]>),
    /// Caches hold anything.
    CachesGarbled(&'static [u8]),
    /// The remote is not where it was.
    RemoteGone,
}

impl Damage {
    pub(super) const ALL: [Self; 8] = [
        Self::LedgerGone,
        Self::LedgerWentBack,
        Self::EventLost(None),
        Self::EventLost(Some(b"")),
        Self::EventLost(Some(b"garbled")),
        Self::CachesGarbled(b""),
        Self::CachesGarbled(b"\xff\x00 no cache of ours\n"),
        Self::RemoteGone,
    ];

    /// What it is called in the table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LedgerGone => "ledger deleted",
            Self::LedgerWentBack => "ledger reset",
            Self::EventLost(_) => "event unreadable",
            Self::CachesGarbled(_) => "caches garbled",
            Self::RemoteGone => "remote out of reach",
        }
    }

    /// Runs the command in what is damaged, and puts it right; whether there was anything to damage.
    pub(super) fn strike(self, place: &Place<'_>, arguments: &[String]) -> (CommandOutput, bool) {
        let repo = &place.repo;
        let run = || repo.sandbox().run_within(HANGS, repo.command("git-hotfix").args(arguments));
        let ledger = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
        let Some(ledger) = ledger.lines().next() else { return (run(), false) };
        match self {
            Self::LedgerGone => {
                // Left by a git that an earlier fault killed, where nobody had to mend anything.
                let lock = repo.git_ok(["rev-parse", "--path-format=absolute", "--git-path", "packed-refs.lock"]);
                let _ = fs::remove_file(lock);
                repo.git_ok(["update-ref", "-d", ledger]);
                let output = run();
                bring_back(repo, &output);
                (output, true)
            }
            Self::LedgerWentBack => {
                if repo.git(["update-ref", ledger, &format!("{ledger}~1")]).code() != Some(0) {
                    return (run(), false); // It has one commit only.
                }
                let output = run();
                bring_back(repo, &output);
                (output, true)
            }
            Self::EventLost(instead) => {
                let Some(object) = newest_event(repo, ledger) else { return (run(), false) };
                let bytes = fs::read(&object).expect("it was found");
                fs::remove_file(&object).expect("the sandbox is ours");
                if let Some(instead) = instead {
                    fs::write(&object, instead).expect("the sandbox is ours");
                }
                let output = run();
                fs::write(&object, bytes).expect("the sandbox is ours");
                (output, true)
            }
            Self::CachesGarbled(with) => {
                let caches = common(repo, "hotfix");
                for cache in ["cache-v1", "open-v1"] {
                    fs::write(caches.join(cache), with).expect("the sandbox is ours");
                }
                let output = run();
                assert!(!output.stderr().contains("damaged"), "a cache is no event: {output}");
                (output, true)
            }
            Self::RemoteGone => {
                let (origin, elsewhere) = (repo.origin(), repo.origin().with_extension("elsewhere"));
                fs::rename(&origin, &elsewhere).expect("the sandbox is ours");
                let output = run();
                fs::rename(&elsewhere, &origin).expect("the sandbox is ours");
                // Its own evidence: who does not need the remote does not miss it.
                let missed = output.stderr().contains("does not appear to be a git repository");
                (output, missed)
            }
        }
    }
}

/// A file of all work trees.
fn common(repo: &Repo<'_>, name: &str) -> PathBuf {
    let folder = repo.git_ok(["rev-parse", "--path-format=absolute", "--git-common-dir"]);
    PathBuf::from(folder.trim()).join(name)
}

/// Whoever looks is told the line that brings the ledger back, and the person runs it.
fn bring_back(repo: &Repo<'_>, output: &CommandOutput) {
    let said = repo.hotfix(["list", "--all"]);
    let (_, line) = said
        .stderr()
        .split_once("; to bring it back: ")
        .unwrap_or_else(|| panic!("nobody misses the ledger:\n{said}\nafter:\n{output}"));
    let line = line.lines().next().expect("it is a line");
    let _ = repo.run(repo.command("sh").args(["-c", line])).success();
    let now = repo.hotfix(["list", "--all"]);
    assert!(!now.stderr().contains("to bring it back"), "{line} does not: {now}");
}

/// The file of an event's object that the last commit of the ledger brought, where it is not packed.
fn newest_event(repo: &Repo<'_>, ledger: &str) -> Option<PathBuf> {
    let brought = repo.git_ok(["diff-tree", "--root", "-r", "--no-commit-id", ledger]);
    let blob = brought.lines().next()?.split(' ').nth(3)?.to_owned();
    let (folder, name) = blob.split_at_checked(2)?;
    Some(common(repo, "objects").join(folder).join(name)).filter(|file| file.is_file())
}
