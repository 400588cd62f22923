//! How bad an incident is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A severity that nobody defined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown severity `{0}`")]
pub struct UnknownSeverity(String);

/// How bad an incident is, worst first; when unsure, choose the worse one and re-rate later.
///
/// ```
/// use hotfix_core::domain::Severity;
/// assert_eq!(" SEV1\n".parse(), Ok(Severity::Critical));
/// assert_eq!(Severity::High.label(), "High");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The service is down or data is at risk for many users; everybody stops what they do.
    Critical,
    /// A main function is broken for a part of the users, or likely to become critical.
    High,
    /// Users are hindered but can work; still too urgent for the normal path.
    Medium,
}

impl Severity {
    /// All severities, worst first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::High, Self::Medium];

    /// The lower-case key used in flags, JSON and the ledger.
    pub fn key(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
        }
    }

    /// The capitalised name used in documents.
    pub fn label(self) -> &'static str {
        match self {
            Self::Critical => "Critical",
            Self::High => "High",
            Self::Medium => "Medium",
        }
    }

    /// Other spellings that are understood.
    pub fn aliases(self) -> [&'static str; 3] {
        match self {
            Self::Critical => ["p0", "sev1", "sev-1"],
            Self::High => ["p1", "sev2", "sev-2"],
            Self::Medium => ["p2", "sev3", "sev-3"],
        }
    }

    /// One line that helps to choose.
    pub fn definition(self) -> &'static str {
        match self {
            Self::Critical => "down, or data at risk, for many users",
            Self::High => "a main function is broken for a part of the users",
            Self::Medium => "users are hindered but can work",
        }
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Self, UnknownSeverity> {
        let wanted = text.trim().to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|severity| severity.key() == wanted || severity.aliases().contains(&wanted.as_str()))
            .ok_or_else(|| UnknownSeverity(text.trim().chars().take(40).collect()))
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_trimmed_and_case_insensitive() {
        for (text, severity) in [("P0\n", Severity::Critical), ("sev-2", Severity::High), ("Medium", Severity::Medium)]
        {
            assert_eq!(text.parse(), Ok(severity));
        }
    }

    #[test]
    fn refuses_what_only_looks_like_a_severity() {
        for text in ["", "-1", "P9", "99999999999999999999", "\u{420}0"] {
            assert!(text.parse::<Severity>().is_err(), "{text}");
        }
    }
}
