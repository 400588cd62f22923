//! Folds what people read at words, as wide as their screen is; commands stay such that they can be pasted.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A screen that is narrower gets lines as they are.
const LEAST: usize = 20;

/// What follows the beginning of a line is indented by so much, unless it stands under a column.
const INDENT: usize = 4;

/// What stands between a command and what it does.
const REMARK: &str = "   # ";

/// Breaks the lines of a text.
pub(super) fn text(text: &str, columns: usize) -> String {
    text.split_inclusive('\n')
        .map(|whole| {
            let content = whole.strip_suffix('\n').unwrap_or(whole);
            line(content, columns) + whole.get(content.len()..).unwrap_or_default()
        })
        .collect()
}

/// Breaks a line where it may be, so that it is at most `columns` wide unless one piece is wider. What follows stands under
/// the last column of the line, where it has columns; else it is indented.
pub(super) fn line(line: &str, columns: usize) -> String {
    hanging(line, columns, hang(line, columns))
}

fn hanging(line: &str, columns: usize, hang: usize) -> String {
    if columns < LEAST || line.width() <= columns {
        return line.to_owned();
    }
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let pieces = pieces(text);
    let hang = room_for_whole_words(&pieces, columns, [hang, indent + INDENT, INDENT, 0]);
    let mut folded = " ".repeat(indent);
    let (mut column, mut begins_at) = (indent, indent);
    for piece in pieces.into_iter().flat_map(|piece| within(piece, columns)) {
        if column > begins_at && column + piece.trim_end().width() > columns {
            folded.truncate(folded.trim_end().len());
            folded.push_str(&format!("\n{}", " ".repeat(hang)));
            (column, begins_at) = (hang, hang);
        }
        folded.push_str(piece);
        column += piece.width();
    }
    folded
}

/// The first indent that leaves room for each word that fits on a screen at all: a branch or a path that somebody copies is
/// worth more than a column.
fn room_for_whole_words(pieces: &[&str], columns: usize, indents: [usize; 4]) -> usize {
    let widths = pieces.iter().map(|piece| piece.trim_end().width());
    let widest = widths.filter(|&width| width <= columns).max().unwrap_or_default();
    indents.into_iter().find(|indent| indent + widest <= columns).unwrap_or_default()
}

/// What is wider than the screen, in the parts of its name: branches, paths, addresses.
fn within(piece: &str, columns: usize) -> Vec<&str> {
    if piece.trim_end().width() <= columns {
        return vec![piece];
    }
    piece.split_inclusive(['/', '-', '_', '.', '=', '&']).collect()
}

/// Where the rest of a line goes on: in the left half under what stands behind two blanks or more.
fn hang(line: &str, columns: usize) -> usize {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let mut found = indent + INDENT;
    let (mut column, mut blanks) = (indent, 0);
    for character in text.chars() {
        if character != ' ' && blanks >= 2 && column <= columns / 2 {
            found = column;
        }
        blanks = if character == ' ' { blanks + 1 } else { 0 };
        column += character.width().unwrap_or_default();
    }
    found
}

/// Breaks advice behind its label. A command in it stays one for the shell: it is broken between arguments, by a backslash, and
/// what it does comes below it.
pub(super) fn advice(label: &str, text: &str, columns: usize) -> String {
    let whole = format!("{label} {text}");
    if columns < LEAST || whole.width() <= columns {
        return whole;
    }
    let (said, remark) = text.split_once(REMARK).map_or((text, None), |(said, remark)| (said, Some(remark)));
    // What leads to the command ends with a colon: "resolve, commit, then: git hotfix ship".
    let begins = ["git ", "cargo "].iter().filter_map(|program| said.find(&format!(": {program}"))).min();
    let (leads, typed) = begins.and_then(|at| said.split_at_checked(at + 1)).unwrap_or(("", said));
    let is_command = ["git ", "cargo ", "--"].iter().any(|word| typed.trim_start().starts_with(word));
    let indent = " ".repeat(INDENT);
    let mut lines = match (is_command, leads.is_empty()) {
        (false, _) => vec![line(&format!("{label} {said}"), columns)],
        (true, true) => vec![command(&format!("{label} {typed}"), columns)],
        (true, false) => {
            let typed = format!("{indent}{}", typed.trim_start());
            vec![line(&format!("{label} {leads}"), columns), command(&typed, columns)]
        }
    };
    lines.extend(remark.map(|remark| hanging(&format!("{indent}# {remark}"), columns, INDENT + 2)));
    lines.join("\n")
}

/// Breaks a command between its arguments.
fn command(typed: &str, columns: usize) -> String {
    let text = typed.trim_start();
    let indent = typed.len() - text.len();
    let mut lines = vec![" ".repeat(indent)];
    for argument in arguments(text) {
        let Some(last) = lines.last_mut() else { break };
        // Room for the backslash.
        if !last.trim().is_empty() && last.width() + argument.trim_end().width() + 2 > columns {
            *last = format!("{} \\", last.trim_end());
            lines.push(format!("{}{argument}", " ".repeat(indent + INDENT)));
        } else {
            last.push_str(argument);
        }
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<&str>>().join("\n")
}

/// The arguments of a command with the blanks behind them, quoted ones whole.
fn arguments(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut quote, mut before) = (Vec::new(), 0, None, 'x');
    for (at, character) in text.char_indices() {
        if quote.is_none() && before == ' ' && character != ' ' {
            found.extend(text.get(start..at));
            start = at;
        }
        match quote {
            Some(open) if open == character => quote = None,
            None if matches!(character, '"' | '\'') => quote = Some(character),
            _ => {}
        }
        before = if quote.is_some() { 'x' } else { character };
    }
    found.extend(text.get(start..));
    found
}

/// What stays together: words with the blanks after them, and each wide character (CJK, emoji) with what belongs to it.
fn pieces(text: &str) -> Vec<&str> {
    let is_wide = |character: char| character.width() == Some(2);
    let mut pieces = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, character) in text.char_indices() {
        let may_break = before.is_some_and(|before| match (before, character) {
            // A zero-width joiner makes one character of what stands beside it.
            (_, ' ') | ('\u{200d}', _) => false,
            (' ', _) => true,
            // These do not begin a line in Chinese and Japanese.
            (_, '、' | '。' | '，' | '．' | '）' | '」' | '』' | '】' | '！' | '？' | '：' | '；' | 'ー') => {
                false
            }
            // A combining mark belongs to what it follows.
            (before, character) => character.width() != Some(0) && (is_wide(before) || is_wide(character)),
        });
        if may_break {
            pieces.extend(text.get(start..at));
            start = at;
        }
        before = Some(character);
    }
    pieces.extend(text.get(start..));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_at_spaces() {
        let words = "  ✓ commit ".to_owned() + &"docs/planning/STATUS.md ".repeat(5) + &"x".repeat(90);
        insta::assert_snapshot!(text(&words, 80), @"
        ✓ commit docs/planning/STATUS.md docs/planning/STATUS.md
            docs/planning/STATUS.md docs/planning/STATUS.md docs/planning/STATUS.md
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
        ");
        assert_eq!(text("short  one\n\n  two\n", 80), "short  one\n\n  two\n");
    }

    #[test]
    fn wide_characters_are_folded_by_their_columns() {
        let title = "error: 決済が失敗する、🔥🔥 すべてのユーザーで 500 を返す 👩\u{200d}🚒 cafe\u{301}";
        let folded = line(title, 20);
        insta::assert_snapshot!(folded, @"
        error: 決済が失敗す
            る、🔥🔥 すべて
            のユーザーで 500
            を返す 👩‍🚒 café
        ");
        assert!(folded.lines().all(|line| line.width() <= 20));
        assert_eq!(pieces("a👩\u{200d}🚒b cafe\u{301} ー"), ["a", "👩\u{200d}🚒", "b ", "cafe\u{301} ", "ー"]);
    }

    #[test]
    fn a_name_that_fits_a_line_is_never_broken() {
        let branch = "branch        hotfix/coupons-take-off-too-much (checked out here: main)";
        insta::assert_snapshot!(text(branch, 40), @"
        branch
            hotfix/coupons-take-off-too-much
            (checked out here: main)
        ");
        let path = "  ✓ commit docs/decisions/POSTMORTEM-2026-11-29.md to main";
        insta::assert_snapshot!(text(path, 40), @"
          ✓ commit
        docs/decisions/POSTMORTEM-2026-11-29.md
        to main
        ");
        for columns in 40..=80 {
            for named in [branch, path] {
                let folded = text(named, columns);
                assert!(folded.lines().all(|line| line.width() <= columns), "{folded}");
                assert!(folded.split_whitespace().eq(named.split_whitespace()), "{folded}");
            }
        }
    }

    #[test]
    fn a_name_that_fits_no_line_is_broken_between_its_parts() {
        let branch = "branch        hotfix/coupons-take-off-too-much-for-everybody";
        insta::assert_snapshot!(text(branch, 40), @"
        branch        hotfix/coupons-take-off-
                      too-much-for-everybody
        ");
    }

    #[test]
    fn what_follows_stands_under_its_column() {
        insta::assert_snapshot!(text("impact        orders of everybody in the EU are charged twice\n  ✓ ok       git         git 2.47.3 and a remote that answers after a while\n", 50), @"
        impact        orders of everybody in the EU are
                      charged twice
          ✓ ok       git         git 2.47.3 and a remote
                                 that answers after a
                                 while
        ");
        insta::assert_snapshot!(text("  ✓ ok       git         git 2.47.3 and a remote that answers after a while\n", 40), @"
        ✓ ok       git         git 2.47.3 and
                   a remote that answers after
                   a while
        ");
    }

    #[test]
    fn a_command_can_be_pasted_however_narrow_the_screen_is() {
        let hints = [
            "git hotfix --incident HF-2026-7k3mq2xa note \"restarted the queue by hand\" --at 09:41   # as it was",
            "resolve, commit, then: git hotfix --incident HF-2026-7k3mq2xa ship --yes",
            "look at production; it may be that the fix is there already and nobody said so",
        ];
        let folded: Vec<String> = hints.iter().map(|hint| advice("hint:", hint, 40)).collect();
        insta::assert_snapshot!(folded.join("\n\n"), @r#"
        hint: git hotfix --incident \
            HF-2026-7k3mq2xa note \
            "restarted the queue by hand" --at \
            09:41
            # as it was

        hint: resolve, commit, then:
            git hotfix --incident \
                HF-2026-7k3mq2xa ship --yes

        hint: look at production; it may be that
            the fix is there already and nobody
            said so
        "#);
        assert_eq!(advice("hint:", "git hotfix ship", 40), "hint: git hotfix ship");
    }
}
