//! The resolved configuration as a list: every key, its value, and who said so.

use serde_json::Value as Json;

use super::key::NamedKey;
use super::{Config, ConfigError, ConfigOrigin, ConfigSource, KEYS, key, value};

/// A key and the value that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    /// The key, for example `severity.low.label`.
    pub key: String,
    /// The value; absent where nothing is set.
    pub value: Option<Json>,
    /// Who said so; absent for a default.
    pub set_by: Option<ConfigOrigin>,
    /// What the key does, one line.
    pub help: &'static str,
}

impl ConfigEntry {
    /// The kind of source.
    pub fn source(&self) -> ConfigSource {
        self.set_by.as_ref().map_or(ConfigSource::Default, ConfigOrigin::source)
    }

    /// Who said so, for people.
    pub fn origin(&self) -> String {
        self.set_by.as_ref().map_or_else(|| ConfigSource::Default.key().to_owned(), ConfigOrigin::to_string)
    }

    /// The value as `hotfix.toml` writes it.
    pub fn written(&self) -> Option<String> {
        self.value.as_ref().map(written)
    }
}

impl Config {
    /// Every key with the value that holds, in the order of the file that `init` writes. Of the severities all that are
    /// defined, of the hooks those that are set.
    pub fn entries(&self) -> Vec<ConfigEntry> {
        let severities: Vec<String> =
            self.severities.levels().iter().map(|level| level.severity.key().to_owned()).collect();
        let entry = |named: NamedKey| {
            let value = named.value(self);
            let set_by = self.origins.get(&named.name).cloned();
            ConfigEntry { key: named.name, value, set_by, help: named.key.help }
        };
        // A hook for each of thirty kinds of events would bury the rest.
        let is_listed = |entry: &ConfigEntry| entry.value.is_some() || KEYS.iter().any(|key| key.name == entry.key);
        NamedKey::all(&severities).into_iter().map(entry).filter(is_listed).collect()
    }

    /// The entries of a key, or of all keys of a section.
    ///
    /// # Errors
    /// When it is neither.
    pub fn entries_of(&self, name: &str) -> Result<Vec<ConfigEntry>, ConfigError> {
        // With the dot: `test` means its section, and not `testing` too.
        let is_meant = |key: &str| key == name || key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        let mut entries = self.entries();
        entries.retain(|entry| is_meant(&entry.key));
        let is_known = NamedKey::find(name).is_some() || key::is_section(name);
        match entries.is_empty() && !is_known {
            true => Err(ConfigError {
                key: name.to_owned(),
                origin: ConfigOrigin::Flag,
                problem: Box::new(key::unknown(name)),
            }),
            false => Ok(entries),
        }
    }
}

/// A value as `hotfix.toml` writes it.
pub(super) fn written(value: &Json) -> String {
    match value {
        Json::Array(values) => format!("[{}]", values.iter().map(written).collect::<Vec<_>>().join(", ")),
        Json::String(text) => value::quoted(text),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => value.to_string(),
    }
}
