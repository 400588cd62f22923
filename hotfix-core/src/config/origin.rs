//! Where values come from, in the order in which they count.

use std::fmt;

use crate::domain::keys;

keys! {
    /// Where a value comes from; a later one overrides an earlier one.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum ConfigSource {
        /// Nobody said anything.
        Default = "default",
        /// Git's configuration of the person.
        User = "user",
        /// `hotfix.toml` of the repository.
        Repository = "repository",
        /// The environment.
        Environment = "environment",
        /// The command line.
        Flag = "flag",
    }
}

/// Where a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigOrigin {
    /// In git's configuration, under this key.
    User(String),
    /// In the repository's file.
    Repository {
        /// Which one, for example `hotfix.toml at 1a2b3c4d5`.
        file: String,
        /// The line, counted from 1.
        line: usize,
    },
    /// In this environment variable.
    Environment(String),
    /// On the command line.
    Flag,
}

impl ConfigOrigin {
    /// The kind of source.
    pub fn source(&self) -> ConfigSource {
        match self {
            Self::User(_) => ConfigSource::User,
            Self::Repository { .. } => ConfigSource::Repository,
            Self::Environment(_) => ConfigSource::Environment,
            Self::Flag => ConfigSource::Flag,
        }
    }
}

impl fmt::Display for ConfigOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(key) => write!(formatter, "git config {key}"),
            Self::Repository { file, line } => write!(formatter, "{file}, line {line}"),
            Self::Environment(name) => write!(formatter, "environment variable {name}"),
            Self::Flag => write!(formatter, "command line"),
        }
    }
}
