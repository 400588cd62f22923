//! A repository in which several users work (`core.sharedRepository`): what is written there is theirs too. git changes the
//! permissions of what it wrote; libgit2 knows nothing of it, so for as long as it writes, the process takes less away from
//! new files.

use std::ops::Deref;

use rustix::fs::{Mode, RawMode};
use rustix::process::umask;

use super::durable::Durable;

/// While it lives, new files get the permissions that the repository wants; then those of the process hold again. It is the
/// process as a whole that has them, so no program of anybody's is started meanwhile.
pub(super) struct Sharing(Option<Mode>);

impl Sharing {
    /// Begins, where the repository is shared.
    pub(super) fn begin(repository: &gix::Repository) -> Self {
        let setting = repository.config_snapshot().string("core.sharedRepository");
        let permissions = setting.and_then(|setting| Permissions::read(&setting.to_string()));
        Self(permissions.map(|permissions| {
            let before = umask(Mode::from_raw_mode(0o077)); // It can only be asked by setting it.
            umask(Mode::from_raw_mode(permissions.mask(before.as_raw_mode())));
            before
        }))
    }
}

/// What `core.sharedRepository` says, as git-config(1) has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Permissions {
    Group,
    Everybody,
    Exactly(RawMode),
}

impl Permissions {
    /// `None` where nothing but the umask counts, and where git would refuse the value.
    fn read(setting: &str) -> Option<Self> {
        match setting.to_ascii_lowercase().as_str() {
            "group" | "true" | "yes" | "on" | "1" => Some(Self::Group),
            "all" | "world" | "everybody" | "2" => Some(Self::Everybody),
            number => {
                let mode = RawMode::from_str_radix(number, 8).ok().filter(|mode| mode & 0o600 == 0o600)?;
                Some(Self::Exactly(mode & 0o666))
            }
        }
    }

    /// What is taken away from new files where `usual` is for others.
    fn mask(self, usual: RawMode) -> RawMode {
        match self {
            Self::Group => usual & !0o070,
            Self::Everybody => usual & !0o075,
            // Who may read a folder may enter it.
            Self::Exactly(mode) => 0o777 & !(mode | (mode & 0o444) >> 2),
        }
    }
}

impl Drop for Sharing {
    fn drop(&mut self) {
        if let Some(before) = self.0 {
            umask(before);
        }
    }
}

/// The repository for writing, whose files are those of all who share it.
pub(in crate::adapter) struct Writing<'a> {
    durable: &'a Durable,
    _sharing: Sharing,
}

impl<'a> Writing<'a> {
    pub(super) fn begin(durable: &'a Durable, repository: &gix::Repository) -> Self {
        Self { durable, _sharing: Sharing::begin(repository) }
    }
}

impl Deref for Writing<'_> {
    type Target = Durable;

    fn deref(&self) -> &Durable {
        self.durable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_away_is_what_git_takes() {
        let mask = |setting: &str, usual| Permissions::read(setting).map(|permissions| permissions.mask(usual));
        for none in ["umask", "false", "0", "", "0040", "9", "everyone"] {
            assert_eq!(mask(none, 0o022), None, "{none}");
        }
        for (setting, usual, expected) in [
            ("group", 0o022, 0o002),
            ("1", 0o077, 0o007),
            ("All", 0o077, 0o002),
            ("0640", 0o022, 0o027),
            ("0666", 0o077, 0o000),
        ] {
            assert_eq!(mask(setting, usual), Some(expected), "{setting}");
        }
    }
}
