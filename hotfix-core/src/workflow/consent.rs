//! Whether a person lets a remote have the ledger: what is in it was written for the people here.

use crate::config::{Config, ConfigSource};
use crate::port::Look;

use super::Result;

/// The person's own word, for every remote. What the repository says of itself does not count.
const EVERYWHERE: &str = "hotfix.ledger.share";

/// The same word for one run, as CI gives it.
pub(crate) const VARIABLE: &str = "HOTFIX_LEDGER_SHARE";

/// The key of git's configuration that remembers the answer about one remote.
pub(crate) fn key(remote: &str) -> String {
    format!("remote.{remote}.hotfixLedger")
}

/// Whether the ledger may be shared with a remote.
///
/// # Errors
/// When the configuration cannot be read.
pub(crate) fn is_given(look: Look<'_>, config: &Config, remote: &str) -> Result<bool> {
    Ok(answer(look, config, remote)? == Some(true))
}

/// What a person said about a remote; `None` where nobody was asked yet.
///
/// # Errors
/// When the configuration cannot be read.
pub(crate) fn answer(look: Look<'_>, config: &Config, remote: &str) -> Result<Option<bool>> {
    if let Some(answer) = look.git.config(&key(remote))? {
        return Ok(Some(is_yes(&answer)));
    }
    // The environment is the person's own, as the configuration of git is; a repository sets neither.
    if config.origin_of("ledger.share") == ConfigSource::Environment {
        return Ok(Some(config.ledger.share));
    }
    Ok(look.git.config(EVERYWHERE)?.map(|answer| is_yes(&answer)))
}

/// As git reads a boolean.
fn is_yes(text: &str) -> bool {
    ["true", "yes", "on", "1", ""].iter().any(|yes| text.eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::tests::scene::Scene;

    #[test]
    fn the_environment_is_a_persons_word_and_the_repository_is_none() {
        let file = "[ledger]\nshare = true\n";
        let scene = |setting: Option<(&str, &str)>, variable: Option<&str>| {
            let mut scene = Scene::calm();
            scene.settings.extend(setting.map(|(key, value)| (key.to_owned(), value.to_owned())));
            let variable = |name: &str| variable.filter(|_| name == VARIABLE).map(str::to_owned);
            scene.config = Config::resolve(Some(("hotfix.toml", file)), &|_| None, &variable).unwrap();
            let laid_out = scene.lay_out();
            answer(scene.look(&laid_out), &scene.config, "origin").unwrap()
        };
        assert_eq!(scene(None, None), None, "what the repository says of itself does not count");
        assert_eq!(scene(None, Some("true")), Some(true));
        assert_eq!(scene(Some((EVERYWHERE, "true")), Some("false")), Some(false), "the environment is of this run");
        // What was said of one remote counts before what is said of all.
        assert_eq!(scene(Some((&key("origin"), "false")), Some("true")), Some(false));
    }
}
