//! The part of the branch name and of the postmortem's file name that says which incident it is.

use serde::{Deserialize, Serialize};

use super::BranchName;
use super::names::{as_text, checked_text};

/// What the branches of incidents begin with unless the team says otherwise.
pub const PREFIX: &str = "hotfix/";
const MAX_BYTES: usize = 60;
/// File names that Windows reserves, with or without an extension.
// The postmortem's file is named after it, and a colleague may be on Windows.
const RESERVED: [&str; 10] = ["con", "prn", "aux", "nul", "com1", "com2", "com3", "lpt1", "lpt2", "lpt3"];

/// A slug that `--slug` may not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no slug: {reason}")]
pub struct InvalidSlug {
    text: String,
    reason: &'static str,
}

/// Names an incident's branch `hotfix/<slug>`: `[a-z0-9]+(-[a-z0-9]+)*`, 1 to 60 bytes; single dots too when a person gave it.
///
/// ```
/// use hotfix_core::domain::Slug;
/// assert_eq!(Slug::from_title("Login fails (500)!").map(|slug| slug.to_string()).as_deref(), Some("login-fails-500"));
/// assert!("1.4.3".parse::<Slug>().is_ok());
/// assert!("a..b".parse::<Slug>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// Makes a slug of the letters and digits of a title, those of alphabets with a usual Latin form in that form; `None`
    /// when it has none of them.
    pub fn from_title(title: &str) -> Option<Self> {
        let mut slug = String::new();
        for character in title.trim().trim_start_matches(PREFIX).chars() {
            if character.is_ascii_alphanumeric() {
                slug.push(character.to_ascii_lowercase());
            } else if let Some(plain) = latin(character) {
                slug.push_str(plain);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let mut cut: String = slug.chars().take(MAX_BYTES).collect();
        if slug.len() > MAX_BYTES && slug.chars().nth(MAX_BYTES).is_none_or(|next| next != '-') {
            // Prefer whole words to a cut one, unless that loses most of the title.
            if let Some(end) = cut.rfind('-').filter(|end| *end > MAX_BYTES / 2) {
                cut.truncate(end);
            }
        }
        let cut = cut.trim_matches('-');
        if cut.is_empty() {
            return None;
        }
        // git would take 40 hex digits for a commit, not for a branch.
        let cut = if is_reserved(cut) || is_object_id(cut) { format!("incident-{cut}") } else { cut.to_owned() };
        // Once more: the prefix may have made it too long.
        Some(Self(cut.chars().take(MAX_BYTES).collect()))
    }

    /// The branch of this slug, without `refs/heads/`, as it is called unless the team says otherwise.
    pub fn branch(&self) -> BranchName {
        self.branch_after(PREFIX)
    }

    /// The branch of this slug where all of them begin with `prefix`.
    pub fn branch_after(&self, prefix: &str) -> BranchName {
        BranchName::known(format!("{prefix}{}", self.0))
    }
}

impl Slug {
    /// Accepts what a person typed; one leading `hotfix/` is stripped.
    fn checked(text: &str) -> Result<&str, InvalidSlug> {
        let invalid = |reason| InvalidSlug { text: text.chars().take(80).collect(), reason };
        let slug = text.trim();
        // People paste the branch's name.
        let slug = slug.strip_prefix(PREFIX).unwrap_or(slug);
        if slug.is_empty() {
            return Err(invalid("it is empty"));
        }
        if slug.len() > MAX_BYTES {
            return Err(invalid("it is longer than 60 bytes"));
        }
        let separated = |separator| slug.split(separator).all(|part| !part.is_empty());
        if !slug.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')) {
            return Err(invalid("only a-z, 0-9, single `-` and single `.` are allowed"));
        }
        if !separated(['-', '.']) {
            return Err(invalid("`-` and `.` stand singly between letters or digits"));
        }
        // git itself refuses refs that end so.
        if slug.ends_with(".lock") || is_reserved(slug) {
            return Err(invalid("a file of that name cannot exist everywhere"));
        }
        if is_object_id(slug) {
            return Err(invalid("it looks like an object id"));
        }
        Ok(slug)
    }
}

checked_text!(Slug, InvalidSlug);

fn is_reserved(slug: &str) -> bool {
    RESERVED.contains(&slug.split('.').next().unwrap_or_default())
}

fn is_object_id(slug: &str) -> bool {
    matches!(slug.len(), 40 | 64) && slug.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The usual Latin forms of letters, one a line, with the letters that have it: what `any_ascii` knows of these alphabets, at a
/// hundredth of its size.
const LATIN: &str = include_str!("latin.txt");

/// The usual Latin form of a letter beyond ASCII (`ß` is `ss`, `Ж` is `zh`); nothing for an accent that follows its letter, and
/// `None` for what parts words.
fn latin(character: char) -> Option<&'static str> {
    let has_it = |line: &'static str| {
        let (plain, letters) = line.split_once(' ')?;
        letters.contains(character).then_some(plain)
    };
    match character {
        '\u{300}'..='\u{36f}' => Some(""), // An accent.
        // An apostrophe stands within a word, as the soft sign does.
        _ if is_of_an_alphabet(character) => Some(LATIN.lines().find_map(has_it).unwrap_or_default()),
        _ => None,
    }
}

/// Of scripts whose readings depend on the language, such as Chinese characters, we make no words: a wrong reading helps
/// nobody.
fn is_of_an_alphabet(character: char) -> bool {
    character.is_alphabetic()
        && matches!(character,
            '\0'..='\u{2af}' // Latin
            | '\u{370}'..='\u{58f}' // Greek, Cyrillic, Armenian
            | '\u{10a0}'..='\u{10ff}' // Georgian
            | '\u{1c90}'..='\u{1cbf}'
            | '\u{1d00}'..='\u{1dbf}'
            | '\u{1e00}'..='\u{1fff}' // Vietnamese, Greek with accents
            | '\u{2c60}'..='\u{2c7f}'
            | '\u{a720}'..='\u{a7ff}'
            | '\u{fb00}'..='\u{fb17}' // ligatures
            | '\u{ff21}'..='\u{ff5a}') // as wide as a Chinese character
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;

    use crate::tests::fuzz;

    fn slug(title: &str) -> String {
        Slug::from_title(title).map(String::from).unwrap_or_default()
    }

    #[test]
    fn titles_become_slugs() {
        assert_eq!(slug("Login fails for all EU users"), "login-fails-for-all-eu-users");
        assert_eq!(slug("hotfix/hotfix/x"), "x");
        assert_eq!(slug("refs/heads/main"), "refs-heads-main");
        assert_eq!(slug("cafe\u{301} down"), slug("café down"));
        assert_eq!(slug("Straße gesperrt, Łódź, Ærø"), "strasse-gesperrt-lodz-aero");
        assert_eq!(slug("Düğüm başarısız: İSTANBUL"), "dugum-basarisiz-istanbul");
        assert_eq!(slug("Þórður og Đorđe, œuvre, ﬁle"), "thordur-og-dorde-oeuvre-file");
        assert_eq!(slug("Đăng nhập thất bại"), "dang-nhap-that-bai");
        assert_eq!(slug("Не работает оплата"), "ne-rabotaet-oplata");
        assert_eq!(slug("Объект: подъезд, соль"), "obekt-podezd-sol");
        assert_eq!(slug("Η σελίδα δεν ανοίγει"), "i-selida-den-anoigei");
        assert_eq!(slug("ＡＰＩ が 500 を返す"), "api-500");
        assert_eq!(slug("결제 실패, تسجيل, 🔥"), "");
        assert_eq!(slug("nul.txt"), "nul-txt");
        assert_eq!(slug("nul"), "incident-nul");
        assert_eq!(slug("日本語の障害"), "");
        assert_eq!(slug(&"a".repeat(40)), format!("incident-{}", "a".repeat(40)));
    }

    #[test]
    fn latin_forms_are_those_of_any_ascii() {
        let mut lines: BTreeMap<String, String> = BTreeMap::new();
        for letter in ('\u{80}'..=char::MAX).filter(|letter| is_of_an_alphabet(*letter)) {
            let plain = any_ascii::any_ascii_char(letter)
                .to_ascii_lowercase()
                .replace(|c: char| !c.is_ascii_alphanumeric(), "");
            if !plain.is_empty() {
                lines.entry(plain).or_default().push(letter);
            }
        }
        let table: String = lines.iter().map(|(plain, letters)| format!("{plain} {letters}\n")).collect();
        assert_eq!(LATIN, table, "latin.txt is to be:\n{table}");
    }

    #[test]
    fn a_long_title_is_cut_between_words() {
        let slug = slug(&"checkout total is wrong ".repeat(10));
        assert!(slug.len() <= 60 && slug.ends_with("-wrong-checkout"), "{slug}");
    }

    #[test]
    fn given_slugs_are_checked() {
        for good in ["1.4.3", "hotfix/login", "a-b"] {
            assert!(good.parse::<Slug>().is_ok(), "{good}");
        }
        let object = "0123456789abcdef0123456789abcdef01234567";
        for bad in ["", "-a", "a--b", "a..b", "A", "a/b", "hotfix/hotfix/x", "a.lock", "con", object, &"a".repeat(61)] {
            assert!(bad.parse::<Slug>().is_err(), "{bad}");
        }
    }

    /// What is taken is shown as it was typed, without the prefix, and git takes the branch of it.
    #[test]
    fn fuzz_slug() {
        fuzz("slug", |input| {
            let text = String::from_utf8_lossy(input);
            let Ok(slug) = text.parse::<Slug>() else { return };
            assert!(text.trim().ends_with(slug.as_str()) && slug.as_str().len() <= 60);
            assert_eq!(slug.as_str().parse::<Slug>(), Ok(slug.clone()));
            assert_eq!(slug.branch().as_str().parse::<BranchName>(), Ok(slug.branch()));
        });
    }

    proptest! {
        #[test]
        fn any_title_gives_a_valid_slug_or_none(title in any::<String>()) {
            if let Some(slug) = Slug::from_title(&title) {
                prop_assert!(slug.as_str().len() <= 60);
                prop_assert_eq!(slug.as_str().parse::<Slug>(), Ok(slug.clone()));
                prop_assert!(!slug.as_str().contains('.'));
            }
        }
    }
}
