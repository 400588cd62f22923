//! A value as it was written, and the readings of it that check what it must be.

use std::time::Duration;

use crate::domain::{CommandLine, HostedRepository, one_line};

use super::error::nearest;
use super::{ConfigProblem, Globs, PLACEHOLDER, ProductionCheck, path};

/// The longest beginning of a branch's name, in bytes.
// Some file systems end a name at 255 bytes, and the slug follows.
const LONGEST_PREFIX: usize = 60;
/// The longest label, in characters: it stands in tables.
const MAX_LABEL: usize = 40;
/// Stands for a version.
pub(super) const VERSION: &str = "{version}";
const DAY: u64 = 24 * 60 * 60;

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Text that a person typed where all is text: the environment, git's configuration, a flag.
    Typed(String),
    /// A text of the file.
    Text(String),
    /// A list of the file, if all its elements are texts.
    List(Vec<String>),
    /// A whole number of the file, as written.
    Number(String),
    /// True or false, as the file says it.
    Flag(bool),
    /// Anything else of the file, by what it is called.
    Other(&'static str),
}

/// Whether a command may hold `{files}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FilesPlaceholder {
    Allowed,
    Unknown,
}

impl Value {
    /// One line of text.
    pub(super) fn text(&self) -> Result<&str, ConfigProblem> {
        match self {
            Self::Typed(text) | Self::Text(text) if text.trim().is_empty() => Err(ConfigProblem::Empty),
            // A pasted line end would split an argument or a commit message.
            Self::Typed(text) | Self::Text(text) if text.chars().any(char::is_control) => {
                Err(ConfigProblem::ControlCharacter)
            }
            Self::Typed(text) | Self::Text(text) => Ok(text.trim()),
            Self::List(_) | Self::Number(_) | Self::Flag(_) | Self::Other(_) => Err(self.wrong("a text")),
        }
    }

    /// A whole number.
    pub(super) fn number(&self) -> Result<u32, ConfigProblem> {
        self.number_up_to(u32::MAX)
    }

    /// A whole number that is not larger than `most`.
    pub(super) fn number_up_to(&self, most: u32) -> Result<u32, ConfigProblem> {
        match self {
            Self::Typed(text) | Self::Number(text) => {
                // TOML allows `1_000`.
                let number = text.trim().replace('_', "").parse().ok().filter(|number| *number <= most);
                number.ok_or_else(|| ConfigProblem::NoNumber { given: text.clone(), most })
            }
            Self::Text(_) | Self::List(_) | Self::Flag(_) | Self::Other(_) => Err(self.wrong("a whole number")),
        }
    }

    /// A duration such as `90s`, `10m` or `1h`, from a second to a day.
    pub(super) fn duration(&self) -> Result<Duration, ConfigProblem> {
        let text = match self {
            // Seconds or minutes? A test that ends after ten of the wrong ones costs a night.
            Self::Number(number) => return Err(ConfigProblem::NoDuration(number.clone())),
            _ => self.text()?,
        };
        let bad = || ConfigProblem::NoDuration(text.to_owned());
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(bad)?;
        let seconds_of_unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 60 * 60,
            _ => return Err(bad()),
        };
        let is_whole = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = if is_whole { number.parse().map_err(|_| bad())? } else { return Err(bad()) };
        // A timeout of 0 would end every run before it began.
        let seconds = number.checked_mul(seconds_of_unit).filter(|seconds| (1..=DAY).contains(seconds));
        seconds.map(Duration::from_secs).ok_or_else(bad)
    }

    /// A command, one argument an element.
    pub(super) fn command(&self, files: FilesPlaceholder) -> Result<CommandLine, ConfigProblem> {
        let arguments = match self {
            Self::Typed(text) if !text.trim_start().starts_with('[') => return Err(text_for_vector(text)),
            Self::Text(text) => return Err(text_for_vector(text)),
            Self::Typed(_) | Self::List(_) | Self::Number(_) | Self::Flag(_) | Self::Other(_) => self.list()?,
        };
        match arguments.first() {
            None => return Err(ConfigProblem::Empty),
            Some(program) if program.trim().is_empty() => return Err(ConfigProblem::Empty),
            // A test file as a program.
            Some(program) if program == PLACEHOLDER => {
                return Err(unknown_placeholder(program, FilesPlaceholder::Unknown));
            }
            Some(_) => {}
        }
        for argument in &arguments {
            check_argument(argument, files)?;
        }
        Ok(arguments.into())
    }

    /// A set of path patterns.
    pub(super) fn globs(&self) -> Result<Globs, ConfigProblem> {
        Globs::new(self.list()?.iter().map(String::as_str))
    }

    /// A name that looks the same in text, tables and commit messages.
    pub(super) fn label(&self) -> Result<String, ConfigProblem> {
        let label = self.text()?;
        // Markdown and shells make more of the others.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b" -.,/()".contains(&byte);
        let is_good = label.bytes().all(is_plain) && one_line(label) == label && label.chars().count() <= MAX_LABEL;
        if is_good { Ok(label.to_owned()) } else { Err(ConfigProblem::BadLabel(label.to_owned())) }
    }

    /// Other spellings of a name: lower-case, one line each.
    pub(super) fn aliases(&self) -> Result<Vec<String>, ConfigProblem> {
        let list = self.list()?;
        list.into_iter().map(|alias| Ok(Self::Text(alias).text()?.to_lowercase())).collect()
    }

    /// A command or a URL.
    pub(super) fn verify(&self) -> Result<ProductionCheck, ConfigProblem> {
        let text = match self {
            Self::Typed(text) if !text.trim_start().starts_with('[') => text.trim(),
            Self::Text(text) => text.trim(),
            Self::Typed(_) | Self::List(_) | Self::Number(_) | Self::Flag(_) | Self::Other(_) => {
                return self.command(FilesPlaceholder::Unknown).map(ProductionCheck::Command);
            }
        };
        let rest = ["https://", "http://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
        // `https:///health` parses as a URL and asks nobody.
        let has_a_host =
            rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_alphanumeric() || first == '['));
        match has_a_host && !text.contains(|character: char| character.is_whitespace() || character.is_control()) {
            true => Ok(ProductionCheck::Url(text.to_owned())),
            false => Err(ConfigProblem::NoUrl(text.to_owned())),
        }
    }

    /// The address of a service's interface: `https`, or `http` on this machine; without user, query and last slash.
    pub(super) fn api(&self) -> Result<String, ConfigProblem> {
        let text = self.text()?;
        let bad = || ConfigProblem::NoApi(text.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(bad)?;
        let host = rest.split('/').next().unwrap_or_default();
        let is_here = ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|here| host == *here || host.strip_prefix(here).is_some_and(|rest| rest.starts_with(':')));
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "-._~:/[]".contains(character);
        // Over plain HTTP the token would be readable on the way.
        let is_good = (scheme == "https" || (scheme == "http" && is_here))
            && host.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[')
            && rest.chars().all(is_plain);
        if is_good { Ok(text.trim_end_matches('/').to_owned()) } else { Err(bad()) }
    }

    /// A repository of a service: `owner/name`.
    pub(super) fn repository(&self) -> Result<String, ConfigProblem> {
        let text = self.text()?;
        let (owner, name) =
            HostedRepository::owner_and_name(text).ok_or_else(|| ConfigProblem::NoRepository(text.to_owned()))?;
        Ok(format!("{owner}/{name}"))
    }

    /// A path for a document, relative to the top.
    pub(super) fn path(&self) -> Result<String, ConfigProblem> {
        path::document(self.text()?)
    }

    /// The path of a document that records are written into.
    pub(super) fn record(&self) -> Result<String, ConfigProblem> {
        path::record(self.text()?)
    }

    /// Paths relative to the top, inside it.
    pub(super) fn paths(&self) -> Result<Vec<String>, ConfigProblem> {
        self.list()?.iter().map(|path| path::document(path)).collect()
    }

    /// A range of versions of this program, which must be in it.
    pub(super) fn versions(&self) -> Result<String, ConfigProblem> {
        let required = self.text()?;
        let range: semver::VersionReq =
            required.parse().map_err(|_| ConfigProblem::NoVersionRange(required.to_owned()))?;
        let own = env!("CARGO_PKG_VERSION");
        let is_in_range = own.parse().is_ok_and(|own| range.matches(&own));
        if is_in_range {
            return Ok(required.to_owned());
        }
        Err(ConfigProblem::OtherVersion { required: required.to_owned(), own })
    }

    /// The name of a branch or remote.
    pub(super) fn name(&self) -> Result<String, ConfigProblem> {
        let name = self.text()?;
        let is_plain = |character: char| !(character.is_whitespace() || "~^:?*[\\\"'`$&|;<>".contains(character));
        let is_good = name.starts_with(char::is_alphanumeric)
            // git takes `HEAD` for itself wherever a branch may stand.
            && name != "HEAD"
            && one_line(name) == name
            && name.chars().all(is_plain)
            && !name.contains("..")
            && !name.contains("@{")
            && !name.contains("//")
            && !name.ends_with(['/', '.'])
            && !name.starts_with("refs/");
        if is_good { Ok(name.to_owned()) } else { Err(ConfigProblem::BadName(name.to_owned())) }
    }

    /// The beginning of the names of branches: with anything behind it, a name that git takes.
    pub(super) fn branch_prefix(&self) -> Result<String, ConfigProblem> {
        let prefix = self.text()?;
        let parts = || prefix.split('/');
        // git's rules are about whole names.
        let is_good = Self::Text(format!("{prefix}x")).name().is_ok()
            && parts().all(|part| !part.starts_with('.') && !part.to_ascii_lowercase().ends_with(".lock"))
            && prefix.len() <= LONGEST_PREFIX
            && prefix.ends_with(['/', '-', '_', '.']);
        if is_good { Ok(prefix.to_owned()) } else { Err(ConfigProblem::BadPrefix(prefix.to_owned())) }
    }

    /// The name of a branch or tag in which one `*` stands for anything.
    pub(super) fn pattern(&self) -> Result<String, ConfigProblem> {
        let pattern = self.text()?;
        let bad = || ConfigProblem::BadPattern(pattern.to_owned());
        // As a name it must be one that git takes.
        let name = pattern.replacen('*', "x", 1);
        Self::Text(name).name().map(|_| pattern.to_owned()).map_err(|_| bad())
    }

    /// Several of them.
    pub(super) fn patterns(&self) -> Result<Vec<String>, ConfigProblem> {
        self.list()?.into_iter().map(|pattern| Self::Text(pattern).pattern()).collect()
    }

    /// The name of a tag in which `{version}` stands for a version.
    pub(super) fn tag_template(&self) -> Result<String, ConfigProblem> {
        let template = self.text()?;
        let bad = || ConfigProblem::NoVersion(template.to_owned());
        let (before, after) = template.split_once(VERSION).ok_or_else(bad)?;
        // `{Version}` left as it is would become part of a tag.
        let plain = |text: &str| !text.contains(['{', '}', '*']);
        Self::Text(format!("{before}1.0{after}"))
            .name()
            .ok()
            .filter(|_| plain(before) && plain(after))
            .ok_or_else(bad)?;
        Ok(template.to_owned())
    }

    /// True or false; where all is text, as git reads it.
    pub(super) fn flag(&self) -> Result<bool, ConfigProblem> {
        match self {
            Self::Flag(flag) => Ok(*flag),
            Self::Typed(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Ok(true),
                "false" | "no" | "off" | "0" => Ok(false),
                _ => Err(self.wrong("true or false")),
            },
            Self::Text(_) | Self::List(_) | Self::Number(_) | Self::Other(_) => Err(self.wrong("true or false")),
        }
    }

    /// One of the `choices`.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&'static str, T)]) -> Result<T, ConfigProblem> {
        let given = self.text()?;
        let chosen = choices.iter().find(|(name, _)| *name == given).map(|(_, choice)| *choice);
        chosen.ok_or_else(|| ConfigProblem::NoChoice {
            given: given.to_owned(),
            choices: choices.iter().map(|(name, _)| *name).collect(),
            nearest: nearest(given, choices.iter().map(|(name, _)| *name)),
        })
    }

    pub(super) fn list(&self) -> Result<Vec<String>, ConfigProblem> {
        match self {
            Self::Typed(text) if !text.trim_start().starts_with('[') => Err(list_of(text)),
            Self::Typed(text) => serde_json::from_str(text)
                .map_err(|error: serde_json::Error| ConfigProblem::NoJsonArray(error.to_string())),
            Self::List(list) => Ok(list.clone()),
            Self::Text(text) => Err(list_of(text)),
            Self::Number(_) | Self::Flag(_) | Self::Other(_) => Err(self.wrong("a list of texts")),
        }
    }

    /// The problem that it is of another kind than `expected`.
    pub(super) fn wrong(&self, expected: &'static str) -> ConfigProblem {
        let found = match self {
            Self::Typed(_) | Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Number(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::Other(found) => found,
        };
        ConfigProblem::WrongKind { expected, found }
    }
}

fn check_argument(argument: &str, files: FilesPlaceholder) -> Result<(), ConfigProblem> {
    if argument.contains('\0') {
        return Err(ConfigProblem::ControlCharacter);
    }
    let inner = argument.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let is_placeholder = inner.is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    });
    match argument {
        // As a whole argument only: within one, several files would have to be joined somehow.
        PLACEHOLDER if files == FilesPlaceholder::Allowed => Ok(()),
        _ if is_placeholder => Err(unknown_placeholder(argument, files)),
        _ if argument.contains(PLACEHOLDER) && files == FilesPlaceholder::Unknown => {
            Err(unknown_placeholder(PLACEHOLDER, files))
        }
        _ if argument.contains(PLACEHOLDER) => Err(ConfigProblem::EmbeddedPlaceholder(argument.to_owned())),
        _ => Ok(()),
    }
}

fn unknown_placeholder(placeholder: &str, files: FilesPlaceholder) -> ConfigProblem {
    let nearest = (files == FilesPlaceholder::Allowed).then(|| PLACEHOLDER.to_owned());
    ConfigProblem::UnknownPlaceholder { placeholder: placeholder.to_owned(), nearest }
}

/// Shows how the text would be written as a list, of which commas part the elements; not in a glob such as `{a,b}`.
fn list_of(text: &str) -> ConfigProblem {
    let parts = if text.contains('{') { vec![text] } else { text.split(',').collect() };
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    ConfigProblem::TextForVector { vector: format!("[{}]", parts.map(quoted).collect::<Vec<_>>().join(", ")) }
}

/// Shows how the text would be written as a list; one with shell syntax needs a shell.
fn text_for_vector(text: &str) -> ConfigProblem {
    if text.trim().is_empty() {
        return ConfigProblem::Empty;
    }
    // Split at blanks these would change their meaning, so `sh -c` is proposed instead.
    let needs_a_shell = text.contains(['"', '\'', '\\', '|', '&', ';', '$', '>', '<', '`', '*', '(']);
    let arguments: Vec<&str> = if needs_a_shell { vec!["sh", "-c", text] } else { text.split_whitespace().collect() };
    let quoted: Vec<String> = arguments.into_iter().map(quoted).collect();
    ConfigProblem::TextForVector { vector: format!("[{}]", quoted.join(", ")) }
}

/// A text as both TOML and JSON write it.
pub(super) fn quoted(text: &str) -> String {
    // TOML forbids DEL in a text, which JSON allows.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
