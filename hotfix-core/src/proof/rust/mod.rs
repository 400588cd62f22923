//! Rust sources split into code and tests, by syntax: in most fixes of crates the test stands in the very file of the fix.

mod doc;
mod item;
mod merge;
mod scan;
mod touched;

use std::ops::Range;

use item::{Item, Sort, SourceItems};

pub use touched::{TestFunction, Touched};

/// An example in documentation that a change touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchedExample {
    /// The line of its fence in the fix, counted from 1.
    pub line: usize,
    /// How many examples of the same item come before it.
    pub index: usize,
}

/// A source of the fix, split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// The text of the base with the test part of the fix; `None` where the fix changes no test in it.
    pub merged: Option<String>,
    /// What is touched.
    pub touched: Touched,
    /// The examples that are new or other, on items that the base has too.
    pub examples: Vec<TouchedExample>,
}

/// Splits a source that holds code, and maybe tests; `None` where one side cannot be read.
pub fn split(base: &str, fix: &str) -> Option<Split> {
    let (old, new) = (item::parse(base)?, item::parse(fix)?);
    let merged = merge::merge(&old, &new, merge::SourceSides { base, fix });
    let touched = touched::touched(Some((&old, base)), (&new, fix), false);
    let mut examples = Vec::new();
    changed_examples(&old.doc, &new.doc, base, fix, &mut examples);
    examples_of(&old.items, &new.items, base, fix, &mut examples);
    Some(Split { merged, touched, examples })
}

/// What is touched in a file that holds tests only. One that cannot be read says nothing.
pub fn touched_in(base: Option<&str>, fix: &str) -> Touched {
    // What cannot be read may mean any test: then all that are built of it are looked at.
    let Some(new) = item::parse(fix) else { return Touched { has_loose_helpers: true, ..Touched::default() } };
    let old = base.and_then(|base| Some((item::parse(base)?, base)));
    touched::touched(old.as_ref().map(|(source, text)| (source, *text)), (&new, fix), true)
}

/// Whether a whole file is for tests, by its own `#![cfg(test)]`.
pub fn is_for_tests(text: &str) -> bool {
    let attributes = item::parse(text).map(|source| source.attributes).unwrap_or_default();
    attributes.iter().any(|attribute| item::is_cfg_test(attribute))
}

/// Whether two sources have the same code besides their tests, comments and documentation.
pub fn is_same_code(one: &str, other: &str) -> bool {
    let code = |text: &str| item::parse(text).map(|source| production_code(&source.items, text));
    // Of what cannot be read nobody can say that it is the same.
    matches!((code(one), code(other)), (Some(one), Some(other)) if one == other)
}

/// The lines of a source, counted from 0, that hold tests or what is compiled for tests only, with the blank lines before
/// them; `None` where it cannot be read.
pub fn test_lines(text: &str) -> Option<Vec<Range<usize>>> {
    let source = item::parse(text)?;
    let lines: Vec<&str> = text.lines().collect();
    if source.attributes.iter().any(|attribute| item::is_cfg_test(attribute)) {
        return Some(std::iter::once(0..lines.len()).collect());
    }
    let mut found = Vec::new();
    tests_in(&source.items, &mut found);
    let line_of = |offset: usize| text.get(..offset).unwrap_or_default().matches('\n').count();
    let is_blank = |line: &usize| lines.get(*line).is_some_and(|line| line.trim().is_empty());
    let lines_of = |bytes: Range<usize>| {
        // Blank lines before a test belong to it: without it they would not be there.
        let first = line_of(bytes.start);
        let blank = (0..first).rev().take_while(is_blank).count();
        first - blank..line_of(bytes.end) + 1
    };
    Some(found.into_iter().map(lines_of).collect())
}

fn tests_in(items: &[Item], found: &mut Vec<Range<usize>>) {
    for item in items {
        if item.is_test() {
            found.push(item.range.clone());
        } else {
            tests_in(&item.items, found);
        }
    }
}

/// The tokens of everything that is no test.
fn production_code(items: &[Item], text: &str) -> Vec<String> {
    let mut code = Vec::new();
    for item in items.iter().filter(|item| !item.is_test()) {
        if let (Sort::Module | Sort::Block, Some(body)) = (item.sort, &item.body) {
            let head = item.range.start..body.start;
            // The body is compared item by item, as tests may stand in it.
            code.push(touched::code(text.get(head).unwrap_or_default()));
            code.extend(production_code(&item.items, text));
        } else {
            code.push(touched::code(text.get(item.range.clone()).unwrap_or_default()));
        }
    }
    code
}

/// How a source declares the module `name` in a file of its own, if it does: whether for tests only.
pub fn declares_for_tests(text: &str, name: &str) -> Option<bool> {
    let source: SourceItems = item::parse(text)?;
    let declared = find_declaration(&source.items, name)?;
    Some(declared.is_test())
}

/// What must be given for the module `name`, which a source declares in a file of its own, to be compiled.
pub fn gates_of_module(text: &str, name: &str) -> Vec<String> {
    let source = item::parse(text);
    let declared = source.as_ref().and_then(|source| find_declaration(&source.items, name));
    let of_file = source.iter().flat_map(SourceItems::gates);
    declared.map(|item| of_file.chain(item.gates()).collect()).unwrap_or_default()
}

fn find_declaration<'i>(items: &'i [Item], name: &str) -> Option<&'i Item> {
    items.iter().find(|item| item.sort == Sort::Module && item.name == name && item.body.is_none())
}

fn examples_of(old: &[Item], new: &[Item], base: &str, fix: &str, examples: &mut Vec<TouchedExample>) {
    for item in new.iter().filter(|item| !item.is_test()) {
        let Some(same) = old.iter().find(|old| old.key() == item.key() && !old.is_test()) else { continue };
        changed_examples(&same.doc, &item.doc, base, fix, examples);
        if matches!(item.sort, Sort::Module | Sort::Block) {
            examples_of(&same.items, &item.items, base, fix, examples);
        }
    }
}

fn changed_examples(old: &Range<usize>, new: &Range<usize>, base: &str, fix: &str, examples: &mut Vec<TouchedExample>) {
    let before = doc::examples(base.get(old.clone()).unwrap_or_default());
    let first_line = fix.get(..new.start).unwrap_or_default().matches('\n').count() + 1;
    let found = doc::find(fix.get(new.clone()).unwrap_or_default()).into_iter().enumerate();
    examples.extend(
        found
            .filter(|(_, example)| !before.contains(&example.code))
            .map(|(index, example)| TouchedExample { line: first_line + example.line, index }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_with_its_test_in_one_file_is_split() {
        let base = "/// Halves.\n///\n/// ```\n/// half(2);\n/// ```\npub fn half(a: u8) -> u8 { a }\n#[cfg(test)]\nmod tests {}\n";
        let fix = base
            .replace("half(2);", "assert_eq!(half(2), 1);")
            .replace("{ a }", "{ a / 2 }")
            .replace("mod tests {}", "mod tests { #[test] fn halves() {} }");
        let split = split(base, &fix).unwrap();
        let merged = split.merged.unwrap();
        assert!(merged.contains("{ a }") && merged.contains("halves") && merged.contains("assert_eq!(half(2), 1)"));
        assert_eq!(split.touched.tests[0].name, "halves");
        assert_eq!(split.examples, [TouchedExample { line: 3, index: 0 }]);
        assert_eq!(super::split("fn a() {", "fn a() {}"), None);
    }

    #[test]
    fn lines_of_tests_are_known() {
        let text = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn t() {}\n}\n\nfn b() {}\n#[tokio::test]\nasync fn c() {\n}\n";
        assert_eq!(test_lines(text), Some(vec![1..7, 9..12]));
        assert_eq!(test_lines("#![cfg(test)]\nfn a() {}\n"), Some(std::iter::once(0..2).collect()));
        assert_eq!((test_lines(""), test_lines("fn a() {")), (Some(Vec::new()), None));
    }

    #[test]
    fn modules_for_tests_are_known() {
        let text = "mod a;\n#[cfg(test)]\nmod b;\nmod c {}";
        assert_eq!(["a", "b", "c"].map(|name| declares_for_tests(text, name)), [Some(false), Some(true), None]);
        assert_eq!(gates_of_module("#[cfg(feature = \"x\")]\nmod a;", "a"), ["#[cfg(feature=\"x\")]"]);
        assert!(is_for_tests("#![cfg(test)]\nfn x() {}") && !is_for_tests("fn x() {}"));
    }
}
