//! Whom to tell of an incident: which events, in which form, and the person's own address for them.

use std::fmt;

use crate::domain::{EventKind, keys};

use super::ConfigProblem;
use super::error::nearest;

/// The environment variable that holds the address of the webhook.
pub const NOTIFY_VARIABLE: &str = "HOTFIX_NOTIFY_URL";

/// The key of git's configuration that does.
pub const NOTIFY_KEY: &str = "hotfix.notify.url";

/// What a webhook is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotifyConfig {
    /// The kinds of events; none means that nothing is told.
    pub events: Vec<String>,
    /// What it is told in.
    pub format: NotifyFormat,
    /// Its address. No key of the file: whoever holds it may write there, so that it is no team's to commit.
    pub webhook: Option<Webhook>,
}

impl NotifyConfig {
    /// The webhook, where it is told anything.
    pub fn told(&self) -> Option<&Webhook> {
        self.webhook.as_ref().filter(|_| !self.events.is_empty())
    }

    pub(super) fn events_of(list: Vec<String>) -> Result<Vec<String>, ConfigProblem> {
        let known = || EventKind::NAMES.into_iter();
        match list.iter().find(|name| !known().any(|known| known == name.as_str())) {
            None => Ok(list),
            Some(given) => Err(ConfigProblem::NoChoice {
                given: given.clone(),
                choices: known().collect(),
                nearest: nearest(given, known()),
            }),
        }
    }
}

keys! {
    /// What a webhook is told in.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub enum NotifyFormat {
        /// Our own: the event and its incident, for programs.
        #[default]
        Json = "json",
        /// One line of text in the form of Slack, which Mattermost and Discord's `/slack` take too.
        Slack = "slack",
    }
}

/// The address of a webhook. Chats take everything that comes to it: it is a secret, of which only the host is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook(String);

impl Webhook {
    /// An address as the person gave it.
    pub fn new(address: &str) -> Self {
        Self(address.trim().to_owned())
    }

    /// The whole of it, to post to and for nothing else.
    pub fn address(&self) -> &str {
        &self.0
    }

    /// The host that it leads to; `None` where it is no http or https URL.
    pub fn host(&self) -> Option<&str> {
        let rest = self.0.strip_prefix("https://").or_else(|| self.0.strip_prefix("http://"))?;
        let authority = rest.split(['/', '?', '#', '\\']).next()?;
        // The last `@`: a password may hold one.
        let host = authority.rsplit('@').next()?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        (!host.is_empty() && host.bytes().all(is_plain)).then_some(host)
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Webhook").field(&self.host()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_of_an_address_is_shown() {
        let host = |address: &str| Webhook::new(address).host().map(str::to_owned);
        assert_eq!(host("https://hooks.slack.com/services/T0/B0/secret").as_deref(), Some("hooks.slack.com"));
        assert_eq!(host("http://me:p@ss@[::1]:8065/hooks/x?y#z").as_deref(), Some("[::1]:8065"));
        for none in ["", "hooks.slack.com", "ftp://host/x", "https://", "https:///x", "https://a b/x", "file:///etc"] {
            assert_eq!(host(none), None, "{none}");
        }
        let shown = format!("{:?}", Webhook::new("https://hooks.slack.com/services/secret"));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
