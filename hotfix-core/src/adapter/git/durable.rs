//! The repository as libgit2 has it, which makes durable what it writes.

use std::io::Write as _;

/// A repository in which every object and ref is on the disk before the call that wrote it returns.
pub(in crate::adapter) struct Durable {
    pub(in crate::adapter) repository: git2::Repository,
    /// libgit2 reads it as long as the repository is open.
    _settings: tempfile::NamedTempFile,
}

/// libgit2 makes nothing durable unless told so, and can be told only by a configuration file.
const SETTINGS: &[u8] = b"[core]\n\tfsyncObjectFiles = true\n";

impl Durable {
    pub(super) fn open(common_dir: &std::path::Path) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        // libgit2 has no call for it, and the repository's own configuration is not ours to change.
        let mut settings = tempfile::NamedTempFile::new()?;
        settings.write_all(SETTINGS)?;
        // The environment would lead elsewhere: GIT_DIR is another repository's in a hook.
        let flags = git2::RepositoryOpenFlags::NO_SEARCH | git2::RepositoryOpenFlags::NO_DOTGIT;
        let repository = git2::Repository::open_ext(common_dir, flags, std::iter::empty::<&std::ffi::OsStr>())?;
        let mut config = repository.config()?;
        config.add_file(settings.path(), git2::ConfigLevel::App, true)?;
        repository.set_config(&config)?; // Forgets what was read before.
        Ok(Self { repository, _settings: settings })
    }
}
