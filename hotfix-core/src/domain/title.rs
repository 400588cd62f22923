//! The title of an incident.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Printable, one_line};

/// A title that says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the title is empty")]
pub struct NoTitle;

/// What is broken, in a few words. It is stored as it was given, and shown on one line that is safe to print.
///
/// ```
/// use hotfix_core::domain::Title;
/// let title: Title = " Login fails\nfor all EU users ".parse()?;
/// assert_eq!(title.to_string(), "Login fails for all EU users");
/// assert!(" \t".parse::<Title>().is_err());
/// # Ok::<(), hotfix_core::domain::NoTitle>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Title(String);

impl Title {
    /// So many characters a person types for a title at most, and so many are shown in a list.
    pub const FEW_WORDS: usize = 200;

    /// The title on one line, cut where it is more than a few words.
    pub fn in_few_words(&self) -> String {
        Printable::new(&self.0).one_line().at_most(Self::FEW_WORDS).into()
    }

    /// The text as it was given, which may hold anything.
    pub fn as_given(&self) -> &str {
        &self.0
    }

    /// The same, to mask secrets in it.
    pub fn given_mut(&mut self) -> &mut String {
        &mut self.0
    }
}

impl FromStr for Title {
    type Err = NoTitle;

    fn from_str(text: &str) -> Result<Self, NoTitle> {
        // By what a reader would see: a zero-width space is no title either.
        if one_line(text).is_empty() { Err(NoTitle) } else { Ok(Self(text.trim().to_owned())) }
    }
}

impl fmt::Display for Title {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&one_line(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_stored_is_read_as_it_is() {
        for stored in ["\"\"", "\"a\\nb\"", "\"\\u001b[31m\""] {
            let title: Title = serde_json::from_str(stored).unwrap();
            assert_eq!(serde_json::to_string(&title).unwrap(), stored);
        }
    }

    #[test]
    fn more_than_a_few_words_are_cut_where_there_is_no_room() {
        let few = |characters| "é".repeat(characters).parse::<Title>().unwrap().in_few_words();
        assert_eq!(few(Title::FEW_WORDS), "é".repeat(Title::FEW_WORDS));
        assert_eq!(few(Title::FEW_WORDS + 1), "é".repeat(Title::FEW_WORDS - 1) + "…");
    }

    proptest! {
        #[test]
        fn is_shown_on_one_line_and_stored_as_given(text in ".{0,40}") {
            match text.parse::<Title>() {
                Ok(title) => {
                    prop_assert_eq!(title.to_string(), one_line(&text));
                    prop_assert_eq!(title.as_given(), text.trim());
                }
                Err(NoTitle) => prop_assert_eq!(one_line(&text), ""),
            }
        }
    }
}
