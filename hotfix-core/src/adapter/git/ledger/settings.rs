//! Settings and memory of the ledger, and what a person sets for all repositories.

use jiff::Timestamp;

use crate::port::{LedgerSettings, OwnSettingsWrite, PortError};

use super::turn::cache_folder;
use crate::adapter::git::GitRepository;
use crate::adapter::git::child::GitRun;
use crate::adapter::git::convert::lossy;
use crate::adapter::git::shared::Sharing;

/// The file that says that somebody was told.
const TOLD: &str = "unshared";
/// The file that names the remote that is left alone, after the second until which it is.
const LEFT_ALONE: &str = "left-alone";
/// How `git config --unset-all` ends where nothing of that value is there.
const NOTHING_TO_UNSET: i32 = 5;
/// More than stands there, in bytes; whoever wrote more was not us.
const LONGEST: u64 = 4096;

impl OwnSettingsWrite for GitRepository {
    fn set_own(&self, key: &str, value: &str) -> Result<(), PortError> {
        // `--replace-all`: without it git refuses a key that stands there twice, and adds nothing either.
        let run = GitRun::new(format!("set {key}"), ["config", "--global", "--replace-all", key, value]).elsewhere();
        self.output(&run).map(drop)
    }
}

impl LedgerSettings for GitRepository {
    fn sign(&self, signs: bool) {
        self.memory.signs.set(signs);
    }

    fn unsigned(&self) -> Option<PortError> {
        let mut failed = self.memory.unsigned.borrow_mut();
        // What failed once is not tried again, and that was told.
        failed.as_mut().and_then(Option::take)
    }

    fn allow(&self, key: &str) -> Result<(), PortError> {
        let run = GitRun::new(format!("set {key}"), ["config", "--local", key, "true"]).elsewhere();
        self.output(&run).map(drop)
    }

    fn fetch_rules(&self, remote: &str) -> Vec<String> {
        let rules = self.reads.config_snapshot().strings(&format!("remote.{remote}.fetch"));
        rules.unwrap_or_default().iter().map(|rule| lossy(rule)).collect()
    }

    fn add_fetch_rule(&self, remote: &str, rule: &str) -> Result<(), PortError> {
        let key = format!("remote.{remote}.fetch");
        let run = GitRun::new(format!("add to {key}"), ["config", "--local", "--add", &key, rule]).elsewhere();
        self.output(&run).map(drop)
    }

    fn remove_fetch_rule(&self, remote: &str, rule: &str) -> Result<(), PortError> {
        let key = format!("remote.{remote}.fetch");
        let unset = ["config", "--local", "--fixed-value", "--unset-all", &key, rule];
        let run = GitRun::new(format!("take a refspec out of {key}"), unset).elsewhere();
        let answer = self.program.run(&run)?;
        // Set for all repositories of the person, it is theirs.
        let is_elsewhere = answer.status.code() == Some(NOTHING_TO_UNSET);
        if answer.status.success() || is_elsewhere { Ok(()) } else { Err(self.failure(&run, &answer)) }
    }

    fn was_told(&self) -> bool {
        cache_folder(self).join(TOLD).exists()
    }

    fn set_told(&self, told: bool) {
        let path = cache_folder(self).join(TOLD);
        // What cannot be remembered is told once more.
        if told {
            #[expect(clippy::disallowed_methods, reason = "an empty file beside the caches")]
            let _ = std::fs::write(path, b"");
        } else if path.exists() {
            #[expect(clippy::disallowed_methods, reason = "a file of ours beside the caches")]
            let _ = std::fs::remove_file(path);
        }
    }

    fn left_alone(&self, remote: &str) -> Option<Timestamp> {
        let path = cache_folder(self).join(LEFT_ALONE);
        // Asked first: to open a pipe would wait for its other end.
        let is_ours = path.metadata().is_ok_and(|file| file.is_file() && file.len() <= LONGEST);
        let text = is_ours.then(|| std::fs::read_to_string(&path).ok()).flatten()?;
        let (until, name) = text.strip_suffix('\n')?.split_once(' ')?;
        Timestamp::from_second(until.parse().ok()?).ok().filter(|_| name == remote)
    }

    fn leave_alone(&self, remote: &str, until: Option<Timestamp>) {
        let (folder, path) = (cache_folder(self), cache_folder(self).join(LEFT_ALONE));
        // What cannot be remembered is waited for once more.
        if let Some(until) = until {
            let _sharing = Sharing::begin(&self.reads);
            // Before the first incident there is no folder.
            let _ = std::fs::create_dir_all(folder);
            #[expect(clippy::disallowed_methods, reason = "a torn file of ours names no remote")]
            let _ = std::fs::write(path, format!("{} {remote}\n", until.as_second()));
        } else if path.exists() {
            #[expect(clippy::disallowed_methods, reason = "a file of ours beside the caches")]
            let _ = std::fs::remove_file(path);
        }
    }
}
