//! One value that a person sets: checked as every source is, and put into `hotfix.toml` with all other bytes as they are.

use std::ops::Range;

use serde_json::Value as Json;

use super::key::NamedKey;
use super::{Config, ConfigError, ConfigOrigin, ConfigProblem, FILE_NAME, KEYS, Key, entry, key, raw, source};

/// A mark that editors on Windows write before the text.
const MARK: char = '\u{feff}';

/// A key with the value that a person gave it, of which both can be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    named: NamedKey,
    typed: String,
    value: Json,
}

impl Setting {
    /// Takes a value as it is typed everywhere but in the file: a list is a JSON array.
    ///
    /// # Errors
    /// When there is no such key, or the value cannot be meant.
    pub fn new(key: &str, typed: &str) -> Result<Self, ConfigError> {
        let mut config = Config::default();
        let section: Vec<_> = KEYS.iter().filter(|known| known.section() == key.trim()).map(Key::short_name).collect();
        if !section.is_empty() {
            let problem = Box::new(ConfigProblem::Section { keys: section });
            return Err(ConfigError { key: key.trim().to_owned(), origin: ConfigOrigin::Flag, problem });
        }
        let given = source::flag(key.trim(), typed)?;
        let named = given.key.clone();
        config.set(given)?;
        // What it was read as, not what was typed: `10`, `["make", "test"]` and `"10m"` differ in the file.
        let value = named.value(&config).ok_or_else(|| ConfigError {
            key: named.name.clone(),
            origin: ConfigOrigin::Flag,
            problem: Box::new(ConfigProblem::Empty),
        })?;
        Ok(Self { named, typed: typed.trim().to_owned(), value })
    }

    /// The key: `guard.max_files`.
    pub fn key(&self) -> &str {
        &self.named.name
    }

    /// The key in git's configuration: `hotfix.guard.max-files`.
    pub fn git_config_key(&self) -> String {
        key::git_config_key(&self.named.name)
    }

    /// The severity that it is about, where it is about one.
    pub fn severity(&self) -> Option<&str> {
        self.named.name.starts_with("severity.").then_some(&*self.named.parameter)
    }

    /// The value as it was typed, for git's configuration.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// The value as `hotfix.toml` writes it.
    pub fn written(&self) -> String {
        entry::written(&self.value)
    }

    /// The text of `hotfix.toml` with this value, and every byte that is not part of it as it was.
    ///
    /// # Errors
    /// When the text is wrong already, or holds the section in a form that nothing can be added to.
    pub fn in_file(&self, text: &str) -> Result<String, ConfigError> {
        let before = raw::parse(FILE_NAME, text)?;
        let changed = match self.span_in(text) {
            Some(span) => {
                let mut changed = text.to_owned();
                changed.replace_range(span, &self.written());
                changed
            }
            None => self.added_to(text),
        };
        // Whatever the file looks like: nobody else's value may have become another one.
        let others = |given: &[source::Given]| {
            let mut others: Vec<_> = given.iter().filter(|given| given.key != self.named).map(named_value).collect();
            others.sort();
            others
        };
        match raw::parse(FILE_NAME, &changed) {
            Ok(after) if others(&after) == others(&before) && after.iter().any(|given| given.key == self.named) => {}
            _ => return Err(self.refused(ConfigProblem::NoPlace { line: self.line(self.key()) })),
        }
        // The file as a whole may be wrong by it: two documents in one place.
        Config::resolve(Some((FILE_NAME, &changed)), &|_| None, &|_| None)?;
        Ok(changed)
    }

    /// Where the file has the value now.
    fn span_in(&self, text: &str) -> Option<Range<usize>> {
        let plain = text.strip_prefix(MARK).unwrap_or(text);
        let document = toml_edit::Document::parse(plain).ok()?;
        let mut item = document.as_item();
        for name in self.named.name.split('.') {
            item = item.get(name)?;
        }
        let skipped = text.len() - plain.len();
        item.span().map(|span| span.start + skipped..span.end + skipped)
    }

    /// The text with a new line for the value: in its table, where it is explained or at its end, else in a new table.
    fn added_to(&self, text: &str) -> String {
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let (section, short) = self.named.name.rsplit_once('.').unwrap_or(("", &self.named.name));
        let line = self.line(short);
        let Some(place) = place_in(text, section, short) else {
            let gap = match text {
                "" => "",
                _ if text.ends_with('\n') => end,
                _ => &end.repeat(2),
            };
            return format!("{text}{gap}[{section}]{end}{line}{end}");
        };
        let (above, below) = text.split_at(place);
        let gap = if above.ends_with('\n') { "" } else { end };
        format!("{above}{gap}{line}{end}{below}")
    }

    fn line(&self, name: &str) -> String {
        format!("{name} = {}", self.written())
    }

    fn refused(&self, problem: ConfigProblem) -> ConfigError {
        ConfigError { key: self.named.name.clone(), origin: ConfigOrigin::Flag, problem: Box::new(problem) }
    }
}

/// A value that can be compared with another one's.
fn named_value(given: &source::Given) -> String {
    format!("{} = {:?}", given.key.name, given.value)
}

/// Where a line of the table `section` goes: below the comment that shows how the key is written, else below the last line that is
/// none; `None` where the file has no such table.
fn place_in(text: &str, section: &str, short: &str) -> Option<usize> {
    let (mut place, mut is_inside, mut at) = (None, false, 0);
    for line in text.split_inclusive('\n') {
        at += line.len();
        let plain = line.trim_start_matches(MARK).trim();
        if let Some(header) = plain.strip_prefix('[').filter(|_| !plain.starts_with("[[")) {
            is_inside = header.split_once(']').is_some_and(|(name, _)| is_named(name, section));
        }
        if !is_inside {
            continue;
        }
        if plain
            .strip_prefix('#')
            .is_some_and(|shown| shown.split_once('=').is_some_and(|(name, _)| name.trim() == short))
        {
            return Some(at);
        }
        if !plain.is_empty() && !plain.starts_with('#') {
            place = Some(at);
        }
    }
    place
}

/// Whether a header names this table, whatever its spaces and quotes.
fn is_named(header: &str, section: &str) -> bool {
    header.split('.').map(|part| part.trim().trim_matches(['"', '\''])).eq(section.split('.'))
}
