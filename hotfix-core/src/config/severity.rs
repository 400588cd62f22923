//! The severities that a team defines, and the limits that follow from one.

use crate::domain::{Severity, SeverityLevel};

use super::{Config, ConfigProblem, ConfigSource};

impl Config {
    /// The most files and lines that a minimal fix changes; the severity of its incident may have limits of its own.
    pub fn limits(&self, severity: Option<&Severity>) -> (u32, u32) {
        let level = severity.and_then(|severity| self.severities.get(severity));
        let files = level.and_then(|level| level.max_files).unwrap_or(self.guard.max_files);
        let lines = level.and_then(|level| level.max_lines).unwrap_or(self.guard.max_lines);
        (files, lines)
    }
}

/// What the severity with this key means.
pub(super) fn level<'a>(config: &'a Config, key: &str) -> Option<&'a SeverityLevel> {
    config.severities.levels().iter().find(|level| level.severity.key() == key)
}

/// Changes what a severity means, unless a word would then mean two that somebody defined.
pub(super) fn change_level(
    config: &mut Config,
    key: &str,
    change: impl FnOnce(&mut SeverityLevel),
) -> Result<(), ConfigProblem> {
    let severity = Severity::from_key(key).map_err(|error| ConfigProblem::BadSeverity(error.to_string()))?;
    // On a copy: a refused change must leave nothing behind.
    let mut severities = config.severities.clone();
    severities.change(&severity, change);
    let words = severities.get(&severity).map(|level| level.aliases.clone()).unwrap_or_default();
    for other in config.severities.levels().iter().filter(|other| other.severity != severity) {
        // The aliases that are built in give way to what a team defines.
        let is_defined = config.origin_of(&format!("severity.{}.aliases", other.severity)) != ConfigSource::Default;
        let is_taken = |word: &&str| {
            *word == other.severity.key() || (is_defined && other.aliases.iter().any(|alias| alias == word))
        };
        if let Some(word) = words.iter().map(String::as_str).chain([key]).find(is_taken) {
            return Err(ConfigProblem::WordTaken { word: word.to_owned(), by: other.severity.to_string() });
        }
    }
    config.severities = severities;
    Ok(())
}
