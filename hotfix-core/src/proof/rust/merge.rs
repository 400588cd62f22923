//! A source of the base with the test code of the fix: what a regression test is built with on the base.

use std::ops::Range;

use super::doc;
use super::item::{Item, Sort, SourceItems};

/// A replacement in the text of the base.
struct Edit {
    range: Range<usize>,
    text: String,
}

/// A source before and after.
#[derive(Clone, Copy)]
pub(super) struct SourceSides<'a> {
    pub(super) base: &'a str,
    pub(super) fix: &'a str,
}

/// The text of the base with the tests and the documented examples of the fix; `None` where both are the same.
pub(super) fn merge(base: &SourceItems, fix: &SourceItems, sides: SourceSides<'_>) -> Option<String> {
    let mut edits = Vec::new();
    merge_doc(&base.doc, &fix.doc, base.doc.end.min(sides.base.len()), sides, &mut edits);
    merge_items(&base.items, &fix.items, sides.base.len(), sides, &mut edits);
    if edits.is_empty() {
        return None;
    }
    // Those at one place stay in their order.
    edits.sort_by_key(|edit| edit.range.start);
    let mut merged = String::with_capacity(sides.base.len() + sides.fix.len());
    let mut at = 0;
    for edit in edits {
        if edit.range.start < at {
            continue; // It lies in what was replaced as a whole.
        }
        merged.push_str(sides.base.get(at..edit.range.start)?);
        merged.push_str(&edit.text);
        at = edit.range.end;
    }
    merged.push_str(sides.base.get(at..)?);
    Some(merged)
}

fn merge_items(base: &[Item], fix: &[Item], end: usize, sides: SourceSides<'_>, edits: &mut Vec<Edit>) {
    let mut anchor = None;
    for (index, item) in fix.iter().enumerate() {
        let same = counterpart(fix, index, base);
        let text = sides.fix.get(item.range.clone()).unwrap_or_default();
        match same {
            // Equal to the byte: no edit, so that Cargo builds nothing anew.
            Some(same) if item.is_test() && same.is_test() && sides.base.get(same.range.clone()) == Some(text) => {}
            Some(same) if item.is_test() && same.is_test() => {
                edits.push(Edit { range: same.range.clone(), text: text.to_owned() });
            }
            // Code stays as the base has it; tests may hide inside.
            Some(same) if !item.is_test() && !same.is_test() => {
                merge_doc(&same.doc, &item.doc, same.range.start, sides, edits);
                if let (Sort::Module | Sort::Block, Some(body)) = (item.sort, &same.body) {
                    merge_items(&same.items, &item.items, body.end, sides, edits);
                }
            }
            // Code that only the fix keeps for tests is still code of the base.
            Some(_) => {}
            None if item.is_test() => {
                // Behind the item that it follows in the fix, for a macro must be defined before its use.
                let at = anchor.unwrap_or(end);
                edits.push(Edit { range: at..at, text: format!("\n\n{text}\n") });
            }
            None => {}
        }
        anchor = same.map(|same| same.range.end).or(anchor);
    }
    for (index, item) in base.iter().enumerate() {
        // A test that the fix deletes may fail on the base, and is none of those to be proven.
        if item.is_test() && counterpart(base, index, fix).is_none() {
            edits.push(Edit { range: item.range.clone(), text: String::new() });
        }
    }
}

/// The item that is called the same on the other side; of several, the one that is as far down.
fn counterpart<'i>(own: &[Item], index: usize, other: &'i [Item]) -> Option<&'i Item> {
    let item = own.get(index)?;
    // Several `impl` blocks of a type have one head.
    let before = own.iter().take(index).filter(|earlier| earlier.key() == item.key()).count();
    other.iter().filter(|candidate| candidate.key() == item.key()).nth(before)
}

/// Documentation is taken where its examples differ: they are tests.
fn merge_doc(base: &Range<usize>, fix: &Range<usize>, at: usize, sides: SourceSides<'_>, edits: &mut Vec<Edit>) {
    let (old, new) = (sides.base.get(base.clone()).unwrap_or_default(), sides.fix.get(fix.clone()).unwrap_or_default());
    // Other words would change nothing that runs.
    if doc::examples(old) == doc::examples(new) {
        return;
    }
    if base.is_empty() {
        edits.push(Edit { range: at..at, text: format!("{new}\n") });
    } else {
        edits.push(Edit { range: base.clone(), text: new.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::super::item::parse;
    use super::*;

    fn merged(base: &str, fix: &str) -> String {
        let sides = SourceSides { base, fix };
        let text = merge(&parse(base).unwrap(), &parse(fix).unwrap(), sides).unwrap_or_else(|| "the same".to_owned());
        assert!(parse(&text).is_some() || text == "the same", "{text}");
        text
    }

    #[test]
    fn a_test_beside_the_fix_comes_alone() {
        let base = "pub fn add(a: u8) -> u8 { a - 1 }\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn old() {}\n}\n";
        let fix = base
            .replace("a - 1", "a + 1")
            .replace("fn old() {}\n", "fn old() {}\n\n    #[test]\n    fn new() { assert_eq!(add(1), 2) }\n");
        insta::assert_snapshot!(merged(base, &fix), @"
        pub fn add(a: u8) -> u8 { a - 1 }

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn old() {}

            #[test]
            fn new() { assert_eq!(add(1), 2) }
        }
        ");
    }

    #[test]
    fn a_test_module_that_is_new_goes_where_it_stood() {
        insta::assert_snapshot!(merged(
            "fn a() {}\nfn b() {}\n",
            "fn a() { 1 }\n#[cfg(test)] mod tests { #[test] fn t() {} }\nfn new() {}\nfn b() {}\n#[cfg(test)] mod more;\n"
        ), @"
        fn a() {}

        #[cfg(test)] mod tests { #[test] fn t() {} }

        fn b() {}

        #[cfg(test)] mod more;
        ");
    }

    #[test]
    fn tests_inside_modules_and_impls_are_found() {
        insta::assert_snapshot!(merged(
            "mod inner {\n    pub fn a() {}\n    #[test]\n    fn gone() {}\n}\nimpl X {\n    fn y() {}\n}\n",
            "mod inner {\n    pub fn a() { 1 }\n    #[test]\n    fn t() {}\n}\nimpl X {\n    fn y() { 1 }\n    #[cfg(test)]\n    fn z() {}\n}\n"
        ), @"
        mod inner {
            pub fn a() {}

        #[test]
            fn t() {}

            
        }
        impl X {
            fn y() {}

        #[cfg(test)]
            fn z() {}

        }
        ");
    }

    #[test]
    fn an_example_that_changes_is_taken_and_other_words_are_not() {
        let base = "//! Crate.\n\n/// Adds.\n///\n/// ```\n/// add(1);\n/// ```\npub fn add() {}\n\n/// Old.\npub fn sub() {}\n";
        let fix = base
            .replace("add(1);", "assert_eq!(add(1), 2);")
            .replace("Old.", "New.")
            .replace("pub fn add() {}", "pub fn add() { 1 }");
        insta::assert_snapshot!(merged(base, &fix), @"
        //! Crate.

        /// Adds.
        ///
        /// ```
        /// assert_eq!(add(1), 2);
        /// ```
        pub fn add() {}

        /// Old.
        pub fn sub() {}
        ");
    }

    #[test]
    fn code_alone_changes_nothing() {
        assert_eq!(merged("fn a() {}\n", "fn a() { 1 }\nfn b() {}\n"), "the same");
        assert_eq!(merged("fn a() {}\n", "#[cfg(test)]\nfn a() {}\n"), "the same");
    }
}
