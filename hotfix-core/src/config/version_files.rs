//! Files that every release has of its own: `VERSION`, manifests, changelogs.

use super::{ConfigProblem, Globs};

/// Patterns of such files, and how conflicts in them are settled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionFiles {
    given: Vec<String>,
    /// Those in which a line keeps its own version.
    pub keep_version: Globs,
    /// Those in which stays what both sides added.
    pub keep_both: Globs,
}

impl VersionFiles {
    /// Parses `PATTERN` and `PATTERN:both`.
    pub(super) fn new(given: &[String]) -> Result<Self, ConfigProblem> {
        let (mut keep_version, mut keep_both) = (Vec::new(), Vec::new());
        for text in given {
            // From the right, as a pattern may hold a colon of its own.
            match text.rsplit_once(':') {
                None => keep_version.push(text.as_str()),
                Some((pattern, "both")) => keep_both.push(pattern),
                Some((_, rule)) => return Err(ConfigProblem::BadFileRule(rule.to_owned())),
            }
        }
        let (keep_version, keep_both) = (Globs::new(keep_version)?, Globs::new(keep_both)?);
        Ok(Self { given: given.to_vec(), keep_version, keep_both })
    }

    /// As they were given.
    pub fn as_given(&self) -> &[String] {
        &self.given
    }
}
