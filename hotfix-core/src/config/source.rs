//! Where values come from, one key and one value each.

use super::key::NamedKey;
use super::origin::ConfigOrigin;
use super::value::Value;
use super::{ConfigError, key};

/// A value that somebody gave for a key.
pub(super) struct Given {
    pub(super) key: NamedKey,
    pub(super) value: Value,
    pub(super) origin: ConfigOrigin,
}

/// What git's configuration says about these keys.
pub(super) fn user<'a>(
    keys: &'a [NamedKey],
    get: &'a dyn Fn(&str) -> Option<String>,
) -> impl Iterator<Item = Given> + 'a {
    keys.iter().filter_map(move |key| {
        let name = key::git_config_key(&key.name);
        let text = get(&name)?;
        Some(Given { key: key.clone(), value: Value::Typed(text), origin: ConfigOrigin::User(name) })
    })
}

/// What the environment says about these keys; an empty variable counts as unset.
pub(super) fn environment<'a>(
    keys: &'a [NamedKey],
    get: &'a dyn Fn(&str) -> Option<String>,
) -> impl Iterator<Item = Given> + 'a {
    keys.iter().filter_map(move |key| {
        let name = key::environment_variable(&key.name);
        // CI sets a variable of a secret that is absent to an empty text.
        let text = get(&name).filter(|text| !text.is_empty())?;
        Some(Given { key: key.clone(), value: Value::Typed(text), origin: ConfigOrigin::Environment(name) })
    })
}

/// What a flag says.
pub(super) fn flag(name: &str, text: &str) -> Result<Given, ConfigError> {
    let key = NamedKey::find(name).ok_or_else(|| ConfigError {
        key: name.to_owned(),
        origin: ConfigOrigin::Flag,
        problem: Box::new(key::unknown(name)),
    })?;
    Ok(Given { key, value: Value::Typed(text.to_owned()), origin: ConfigOrigin::Flag })
}
