//! Folds what people read at words, as wide as their screen is; commands stay such that they can be pasted.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A screen that is narrower gets lines as they are.
const LEAST: usize = 20;

/// What follows the beginning of a line is indented by so much, unless it stands under a column.
const INDENT: usize = 4;

/// What stands between a command and what it does.
const REMARK: &str = "   # ";
/// The same in a line with other text, which has no more than one blank.
const REMARK_IN_LINE: &str = " # ";

/// What a command begins with that somebody may paste. Flags are to be added to the one that was typed.
const TYPED: [&str; 6] = ["git ", "cargo ", "cd ", "export ", "unset ", "--"];

/// What leads to a command at the end of a result's line. There a colon alone may stand in anybody's words.
const LEADS: [&str; 2] = ["; fix: ", "; say it: "];

/// Breaks the lines of a text.
pub(super) fn text(text: &str, columns: usize) -> String {
    text.split_inclusive('\n')
        .map(|whole| {
            let content = whole.strip_suffix('\n').unwrap_or(whole);
            line(content, columns) + whole.get(content.len()..).unwrap_or_default()
        })
        .collect()
}

/// Breaks sentences that are written in lines: anew, where one of these is too wide.
pub(super) fn paragraph(text: &str, columns: usize) -> String {
    match text.lines().all(|line| line.width() <= columns) {
        true => text.to_owned(),
        false => hanging(&text.lines().collect::<Vec<&str>>().join(" "), columns, 0),
    }
}

/// Breaks a question such that the answer has room beside its last line, unless that would break a branch or a path in it.
pub(super) fn question(text: &str, columns: usize, answer: usize) -> String {
    let widest = text.split(' ').map(str::width).filter(|&width| width <= columns).max().unwrap_or_default();
    let has_room = |folded: &String| folded.lines().last().is_some_and(|last| last.width() + answer <= columns);
    let least = columns.saturating_sub(answer).max(widest).max(LEAST);
    let narrower = (least..columns).rev().map(|columns| line(text, columns));
    let whole = line(text, columns);
    if has_room(&whole) { whole } else { narrower.into_iter().find(has_room).unwrap_or(whole) }
}

/// Breaks a command that is shown as somebody types it, behind `lead`.
pub(super) fn typed(lead: &str, typed: &str, columns: usize) -> String {
    let indent = lead.len() - lead.trim_start().len();
    match lead.width() + typed.width() <= columns || columns < LEAST {
        true => format!("{lead}{typed}"),
        false => command(&format!("{lead}{typed}"), indent, columns),
    }
}

/// Breaks a line where it may be, so that it is at most `columns` wide unless one piece is wider. What follows stands under
/// the last column of the line, where it has columns; else it is indented. A command at its end stays one for the shell.
pub(super) fn line(line: &str, columns: usize) -> String {
    let hang = hang(line, columns);
    let at_end = |lead: &str| line.split_at_checked(line.find(lead)? + lead.len());
    let found = LEADS.into_iter().filter_map(at_end).find(|(_, typed)| is_typed(typed));
    match found.filter(|_| columns >= LEAST && line.width() > columns) {
        Some((leads, typed)) => {
            let (typed, remark) = split_at(typed, REMARK_IN_LINE);
            let indent = room_for_whole_words(&arguments(typed), columns, [hang, INDENT, INDENT, 0]);
            let lines = [Some(hanging(leads.trim_end(), columns, hang)), Some(command(typed, indent, columns))];
            joined(lines.into_iter().chain([remark.map(|it| below(it, indent, columns))]))
        }
        None => hanging(line, columns, hang),
    }
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
    let parts = |text| str::split_inclusive(text, ['/', '-', '_', '.', '=', '&']);
    // The slash that a path begins with is no part of its own.
    let root = piece.len() - piece.trim_start_matches('/').len();
    let first = root + parts(piece.get(root..).unwrap_or_default()).next().map_or(0, str::len);
    let (first, rest) = piece.split_at_checked(first).unwrap_or((piece, ""));
    std::iter::once(first).chain(parts(rest)).collect()
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
    let (said, remark) = split_at(text, REMARK);
    let (first, typed) = if is_typed(said) {
        (command(&format!("{label} {said}"), 0, columns), None)
    } else {
        // What leads to a command ends so: "resolve, commit, then: git hotfix ship", "done by hand? git hotfix ship".
        let leads = |(at, lead): (usize, &str)| said.split_at_checked(at + lead.len());
        let ends = said.match_indices(": ").chain(said.match_indices("? "));
        match ends.filter_map(leads).find(|(_, typed)| is_typed(typed)) {
            Some((leads, typed)) => (line(&format!("{label} {}", leads.trim_end()), columns), Some(typed)),
            None => (line(&format!("{label} {said}"), columns), None),
        }
    };
    let typed = typed.map(|typed| command(typed, INDENT, columns));
    joined([Some(first), typed, remark.map(|remark| below(remark, INDENT, columns))].into_iter())
}

/// Whether it is a command that somebody may paste, with the variables that are set for it.
fn is_typed(text: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|it| it.is_ascii_uppercase() || it == '_');
    let is_set = |word: &str| word.split_once('=').is_some_and(|(name, _)| is_name(name));
    let words = text.trim_start();
    match words.split_once(' ').filter(|(word, _)| is_set(word)) {
        Some((_, rest)) => is_typed(rest),
        None => TYPED.iter().any(|program| words.starts_with(program)),
    }
}

/// A command, and what is said of it.
fn split_at<'a>(text: &'a str, remark: &str) -> (&'a str, Option<&'a str>) {
    text.split_once(remark).map_or((text, None), |(typed, remark)| (typed, Some(remark)))
}

/// What is said of a command, below it.
fn below(remark: &str, indent: usize, columns: usize) -> String {
    hanging(&format!("{}# {remark}", " ".repeat(indent)), columns, indent + 2)
}

fn joined(lines: impl Iterator<Item = Option<String>>) -> String {
    lines.flatten().collect::<Vec<String>>().join("\n")
}

/// Breaks a command between its arguments, and in a quoted one that fits on no line.
fn command(typed: &str, indent: usize, columns: usize) -> String {
    let mut lines = vec![" ".repeat(indent)];
    for argument in arguments(typed.trim_start()) {
        let Some(last) = lines.last_mut() else { break };
        let width = argument.trim_end().width();
        let fits_a_line = indent + INDENT + width <= columns;
        // Room for the backslash; a word that fits on no line is wrapped by the screen, which breaks no command.
        if !last.trim().is_empty() && last.width() + width + 2 > columns && fits_a_line {
            *last = format!("{} \\", last.trim_end());
            lines.push(format!("{}{argument}", " ".repeat(indent + INDENT)));
        } else if fits_a_line {
            last.push_str(argument);
        } else {
            let broken = in_quotes(argument, last.width(), columns.saturating_sub(2));
            let mut broken = broken.split('\n').map(str::to_owned);
            last.extend(broken.next());
            lines.extend(broken);
        }
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<&str>>().join("\n")
}

/// Breaks a command in what is quoted, where its line is too wide: such that a shell puts it together again, and so with
/// nothing before what follows.
pub(super) fn in_quotes(typed: &str, begins_at: usize, columns: usize) -> String {
    let (mut broken, mut column, mut quote) = (String::new(), begins_at, None);
    for piece in typed.split_inclusive(' ') {
        // A backslash at the end of a line is one between single quotes.
        let (end, begin) = if quote == Some('\'') { ("'\\", "'") } else { ("\\", "") };
        // Where the quotes end, so does the line.
        let behind = if quote.is_some_and(|open| piece.contains(open)) { 0 } else { end.len() };
        if quote.is_some() && column + piece.trim_end().width() + behind > columns {
            broken.push_str(&format!("{end}\n{begin}"));
            column = begin.len();
        }
        broken.push_str(piece);
        column += piece.width();
        quote = piece.chars().fold(quote, within_quotes);
    }
    broken
}

/// Within which quotes it goes on after this character.
fn within_quotes(quote: Option<char>, character: char) -> Option<char> {
    match quote {
        Some(open) if open == character => None,
        None if matches!(character, '"' | '\'') => Some(character),
        _ => quote,
    }
}

/// The arguments of a command with the blanks behind them, quoted ones whole.
fn arguments(text: &str) -> Vec<&str> {
    let (mut found, mut start, mut quote, mut before) = (Vec::new(), 0, None, 'x');
    for (at, character) in text.char_indices() {
        if quote.is_none() && before == ' ' && character != ' ' {
            found.extend(text.get(start..at));
            start = at;
        }
        quote = within_quotes(quote, character);
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
            (' ', _) => !is_name_of_ours(text, start, at),
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

/// Whether what begins at `at` goes on with how our program is called: `git hotfix`.
fn is_name_of_ours(text: &str, start: usize, at: usize) -> bool {
    let before = text.get(start..at).unwrap_or_default().trim_start_matches(['`', '(', '"']);
    matches!(before, "git " | "cargo ") && text.get(at..).is_some_and(|rest| rest.starts_with("hotfix "))
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
        let path =
            "  ✓ create hotfix/x at 6ba50f5a0 and switch to it in /home/alex/work/shop-hotfix-coupons-raise-prices";
        insta::assert_snapshot!(text(path, 40), @"
        ✓ create hotfix/x at 6ba50f5a0 and
            switch to it in /home/alex/work/
            shop-hotfix-coupons-raise-prices
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

    #[test]
    fn a_command_in_a_line_of_a_result_can_be_pasted_too() {
        let folder = "/home/alex/.local/share/man";
        let doctor = format!(
            "! warning  man         git-hotfix: it is in {folder}, where man does not look; fix: export MANPATH=\"{folder}:\" # in your shell's profile"
        );
        let status = "impact        unknown; say it: git hotfix triage --impact \"...\"";
        let advised = format!("if `man git-hotfix` finds nothing: export MANPATH=\"{folder}:\"");
        let at_40 = [line(&doctor, 40), line(status, 40), advice("hint:", &advised, 40)].join("\n\n");
        insta::assert_snapshot!(at_40, @r#"
        ! warning  man         git-hotfix: it is
                   in
                   /home/alex/.local/share/man,
                   where man does not look; fix:
        export MANPATH="/home/alex/.local/share/man:"
        # in your shell's profile

        impact        unknown; say it:
                      git hotfix triage \
                          --impact "..."

        hint: if `man git-hotfix` finds nothing:
            export MANPATH="/home/alex/.local/share/man:"
        "#);
        insta::assert_snapshot!(line(&doctor, 80), @r#"
        ! warning  man         git-hotfix: it is in /home/alex/.local/share/man, where
                               man does not look; fix:
                               export MANPATH="/home/alex/.local/share/man:"
                               # in your shell's profile
        "#);
        let said = "✗ failure  push        the branch is protected; fix: let yourself push there, in its settings";
        assert!(!line(said, 40).contains('\\'), "words are no command");
    }

    #[test]
    fn a_question_breaks_no_branch() {
        let asked = "Merge hotfix/rotation-deletes-old-keys-twice into origin/main? [Y/n]";
        insta::assert_snapshot!(question(asked, 50, 12), @"
        Merge hotfix/rotation-deletes-old-keys-twice into
            origin/main? [Y/n]
        ");
        insta::assert_snapshot!(question(asked, 40, 4), @"
        Merge
        hotfix/rotation-deletes-old-keys-twice
        into origin/main? [Y/n]
        ");
        assert_eq!(question(asked, 80, 4), asked);
        // The lines above the one with the answer are as wide as the screen.
        let asked = "Merge hotfix/coupons-raise-prices into origin/main and deploy it? [Y/n]";
        insta::assert_snapshot!(question(asked, 40, 4), @"
        Merge hotfix/coupons-raise-prices into
            origin/main and deploy it? [Y/n]
        ");
        insta::assert_snapshot!(question(asked, 40, 12), @"
        Merge hotfix/coupons-raise-prices
            into origin/main and deploy it?
            [Y/n]
        ");
    }

    #[test]
    fn a_text_that_fits_on_no_line_is_broken_as_a_shell_understands() {
        let hint = "git hotfix note \"restarted the queue by hand, and then all of its workers\" --at 09:41";
        let folded = [advice("hint:", hint, 40), advice("hint:", &hint.replace('"', "'"), 40)];
        insta::assert_snapshot!(folded.join("\n\n"), @r#"
        hint: git hotfix note "restarted the \
        queue by hand, and then all of its \
        workers" --at 09:41

        hint: git hotfix note 'restarted the '\
        'queue by hand, and then all of its '\
        'workers' --at 09:41
        "#);
        for shown in folded {
            let typed = shown.trim_start_matches("hint: ");
            assert_eq!(shell_words::split(typed).unwrap(), shell_words::split(hint).unwrap());
            assert!(shown.lines().all(|line| line.width() <= 40), "{shown}");
        }
    }

    #[test]
    fn the_name_of_our_program_is_never_broken() {
        let removed = "  The folder is removed; to look around: git hotfix drill --keep";
        insta::assert_snapshot!(line(removed, 50), @"
        The folder is removed; to look around:
            git hotfix drill --keep
        ");
    }

    #[test]
    fn sentences_are_broken_anew_where_one_line_is_too_wide() {
        assert_eq!(paragraph("one two\nthree", 20), "one two\nthree");
        assert_eq!(paragraph("one two three four five\nsix", 20), "one two three four\nfive six");
    }
}
