//! Values that are known to be secret because our own environment holds them under a secret's name.
//!
//! One that looks random is masked wherever it stands. A word, such as the `postgres` of `DB_PASSWORD=postgres`, is said for
//! other reasons too: masking it everywhere would spoil what people write and hide nothing, so it is masked beside the name
//! of a secret only.

use std::ops::Range;

use super::name::kind_of;
use super::span::Spans;

const RULE: &str = "environment";
/// Values that are shorter than this are words, however they look.
// With DB_PASSWORD=postgres every "postgres" became a mask, in titles and branch names too.
const SHORTEST: usize = 8;
/// Beside the name of a secret, values that are shorter than this are left alone: `1`, `yes`.
const SHORTEST_BESIDE: usize = 4;
/// No word is as long as this.
const LONGEST_WORD: usize = 16;
/// So many words in a row make a passphrase, which nobody says by chance.
const PASSPHRASE: usize = 3;
/// Of a number, so many digits are no date, port or order any more.
const LONGEST_NUMBER: usize = 12;
/// How far before a value the name of a secret is looked for, in bytes.
const NEAR: usize = 120;
/// What a name in the environment holds when its value is secret.
const NAMES: [&str; 6] = ["token", "secret", "password", "passwd", "passphrase", "key"];
/// Words between a name and its value, in sentences.
const BETWEEN: [&str; 5] = ["is", "was", "of", "to", "as"];

/// Such values.
#[derive(Clone, Default)]
pub(super) struct KnownSecrets {
    anywhere: Vec<String>,
    beside: Vec<String>,
}

impl KnownSecrets {
    /// Paths are left alone: they say where a secret is.
    pub(super) fn new(values: impl IntoIterator<Item = String>) -> Self {
        let is_path = |value: &String| value.starts_with(['/', '.', '~']);
        let mut values: Vec<String> = values.into_iter().map(|value| value.trim().to_owned()).collect();
        values.retain(|value| value.len() >= SHORTEST_BESIDE && !is_path(value));
        // Sorted and without doubles: the count is printed by `Debug`, and each is searched for once.
        values.sort();
        values.dedup();
        // What looks like a word is said for other reasons.
        let (beside, anywhere) = values.into_iter().partition(|value| is_plain(value));
        Self { anywhere, beside }
    }

    pub(super) fn len(&self) -> usize {
        self.anywhere.len() + self.beside.len()
    }

    pub(super) fn find(&self, text: &str, spans: &mut Spans) {
        let all = |value: &String| -> Vec<Range<usize>> {
            text.match_indices(value.as_str()).map(|(at, value)| at..at + value.len()).collect()
        };
        spans.extend(self.anywhere.iter().flat_map(all).map(|range| (range, RULE)));
        spans.extend(
            self.beside.iter().flat_map(all).filter(|range| is_beside_name(text, range)).map(|range| (range, RULE)),
        );
    }
}

/// Whether a value is likely to be said for another reason: it is short, a number, or made of a word or two.
fn is_plain(value: &str) -> bool {
    if value.len() < SHORTEST {
        return true;
    }
    // A port or a date is in every log.
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':'));
    let words: Vec<&str> = value.split(['-', '_', '.', ' ']).collect();
    (is_number && value.len() < LONGEST_NUMBER) || (words.len() < PASSPHRASE && words.iter().all(|word| is_word(word)))
}

/// Whether it is a word: letters of one case, perhaps with a capital, that can be spoken.
fn is_word(text: &str) -> bool {
    const VOWELS: &str = "aeiouy";
    /// The longest run of consonants in usual words: `postgres`, `lengthy`.
    const CONSONANTS: usize = 4;
    let rest = text.get(1..).unwrap_or_default();
    let is_cased = rest.bytes().all(|byte| byte.is_ascii_lowercase())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        || !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let lower = text.to_ascii_lowercase();
    // Speakable: random letters seldom have both enough vowels and enough consonants.
    let vowels = lower.chars().filter(|letter| VOWELS.contains(*letter)).count();
    let run = lower.split(|letter| VOWELS.contains(letter)).map(str::len).max().unwrap_or_default();
    is_cased
        && text.len() < LONGEST_WORD
        && run <= CONSONANTS
        && vowels * 5 >= text.len()
        && vowels * 3 <= text.len() * 2
}

/// Whether the name of a secret stands before a value, or it stands where a URL has its password.
fn is_beside_name(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    // Inside of a longer word it is another word.
    if before.ends_with(is_part) || after.starts_with(is_part) || before.ends_with("[redacted:") {
        return false;
    }
    // `postgres://app:postgres@db`: a URL needs no name for it.
    if before.ends_with(':') && after.starts_with('@') {
        return true;
    }
    let mut start = before.len().saturating_sub(NEAR);
    while !before.is_char_boundary(start) {
        start += 1;
    }
    let line = before.get(start..).and_then(|near| near.rsplit('\n').next()).unwrap_or_default();
    let last_word = |text: &str| -> String {
        let is_end = |character: char| !is_part(character) && character != '.';
        text.trim_end_matches(is_end).rsplit(is_end).next().unwrap_or_default().to_owned()
    };
    let mut word = last_word(line);
    // "the password is postgres" is how people write it in a note.
    if BETWEEN.contains(&word.as_str()) {
        let line = line.rsplit_once(&word).map_or("", |(line, _)| line);
        word = last_word(line);
    }
    let lower = word.to_ascii_lowercase();
    kind_of(&word).is_some() || NAMES.iter().any(|name| lower.contains(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Redactor;
    use super::*;

    fn redacted(value: &str, text: &str) -> String {
        Redactor::new([value.to_owned()]).redact(text).text
    }

    #[test]
    fn a_word_is_masked_beside_the_name_of_a_secret_only() {
        for text in
            ["postgres is slow", "restart Postgres, then postgres-exporter", "postgres://db/shop", "Key: x\npostgres"]
        {
            assert_eq!(redacted("postgres", text), text);
        }
        for text in [
            "DB_PASSWORD=postgres",
            "PGPASSWORD='postgres'",
            "password: postgres",
            "{\"secret\": \"postgres\"}",
            "postgres://app:postgres@db/shop",
            "app:postgres@tcp(db)",
            "the password is postgres",
            "psql --password postgres",
            "KEY_NAME = postgres",
        ] {
            assert!(
                !redacted("postgres", text).ends_with("postgres") && redacted("postgres", text).contains("[redacted:")
            );
        }
        assert_eq!(redacted("hi5x", "password hi5x, hi5x"), "password [redacted:environment], hi5x");
    }

    #[test]
    fn words_are_told_from_what_looks_random() {
        for plain in ["postgres", "changeme", "Production", "STAGING", "vault.internal", "germany", "20261128", "short"]
        {
            assert!(is_plain(plain), "{plain}");
        }
        for random in [
            "hunter22x",
            "qzxkvjwp",
            "tr0ub4dor",
            "correct-horse-battery",
            "aB3dE5gH",
            "Passw0rd",
            "s3cr3t-value",
            "abcdefghijklmnop",
            "postgreS",
            "deadbeef01",
            "123456789012",
            "p@ssword!",
            "kennwört",
        ] {
            assert!(!is_plain(random), "{random}");
        }
    }

    proptest! {
        #[test]
        fn a_value_that_looks_random_is_masked_anywhere(
            value in "[A-Za-z0-9+_-]{7,40}[0-9][A-Za-z]",
            before in "[ -~]{0,20}",
            after in "[ -~]{0,20}",
        ) {
            let text = format!("{before}{value}{after}");
            prop_assume!(!value.starts_with(['-', '.']));
            let masked = redacted(&value, &text);
            prop_assert!(!masked.contains(&value), "{masked}");
            prop_assert_eq!(redacted(&value, &masked), masked);
        }

        #[test]
        fn a_word_stays_in_sentences_and_goes_beside_its_name(
            value in "(ba|de|ki|lo|mu|ra|so|ti|po|ne){4,7}",
            sentence in "[a-z]{1,4}( [a-z]{1,4}){0,4}",
        ) {
            let spoken = format!("{sentence} {value} {sentence}");
            let names = ["key", "token", "pwd", "pw", "pass", "auth", "sig"];
            prop_assume!(!sentence.split(' ').any(|word| names.iter().any(|name| word.contains(name))));
            prop_assert_eq!(redacted(&value, &spoken), spoken);
            for text in [format!("{sentence} API_TOKEN={value} {sentence}"), format!("{sentence} password: {value}\n")] {
                let masked = redacted(&value, &text);
                prop_assert!(!masked.contains(&value), "{masked}");
                prop_assert_eq!(redacted(&value, &masked), masked);
            }
        }
    }
}
