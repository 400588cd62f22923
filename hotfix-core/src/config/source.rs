//! Where values come from, in the order in which they count.

use super::error::{Place, nearest};
use super::key::{KEYS, Key};
use super::value::Value;
use super::{ConfigError, Problem};

/// Where a value comes from; a later one overrides an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// Git's configuration of the person.
    User,
    /// `hotfix.toml` of the repository.
    Repository,
    /// The environment.
    Environment,
    /// The command line.
    Flag,
}

/// A value that somebody gave for a key.
pub(super) struct Given {
    pub(super) key: &'static Key,
    pub(super) value: Value,
    pub(super) place: Place,
}

/// What git's configuration says.
pub(super) fn user(get: &dyn Fn(&str) -> Option<String>) -> impl Iterator<Item = Given> {
    KEYS.iter().filter_map(move |key| {
        let name = key.git_config_key();
        let text = get(&name)?;
        Some(Given { key, value: Value::Typed(text), place: Place::User(name) })
    })
}

/// What the environment says; an empty variable counts as unset.
pub(super) fn environment(get: &dyn Fn(&str) -> Option<String>) -> impl Iterator<Item = Given> {
    KEYS.iter().filter_map(move |key| {
        let name = key.environment_variable();
        let text = get(&name).filter(|text| !text.is_empty())?;
        Some(Given { key, value: Value::Typed(text), place: Place::Environment(name) })
    })
}

/// What a flag says.
pub(super) fn flag(name: &str, text: &str) -> Result<Given, ConfigError> {
    let key = KEYS.iter().find(|key| key.name == name).ok_or_else(|| ConfigError {
        key: name.to_owned(),
        place: Place::Flag,
        problem: Box::new(Problem::UnknownKey { nearest: nearest(name, KEYS.iter().map(|key| key.name)) }),
    })?;
    Ok(Given { key, value: Value::Typed(text.to_owned()), place: Place::Flag })
}
