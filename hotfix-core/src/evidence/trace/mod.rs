//! Stack traces: the lines they name, nearest to the failure first.
//!
//! A language is one file: how its frames are written, what begins a trace or a cause, and at which end the failure is. Any
//! prefix may stand before a frame: loggers, collectors and people who quote write one.

mod c;
mod csharp;
mod dart;
mod elixir;
mod go;
mod java;
mod javascript;
mod perl;
mod php;
mod pytest;
mod python;
mod rich;
mod ruby;
mod rust;
mod swift;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use crate::domain::Frame;

/// How a language writes stack traces.
pub(super) struct TraceLanguage {
    /// The frame that a line names.
    pub(super) read: fn(&TraceLine<'_>) -> Option<Frame>,
    /// What a line says of the frames that follow, and of its own.
    pub(super) sign: fn(&TraceLine<'_>) -> Option<Sign>,
    /// Words of which a line has one that says something of the frames; where there are none, any line may.
    signs: &'static [&'static str],
    /// Words of which a line has one that names a frame; where there are none, any line may.
    frames: &'static [&'static str],
    /// Whether the failure is at the end.
    pub(super) is_upside_down: bool,
    /// Whether one frame follows the other, line by line: what stands between two then parts two traces.
    pub(super) is_dense: bool,
}

/// A line, and what is known of those before it.
pub(super) struct TraceLine<'a> {
    /// The line itself, with whatever a logger wrote before it.
    pub(super) text: &'a str,
    /// The line before it.
    pub(super) before: &'a str,
    /// The few lines before it.
    pub(super) recent: &'a str,
    /// Whether a trace of the language was near before it.
    pub(super) is_inside: bool,
}

/// What a line says of the frames that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// They are another trace.
    Begins,
    /// They are another part of the trace before them, farther from the failure.
    Joins,
    /// They are the cause of the trace before them, nearer to the failure.
    Cause,
    /// Nothing but that they are near.
    GoesOn,
}

// Rust first: its frames could be read as JavaScript's.
pub(super) static LANGUAGES: [TraceLanguage; 15] = [
    rust::LANGUAGE,
    python::LANGUAGE,
    javascript::LANGUAGE,
    java::LANGUAGE,
    go::LANGUAGE,
    elixir::LANGUAGE,
    ruby::LANGUAGE,
    csharp::LANGUAGE,
    php::LANGUAGE,
    pytest::LANGUAGE,
    c::LANGUAGE,
    rich::LANGUAGE,
    dart::LANGUAGE,
    swift::LANGUAGE,
    perl::LANGUAGE,
];

/// The languages that a line may be of, by their number: most lines of a log are of none.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineLanguages {
    signs: u32,
    frames: u32,
}

impl LineLanguages {
    /// Looks for the words of all of them at once.
    pub(super) fn of(text: &str) -> Self {
        let WordsOfLanguages { automaton, words, always } = words();
        let mut found = *always;
        for word in automaton.iter().flat_map(|automaton| automaton.find_overlapping_iter(text)) {
            words.get(word.pattern().as_usize()).into_iter().for_each(|of| found.add(*of));
        }
        found
    }

    fn add(&mut self, other: Self) {
        self.signs |= other.signs;
        self.frames |= other.frames;
    }

    pub(super) fn signs(self) -> impl Iterator<Item = (usize, &'static TraceLanguage)> {
        numbered().filter(move |(at, _)| self.signs & 1 << at != 0)
    }

    pub(super) fn frames(self) -> impl Iterator<Item = (usize, &'static TraceLanguage)> {
        numbered().filter(move |(at, _)| self.frames & 1 << at != 0)
    }
}

/// The words of all languages, and of which each is one.
struct WordsOfLanguages {
    automaton: Option<AhoCorasick>,
    words: Vec<LineLanguages>,
    /// Those that have no words.
    always: LineLanguages,
}

fn words() -> &'static WordsOfLanguages {
    static WORDS: OnceLock<WordsOfLanguages> = OnceLock::new();
    WORDS.get_or_init(|| {
        let mut words: BTreeMap<&str, LineLanguages> = BTreeMap::new();
        let mut always = LineLanguages { signs: 0, frames: 0 };
        for (at, language) in numbered() {
            let of = |signs, frames| LineLanguages { signs: u32::from(signs) << at, frames: u32::from(frames) << at };
            let signs = language.signs.iter().map(|word| (*word, of(true, false)));
            let frames = language.frames.iter().map(|word| (*word, of(false, true)));
            for (word, of) in signs.chain(frames) {
                words.entry(word).or_insert(LineLanguages { signs: 0, frames: 0 }).add(of);
            }
            always.add(of(language.signs.is_empty(), language.frames.is_empty()));
        }
        let automaton = AhoCorasick::new(words.keys()).ok();
        WordsOfLanguages { automaton, words: words.into_values().collect(), always }
    })
}

fn numbered() -> impl Iterator<Item = (usize, &'static TraceLanguage)> {
    LANGUAGES.iter().enumerate()
}

/// Whether a line can name a line of a file at all: most of a log cannot, and is not looked at closer.
pub(super) fn may_name_a_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    // `cart.rs:12`, `(12)`, `line 12`; a digit on both sides is a time.
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        b':' => is_digit(at + 1) && at.checked_sub(1).is_some_and(|before| !is_digit(before)),
        b'(' => is_digit(at + 1),
        b' ' => is_digit(at + 1) && bytes.get(..at).is_some_and(|before| before.ends_with(b"line")),
        _ => false,
    }) || text.contains("SyntaxError: ")
        // A query may end with a digit: `cart.js?v=17:12`.
        || text.contains('?') && text.contains("://")
}

/// Reads `file:12` or `file:12:5`, and says whether there was a column.
fn position(text: &str) -> Option<(&str, u32, bool)> {
    let (rest, last) = text.trim_end_matches(':').rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    match rest.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
        Some((file, line)) if !file.is_empty() => Some((file, line, true)),
        // A drive's letter on Windows has a colon too: `C:\a.py:3`.
        _ if !rest.is_empty() => Some((rest, last, false)),
        _ => None,
    }
}

/// How many places of one line are tried: a line may be nothing but beginnings.
const TRIES: usize = 8;

/// What follows each of the last `at` of a line that begins a word, the last first.
fn after_at(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end().rmatch_indices("at ").take(TRIES).filter_map(|(at, _)| {
        let begins_a_word = !text.get(..at)?.ends_with(|before: char| before.is_alphanumeric() || before == '_');
        begins_a_word.then(|| text.trim_end().get(at + 3..)).flatten()
    })
}

/// The last word of a text: what a prefix cannot be part of.
fn last_word(text: &str) -> &str {
    let text = text.trim_end();
    text.rsplit([' ', '\t', '|', '"', '>']).next().unwrap_or(text).trim_start_matches('\'')
}

/// The name in `(shop 0.1.0)` or `actionpack (7.1.2)` at the end of a text: packages are named so before a file of theirs.
fn of_package(text: &str) -> Option<&str> {
    let (name, version) = text.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    let (name, version) = version.split_once(' ').unwrap_or((last_word(name), version));
    version.starts_with(|first: char| first.is_ascii_digit()).then_some(name)
}

/// A frame, unless its file or line is none.
pub(super) fn frame(file: &str, line: u32, function: Option<&str>) -> Option<Frame> {
    let function = function.map(str::trim).filter(|function| !function.is_empty());
    // Generated code says line 0.
    (line > 0 && !file.trim().is_empty()).then(|| Frame {
        file: file.trim().trim_start_matches("./").replace('\\', "/"),
        line,
        function: function.map(str::to_owned),
    })
}

/// Whether a file is written in a language of the JVM.
pub(super) fn is_of_the_jvm(file: &str) -> bool {
    java::EXTENSIONS.iter().any(|extension| file.ends_with(extension))
}

/// Where the JVM's `class` has its source: a frame has the file's name only; its folders are those of the package.
pub(super) fn source_of_class(class: &str, file: &str) -> String {
    match class.rsplit_once('.') {
        Some((package, _)) => format!("{}/{file}", package.replace('.', "/")),
        None => file.to_owned(),
    }
}

#[cfg(test)]
mod tests;
