//! The rules as they hold here, and who said each of them; and one of them set.

mod set;

use crate::config::ConfigEntry;
use crate::workflow::{Code, Context, IncidentNeed, Outcome, Plan, Refusal, Report, Result, Step};

/// Show every key of the configuration and its value
///
/// The value that holds: of the incident that is open, else of the production branch as of the last fetch.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Config {
    /// What to do instead
    #[cfg_attr(feature = "cli", command(subcommand))]
    pub command: Option<ConfigCommand>,
    /// Only this key, or the keys of this section
    #[cfg_attr(feature = "cli", arg(value_name = "KEY"))]
    pub key: Option<String>,
    /// Say who set each value: default, git config, hotfix.toml, environment
    #[cfg_attr(feature = "cli", arg(long))]
    pub show_origin: bool,
}

/// What to do with the configuration besides showing it.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "cli", derive(clap::Subcommand))]
pub enum ConfigCommand {
    /// Set a key, for yourself in every repository, or for all in hotfix.toml
    ///
    /// A key that there is not, or a value that cannot be meant, is refused before anything is written.
    Set {
        /// The key, as `config` shows it
        #[cfg_attr(feature = "cli", arg(value_name = "KEY"))]
        key: String,
        /// Its value; a list as a JSON array: '["make", "test"]'
        #[cfg_attr(feature = "cli", arg(value_name = "VALUE"))]
        value: String,
        /// In hotfix.toml, which all of it but this value leaves as it is; commit and push it, to make it count
        #[cfg_attr(feature = "cli", arg(long))]
        repository: bool,
    },
}

impl Step for Config {
    fn name(&self) -> &'static str {
        match self.command {
            None => "config",
            Some(ConfigCommand::Set { .. }) => "config set",
        }
    }

    fn incident(&self) -> IncidentNeed {
        // What is set holds for all of them.
        if self.command.is_some() { IncidentNeed::None } else { IncidentNeed::OpenIfClear }
    }

    fn only_looks(&self) -> bool {
        true
    }

    fn works_without_rules(&self) -> bool {
        // It may be what mends them.
        self.command.is_some()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        if let Some(ConfigCommand::Set { key, value, repository }) = &self.command {
            return set::plan(context, key, value, *repository);
        }
        let entries = match &self.key {
            Some(key) => {
                context.config.entries_of(key.trim()).map_err(|error| Refusal::usage(Code::Config, error.doing()))?
            }
            None => context.config.entries(),
        };
        let text = match (entries.as_slice(), &self.key) {
            ([only], Some(key)) if only.key == key.trim() => self.value_alone(only),
            _ => self.table(&entries),
        };
        let report = Report { config: Some(entries), ..Report::default() };
        Ok(Plan::finished(Outcome { report, ..Outcome::text(text) }))
    }
}

impl Config {
    /// The value of the one key that was asked for, for scripts; nothing where nothing is set.
    fn value_alone(&self, entry: &ConfigEntry) -> String {
        let Some(value) = entry.written() else { return String::new() };
        if self.show_origin { format!("{value}  # {}\n", entry.origin()) } else { format!("{value}\n") }
    }

    fn table(&self, entries: &[ConfigEntry]) -> String {
        let assignment = |entry: &ConfigEntry| match entry.written() {
            Some(value) => format!("{} = {value}", entry.key),
            None => format!("{} is not set", entry.key),
        };
        let widest = entries.iter().map(|entry| assignment(entry).chars().count()).max().unwrap_or_default();
        let line = |entry: &ConfigEntry| match self.show_origin {
            true => format!("{:<width$}  # {}\n", assignment(entry), entry.origin(), width = widest.min(WIDEST)),
            false => format!("{}\n", assignment(entry)),
        };
        entries.iter().map(line).collect()
    }
}

/// Origins line up behind values that are not longer than this, in columns.
const WIDEST: usize = 48;
