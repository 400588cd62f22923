//! Sets of path patterns, in which `*` stays within a folder and `**` does not.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::ConfigProblem;

/// Patterns of paths relative to the top, separated by `/`.
#[derive(Clone, Default)]
pub struct Globs {
    patterns: Vec<String>,
    set: GlobSet,
}

impl Globs {
    /// Parses patterns.
    ///
    /// # Errors
    /// When one is empty or no glob.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, ConfigProblem> {
        let mut set = GlobSetBuilder::new();
        let mut kept = Vec::new();
        for pattern in patterns {
            if pattern.trim().is_empty() {
                return Err(ConfigProblem::Empty);
            }
            let bad = |error: globset::Error| ConfigProblem::NoGlob {
                glob: pattern.to_owned(),
                reason: error.kind().to_string(),
            };
            // As in `.gitignore`: people expect that `*` stops at a folder.
            set.add(GlobBuilder::new(pattern).literal_separator(true).build().map_err(bad)?);
            kept.push(pattern.to_owned());
        }
        let bad =
            |error: globset::Error| ConfigProblem::NoGlob { glob: kept.join(" "), reason: error.kind().to_string() };
        Ok(Self { set: set.build().map_err(bad)?, patterns: kept })
    }

    /// Whether a path matches any of the patterns.
    pub fn is_match(&self, path: &str) -> bool {
        self.set.is_match(path)
    }

    /// Whether there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The patterns as given.
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }
}

impl std::fmt::Debug for Globs {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}", self.patterns)
    }
}

impl PartialEq for Globs {
    fn eq(&self, other: &Self) -> bool {
        // globset compares nothing; the same patterns make the same set.
        self.patterns == other.patterns
    }
}

impl Eq for Globs {}
