//! A fix that reformats code.

use crate::domain::{Level, file_name};
use crate::port::{FileDiff, Hunk};

use super::dependencies::is_lock_file;
use super::{GuardCheck, GuardedFix, Suspicion, extension, lines};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "formatting",
    level: Level::Warning,
    what: "a hunk of the fix changes nothing but white space",
    why: "it hides the lines that matter from the reviewer, and conflicts with the work of others",
    fix: "take the formatting out of the fix: git add --patch leaves it, a follow-up brings it",
    find,
};

/// Files in which the white space at the start of a line means something.
// In Python an indent moves a line into another branch.
const INDENTED: [&str; 15] =
    ["coffee", "fs", "fsx", "haml", "hs", "mk", "nim", "pug", "py", "pyi", "sass", "slim", "styl", "yaml", "yml"];

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    let written = fix.files.iter().filter(|file| !is_lock_file(&file.change.path));
    written.filter_map(in_file).collect()
}

fn in_file(file: &FileDiff) -> Option<Suspicion> {
    let keeps_indent = INDENTED.contains(&extension(&file.change.path)) || file_name(&file.change.path) == "Makefile";
    // Hunk by hunk: a fix that also reformats the rest of its file is the usual case.
    let only: Vec<&Hunk> = file.hunks.iter().filter(|hunk| is_formatting(file, hunk, keeps_indent)).collect();
    let first = only.first()?;
    let message = match (only.len(), file.hunks.len()) {
        (1, 1) => "only white space changes in this file".to_owned(),
        (some, all) if some == all => format!("only white space changes in this file, in {all} places"),
        (1, _) => "only white space changes in this place".to_owned(),
        (some, all) => format!("only white space changes in {some} of {all} places, here first"),
    };
    Some(Suspicion::at_line(&file.change, lines::line_of(file, first), message))
}

fn is_formatting(file: &FileDiff, hunk: &Hunk, keeps_indent: bool) -> bool {
    let before: Vec<&str> = lines::removed(file, hunk).map(|(_, line)| line).collect();
    let after: Vec<&str> = lines::added(file, hunk).map(|(_, line)| line).collect();
    if keeps_indent {
        let essence = |lines: &[&str]| -> Vec<String> {
            lines.iter().filter(|line| !line.trim().is_empty()).map(|line| indent_and_essence(line)).collect()
        };
        essence(&before) == essence(&after)
    } else {
        essence(&before.join("\n")) == essence(&after.join("\n"))
    }
}

fn indent_and_essence(line: &str) -> String {
    let text = line.trim_start();
    let indent = line.get(..line.len() - text.len()).unwrap_or_default();
    format!("{indent}{}", essence(text))
}

/// A text without the white space that means nothing: it stays within quotes, and as one space between two words.
fn essence(text: &str) -> String {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let mut essence = String::with_capacity(text.len());
    let mut quote = None;
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() && quote.is_none() {
            gap = true;
            continue;
        }
        // `return x` and `returnx` differ by a blank.
        if gap && is_word(character) && essence.ends_with(is_word) {
            essence.push(' ');
        }
        gap = false;
        match (quote, character) {
            // Within a text white space is content.
            (None, '"' | '\'' | '`') => quote = Some(character),
            (Some(open), _) if open == character && !essence.ends_with('\\') => quote = None,
            _ => {}
        }
        essence.push(character);
    }
    essence
}
