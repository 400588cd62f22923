//! Where values come from, one key and one value each.

use std::borrow::Cow;
use std::sync::OnceLock;

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

/// A key with what it is asked for by.
#[derive(Clone)]
pub(super) struct AskedKey {
    key: NamedKey,
    git_config_key: String,
    environment_variable: String,
}

/// All keys, of the family of severities those with one of these names.
pub(super) fn keys(severities: Vec<String>) -> Cow<'static, [AskedKey]> {
    static KNOWN: OnceLock<(Vec<String>, Vec<AskedKey>)> = OnceLock::new();
    // A command resolves several configurations, mostly of the same severities, and these names are half of what that costs.
    let (known, keys) = KNOWN.get_or_init(|| (severities.clone(), named(&severities)));
    if *known == severities { Cow::Borrowed(keys) } else { Cow::Owned(named(&severities)) }
}

fn named(severities: &[String]) -> Vec<AskedKey> {
    let asked = |key: NamedKey| AskedKey {
        git_config_key: key::git_config_key(&key.name),
        environment_variable: key::environment_variable(&key.name),
        key,
    };
    NamedKey::all(severities).into_iter().map(asked).collect()
}

/// What git's configuration says about these keys.
pub(super) fn user<'a>(
    keys: &'a [AskedKey],
    get: &'a dyn Fn(&str) -> Option<String>,
) -> impl Iterator<Item = Given> + 'a {
    keys.iter().filter_map(move |asked| {
        let (text, name) = (get(&asked.git_config_key)?, asked.git_config_key.clone());
        Some(Given { key: asked.key.clone(), value: Value::Typed(text), origin: ConfigOrigin::User(name) })
    })
}

/// What the environment says about these keys; an empty variable counts as unset.
pub(super) fn environment<'a>(
    keys: &'a [AskedKey],
    get: &'a dyn Fn(&str) -> Option<String>,
) -> impl Iterator<Item = Given> + 'a {
    keys.iter().filter_map(move |asked| {
        // CI sets a variable of a secret that is absent to an empty text.
        let text = get(&asked.environment_variable).filter(|text| !text.is_empty())?;
        let origin = ConfigOrigin::Environment(asked.environment_variable.clone());
        Some(Given { key: asked.key.clone(), value: Value::Typed(text), origin })
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
