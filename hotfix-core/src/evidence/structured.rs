//! Logs whose lines are JSON, or hold quoted strings: what the strings say, line by line, and stack traces that are lists of
//! objects.
//!
//! Nothing has to be valid: logs are cut off, and begin with a prefix. Each byte is looked at once for each time that it was
//! escaped, and nothing nests deeper than a bound.

use std::borrow::Cow;

use crate::domain::{Frame, Printable};

use super::trace;

/// How deep objects and lists are followed; deeper ones are only counted.
const DEEPEST: usize = 128;
/// A longer key says nothing, in bytes.
const LONGEST_KEY: usize = 64;
/// How often a string is taken for a document of its own: Docker's log of a program's JSON.
const NESTED: usize = 3;

/// What is in a text.
pub(super) enum LogPiece<'a> {
    /// A line of a string, by the key of the string.
    Line(&'a str, &'a str),
    /// A string of a list that is a stack trace.
    Element(&'a str),
    /// A list of objects begins that is a stack trace.
    Stack {
        /// Whether the failure is at its end.
        is_upside_down: bool,
        /// Whether it is of the cause of the one before it.
        is_cause: bool,
    },
    /// One of these objects.
    Frame(Frame),
}

/// Where the reading stands: documents may go over several lines.
#[derive(Debug, Default)]
pub(super) struct Structure {
    levels: Vec<OpenLevel>,
    too_deep: usize,
    nested: usize,
}

/// An object or a list that is still open.
#[derive(Debug, Default)]
struct OpenLevel {
    is_list: bool,
    /// The key whose value comes next; of a list, the one that it is the value of.
    key: String,
    /// Whether it is a list that is a stack trace.
    is_stack: bool,
    has_begun: bool,
    /// Whether it is a list inside of a stack trace: file, line, function.
    is_tuple: bool,
    /// Of a stack trace, where the object that it is in says that it was thrown.
    thrown: Option<Frame>,
    is_cause: bool,
    file: Option<String>,
    line: Option<u32>,
    function: Option<String>,
    class: Option<String>,
}

impl Structure {
    /// Reads the next line. Says whether that was all there is to it: else it is text like any other.
    pub(super) fn read(&mut self, line: &str, emit: &mut dyn FnMut(LogPiece<'_>)) -> bool {
        let text = line.trim();
        let is_number = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_digit()) && text.trim_end_matches(',').parse::<f64>().is_ok()
        };
        // What begins without indentation is a record of its own: the one before it may have been cut off.
        let goes_on = !self.levels.is_empty()
            && !line.starts_with('{')
            && (text.starts_with(['{', '}', '[', ']', '"', '-', 't', 'f', 'n']) || is_number(text));
        let holds_strings = || {
            matches!(text, "{" | "[" | "[{")
                || line.contains('"')
                    && (text.starts_with(['"', '{', '[']) || text.ends_with(['}', ']']) || line.contains("\\n"))
                    && (text.starts_with('"') || ["\":", "\" :", "=\"", "[\""].iter().any(|mark| line.contains(mark)))
        };
        if !goes_on {
            self.levels.clear();
            self.too_deep = 0;
            if !holds_strings() {
                return false;
            }
        }
        self.scan(line, emit)
    }

    fn scan(&mut self, line: &str, emit: &mut dyn FnMut(LogPiece<'_>)) -> bool {
        let bytes = line.as_bytes();
        let begin = line.len() - line.trim_start().len();
        let end_of_line = line.trim_end().trim_end_matches(',').len();
        let mut has_said = false;
        // What stands before a string, and the name that a pair of `name="value"` has.
        let mut before = b' ';
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => {
                    let start = at + 1;
                    let end = end_of_string(bytes, start);
                    let string = line.get(start..end).unwrap_or_default();
                    let rest = line.get(end + 1..).unwrap_or_default().trim_start();
                    let name = line.get(..at).and_then(|name| name.strip_suffix('=')).map(name_before);
                    at = end + 1;
                    if self.levels.is_empty() && start == begin + 1 && rest.starts_with(':') {
                        // What was cut out of a document.
                        self.levels.push(OpenLevel::default());
                    }
                    match self.levels.last_mut().filter(|level| !level.is_list) {
                        Some(level) if rest.starts_with(':') => short(string).clone_into(&mut level.key),
                        _ => {
                            let is_value = b":=[,({ \"".contains(&before) || self.levels.is_empty() && start == 1;
                            let is_whole = start == begin + 1 && end + 1 >= end_of_line;
                            has_said |= is_value && self.value(name, string, is_whole, emit);
                        }
                    }
                    before = b'"';
                    continue;
                }
                b'{' | b'[' => self.open(*byte == b'[', emit),
                b'}' | b']' => has_said |= self.close(*byte == b']', emit),
                b'0'..=b'9' => self.number(line.get(at..).unwrap_or_default()),
                b't' => self.truth(line.get(at..).unwrap_or_default()),
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                before = *byte;
            }
            at += 1;
        }
        has_said
    }

    /// Takes a string that is no key. Says whether it is read.
    fn value(&mut self, name: Option<&str>, string: &str, is_whole: bool, emit: &mut dyn FnMut(LogPiece<'_>)) -> bool {
        let Some(level) = self.levels.last_mut() else {
            // In prose, a string is nothing but a string.
            let is_document = string.starts_with("{\\\"");
            return (has_line_end(string) || is_document || is_whole)
                && self.lines(name.unwrap_or_default(), string, emit);
        };
        if level.is_tuple {
            level.part(string);
            return true;
        }
        let (is_element, key) = (level.is_stack, std::mem::take(&mut level.key));
        // A list by itself may be a piece of code.
        if level.is_list && key.is_empty() && !is_element && !has_line_end(string) {
            return false;
        }
        if !level.is_list {
            level.field(&key, string);
        }
        let said = if is_element {
            self.elements(string, emit);
            true
        } else {
            self.lines(&key, string, emit)
        };
        if let Some(level) = self.levels.last_mut().filter(|level| level.is_list) {
            level.key = key;
        }
        said
    }

    fn elements(&self, string: &str, emit: &mut dyn FnMut(LogPiece<'_>)) {
        let mut inside = Self { nested: self.nested + 1, ..Self::default() };
        for line in unescaped(string).lines() {
            let is_document = line.starts_with('{') && self.nested < NESTED;
            if !(is_document && inside.read(line, emit)) {
                emit(LogPiece::Element(line));
            }
        }
    }

    fn lines(&self, key: &str, string: &str, emit: &mut dyn FnMut(LogPiece<'_>)) -> bool {
        let string = unescaped(string);
        let mut inside = Self { nested: self.nested + 1, ..Self::default() };
        for line in string.lines() {
            if self.nested >= NESTED || !inside.read(line, emit) {
                emit(LogPiece::Line(key, line));
            }
        }
        true
    }

    fn open(&mut self, is_list: bool, emit: &mut dyn FnMut(LogPiece<'_>)) {
        if self.levels.len() >= DEEPEST {
            self.too_deep += 1;
            return;
        }
        let mut level = OpenLevel { is_list, ..OpenLevel::default() };
        if let Some(parent) = self.levels.last_mut() {
            level.key.clone_from(&parent.key);
            level.is_stack = is_list && !parent.is_list && is_stack(&parent.key);
            level.is_tuple = is_list && parent.is_stack;
            level.thrown = if level.is_stack { parent.frame() } else { None };
            if parent.is_stack && !std::mem::replace(&mut parent.has_begun, true) {
                // Sentry's, Rollbar's and structlog's lists have the failure at the end, and so has Python's on old Lambdas.
                let is_upside_down = parent.key == "frames" || is_list;
                emit(LogPiece::Stack { is_upside_down, is_cause: parent.is_cause });
                parent.thrown.take().into_iter().for_each(|frame| emit(LogPiece::Frame(frame)));
            }
            level.is_cause = parent.is_cause;
        }
        if !is_list {
            level.key.clear();
        }
        self.levels.push(level);
    }

    /// Says whether that was a frame.
    fn close(&mut self, is_list: bool, emit: &mut dyn FnMut(LogPiece<'_>)) -> bool {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return false;
        }
        let Some(level) = self.levels.pop_if(|level| level.is_list == is_list) else { return false };
        let is_element = self.levels.last().is_some_and(|parent| parent.is_stack);
        let found = level.frame().filter(|_| is_element);
        found.map(|frame| emit(LogPiece::Frame(frame))).is_some()
    }

    fn number(&mut self, rest: &str) {
        let wants = |level: &&mut OpenLevel| level.is_tuple || !level.is_list && !level.key.is_empty();
        let Some(level) = self.levels.last_mut().filter(wants) else { return };
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest.get(..end).unwrap_or_default();
        if level.is_tuple {
            level.line = level.line.or_else(|| number.parse().ok());
        } else {
            let key = std::mem::take(&mut level.key);
            level.field(&key, number);
        }
    }

    fn truth(&mut self, rest: &str) {
        if let Some(level) = self.levels.last_mut().filter(|level| level.key == "is_cause") {
            level.is_cause = rest.starts_with("true");
        }
    }
}

impl OpenLevel {
    /// Takes what a frame may be made of.
    fn field(&mut self, key: &str, value: &str) {
        let text = || Some(unescaped(value).into_owned());
        match &*letters(key) {
            "filename" => self.file = text(),
            "file" | "abspath" | "path" | "filepath" | "source" if self.file.is_none() => self.file = text(),
            "line" | "lineno" | "linenumber" => self.line = value.parse().ok(),
            "function" | "func" | "method" | "methodname" | "name" | "label" => self.function = text(),
            "class" | "classname" | "declaringclass" | "module" => self.class = text(),
            _ => {}
        }
    }

    /// Takes the next string of a list that is a frame.
    fn part(&mut self, string: &str) {
        let part = if self.line.is_none() { &mut self.file } else { &mut self.function };
        part.get_or_insert_with(|| unescaped(string).into_owned());
    }

    fn frame(&self) -> Option<Frame> {
        let (file, line) = (self.file.as_deref()?, self.line?);
        let of_class = self.class.as_deref().filter(|_| !file.contains('/') && trace::is_of_the_jvm(file));
        let file = of_class.map_or_else(|| file.to_owned(), |class| trace::source_of_class(class, file));
        let file = file.strip_prefix("app:///").unwrap_or(&file);
        trace::frame(file, line, self.function.as_deref())
    }
}

/// Whether a list by this name is a stack trace.
fn is_stack(key: &str) -> bool {
    let key = letters(key);
    ["frames", "stack", "stacktrace", "backtrace", "trace", "traceback", "callstack", "extendedstacktrace"]
        .contains(&key.as_str())
}

/// A key that is worth keeping: it is copied to what is inside.
fn short(key: &str) -> &str {
    if key.len() > LONGEST_KEY { "" } else { key }
}

/// The letters of a key: it is spelt in many ways.
fn letters(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// The name before a `=`.
fn name_before(text: &str) -> &str {
    text.rsplit(|character: char| !character.is_alphanumeric() && !"._-".contains(character)).next().unwrap_or_default()
}

/// Where the string that starts here ends: at its quote, or with the line.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Whether a string goes over several lines.
fn has_line_end(string: &str) -> bool {
    string.match_indices("\\n").any(|(at, _)| {
        let slashes = string.as_bytes().iter().take(at).rev().take_while(|byte| **byte == b'\\').count();
        slashes % 2 == 0
    })
}

/// What a string says, safe to print.
fn unescaped(string: &str) -> Cow<'_, str> {
    if !string.contains('\\') {
        return Cow::Borrowed(string);
    }
    let mut text = String::with_capacity(string.len());
    let mut rest = string.chars();
    while let Some(character) = rest.next() {
        let escaped = if character == '\\' { rest.next() } else { None };
        match escaped {
            None => text.push(character),
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some(kind @ ('u' | 'x')) => {
                let digits = if kind == 'u' { 4 } else { 2 };
                let code = rest.as_str().get(..digits).and_then(|code| u32::from_str_radix(code, 16).ok());
                if code.is_some() {
                    rest.nth(digits - 1);
                }
                text.push(code.and_then(char::from_u32).unwrap_or('\u{fffd}'));
            }
            Some(other) => text.push(other),
        }
    }
    Cow::Owned(Printable::new(&text).into())
}
