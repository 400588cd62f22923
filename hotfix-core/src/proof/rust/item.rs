//! Rust source as items, nested as they are written: functions, modules, what attributes and documentation say of them.

use std::collections::BTreeSet;
use std::ops::Range;

use super::scan::{Token, TokenKind, scan};

/// What an item is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Function,
    Module,
    /// `impl` or `trait`.
    Block,
    /// A call of a macro.
    Call,
    Use,
    Other,
}

/// An item of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) sort: Sort,
    /// Its name; of an `impl` its head, of a call the macro's name and its first word.
    pub(super) name: String,
    /// From its first attribute or documentation to its end, in bytes.
    pub(super) range: Range<usize>,
    /// Its documentation, in bytes; empty where it has none.
    pub(super) doc: Range<usize>,
    /// Its attributes, without blanks: `cfg(test)`.
    pub(super) attributes: Vec<String>,
    /// The words in it.
    pub(super) words: BTreeSet<String>,
    /// What is between its braces, where it has any.
    pub(super) body: Option<Range<usize>>,
    /// The items in its body, where it may hold items.
    pub(super) items: Vec<Item>,
}

/// A file as items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceItems {
    /// Its own documentation, in bytes.
    pub(super) doc: Range<usize>,
    /// Its own attributes: `#![cfg(test)]`.
    pub(super) attributes: Vec<String>,
    pub(super) items: Vec<Item>,
}

/// Reads a source; `None` where its brackets or quotes do not match.
pub(super) fn parse(text: &str) -> Option<SourceItems> {
    let tokens = scan(text)?;
    let mut parser = Parser { text, tokens: &tokens, at: 0 };
    let mut doc = 0..0;
    let mut attributes = Vec::new();
    loop {
        match parser.peek() {
            Some(token) if token.kind == TokenKind::InnerDoc => {
                doc = if doc.is_empty() { token.range.clone() } else { doc.start..token.range.end };
                parser.at += 1;
            }
            Some(_) if parser.is(0, "#") && parser.is(1, "!") => {
                parser.at += 2;
                attributes.push(parser.attribute());
            }
            _ => break,
        }
    }
    Some(SourceItems { doc, attributes, items: parser.items() })
}

impl Item {
    /// Whether it is compiled for tests only, or is a test.
    pub(super) fn is_test(&self) -> bool {
        self.is_for_tests() || self.is_test_function()
    }

    /// Whether an attribute or a macro makes a test of it.
    pub(super) fn is_test_function(&self) -> bool {
        let marked = self.attributes.iter().any(|attribute| is_test_attribute(attribute));
        // `quickcheck!` makes a test of each function in it, without an attribute.
        let is_property = self.name.split(' ').next() == Some("quickcheck");
        let holds =
            || self.items.iter().any(|item| item.is_test_function() || (is_property && item.sort == Sort::Function));
        (marked && self.sort == Sort::Function) || (self.sort == Sort::Call && holds())
    }

    fn is_for_tests(&self) -> bool {
        self.attributes.iter().any(|attribute| is_cfg_test(attribute))
    }

    /// What else must be given for it to be compiled: `#[cfg(feature="serde")]`.
    pub(super) fn gates(&self) -> impl Iterator<Item = String> {
        gates(&self.attributes)
    }

    /// What tells it from its neighbours.
    pub(super) fn key(&self) -> (Sort, &str) {
        (self.sort, &self.name)
    }
}

impl SourceItems {
    /// What else must be given for all of it to be compiled.
    pub(super) fn gates(&self) -> impl Iterator<Item = String> {
        gates(&self.attributes)
    }
}

fn gates(attributes: &[String]) -> impl Iterator<Item = String> {
    let is_gate = |attribute: &&String| {
        // Every test build sets `test`: it keeps nothing out.
        attribute.starts_with("cfg(") && *attribute != "cfg(test)" || attribute.starts_with("ignore")
    };
    attributes.iter().filter(is_gate).map(|attribute| format!("#[{attribute}]"))
}

/// Whether `cfg(…)` is about tests: it names `test`, outside of texts and of any `not(…)`.
pub(super) fn is_cfg_test(attribute: &str) -> bool {
    let Some(condition) = attribute.strip_prefix("cfg(") else { return false };
    let mut word = String::new();
    // How deep we are in brackets, and from which depth on everything is negated.
    let (mut depth, mut negated) = (0_usize, None);
    let mut is_text = false;
    for character in condition.chars() {
        match character {
            '"' => is_text = !is_text,
            _ if is_text => {}
            '(' => {
                depth += 1;
                let before = std::mem::take(&mut word);
                // `cfg(all(test, not(miri)))` is about tests, `cfg(not(test))` is the opposite.
                negated = negated.or((before == "not").then_some(depth));
            }
            ')' | ',' => {
                if std::mem::take(&mut word) == "test" && negated.is_none() {
                    return true;
                }
                if character == ')' {
                    negated = negated.filter(|from| *from != depth);
                    depth = depth.saturating_sub(1);
                }
            }
            _ => word.push(character),
        }
    }
    false
}

/// Whether an attribute marks a test: `test`, `tokio::test(…)`, `rstest`, `wasm_bindgen_test`, `test_case(…)`.
fn is_test_attribute(attribute: &str) -> bool {
    let path = attribute.split(['(', '=', '[']).next().unwrap_or_default();
    let last = path.rsplit("::").next().unwrap_or_default();
    matches!(last, "test" | "rstest" | "rstest_reuse" | "quickcheck" | "proptest" | "theory" | "tested")
        || last.ends_with("_test")
        || last.starts_with("test_")
        || last == "googletest"
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn word(&self, ahead: usize) -> &'a str {
        let token = self.tokens.get(self.at + ahead);
        token.and_then(|token| self.text.get(token.range.clone())).unwrap_or_default()
    }

    fn is(&self, ahead: usize, word: &str) -> bool {
        self.word(ahead) == word
    }

    /// The items up to the end of what surrounds them.
    fn items(&mut self) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        while self.peek().is_some_and(|token| token.kind != TokenKind::Close) {
            let before = self.at;
            items.extend(self.item());
            // Whatever stands here is no item: one token on, or this would never end.
            if self.at == before {
                self.at += 1;
            }
        }
        items
    }

    fn item(&mut self) -> Option<Item> {
        let start = self.peek()?.range.start;
        let mut doc = 0..0;
        let mut attributes = Vec::new();
        loop {
            let token = self.peek()?;
            if token.kind == TokenKind::OuterDoc {
                doc = if doc.is_empty() { token.range.clone() } else { doc.start..token.range.end };
                self.at += 1;
            } else if self.is(0, "#") && self.is(1, "[") {
                self.at += 1;
                attributes.push(self.attribute());
            } else if token.kind == TokenKind::InnerDoc || (self.is(0, "#") && self.is(1, "!")) {
                self.at += 1;
                return None;
            } else {
                break;
            }
        }
        let head = self.at;
        let (sort, name) = self.head();
        let ends_at_sign = sort == Sort::Use || self.is_value(head);
        let (body, items) = self.rest(sort, ends_at_sign);
        let last = self.tokens.get(self.at.checked_sub(1)?)?;
        let range = start..last.range.end.max(start);
        let own = self.tokens.get(head..self.at).unwrap_or_default();
        let words = own.iter().filter(|token| token.kind == TokenKind::Word);
        let words = words.filter_map(|token| self.text.get(token.range.clone())).map(str::to_owned).collect();
        Some(Item { sort, name, range, doc, attributes, words, body, items })
    }

    /// An attribute, from its bracket on.
    fn attribute(&mut self) -> String {
        let start = self.at + 1;
        self.skip_group();
        let inner = self.tokens.get(start..self.at.saturating_sub(1)).unwrap_or_default();
        inner.iter().filter_map(|token| self.text.get(token.range.clone())).collect()
    }

    /// What the item is and what it is called; moves to where its end is looked for.
    fn head(&mut self) -> (Sort, String) {
        let start = self.at;
        let mut ahead = 0;
        loop {
            let word = self.word(ahead);
            match word {
                "pub" | "unsafe" | "async" | "default" | "safe" => ahead += 1,
                "(" if ahead > 0 && self.is(ahead - 1, "pub") => {
                    self.at += ahead;
                    self.skip_group();
                    ahead = 0;
                }
                // `const fn`; a `const` alone is an item of its own.
                "const" if matches!(self.word(ahead + 1), "fn" | "unsafe" | "async" | "extern") => ahead += 1,
                "extern" if self.word(ahead + 1).starts_with('"') => ahead += 2,
                _ => break,
            }
        }
        self.at += ahead;
        let next = self.word(1).to_owned();
        let sort_and_name = match self.word(0) {
            "fn" => (Sort::Function, next),
            "mod" => (Sort::Module, next),
            "impl" => (Sort::Block, self.until_body()),
            "{" => (Sort::Block, "extern".to_owned()),
            "trait" => (Sort::Block, format!("trait {next}")),
            "use" => (Sort::Use, self.until_body()),
            "macro_rules" => (Sort::Other, format!("macro_rules {}", self.word(2))),
            "struct" | "enum" | "union" | "type" | "static" | "const" | "macro" => {
                let name = if next == "mut" { self.word(2).to_owned() } else { next };
                (Sort::Other, name)
            }
            word if self.is(1, "!") => {
                // A macro that makes a test is most often given its name first.
                let first = if self.tokens.get(self.at + 3).is_some_and(|token| token.kind == TokenKind::Word) {
                    self.word(3)
                } else {
                    ""
                };
                (Sort::Call, format!("{word} {first}").trim().to_owned())
            }
            word => (Sort::Other, word.to_owned()),
        };
        if self.at == start && sort_and_name.1.is_empty() {
            self.at += 1;
        }
        sort_and_name
    }

    /// The words up to the body or the end of the item: the head of an `impl`, what a `use` names.
    fn until_body(&self) -> String {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let is_use = self.is(0, "use");
        let head = rest.iter().take_while(|token| {
            let word = self.text.get(token.range.clone());
            word != Some(";") && (is_use || word != Some("{"))
        });
        head.filter_map(|token| self.text.get(token.range.clone())).collect::<Vec<_>>().join(" ")
    }

    /// Whether the item that begins at this token ends with a `;` whatever braces come before.
    fn is_value(&self, head: usize) -> bool {
        let words = self.tokens.get(head..self.at + 1).unwrap_or_default();
        let mut words = words.iter().filter_map(|token| self.text.get(token.range.clone()));
        words.any(|word| matches!(word, "const" | "static" | "type"))
            && !matches!(self.word(0), "fn" | "impl" | "trait" | "mod" | "struct" | "enum" | "union")
    }

    /// Goes to the end of the item; its body and the items in it.
    fn rest(&mut self, sort: Sort, ends_at_sign: bool) -> (Option<Range<usize>>, Vec<Item>) {
        let mut body = (None, Vec::new());
        while let Some(token) = self.peek() {
            let word = self.text.get(token.range.clone()).unwrap_or_default();
            match (token.kind, word) {
                (TokenKind::Close, _) => return body,
                // `const A: [u8; 2] = { … };` has braces before its end.
                (TokenKind::Open, "{") if !ends_at_sign && !self.is_generic_argument() => {
                    body = self.group(sort);
                    return body;
                }
                (TokenKind::Open, _) if sort == Sort::Call => body = self.group(sort),
                (TokenKind::Open, _) => self.skip_group(),
                (_, ";") => {
                    self.at += 1;
                    return body;
                }
                _ => self.at += 1,
            }
        }
        body
    }

    /// `Foo<{ N }>` is no body.
    fn is_generic_argument(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|before| self.tokens.get(before));
        before.and_then(|token| self.text.get(token.range.clone())).is_some_and(|word| matches!(word, "<" | ",")) && {
            let mut ahead = Parser { text: self.text, tokens: self.tokens, at: self.at };
            ahead.skip_group();
            matches!(ahead.word(0), ">" | ",")
        }
    }

    /// A group with the items in it, where the item may hold any.
    fn group(&mut self, sort: Sort) -> (Option<Range<usize>>, Vec<Item>) {
        let open = self.peek().map_or(0, |token| token.range.end);
        let start = self.at;
        self.skip_group();
        let close = self.tokens.get(self.at.saturating_sub(1)).map_or(open, |token| token.range.start);
        let items = match sort {
            Sort::Module | Sort::Block | Sort::Call => {
                let mut inner = Parser { text: self.text, tokens: self.tokens, at: start + 1 };
                inner.items()
            }
            Sort::Function | Sort::Use | Sort::Other => Vec::new(),
        };
        (Some(open..close), items)
    }

    /// Goes behind the bracket that closes the one here.
    fn skip_group(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            self.at += 1;
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close if depth <= 1 => return,
                TokenKind::Close => depth -= 1,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> String {
        fn show(items: &[Item], text: &str, depth: usize, shown: &mut String) {
            for item in items {
                let test = if item.is_test() { " (test)" } else { "" };
                let gates: Vec<String> = item.gates().collect();
                let lines = text.get(item.range.clone()).unwrap().lines().count();
                let indent = "  ".repeat(depth);
                shown.push_str(&format!("{indent}{:?} {}{test} {lines} {}", item.sort, item.name, gates.join(" ")));
                shown.truncate(shown.trim_end().len());
                shown.push('\n');
                show(&item.items, text, depth + 1, shown);
            }
        }
        let source = parse(text).unwrap();
        let mut shown = String::new();
        show(&source.items, text, 0, &mut shown);
        shown
    }

    #[test]
    fn items_are_found_with_what_belongs_to_them() {
        let text = r##"
//! The crate.
#![no_std]
use std::{fmt, io};
/// Adds.
#[inline]
pub(crate) const fn add<const N: usize>(a: [u8; N], b: Foo<{ N }>) -> u8 { if true { 1 } else { 2 } }
pub const X: fn() -> u8 = { const { || 1 } };
static mut Y: u8 = 1;
struct Unit;
struct Tuple(u8);
struct Named { field: u8 }
impl<T> fmt::Debug for Foo<T> where T: Copy { fn fmt(&self) {} }
pub trait Shape { fn area(&self) -> f64; }
macro_rules! make { () => { fn x() {} } }
make!(first, second);
thread_local! { static Z: u8 = 1; }
extern "C" { fn c(); }
unsafe extern "C" fn d() {}
#[cfg(test)] mod elsewhere;
#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    #[test]
    fn one() { assert_eq!(add(1), 2); }
    #[tokio::test(flavor = "x")]
    #[ignore = "slow"]
    async fn two() {}
    #[cfg(unix)] #[rstest] #[case(1)] fn three(#[case] a: u8) {}
    fn helper() {}
    proptest! { #[test] fn four(x in 0..1) { } }
}
#[cfg(not(test))] fn production() {}
#[test] fn bare() {}
"##;
        insta::assert_snapshot!(tree(text), @"
        Use use std : : { fmt , io } 1
        Function add 3
        Other X 1
        Other Y 1
        Other Unit 1
        Other Tuple 1
        Other Named 1
        Block impl < T > fmt : : Debug for Foo < T > where T : Copy 1
          Function fmt 1
        Block trait Shape 1
          Function area 1
        Other macro_rules make 1
        Call make first 1
          Other first 1
        Call thread_local static 1
          Other Z 1
        Block extern 1
          Function c 1
        Function d 1
        Module elsewhere (test) 1
        Module tests (test) 12 #[cfg(all(test,feature=\"std\"))]
          Use use super : : * 1
          Function one (test) 2
          Function two (test) 3 #[ignore=\"slow\"]
          Function three (test) 1 #[cfg(unix)]
          Function helper 1
          Call proptest (test) 1
            Function four (test) 1
        Function production 1 #[cfg(not(test))]
        Function bare (test) 1
        ");
        let source = parse(text).unwrap();
        assert_eq!(
            (text.get(source.doc).unwrap(), source.attributes.as_slice()),
            ("//! The crate.", ["no_std".to_owned()].as_slice())
        );
    }

    #[test]
    fn conditions_for_tests_are_known() {
        for attribute in [
            "cfg(test)",
            "cfg(all(test,feature=\"x\"))",
            "cfg(any(test,feature=\"testing\"))",
            "cfg(all(not(miri),test))",
        ] {
            assert!(is_cfg_test(attribute), "{attribute}");
        }
        for attribute in [
            "cfg(not(test))",
            "cfg(not(any(test,fuzzing)))",
            "cfg(feature=\"test\")",
            "cfg_attr(test,derive(Debug))",
            "test",
        ] {
            assert!(!is_cfg_test(attribute), "{attribute}");
        }
    }
}
