//! What can be wrong with a configuration, and where.

use crate::domain::one_line;

use super::origin::ConfigOrigin;

/// A configuration that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to {}", self.doing())]
pub struct ConfigError {
    /// The key, for example `test.command`.
    pub key: String,
    /// Where it was given.
    pub origin: ConfigOrigin,
    /// What is wrong.
    pub problem: Box<ConfigProblem>,
}

impl ConfigError {
    /// What was being read, and what is wrong with it, a lower-case fragment that fits "failed to …".
    pub fn doing(&self) -> String {
        format!("read `{}` ({}): {}", one_line(&self.key), self.origin, one_line(&self.problem.to_string()))
    }
}

/// What is wrong with a key or its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigProblem {
    /// The file is written for other versions of this program.
    #[error("it asks for hotfix {required}, and this is {own}; bring it up to date: cargo install git-hotfix")]
    OtherVersion {
        /// As written.
        required: String,
        /// Our own version.
        own: &'static str,
    },
    /// Not a range of versions.
    #[error("`{0}` is no range of versions such as \">=0.2\"")]
    NoVersionRange(String),
    /// The file is not TOML.
    #[error("it is no TOML: {0}")]
    Syntax(String),
    /// There is no such key.
    #[error("there is no such key{}", did_you_mean(nearest.as_deref()))]
    UnknownKey {
        /// The known key that is most like it.
        nearest: Option<String>,
    },
    /// It is a secret of a person's, which no file for everybody may hold.
    #[error("whoever holds the address may write there: set {variable}, or git config {key}")]
    YoursAlone {
        /// The variable that takes it.
        variable: &'static str,
        /// The key of git's configuration that does.
        key: &'static str,
    },
    /// The value is of another kind.
    #[error("it must be {expected}, not {found}")]
    WrongKind {
        /// What is expected.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// One text is given instead of a list.
    #[error("it must be a list of texts, not one text; write {vector}")]
    TextForVector {
        /// The list that was probably meant.
        vector: String,
    },
    /// A list in a text is not a JSON array of texts.
    #[error("it must be a JSON array of texts such as [\"make\", \"test\"]: {0}")]
    NoJsonArray(String),
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It holds a character that cannot be meant.
    #[error("it holds a control character")]
    ControlCharacter,
    /// A placeholder that is not known here.
    #[error("`{placeholder}` is no placeholder here{}", did_you_mean(nearest.as_deref()))]
    UnknownPlaceholder {
        /// As written.
        placeholder: String,
        /// The one that is known.
        nearest: Option<String>,
    },
    /// A placeholder inside an argument.
    #[error("`{{files}}` must be an argument of its own, not a part of `{0}`")]
    EmbeddedPlaceholder(String),
    /// A duration that cannot be meant.
    #[error("`{0}` is no duration from 1 s to 24 h, such as \"90s\", \"10m\" or \"1h\"")]
    NoDuration(String),
    /// A number that cannot be meant.
    #[error("`{given}` is no whole number from 0 to {most}")]
    NoNumber {
        /// As written.
        given: String,
        /// The largest that is understood.
        most: u32,
    },
    /// Not the beginning of a branch's name.
    #[error("`{0}` is no beginning of a branch's name such as \"hotfix/\" or \"fix-\"")]
    BadPrefix(String),
    /// A key of a severity that cannot be one.
    #[error("{0}")]
    BadSeverity(String),
    /// A label that would not look the same everywhere.
    #[error("`{0}` is no label: at most 40 letters, digits, spaces and `-.,/()`")]
    BadLabel(String),
    /// A word that would mean two severities.
    #[error("`{word}` means the severity `{by}` already")]
    WordTaken {
        /// The word.
        word: String,
        /// The severity.
        by: String,
    },
    /// A glob that cannot be parsed.
    #[error("`{glob}` is no glob: {reason}")]
    NoGlob {
        /// As written.
        glob: String,
        /// Why.
        reason: String,
    },
    /// A path that a document must not have.
    #[error("`{path}` is no path for a document: {reason}")]
    BadPath {
        /// As written.
        path: String,
        /// Why.
        reason: &'static str,
    },
    /// A name that git would not take, or would take for something else.
    #[error("`{0}` is no name of a branch or remote")]
    BadName(String),
    /// A pattern of names that git would not take.
    #[error("`{0}` is no name of a branch or tag, in which one * may stand for anything")]
    BadPattern(String),
    /// A template of tags that says no version.
    #[error("`{0}` is no name of a tag that holds {{version}} once")]
    NoVersion(String),
    /// A rule for version files that nobody knows.
    #[error("`{0}` is no rule for a file; it is none, or both")]
    BadFileRule(String),
    /// A URL that is not one of the web.
    #[error("`{0}` is no http or https URL; write a command as a list of arguments")]
    NoUrl(String),
    /// An address that cannot be a service's.
    #[error("`{0}` is no https address, such as https://github.example.com/api/v3; http is for this machine only")]
    NoApi(String),
    /// Not `owner/name`.
    #[error("`{0}` is no repository; write owner/name")]
    NoRepository(String),
    /// It names a table of keys.
    #[error("it is a section, with the keys {}", keys.join(", "))]
    Section {
        /// Their names in it.
        keys: Vec<&'static str>,
    },
    /// The file is written in a form that nothing can be added to.
    #[error("the file has no place for it that leaves all else as it is; write it by hand: {line}")]
    NoPlace {
        /// What to write.
        line: String,
    },
    /// Not one of the choices.
    #[error("`{given}` is none of: {}{}", choices.join(", "), did_you_mean(nearest.as_deref()))]
    NoChoice {
        /// As written.
        given: String,
        /// What can be chosen.
        choices: Vec<&'static str>,
        /// The one that is most like it.
        nearest: Option<String>,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

/// The candidate that is most like `given`, if any is.
pub(super) fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let plain = |text: &str| text.to_lowercase().replace(['.', '-', ' '], "_");
    let likeness = |candidate: &&str| strsim::normalized_damerau_levenshtein(&plain(given), &plain(candidate));
    candidates
        .into_iter()
        .map(|candidate| (likeness(&candidate), candidate))
        // Below that a suggestion is further off than the mistake.
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate.to_owned())
}
