//! The configuration: `hotfix.toml`, git's own, the environment and flags, resolved into one checked [`Config`].
//!
//! Pure: texts come in, where they were found is the caller's business. Each key is declared once, in `key.rs`; names
//! in the file, in git's configuration and in the environment, help and defaults all come from there.

mod entry;
mod error;
mod globs;
mod key;
mod notify;
mod origin;
mod path;
mod raw;
mod setting;
mod severity;
mod shown;
mod source;
mod starter;
mod value;
mod version_files;

use std::collections::BTreeMap;
use std::time::Duration;

pub use entry::ConfigEntry;
pub use error::{ConfigError, ConfigProblem};
pub use globs::Globs;
pub use key::{KEYS, Key};
pub use notify::{NOTIFY_KEY, NOTIFY_VARIABLE, NotifyConfig, NotifyFormat, Webhook};
pub use origin::{ConfigOrigin, ConfigSource};
pub use setting::Setting;
pub use starter::{Detected, starter};
pub use version_files::VersionFiles;

use crate::domain::{CommandLine, PREFIX, Severities, keys};

/// The argument that stands for the affected test files.
pub const PLACEHOLDER: &str = "{files}";

/// The name of the file at the top of the repository.
pub const FILE_NAME: &str = "hotfix.toml";

/// The configuration that holds for an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The versions of hotfix that the repository's file is written for.
    pub requires: Option<String>,
    /// What production is built from.
    pub production: ProductionConfig,
    /// Where a release goes besides production.
    pub release: ReleaseConfig,
    /// How tests run.
    pub test: TestConfig,
    /// How the fix gets to production.
    pub deploy: DeployConfig,
    /// What a minimal fix is.
    pub guard: GuardConfig,
    /// Where the documents are.
    pub documents: DocumentsConfig,
    /// How the records get to production.
    pub records: Deliver,
    /// How bad an incident can be.
    pub severities: Severities,
    /// The commands that run after events, by the name of the kind of event.
    pub hooks: Hooks,
    /// How the branches of incidents are called.
    pub branch: BranchConfig,
    /// Who hosts the repository.
    pub forge: ForgeConfig,
    /// With whom the ledger is shared.
    pub ledger: LedgerConfig,
    /// Whom to tell.
    pub notify: NotifyConfig,
    origins: BTreeMap<String, ConfigOrigin>,
}

/// Commands by the name of the kind of event that they run after, one argument an element.
// By name, for a kind of event may come from a newer version.
pub type Hooks = BTreeMap<String, CommandLine>;

/// With whom the ledger is shared, and whether it is signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerConfig {
    /// Whether it is shared around every command that records, with remotes that the person allowed to have it.
    pub share: bool,
    /// The remote that has it; production's if absent.
    pub remote: Option<String>,
    /// Whether what is recorded is signed, by the person's own settings for commits.
    pub sign: bool,
}

/// What production is built from; what is absent is detected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductionConfig {
    /// The branch, without `refs/heads/`.
    pub branch: Option<String>,
    /// The remote that holds it.
    pub remote: Option<String>,
    /// The tags of releases, with one `*`; the newest one is what production runs.
    pub tag: Option<String>,
    /// How to ask which commit production runs.
    pub deployed: Option<ProductionCheck>,
}

/// Where a release goes besides production.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseConfig {
    /// The branches that need every fix, each with at most one `*`.
    pub lines: Vec<String>,
    /// The tag of a release, in which `{version}` stands for its version.
    pub tag: Option<String>,
    /// Files that every release has of its own, and how conflicts in them are settled.
    pub version_files: VersionFiles,
}

/// How tests run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestConfig {
    /// The command, one argument an element; `{files}` stands for the affected test files. Absent: detected.
    pub command: Option<CommandLine>,
    /// The command of the end-to-end tests.
    pub e2e: Option<CommandLine>,
    /// The paths that need end-to-end tests when the fix touches them.
    pub e2e_paths: Globs,
    /// Test files that conventions don't tell.
    pub regression: Globs,
    /// What prepares a fresh work tree for tests.
    pub setup: Option<CommandLine>,
    /// What a fresh work tree needs of the user's, relative to the top; empty: what the runner is known to need.
    pub link: Vec<String>,
    /// When a run is ended.
    pub timeout: Duration,
}

/// How the fix gets to production.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployConfig {
    /// The command. Absent: merged is the end, and that is said.
    pub command: Option<CommandLine>,
    /// The command that runs migrations.
    pub migrate: Option<CommandLine>,
    /// The paths that need migrations when the fix touches them; empty: any.
    pub migrate_paths: Globs,
    /// How production is looked at afterwards.
    pub verify: Option<ProductionCheck>,
    /// The command that takes a deployment back.
    pub rollback: Option<CommandLine>,
    /// When each of these commands is ended.
    pub timeout: Duration,
}

/// How production is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProductionCheck {
    /// By a command that exits with 0.
    Command(CommandLine),
    /// By a URL, `http` or `https`, that answers 2xx.
    Url(String),
}

impl ProductionCheck {
    /// The command, or the URL as its only word.
    pub fn words(&self) -> CommandLine {
        match self {
            Self::Command(command) => command.clone(),
            Self::Url(url) => CommandLine::from([url.as_str()]),
        }
    }
}

/// What a minimal fix is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardConfig {
    /// The most files it may change, tests and lock files aside.
    pub max_files: u32,
    /// The most lines it may add and remove, tests and lock files aside.
    pub max_lines: u32,
    /// Paths that it may not touch.
    pub forbid: Globs,
}

/// Where the documents are, relative to the top of the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentsConfig {
    /// The folder of the postmortems.
    pub postmortem: String,
    /// The status page.
    pub status: String,
    /// The list of technical debt.
    pub tech_debt: String,
    /// The house style of the postmortem.
    pub preset: String,
}

keys! {
    /// How the records get to the production branch.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Deliver {
        /// They are committed on it and pushed.
        Push = "push",
        /// They are committed on a branch of their own, to be merged by a pull request.
        PullRequest = "pull-request",
        /// They are left in the work tree.
        Leave = "leave",
    }
}

/// How the branches of incidents are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchConfig {
    /// What all of them begin with; the slug follows.
    pub prefix: String,
}

/// Who hosts the repository; what is absent is told by the remote's URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForgeConfig {
    /// Which service.
    pub kind: Option<ForgeKind>,
    /// The address of its interface, without a slash at its end.
    pub api: Option<String>,
    /// The repository there, `owner/name`.
    pub repository: Option<String>,
}

keys! {
    /// Who hosts the repository.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ForgeKind {
        /// GitHub, github.com or Enterprise.
        GitHub = "github",
        /// Nobody: the pull request is a document in the ledger.
        Local = "local",
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            requires: None,
            production: ProductionConfig::default(),
            release: ReleaseConfig::default(),
            test: TestConfig {
                command: None,
                e2e: None,
                e2e_paths: Globs::default(),
                regression: Globs::default(),
                setup: None,
                link: Vec::new(),
                // Longer than most suites, and short enough to notice at night that one hangs.
                timeout: Duration::from_secs(600),
            },
            deploy: DeployConfig {
                command: None,
                migrate: None,
                migrate_paths: Globs::default(),
                verify: None,
                rollback: None,
                timeout: Duration::from_secs(1_800),
            },
            guard: GuardConfig { max_files: 10, max_lines: 200, forbid: Globs::default() },
            documents: DocumentsConfig {
                postmortem: "docs/decisions".to_owned(),
                status: "docs/planning/STATUS.md".to_owned(),
                tech_debt: "docs/planning/TECH-DEBT.md".to_owned(),
                preset: "default".to_owned(),
            },
            records: Deliver::Push,
            ledger: LedgerConfig::default(),
            severities: Severities::default(),
            hooks: Hooks::new(),
            notify: NotifyConfig::default(),
            branch: BranchConfig { prefix: PREFIX.to_owned() },
            forge: ForgeConfig::default(),
            origins: BTreeMap::new(),
        }
    }
}

impl Config {
    /// Resolves all sources; of a key that several give, the last in the order of [`ConfigSource`] counts.
    ///
    /// A severity that the file does not define can be no other source's either.
    ///
    /// `repository` is where the file was found, for example `hotfix.toml at 1a2b3c4d5`, and its text. `user` gives a
    /// value of git's configuration by its key (`hotfix.guard.max-files`), `environment` one of the environment
    /// (`HOTFIX_GUARD_MAX_FILES`).
    ///
    /// # Errors
    /// At the first key of any source that is unknown or has a value that cannot be meant.
    pub fn resolve(
        repository: Option<(&str, &str)>,
        user: &dyn Fn(&str) -> Option<String>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let given = match repository {
            Some((file, text)) => raw::parse(file, text)?,
            None => Vec::new(),
        };
        let mut config = Self::default();
        // The environment can be asked by name only, so the names must be known first.
        let keys = source::keys(severity_names(&config, &given));
        // The person's own first: the repository's file overrides it, for everybody ships by one rule.
        for given in source::user(&keys, user) {
            config.set(given)?;
        }
        for given in given {
            config.set(given)?;
        }
        // Last: CI sets what holds for this run alone.
        for given in source::environment(&keys, environment) {
            config.set(given)?;
        }
        config.refuse_crowded()?;
        // Never the file's: who holds the address may write into a team's chat.
        let address = environment(NOTIFY_VARIABLE).filter(|address| !address.trim().is_empty());
        let address = address.or_else(|| user(NOTIFY_KEY)).filter(|address| !address.trim().is_empty());
        config.notify.webhook = address.as_deref().map(Webhook::new);
        Ok(config)
    }

    /// Refuses documents of which one would take the place of another.
    fn refuse_crowded(&self) -> Result<(), ConfigError> {
        let Some((key, problem)) = path::crowded(&self.documents) else { return Ok(()) };
        // Whichever of them was set: as they are by themselves, they have room.
        let keys = [key, "documents.postmortem", "documents.status", "documents.tech_debt"];
        let set = keys.into_iter().find_map(|key| Some((key, self.origins.get(key)?)));
        set.map_or(Ok(()), |(key, origin)| {
            Err(ConfigError { key: key.to_owned(), origin: origin.clone(), problem: Box::new(problem) })
        })
    }

    /// Sets a key by a flag, written as in the environment: a vector is a JSON array.
    ///
    /// # Errors
    /// When there is no such key, or the value cannot be meant.
    pub fn set_by_flag(&mut self, key: &str, text: &str) -> Result<(), ConfigError> {
        self.set(source::flag(key, text)?)
    }

    /// Where the value of a key such as `test.command` comes from.
    pub fn origin_of(&self, key: &str) -> ConfigSource {
        self.origins.get(key).map_or(ConfigSource::Default, ConfigOrigin::source)
    }

    fn set(&mut self, given: source::Given) -> Result<(), ConfigError> {
        let source::Given { key: named, value, origin } = given;
        (named.key.set)(self, &named.parameter, &value).map_err(|problem| ConfigError {
            key: named.name.clone(),
            origin: origin.clone(),
            problem: Box::new(problem),
        })?;
        // Only once it was read: an error names its origin itself.
        self.origins.insert(named.name, origin);
        Ok(())
    }
}

/// The keys of the severities that are built in or that the file defines: of these, other sources may say more.
fn severity_names(config: &Config, given: &[source::Given]) -> Vec<String> {
    let built_in = config.severities.levels().iter().map(|level| level.severity.key());
    let defined =
        given.iter().filter(|given| given.key.name.starts_with("severity.")).map(|given| &*given.key.parameter);
    let mut names: Vec<String> = Vec::new();
    for name in built_in.chain(defined) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests;
