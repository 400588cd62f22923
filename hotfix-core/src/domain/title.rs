//! The title of an incident.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Printable, one_line};

/// What is no title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTitle {
    /// It says nothing.
    #[error("the title is empty")]
    Empty,
    /// It is more than a few words: so many characters.
    #[error("a title has at most {most} characters, not {0}", most = Title::MOST)]
    TooLong(usize),
}

/// What is broken, in a few words. It is stored as it was given, and shown on one line that is safe to print.
///
/// ```
/// use hotfix_core::domain::Title;
/// let title: Title = " Login fails\nfor all EU users ".parse()?;
/// assert_eq!(title.to_string(), "Login fails for all EU users");
/// assert!(" \t".parse::<Title>().is_err());
/// assert!("long ".repeat(100).parse::<Title>().is_err());
/// # Ok::<(), hotfix_core::domain::NoTitle>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Title(String);

impl Title {
    /// The longest title that is taken, in characters. A stored one may be longer: it was taken before there was a limit.
    pub const MOST: usize = 200;

    /// A text that nobody wrote to be a title, cut to the length of one.
    pub fn cut(text: &str) -> String {
        Printable::new(text).one_line().at_most(Self::MOST).into()
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
        match one_line(text).chars().count() {
            0 => Err(NoTitle::Empty),
            1..=Self::MOST => Ok(Self(text.trim().to_owned())),
            characters => Err(NoTitle::TooLong(characters)),
        }
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
    fn more_than_a_few_words_are_no_title_and_are_read_where_they_were_one() {
        let (fits, long) = ("é".repeat(Title::MOST), "é".repeat(Title::MOST + 1));
        assert_eq!(fits.parse::<Title>().unwrap().as_given(), fits);
        assert_eq!(long.parse::<Title>(), Err(NoTitle::TooLong(Title::MOST + 1)));
        let stored: Title = serde_json::from_str(&format!("\"{long}\"")).unwrap();
        assert_eq!(stored.as_given(), long);
        assert_eq!((Title::cut(&fits), Title::cut(&long)), (fits, "é".repeat(Title::MOST - 1) + "…"));
    }

    proptest! {
        #[test]
        fn is_shown_on_one_line_and_stored_as_given(text in ".{0,40}") {
            match text.parse::<Title>() {
                Ok(title) => {
                    prop_assert_eq!(title.to_string(), one_line(&text));
                    prop_assert_eq!(title.as_given(), text.trim());
                }
                Err(_) => prop_assert_eq!(one_line(&text), ""),
            }
        }
    }
}
