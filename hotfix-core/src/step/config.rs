//! The rules as they hold here, and who said each of them.

use crate::config::ConfigEntry;
use crate::workflow::{Code, Context, Outcome, Plan, Refusal, Report, Result, Step};

/// Show every key of the configuration and its value
///
/// The value that holds: of the incident that is open, else of the production branch as of the last fetch.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Config {
    /// Only this key, or the keys of this section
    #[cfg_attr(feature = "cli", arg(value_name = "KEY"))]
    pub key: Option<String>,
    /// Say who set each value: default, git config, hotfix.toml, environment
    #[cfg_attr(feature = "cli", arg(long))]
    pub show_origin: bool,
}

impl Step for Config {
    step_facts!("config" about OpenIfClear, only_looks);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
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
