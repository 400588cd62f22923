//! How a repository is set up: git's configuration, and what follows from it.

use crate::domain::Person;
use crate::port::PortError;

use super::GitHooks;

/// Reads git's configuration as it is in this repository. Writes nothing, fetches nothing, and starts no program that the
/// repository supplies.
///
/// # Errors
/// All methods fail where it cannot be read.
pub trait ConfigRead {
    /// A configuration value of git, its last one.
    fn config(&self, key: &str) -> Result<Option<String>, PortError>;

    /// The subsections of this name in git's configuration: of `includeIf`, for example `onbranch:main`.
    fn config_subsections(&self, section: &str) -> Vec<String>;

    /// The names of the remotes, sorted.
    fn remotes(&self) -> Result<Vec<String>, PortError>;

    /// The URL that git fetches from for a remote, after `insteadOf`; `None` where it has none.
    fn remote_url(&self, remote: &str) -> Result<Option<String>, PortError>;

    /// The host that the person's own ssh takes this name for; `None` where ssh cannot be asked. It connects to nobody.
    fn ssh_host_name(&self, _host: &str) -> Option<String> {
        None
    }

    /// Who would commit.
    ///
    /// # Errors
    /// When git knows no name and address.
    fn identity(&self) -> Result<Person, PortError>;

    /// The hooks of these names that git would start here; none of them runs.
    fn hooks(&self, names: &[&str]) -> Result<GitHooks, PortError>;
}
