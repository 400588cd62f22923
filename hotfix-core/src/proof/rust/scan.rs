//! Rust source as tokens: what strings, comments and brackets hide from a search for words.
//!
//! It knows no grammar, so it reads every edition, macros included. Comments are left out, except those that document.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word: a name or keyword.
    Word,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// A string, character, number or lifetime.
    Literal,
    /// Documentation of what follows: `///`, `/** */`.
    OuterDoc,
    /// Documentation of what it stands in: `//!`, `/*! */`.
    InnerDoc,
    /// Any other character.
    Sign,
}

/// A token and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) range: Range<usize>,
}

/// The tokens of a source; `None` where its brackets or quotes do not match.
pub(super) fn scan(text: &str) -> Option<Vec<Token>> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0 };
    let mut tokens = Vec::new();
    let mut open = Vec::new();
    // `#![…]` is an attribute and no script.
    if text.starts_with("#!") && !text.get(2..).unwrap_or_default().trim_start().starts_with('[') {
        scanner.at = text.find('\n').unwrap_or(text.len()); // A script's first line.
    }
    while let Some(token) = scanner.next()? {
        match (token.kind, text.get(token.range.clone())) {
            (TokenKind::Open, Some(bracket)) => open.push(bracket),
            (TokenKind::Close, Some(bracket)) => {
                let matches = matches!((open.pop(), bracket), (Some("("), ")") | (Some("["), "]") | (Some("{"), "}"));
                // A file that cannot be read is called code as a whole, and said so.
                if !matches {
                    return None;
                }
            }
            _ => {}
        }
        tokens.push(token);
    }
    open.is_empty().then_some(tokens)
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts_with(&self, word: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()))
    }

    /// The next token, `Some(None)` at the end, `None` where a quote or comment never ends.
    #[expect(clippy::option_option, reason = "the end of the text and a broken text are not the same")]
    fn next(&mut self) -> Option<Option<Token>> {
        loop {
            let start = self.at;
            let Some(first) = self.bytes.get(start).copied() else { return Some(None) };
            let kind = match first {
                _ if first.is_ascii_whitespace() => {
                    self.at += 1;
                    continue;
                }
                b'/' if self.starts_with("//") => match self.line_comment() {
                    Some(kind) => kind,
                    None => continue,
                },
                b'/' if self.starts_with("/*") => match self.block_comment()? {
                    Some(kind) => kind,
                    None => continue,
                },
                b'"' => self.string(0)?,
                b'\'' => self.quote()?,
                b'(' | b'[' | b'{' => self.sign(TokenKind::Open),
                b')' | b']' | b'}' => self.sign(TokenKind::Close),
                b'0'..=b'9' => self.number(),
                _ if is_word(first) => self.word()?,
                _ => self.sign(TokenKind::Sign),
            };
            return Some(Some(Token { kind, range: start..self.at }));
        }
    }

    fn sign(&mut self, kind: TokenKind) -> TokenKind {
        self.at += 1;
        kind
    }

    fn line_comment(&mut self) -> Option<TokenKind> {
        let kind = match (self.byte(2), self.byte(3)) {
            (b'!', _) => Some(TokenKind::InnerDoc),
            // `////` is a plain comment to rustc as well.
            (b'/', fourth) if fourth != b'/' => Some(TokenKind::OuterDoc),
            _ => None,
        };
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.find('\n').unwrap_or(rest.len());
        kind
    }

    #[expect(clippy::option_option, reason = "a comment that never ends and one that says nothing are not the same")]
    fn block_comment(&mut self) -> Option<Option<TokenKind>> {
        let kind = match (self.byte(2), self.byte(3)) {
            (b'!', _) => Some(TokenKind::InnerDoc),
            (b'*', fourth) if fourth != b'*' && fourth != b'/' => Some(TokenKind::OuterDoc),
            _ => None,
        };
        let mut depth = 0_usize;
        loop {
            if self.starts_with("/*") {
                // Rust's block comments nest.
                depth += 1;
                self.at += 2;
            } else if self.starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return Some(kind);
                }
            } else if self.at >= self.bytes.len() {
                return None;
            } else {
                self.at += 1;
            }
        }
    }

    /// A string, from its first quote on, behind so many `#`s; zero where `\` escapes.
    fn string(&mut self, hashes: usize) -> Option<TokenKind> {
        self.at += 1;
        loop {
            match self.byte(0) {
                _ if self.at >= self.bytes.len() => return None,
                // Behind a backslash a quote ends nothing.
                b'\\' if hashes == 0 => self.at += 2,
                b'"' => {
                    self.at += 1;
                    return Some(TokenKind::Literal);
                }
                _ => self.at += 1,
            }
        }
    }

    fn raw_string(&mut self) -> Option<TokenKind> {
        let hashes = self.bytes.get(self.at..)?.iter().take_while(|byte| **byte == b'#').count();
        self.at += hashes + 1;
        let end = format!("\"{}", "#".repeat(hashes));
        // Only a quote with as many `#` ends it.
        let rest = self.text.get(self.at..)?;
        self.at += rest.find(&end)? + end.len();
        Some(TokenKind::Literal)
    }

    /// A character, or a lifetime.
    fn quote(&mut self) -> Option<TokenKind> {
        let rest = self.text.get(self.at + 1..)?;
        let mut characters = rest.chars();
        let first = characters.next()?;
        let second = characters.next();
        self.at += 1;
        if first == '\\' {
            self.at += 2; // What is escaped may be a quote.
            while self.at < self.bytes.len() && self.byte(0) != b'\'' {
                self.at += 1;
            }
            self.at += 1;
            return (self.at <= self.bytes.len()).then_some(TokenKind::Literal);
        }
        self.at += first.len_utf8();
        // `'a'` is a character, `'a` a lifetime.
        if second == Some('\'') {
            self.at += 1;
        } else {
            self.skip_word();
        }
        Some(TokenKind::Literal)
    }

    fn number(&mut self) -> TokenKind {
        self.skip_word();
        // `1.5` but neither `1..5` nor `1.max(2)`.
        if self.byte(0) == b'.' && self.byte(1).is_ascii_digit() {
            self.at += 1;
            self.skip_word();
        }
        TokenKind::Literal
    }

    /// A word, or a string with a word before it: `b"…"`, `r#"…"#`, `c"…"`; `r#type` is a word.
    fn word(&mut self) -> Option<TokenKind> {
        let start = self.at;
        self.skip_word();
        let word = self.text.get(start..self.at).unwrap_or_default();
        match (word, self.byte(0)) {
            ("r" | "br" | "cr", b'"') => self.raw_string(),
            ("r" | "br" | "cr", b'#') => {
                let hashes = self.bytes.get(self.at..)?.iter().take_while(|byte| **byte == b'#').count();
                if self.byte(hashes) == b'"' {
                    return self.raw_string();
                }
                // `r#type` is the word `type` where that is a keyword.
                if word == "r" && is_word(self.byte(1)) {
                    self.at += 1;
                    self.skip_word();
                }
                Some(TokenKind::Word)
            }
            ("b" | "c", b'"') => self.string(0),
            ("b", b'\'') => self.quote(),
            _ => Some(TokenKind::Word),
        }
    }

    fn skip_word(&mut self) {
        while is_word(self.byte(0)) || self.byte(0).is_ascii_digit() {
            self.at += 1;
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> String {
        let tokens = scan(text).expect("it is well formed");
        let shown = tokens.into_iter().map(|token| format!("{:?} {}", token.kind, text.get(token.range).unwrap()));
        shown.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_looks_like_brackets_in_texts_is_none() {
        insta::assert_snapshot!(words(r####"fn r#fn<'a>(x: &'a str) { b'}'; '\''; '"'; "}\"{"; r#"}"{"#; 1..2; 1.5e3; /* { /* } */ */ 'x: loop {} } // }"####), @r####"
        Word fn
        Word r#fn
        Sign <
        Literal 'a
        Sign >
        Open (
        Word x
        Sign :
        Sign &
        Literal 'a
        Word str
        Close )
        Open {
        Literal b'}'
        Sign ;
        Literal '\''
        Sign ;
        Literal '"'
        Sign ;
        Literal "}\"{"
        Sign ;
        Literal r#"}"{"#
        Sign ;
        Literal 1
        Sign .
        Sign .
        Literal 2
        Sign ;
        Literal 1.5e3
        Sign ;
        Literal 'x
        Sign :
        Word loop
        Open {
        Close }
        Close }
        "####);
    }

    #[test]
    fn documentation_is_kept_and_other_comments_are_not() {
        insta::assert_snapshot!(words("//! of the file\n// no\n/// of x\n//// no\n/** of y */ /*! in */ /***/ x"), @r"
        InnerDoc //! of the file
        OuterDoc /// of x
        OuterDoc /** of y */
        InnerDoc /*! in */
        Word x
        ");
    }

    #[test]
    fn what_does_not_match_is_refused() {
        for text in ["{", "}", "(]", "\"", "r#\"\"", "/*", "'"] {
            assert_eq!(scan(text), None, "{text}");
        }
        assert!(scan("#!/usr/bin/env run-cargo-script {\nfn main() {}").is_some());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z'\"#/*!{}()\\\\r\n é]{0,60}") {
            if let Some(tokens) = scan(&text) {
                for pair in tokens.windows(2) {
                    prop_assert!(pair[0].range.end <= pair[1].range.start);
                }
                for token in &tokens {
                    prop_assert!(text.get(token.range.clone()).is_some());
                }
            }
        }
    }
}
