//! The one sanitiser: text from people, logs, servers and children becomes [`Printable`] before anybody sees it.
//!
//! It makes text safe for a terminal. What a format needs besides (Markdown, table cells) is the document layer's.

use std::fmt;

/// Text without control characters, escape sequences and invisible direction marks; lines and tabs stay.
///
/// ```
/// use hotfix_core::domain::Printable;
/// assert_eq!(Printable::new("\u{1b}[31mred\u{1b}[0m\u{8}").as_str(), "red");
/// assert_eq!(Printable::new("PASSED\rFAILED").one_line().as_str(), "PASSED FAILED");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Printable(String);

impl Printable {
    /// Makes `text` safe to print.
    pub fn new(text: &str) -> Self {
        // Most logs are nothing else, and may be long.
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
            return Self(text.to_owned());
        }
        let mut safe = String::with_capacity(text.len());
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                // Most of any log: nothing else is asked of it.
                ' '..='~' | '\n' | '\t' => safe.push(character),
                '\u{1b}' => skip_escape_sequence(&mut rest),
                // The 8-bit forms: some terminals obey them too.
                '\u{9b}' => skip_until_final_byte(&mut rest),
                '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_until_string_terminator(&mut rest),
                '\r' if rest.peek() == Some(&'\n') => {}
                // A lone carriage return would let a log write over what stands before it.
                '\r' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' | '\u{85}' => safe.push('\n'),
                _ if character.is_control() || is_invisible(character) => {}
                _ => safe.push(character),
            }
        }
        Self(safe)
    }

    /// Makes bytes safe to print; what is not UTF-8 is shown as `�`.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::new(&String::from_utf8_lossy(bytes))
    }

    /// The same on one line: runs of white space become one space, the ends are trimmed.
    #[must_use]
    pub fn one_line(&self) -> Self {
        Self(self.0.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The same, at most `characters` long; a cut is shown by `…`.
    #[must_use]
    pub fn at_most(&self, characters: usize) -> Self {
        if self.0.chars().count() <= characters {
            return self.clone();
        }
        let kept: String = self.0.chars().take(characters.saturating_sub(1)).collect();
        Self(format!("{}…", kept.trim_end()))
    }

    /// The last `lines` lines and at most `bytes` of them.
    #[must_use]
    pub fn tail(&self, lines: usize, bytes: usize) -> Self {
        let trimmed = self.0.trim_end();
        let start = trimmed.rmatch_indices('\n').nth(lines.saturating_sub(1)).map_or(0, |(at, _)| at + 1);
        // One line may be megabytes long.
        let mut start = start.max(trimmed.len().saturating_sub(bytes));
        while !trimmed.is_char_boundary(start) {
            start += 1;
        }
        Self(trimmed.get(start..).unwrap_or_default().to_owned())
    }

    /// The beginning and the end, at most `bytes` in all and cut at lines where there are any, with a line between them
    /// that says how much is left out.
    ///
    /// ```
    /// use hotfix_core::domain::Printable;
    /// let log = Printable::new(&"line\n".repeat(100));
    /// assert_eq!(log.excerpt(60).as_str(), "line\nline\n[… 480 bytes left out …]\nline\nline\n");
    /// ```
    #[must_use]
    pub fn excerpt(&self, bytes: usize) -> Self {
        const NOTE: usize = 40;
        if self.0.len() <= bytes {
            return self.clone();
        }
        let half = bytes.saturating_sub(NOTE) / 2;
        let head = self.0.get(..floor_boundary(&self.0, half)).unwrap_or_default();
        let (before, tail) = self.0.split_at(floor_boundary(&self.0, self.0.len() - half));
        // Cut at lines: half a line reads like a whole one.
        let head = head.rfind('\n').and_then(|end| head.get(..=end)).unwrap_or(head);
        let tail = match tail.split_once('\n') {
            Some((_, rest)) if !before.ends_with('\n') && !rest.is_empty() => rest,
            _ => tail,
        };
        let left_out = self.0.len() - head.len() - tail.len();
        let gap = if head.is_empty() || head.ends_with('\n') { "" } else { "\n" };
        Self(format!("{head}{gap}[… {left_out} bytes left out …]\n{tail}"))
    }

    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Printable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl From<Printable> for String {
    fn from(text: Printable) -> Self {
        text.0
    }
}

/// The last place at or before `at` where a character begins.
fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// What follows the word "none" where a text begins with it: "none, the alert is there".
pub fn after_none(text: &str) -> Option<&str> {
    let (word, rest) = text.trim().split_at_checked(4)?;
    let is_word = !rest.starts_with(|next: char| next.is_alphanumeric() || matches!(next, '-' | '_' | '\''));
    (is_word && word.eq_ignore_ascii_case("none")).then_some(rest)
}

/// Makes a title, name or other one-line text safe to print.
pub fn one_line(text: &str) -> String {
    Printable::new(text).one_line().into()
}

/// A number of things: `1 file`, `2 files`.
pub fn count(number: impl fmt::Display + Copy, noun: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Skips what follows an ESC: a control sequence, a string such as OSC 52, or one character.
fn skip_escape_sequence(rest: &mut Rest<'_>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_until_final_byte(rest);
        }
        // OSC 52 writes the clipboard of whoever looks at a log.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            rest.next();
            skip_until_string_terminator(rest);
        }
        Some(character) if ('\u{20}'..='\u{7e}').contains(character) => {
            rest.next();
        }
        _ => {}
    }
}

fn skip_until_final_byte(rest: &mut Rest<'_>) {
    while let Some(character) = rest.peek() {
        if !('\u{20}'..='\u{7e}').contains(character) {
            return; // Not a sequence after all: keep what follows.
        }
        let is_final = ('\u{40}'..='\u{7e}').contains(character);
        rest.next();
        if is_final {
            return;
        }
    }
}

fn skip_until_string_terminator(rest: &mut Rest<'_>) {
    while let Some(character) = rest.peek() {
        match character {
            '\n' => return, // Unterminated: a log line must not swallow the next ones.
            '\u{7}' | '\u{9c}' => {
                rest.next();
                return;
            }
            '\u{1b}' => {
                rest.next();
                rest.next_if_eq(&'\\');
                return;
            }
            _ => {
                rest.next();
            }
        }
    }
}

/// Characters that change or hide what a reader sees: direction marks, zero-width ones, tags. Joiners inside emoji and
/// scripts (U+200C, U+200D) and variation selectors stay: without them text is damaged.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_leave_nothing_behind() {
        for (text, safe) in [
            ("\u{1b}]52;c;cm0gLXJmIH4=\u{7}title", "title"),
            ("\u{1b}]8;;https://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{9b}31mred", "red"),
            ("safe\u{8}\u{8}evil", "safeevil"),
            ("invoice\u{202e}gnp.exe", "invoicegnp.exe"),
            ("\u{1b}[2J\u{1b}[H\u{1b}[31mERROR\u{1b}[0m", "ERROR"),
            ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ] {
            assert_eq!(Printable::new(text).as_str(), safe);
        }
    }

    #[test]
    fn text_in_any_script_stays() {
        let text = "日本語 🔥 👩‍🚒 café\n\tعربي";
        assert_eq!(Printable::new(text).as_str(), text);
    }

    #[test]
    fn cuts_on_characters() {
        assert_eq!(Printable::new("🔥🔥🔥").at_most(2).as_str(), "🔥…");
        assert_eq!(Printable::new("a\nb\nc\n").tail(2, 100).as_str(), "b\nc");
        assert_eq!(Printable::new("ééé").tail(9, 3).as_str(), "é");
    }

    proptest! {
        #[test]
        fn nothing_dangerous_survives(text in any::<String>()) {
            let safe = Printable::new(&text);
            prop_assert!(safe.as_str().chars().all(|c| c == '\n' || c == '\t' || (!c.is_control() && !is_invisible(c))));
            prop_assert_eq!(Printable::new(safe.as_str()), safe.clone());
            prop_assert!(!safe.one_line().as_str().contains('\n'));
        }
    }
}
