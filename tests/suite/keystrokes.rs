//! What one types in a night, counted on the page of the book that says so.

use crate::book::{ONE_AT_A_TIME, chapter, is_update, settle};

const PAGE: &str = "keystrokes.md";
const COUNTED: [&str; 2] = ["<!-- counted -->\n", "<!-- /counted -->\n"];

/// The keystrokes of all blocks that are marked so: every character that a person types, and Enter behind each line.
fn typed(page: &str, by: &str) -> usize {
    let mark = format!("<!-- typed: {by} -->\n");
    let blocks = page.split(&mark).skip(1).map(|rest| {
        let mut lines = rest.lines();
        let fence = lines.next().expect("a block follows the mark");
        let is_console = fence == "```console";
        let block = lines.take_while(|line| *line != "```");
        let keys = block.filter_map(|line| match is_console {
            // What is printed nobody types, nor the prompt.
            true => line.strip_prefix("$ ").or_else(|| line.strip_prefix("> ")),
            false => Some(line),
        });
        keys.map(|line| line.chars().count() + 1).sum::<usize>()
    });
    let counted = blocks.sum();
    assert!(counted > 100, "{by} has blocks");
    counted
}

#[test]
fn a_night_takes_at_most_half_of_the_keystrokes() {
    let _only = is_update().then(|| ONE_AT_A_TIME.lock());
    let page = chapter(PAGE);
    let (ours, by_hand) = (typed(&page, "hotfix"), typed(&page, "by hand"));
    let table =
        format!("| with | keystrokes |\n|---|---|\n| hotfix | {ours} |\n| git, `gh` and an editor | {by_hand} |\n");
    let [start, end] = COUNTED;
    let (before, rest) = page.split_once(start).expect("the count has a beginning");
    let (_, after) = rest.split_once(end).expect("the count has an end");
    settle(PAGE, &format!("{before}{start}{table}{end}{after}"));
    assert!(ours * 2 <= by_hand, "{ours} of {by_hand}");
}
