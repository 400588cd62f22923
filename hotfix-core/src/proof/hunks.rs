//! The fix in parts: each run of changed lines of its code, to be taken back alone.

use crate::port::{ChangeKind, FileDiff, FileEdit, TreeEdit};

use super::{TestPart, rust};

/// A part of the fix, and the edit of the fix that takes it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeHunk {
    /// Where it stands in the fix: `src/cart.rs:12`.
    pub position: String,
    /// What takes it back.
    pub edit: TreeEdit,
}

/// The parts of the fix that lie in code, not in tests, in the order of its files.
pub fn code_hunks(files: &[FileDiff], part: &TestPart) -> Vec<CodeHunk> {
    let of_code = files.iter().filter(|file| part.code.contains(&file.change.path));
    // What is new has nothing to go back to.
    of_code.filter(|file| file.change.kind == ChangeKind::Modified && !file.change.is_binary).flat_map(hunks).collect()
}

fn hunks(file: &FileDiff) -> Vec<CodeHunk> {
    let (before, after) = (lines(&file.before), lines(&file.after));
    let is_rust = file.change.path.ends_with(".rs");
    let parts = file.hunks.iter().filter_map(|hunk| {
        let mut text = after.get(..hunk.after.start)?.concat();
        text.push_str(&before.get(hunk.before.clone())?.concat());
        text.push_str(&after.get(hunk.after.end..)?.concat());
        // What changes no code is no part of the fix: tests, comments, blanks.
        if is_rust && rust::is_same_code(&text, &file.after) {
            return None;
        }
        let position = format!("{}:{}", file.change.path, hunk.after.start + 1);
        let edit = TreeEdit::Overwrite(FileEdit { path: file.change.path.clone(), content: text.into_bytes() });
        Some(CodeHunk { position, edit })
    });
    parts.collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use crate::port::{Change, Hunk};

    use super::*;

    #[test]
    fn each_part_of_the_fix_is_taken_back_alone() {
        let before = "fn a() {}\nfn b() {}\n#[cfg(test)]\nmod tests {}\n";
        let after = "fn a() { 1 }\nfn b() {}\n// why\n#[cfg(test)]\nmod tests { #[test] fn t() {} }\n";
        let change = Change {
            path: "src/a.rs".to_owned(),
            renamed_from: None,
            kind: ChangeKind::Modified,
            added: 3,
            removed: 2,
            first_line: 1,
            is_binary: false,
        };
        let hunks = vec![
            Hunk { before: 0..1, after: 0..1 },
            Hunk { before: 2..2, after: 2..3 },
            Hunk { before: 3..4, after: 4..5 },
        ];
        let file = FileDiff { change, before: before.to_owned(), after: after.to_owned(), hunks };
        let part = TestPart { code: vec!["src/a.rs".to_owned()], ..TestPart::default() };
        let found = code_hunks(&[file], &part);
        assert_eq!(found.iter().map(|hunk| hunk.position.as_str()).collect::<Vec<_>>(), ["src/a.rs:1"]);
        let TreeEdit::Overwrite(edit) = &found[0].edit else { panic!("it is written") };
        assert_eq!(edit.content, after.replace("{ 1 }", "{}").into_bytes());
    }
}
