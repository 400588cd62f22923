//! How bad an incident is: the three severities that everybody has, and those that a team defines.
//!
//! A [`Severity`] is a key and nothing more, so an incident keeps its own when the configuration forgets it. What a key
//! means (label, aliases, urgency, limits) is in a table, [`Severities`], that is passed to whoever needs it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest key of a severity, in bytes.
const MAX_KEY: usize = 32;

/// A severity that nobody defined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown severity `{0}`")]
pub struct UnknownSeverity(String);

/// A text that cannot be the key of a severity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key of a severity: lower-case letters, digits, `-` and `_`, a letter first, at most 32")]
pub struct InvalidSeverityKey(String);

/// How bad an incident is; when unsure, choose the worse one and re-rate later.
///
/// ```
/// use hotfix_core::domain::Severity;
/// assert_eq!(" SEV1\n".parse(), Ok(Severity::Critical));
/// assert_eq!(Severity::High.key(), "high");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Severity {
    /// The service is down or data is at risk for many users; everybody stops what they do.
    Critical,
    /// A main function is broken for a part of the users, or likely to become critical.
    High,
    /// Users are hindered but can work; still too urgent for the normal path.
    Medium,
    /// One that a team defined.
    Custom(SeverityKey),
}

/// The key of a severity that a team defined.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SeverityKey(String);

impl Severity {
    /// The severities that everybody has, worst first.
    pub const BUILT_IN: [Self; 3] = [Self::Critical, Self::High, Self::Medium];

    /// The severity with exactly this key, whether anybody defined it or not.
    ///
    /// # Errors
    /// When it cannot be a key.
    pub fn from_key(key: &str) -> Result<Self, InvalidSeverityKey> {
        if let Some(known) = Self::BUILT_IN.into_iter().find(|known| known.key() == key) {
            return Ok(known);
        }
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        // It becomes a key of git's configuration and a word of a command line.
        let starts_well = key.starts_with(|first: char| first.is_ascii_lowercase());
        if starts_well && key.len() <= MAX_KEY && key.bytes().all(is_plain) {
            Ok(Self::Custom(SeverityKey(key.to_owned())))
        } else {
            Err(InvalidSeverityKey(key.chars().take(40).collect()))
        }
    }

    /// The lower-case key used in flags, JSON and the ledger.
    pub fn key(&self) -> &str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Custom(SeverityKey(key)) => key,
        }
    }
}

/// By the built-in severities and their aliases; a team's own are in its [`Severities`].
impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Self, UnknownSeverity> {
        Severities::default().parse(text)
    }
}

impl TryFrom<String> for Severity {
    type Error = InvalidSeverityKey;

    fn try_from(key: String) -> Result<Self, InvalidSeverityKey> {
        Self::from_key(&key)
    }
}

impl From<Severity> for String {
    fn from(severity: Severity) -> Self {
        severity.key().to_owned()
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.key())
    }
}

/// What a severity means, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeverityLevel {
    /// The severity.
    pub severity: Severity,
    /// The name in documents.
    pub label: String,
    /// Other spellings that are understood, lower-case.
    pub aliases: Vec<String>,
    /// How urgent it is; 0 is the worst.
    pub urgency: u32,
    /// One line that helps to choose; may be empty.
    pub definition: String,
    /// How many days after its end the postmortem is due.
    pub postmortem_due_days: Option<u32>,
    /// The most files a minimal fix changes; else the guard's own limit holds.
    pub max_files: Option<u32>,
    /// The most lines it adds and removes; else the guard's own limit holds.
    pub max_lines: Option<u32>,
}

impl SeverityLevel {
    fn built_in(severity: Severity, label: &str, aliases: [&str; 3], urgency: u32, definition: &str) -> Self {
        Self {
            label: label.to_owned(),
            aliases: aliases.map(str::to_owned).to_vec(),
            urgency,
            definition: definition.to_owned(),
            ..Self::new(severity)
        }
    }

    /// A level of which only the key is known: it stands after the built-in ones.
    fn new(severity: Severity) -> Self {
        Self {
            label: capitalised(severity.key()),
            severity,
            aliases: Vec::new(),
            urgency: 3,
            definition: String::new(),
            postmortem_due_days: None,
            max_files: None,
            max_lines: None,
        }
    }

    /// The level as one line: key, aliases, definition.
    pub fn describe(&self) -> String {
        let aliases = if self.aliases.is_empty() { String::new() } else { format!(" ({})", self.aliases.join(", ")) };
        let definition = if self.definition.is_empty() { String::new() } else { format!(": {}", self.definition) };
        format!("{}{aliases}{definition}", self.severity)
    }
}

/// The severities that are defined, worst first.
///
/// ```
/// use hotfix_core::domain::{Severities, Severity};
/// let mut severities = Severities::default();
/// let low = Severity::from_key("low").unwrap();
/// severities.change(&low, |level| level.aliases = vec!["p3".to_owned()]);
/// assert_eq!(severities.parse(" P3 "), Ok(low.clone()));
/// assert_eq!(severities.label(&low), "Low");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Severities {
    levels: Vec<SeverityLevel>,
}

impl Default for Severities {
    fn default() -> Self {
        let level = SeverityLevel::built_in;
        let levels = vec![
            level(Severity::Critical, "Critical", ["p0", "sev1", "sev-1"], 0, "down, or data at risk, for many users"),
            level(
                Severity::High,
                "High",
                ["p1", "sev2", "sev-2"],
                1,
                "a main function is broken for a part of the users",
            ),
            level(Severity::Medium, "Medium", ["p2", "sev3", "sev-3"], 2, "users are hindered but can work"),
        ];
        Self { levels }
    }
}

impl Severities {
    /// All levels, worst first.
    pub fn levels(&self) -> &[SeverityLevel] {
        &self.levels
    }

    /// What `severity` means, where it is defined.
    pub fn get(&self, severity: &Severity) -> Option<&SeverityLevel> {
        self.levels.iter().find(|level| level.severity == *severity)
    }

    /// The name in documents; the key where nobody defines it any more.
    pub fn label<'a>(&'a self, severity: &'a Severity) -> &'a str {
        self.get(severity).map_or(severity.key(), |level| &level.label)
    }

    /// The severity that a person means by its key or an alias.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(&self, text: &str) -> Result<Severity, UnknownSeverity> {
        let wanted = text.trim().to_lowercase();
        let by_key = || self.levels.iter().find(|level| level.severity.key() == wanted);
        let by_alias = || self.levels.iter().find(|level| level.aliases.contains(&wanted));
        // A team may call a severity of its own `p1`.
        let level = by_key().or_else(by_alias);
        level.map(|level| level.severity.clone()).ok_or_else(|| UnknownSeverity(text.trim().chars().take(40).collect()))
    }

    /// Changes what `severity` means, and defines it first where nobody did. A word means one severity only: its
    /// key and aliases are taken from the aliases of the others.
    pub fn change(&mut self, severity: &Severity, change: impl FnOnce(&mut SeverityLevel)) {
        let position = self.levels.iter().position(|level| level.severity == *severity);
        let mut level = match position {
            Some(position) => self.levels.remove(position),
            None => SeverityLevel::new(severity.clone()),
        };
        change(&mut level);
        for other in &mut self.levels {
            // Two severities for one word would make the choice depend on their order.
            other.aliases.retain(|alias| !level.aliases.contains(alias) && *alias != level.severity.key());
        }
        // Back where it was: levels of one urgency keep their order.
        self.levels.insert(position.unwrap_or(self.levels.len()), level);
        self.levels.sort_by_key(|level| level.urgency);
    }
}

fn capitalised(key: &str) -> String {
    let mut characters = key.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(key: &str) -> Severity {
        Severity::from_key(key).unwrap()
    }

    #[test]
    fn aliases_are_trimmed_and_case_insensitive() {
        for (text, severity) in [("P0\n", Severity::Critical), ("sev-2", Severity::High), ("Medium", Severity::Medium)]
        {
            assert_eq!(text.parse(), Ok(severity));
        }
    }

    #[test]
    fn refuses_what_only_looks_like_a_severity() {
        for text in ["", "-1", "P9", "99999999999999999999", "\u{420}0", "low"] {
            assert!(text.parse::<Severity>().is_err(), "{text}");
        }
    }

    #[test]
    fn keys_are_written_and_any_plain_one_is_read() {
        for (severity, json) in [(Severity::Critical, "\"critical\""), (custom("low-2"), "\"low-2\"")] {
            assert_eq!(serde_json::to_string(&severity).unwrap(), json);
            assert_eq!(serde_json::from_str::<Severity>(json).unwrap(), severity);
        }
        for key in ["", "Low", "2low", "a b", "\u{430}", &"a".repeat(33)] {
            assert!(Severity::from_key(key).is_err(), "{key}");
        }
    }

    #[test]
    fn the_worst_comes_first_and_equals_keep_their_order() {
        let mut severities = Severities::default();
        for (key, urgency) in [("low", 9), ("blocker", 0), ("minor", 9)] {
            severities.change(&custom(key), |level| level.urgency = urgency);
        }
        let keys: Vec<&str> = severities.levels().iter().map(|level| level.severity.key()).collect();
        assert_eq!(keys, ["critical", "blocker", "high", "medium", "low", "minor"]);
    }

    #[test]
    fn an_alias_means_one_severity_only() {
        let mut severities = Severities::default();
        severities.change(&custom("blocker"), |level| level.aliases = vec!["sev1".to_owned(), "über".to_owned()]);
        assert_eq!(severities.parse("SEV1"), Ok(custom("blocker")));
        assert_eq!(severities.parse("ÜBER"), Ok(custom("blocker")));
        assert_eq!(severities.parse("p0"), Ok(Severity::Critical));
    }

    #[test]
    fn one_that_nobody_defines_any_more_is_shown_by_its_key() {
        let gone = custom("sev-x");
        assert_eq!(Severities::default().label(&gone), "sev-x");
        assert_eq!(Severities::default().label(&Severity::High), "High");
    }
}
