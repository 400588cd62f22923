//! Which tests of a file a change touches: those that are new or other, and those that use a helper that is.

use std::collections::{BTreeMap, BTreeSet};

use super::item::{Item, Sort, SourceItems};
use super::scan::{TokenKind, scan};

/// A test function as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestFunction {
    /// The modules around it within the file, outermost first.
    pub modules: Vec<String>,
    /// Its name; of a test that a macro makes, the first word that the macro gets.
    pub name: String,
    /// What else must be given for it to run: `#[cfg(feature="serde")]`, `#[ignore]`.
    pub gates: Vec<String>,
    /// Whether a macro may make it, so that there may be no test of that name.
    pub is_guess: bool,
}

/// What a change of test code touches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// The tests.
    pub tests: Vec<TestFunction>,
    /// Words that are new where macros make tests: the names of new tests are among them.
    pub macro_words: BTreeSet<String>,
    /// Whether code was touched that no test of the file names: what it is for cannot be told from the file.
    pub has_loose_helpers: bool,
}

impl Touched {
    /// Whether it may mean tests that it does not name.
    pub fn is_loose(&self) -> bool {
        self.has_loose_helpers || self.tests.iter().any(|test| test.is_guess)
    }
}

/// A test, or something that tests use.
struct Piece {
    function: TestFunction,
    is_test: bool,
    /// What others call it.
    names: Vec<String>,
    words: BTreeSet<String>,
    /// What the compiler sees of it.
    code: String,
    /// Whether it is a macro, or a call of one.
    is_macro: bool,
}

/// Compares the test code of a file before and after; `all` says that everything in it is test code.
pub(super) fn touched(before: Option<(&SourceItems, &str)>, after: (&SourceItems, &str), all: bool) -> Touched {
    let pieces = |(source, text): (&SourceItems, &str)| {
        let mut pieces = Vec::new();
        // `#![cfg(…)]` of a file holds for all that is in it.
        let mut gates: Vec<String> = source.gates().collect();
        collect(&source.items, text, &mut Vec::new(), &mut gates, all, &mut pieces);
        pieces
    };
    let old = before.map(pieces).unwrap_or_default();
    let new = pieces(after);
    let mut known: BTreeMap<(&[String], &str), Vec<&str>> = BTreeMap::new();
    for piece in &old {
        // A list: `cfg` may give one name to several functions.
        known.entry((&piece.function.modules, &piece.function.name)).or_default().push(&piece.code);
    }
    let is_changed = |piece: &&Piece| {
        let same = known.get(&(piece.function.modules.as_slice(), piece.function.name.as_str()));
        !same.is_some_and(|codes| codes.contains(&piece.code.as_str()))
    };
    let changed: Vec<&Piece> = new.iter().filter(is_changed).collect();
    let mut names: BTreeSet<&str> =
        changed.iter().filter(|piece| !piece.is_test).flat_map(|piece| &piece.names).map(String::as_str).collect();
    let has_helpers = !names.is_empty();
    let macro_words = new_words(&old, &changed);
    // Helpers use helpers; the circle grows until nothing new is named.
    loop {
        let uses = |piece: &&Piece| !piece.is_test && piece.words.iter().any(|word| names.contains(word.as_str()));
        // By word, not by resolution: a name too many proves one test more.
        let more: Vec<&str> = new.iter().filter(uses).flat_map(|piece| &piece.names).map(String::as_str).collect();
        let before = names.len();
        names.extend(more);
        if names.len() == before {
            break;
        }
    }
    let by_helper = |piece: &&Piece| piece.is_test && piece.words.iter().any(|word| names.contains(word.as_str()));
    let mut tests: Vec<TestFunction> =
        changed.iter().filter(|piece| piece.is_test).map(|piece| piece.function.clone()).collect();
    tests.extend(new.iter().filter(by_helper).map(|piece| piece.function.clone()));
    tests.sort();
    // Changed itself, and by a helper.
    tests.dedup();
    Touched { has_loose_helpers: has_helpers && tests.is_empty(), macro_words, tests }
}

/// The words of changed macros, and of calls of macros, that they did not have before.
fn new_words(old: &[Piece], changed: &[&Piece]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for piece in changed.iter().filter(|piece| piece.is_macro) {
        let same = old.iter().find(|other| {
            (&other.function.modules, &other.function.name) == (&piece.function.modules, &piece.function.name)
        });
        // Only new words: those that were there before name tests that did not change.
        words.extend(piece.words.iter().filter(|word| !same.is_some_and(|same| same.words.contains(*word))).cloned());
    }
    words
}

fn collect(
    items: &[Item],
    text: &str,
    modules: &mut Vec<String>,
    gates: &mut Vec<String>,
    is_test_code: bool,
    pieces: &mut Vec<Piece>,
) {
    for item in items {
        let is_test_code = is_test_code || item.is_test();
        let outer = gates.len();
        gates.extend(item.gates());
        let inner: Vec<&Item> = item.items.iter().filter(|inner| inner.is_test_function()).collect();
        match item.sort {
            Sort::Module => {
                modules.push(item.name.clone());
                collect(&item.items, text, modules, gates, is_test_code, pieces);
                modules.pop();
            }
            Sort::Call if item.is_test_function() && !inner.is_empty() => {
                collect(&item.items, text, modules, gates, false, pieces);
            }
            Sort::Call if item.is_test_function() => {
                for function in item.items.iter().filter(|inner| inner.sort == Sort::Function) {
                    pieces.push(piece(function, text, modules, gates, true));
                }
            }
            // What a macro gets first may be the name of the test that it makes.
            Sort::Call if is_test_code => {
                let mut made = piece(item, text, modules, gates, true);
                let name = item.name.split(' ').nth(1).unwrap_or_default().to_owned();
                made.is_test =
                    !name.is_empty() && !matches!(item.name.split(' ').next(), Some("thread_local" | "lazy_static"));
                made.names = vec![name.clone()];
                made.function.name = name;
                made.function.is_guess = true;
                made.is_macro = true;
                pieces.push(made);
            }
            Sort::Function if is_test_code => pieces.push(piece(item, text, modules, gates, item.is_test_function())),
            Sort::Block | Sort::Other if is_test_code => pieces.push(piece(item, text, modules, gates, false)),
            // An import alone runs nothing.
            Sort::Use | Sort::Call | Sort::Function | Sort::Block | Sort::Other => {}
        }
        gates.truncate(outer);
    }
}

fn piece(item: &Item, text: &str, modules: &[String], gates: &[String], is_test: bool) -> Piece {
    let mut gates = gates.to_vec();
    gates.extend(item.gates().filter(|gate| !gates.contains(gate)).collect::<Vec<_>>());
    let names = match item.sort {
        // `impl Shape for Square`: whoever names one of the types may use it.
        Sort::Block => {
            let words = item.name.split(' ').filter(|word| word.len() > 1 && word.starts_with(char::is_uppercase));
            words.map(str::to_owned).collect()
        }
        _ => vec![item.name.trim_start_matches("macro_rules ").to_owned()],
    };
    Piece {
        function: TestFunction { modules: modules.to_vec(), name: item.name.clone(), gates, is_guess: false },
        is_macro: item.name.starts_with("macro_rules "),
        is_test,
        names,
        words: item.words.clone(),
        code: code(text.get(item.range.clone()).unwrap_or_default()),
    }
}

/// What the compiler sees: without comments, documentation and blanks.
pub(super) fn code(text: &str) -> String {
    // The head of a block has an open brace, which no reading of the whole allows.
    let text = text.trim_end().trim_end_matches('{');
    let Some(tokens) = scan(text) else { return text.to_owned() };
    let tokens = tokens.into_iter().filter(|token| !matches!(token.kind, TokenKind::OuterDoc | TokenKind::InnerDoc));
    let words: Vec<&str> = tokens.filter_map(|token| text.get(token.range)).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::item::parse;
    use super::*;

    fn between(before: &str, after: &str, all: bool) -> String {
        let (old, new) = (parse(before).unwrap(), parse(after).unwrap());
        let found = touched(Some((&old, before)), (&new, after), all);
        let path = |test: &TestFunction| {
            let mut path = test.modules.join("::");
            path.push_str(if path.is_empty() { "" } else { "::" });
            path + &test.name + &test.gates.join("")
        };
        let mut shown: Vec<String> = found.tests.iter().map(path).collect();
        shown.extend(found.has_loose_helpers.then(|| "loose helpers".to_owned()));
        shown.join(", ")
    }

    #[test]
    fn tests_that_are_new_or_other_are_touched() {
        let before = "#[cfg(test)] mod tests { #[test] fn one() { a() } #[test] fn two() {} #[test] fn three() {} }";
        let after = "#[cfg(test)] mod tests {\n // why\n #[test] fn one() { a() }\n #[test] fn two() { b() }
            #[test] #[cfg(feature = \"x\")] fn four() {} }";
        assert_eq!(between(before, after, false), "tests::four#[cfg(feature=\"x\")], tests::two");
        assert_eq!(between(before, before, false), "");
    }

    #[test]
    fn tests_that_use_a_changed_helper_are_touched() {
        let before =
            "const CASES: &[u8] = &[1]; fn all() -> u8 { CASES[0] } #[test] fn one() { all(); } #[test] fn two() {}";
        assert_eq!(between(before, &before.replace("&[1]", "&[1, 2]"), true), "one");
        let before = "macro_rules! case { ($name:ident) => { #[test] fn $name() {} } } case!(first); case!(second);";
        assert_eq!(between(before, &before.replace("{} }", "{ panic!() } }"), true), "first, second");
        assert_eq!(between(before, &format!("{before} case!(third);"), true), "third");
        assert_eq!(between("fn help() {}", "fn help() { other() }", true), "loose helpers");
    }

    #[test]
    fn code_that_is_no_test_touches_none() {
        let before = "fn add() -> u8 { 1 } #[cfg(test)] mod tests { use super::*; #[test] fn one() { add(); } }";
        let after = before.replace("{ 1 }", "{ 2 }").replace("use super::*;", "use super::*; use std::fmt;");
        assert_eq!(between(before, &after, false), "");
    }

    #[test]
    fn properties_are_tests() {
        let after = "#[cfg(test)] mod tests { proptest! { #[test] fn p(x in 0..1) {} } quickcheck! { fn q(x: u8) -> bool { true } } }";
        assert_eq!(between("", after, false), "tests::p, tests::q");
    }
}
