//! How tests are written in each language, and how they are kept from running.

use std::sync::LazyLock;

use serde::Deserialize;

use super::extension;

/// How tests are written in a language. A word that begins with a letter is no end of a longer one, and one that ends with
/// `(` is no method of something; one that ends with `$` ends its line, and is none either.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TestLanguage {
    extensions: Vec<String>,
    /// What begins a test.
    pub(super) tests: Vec<String>,
    /// What asks something, besides everything with `assert` in it.
    pub(super) asks: Vec<String>,
    /// What keeps tests from running, or from counting; running some tests alone does so too.
    pub(super) skips: Vec<String>,
}

#[derive(Default, Deserialize)]
struct TestLanguages {
    languages: Vec<TestLanguage>,
}

// A table that cannot be read would leave every language unknown, which the tests of the guard notice.
static LANGUAGES: LazyLock<TestLanguages> =
    LazyLock::new(|| toml::from_str(include_str!("languages.toml")).unwrap_or_default());

impl TestLanguage {
    /// The language of a file, where it is known.
    pub(super) fn of(path: &str) -> Option<&'static Self> {
        let extension = extension(path);
        LANGUAGES.languages.iter().find(|language| language.extensions.iter().any(|known| known == extension))
    }

    /// Whether a line asserts something.
    pub(super) fn asks(&self, line: &str) -> bool {
        // `assertEquals`, `XCTAssert`, `self.assert_`: nearly every framework has the word.
        line.to_lowercase().contains("assert") || has_any(line, &self.asks)
    }
}

/// Whether a line holds one of the words.
pub(super) fn has_any(line: &str, words: &[String]) -> bool {
    words.iter().any(|word| {
        let begins_with_letter = word.starts_with(char::is_alphanumeric);
        let is_call = word.ends_with(['(', '$']);
        // `Order.pending` is a method of the product, not the word that switches a test off.
        let goes_on = |last: char| last.is_alphanumeric() || last == '_' || (last == '.' && is_call);
        let is_whole = |at: usize| !begins_with_letter || !line.get(..at).unwrap_or_default().ends_with(goes_on);
        match word.strip_suffix('$') {
            Some(word) => line.trim_end().strip_suffix(word).is_some_and(|before| is_whole(before.len())),
            None => line.match_indices(word).any(|(at, _)| is_whole(at)),
        }
    })
}
