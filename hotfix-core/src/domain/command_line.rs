//! A command: a program and its arguments.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::one_line;

/// Why a text is no command.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCommandLine {
    /// It begins like a JSON array, and is none of texts.
    #[error("{0}")]
    Json(serde_json::Error),
    /// A quote is missing.
    #[error("{0}")]
    Quotes(shell_words::ParseError),
    /// It names no program.
    #[error("there is no program to run")]
    NoProgram,
}

/// A program and its arguments, one an element: no shell ever splits or expands them.
///
/// ```
/// use hotfix_core::domain::CommandLine;
/// let deploy: CommandLine = "./deploy 'all regions'".parse()?;
/// assert_eq!(deploy.to_vec(), ["./deploy", "all regions"]);
/// assert_eq!(deploy.to_string(), "./deploy 'all regions'");
/// # Ok::<(), hotfix_core::domain::InvalidCommandLine>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandLine(Vec<String>);

impl FromStr for CommandLine {
    type Err = InvalidCommandLine;

    /// Reads a JSON array, or words as a shell splits them.
    fn from_str(text: &str) -> Result<Self, InvalidCommandLine> {
        let words: Vec<String> = if text.trim_start().starts_with('[') {
            serde_json::from_str(text).map_err(InvalidCommandLine::Json)?
        } else {
            shell_words::split(text).map_err(InvalidCommandLine::Quotes)?
        };
        if words.first().is_none_or(String::is_empty) { Err(InvalidCommandLine::NoProgram) } else { Ok(Self(words)) }
    }
}

impl fmt::Display for CommandLine {
    /// Writes it as a person would type it, on one line that is safe to print.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&shell_words::join(self.0.iter().map(|word| one_line(word))))
    }
}

impl fmt::Debug for CommandLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl From<Vec<String>> for CommandLine {
    fn from(words: Vec<String>) -> Self {
        Self(words)
    }
}

impl<const N: usize> From<[&str; N]> for CommandLine {
    fn from(words: [&str; N]) -> Self {
        Self(words.map(str::to_owned).to_vec())
    }
}

impl Deref for CommandLine {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

// To mask secrets in its words.
impl DerefMut for CommandLine {
    fn deref_mut(&mut self) -> &mut [String] {
        &mut self.0
    }
}
