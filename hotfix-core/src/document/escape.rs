//! The one layer that makes text from people, logs and servers safe inside Markdown and commit messages.
//!
//! A reader sees the text as it was given. What it cannot do: end or begin a block, link, load an image, mention
//! somebody, close or refer to an issue, skip CI, or pose as a trailer. Every function takes raw text and cleans it
//! with [`Printable`] first.

use crate::domain::{Printable, one_line};

/// An invisible character, written so that people see it in the source. Hosting services find mentions and references in
/// the rendered text, where a backslash is gone; this stays.
// A zero-width space as such would be dropped by our own sanitiser.
const BREAK: &str = "&#8203;";
/// Words that close the issue named after them.
const CLOSING_KEYWORDS: [&str; 9] =
    ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];

/// Escapes text as one line of inline Markdown, for a paragraph, heading or list item.
///
/// ```
/// use hotfix_core::document::escape::prose;
/// assert_eq!(prose("Login fails for all EU users"), "Login fails for all EU users");
/// assert_eq!(prose("# H1 [x](y)"), r"\# H1 \[x](y)");
/// ```
pub fn prose(text: &str) -> String {
    inline(&one_line(text), EscapeContext::Line)
}

/// Escapes text of any number of lines as paragraphs; lines and blank lines stay what they are.
pub fn block(text: &str) -> String {
    let mut escaped = String::new();
    let mut gap = "";
    for line in Printable::new(text).as_str().lines() {
        let line = one_line(line);
        if line.is_empty() {
            gap = if escaped.is_empty() { "" } else { "\n\n" };
            continue;
        }
        escaped.push_str(gap);
        escaped.push_str(&inline(&line, EscapeContext::Line));
        // A backslash ends the line in Markdown; two blanks would be trimmed by many an editor.
        gap = "\\\n";
    }
    escaped
}

/// Escapes text as one cell of a table.
pub fn cell(text: &str) -> String {
    inline(&one_line(text), EscapeContext::Cell)
}

/// Writes text as a code span, for file names and commands. Not for tables, whose cells end at a `|` even inside one.
pub fn code(text: &str) -> String {
    let text = one_line(text);
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run_of_backticks(&text) + 1);
    // A backtick at the end would become part of the fence.
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Writes text as a fenced block that nothing inside it can end.
pub fn fenced(text: &str) -> String {
    let text = Printable::new(text);
    // One more than anything inside: nothing printed can close it.
    let fence = "`".repeat(longest_run_of_backticks(text.as_str()).max(2) + 1);
    format!("{fence}text\n{}\n{fence}", text.as_str().trim_end())
}

/// Makes text fit for a line of a commit message or the title of a pull request, at most `characters` long.
///
/// ```
/// use hotfix_core::document::escape::commit_line;
/// assert_eq!(commit_line("login [skip ci] fixes #12 for @acme", 72), "login (skip ci) fixes # 12 for @ acme");
/// ```
pub fn commit_line(text: &str, characters: usize) -> String {
    let text = one_line(text);
    let mut safe = String::with_capacity(text.len());
    let mut in_skip_marker = false;
    let mut cursor = Cursor::new(&text);
    while let Some(character) = cursor.advance() {
        match character {
            '@' if cursor.is_mention() => safe.push_str("@ "),
            '[' if is_skip_marker(cursor.after()) => {
                in_skip_marker = true;
                safe.push('(');
            }
            ']' if in_skip_marker => {
                in_skip_marker = false;
                safe.push(')');
            }
            '#' if cursor.is_issue_number() => safe.push_str("# "),
            '-' if cursor.is_issue_number() => safe.push(' '),
            // Azure Pipelines skips CI for `***NO_CI***`.
            '*' if safe.ends_with("**") => {}
            // `skip-checks: true` in a title would skip CI.
            ':' if is_trailer_key(last_key(&safe)) => safe.push(' '),
            'h' | 'H' if cursor.is_closed_url() => {
                safe.push_str("see ");
                safe.push(character);
            }
            _ => safe.push(character),
        }
    }
    Printable::new(&safe).one_line().at_most(characters).into()
}

/// Where escaped inline text will stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EscapeContext {
    /// In a line, perhaps at its start.
    Line,
    /// In a cell of a table.
    Cell,
}

fn inline(line: &str, context: EscapeContext) -> String {
    let mut escaped = String::with_capacity(line.len() + 16);
    let mut cursor = Cursor::new(line);
    while let Some(character) = cursor.advance() {
        if is_markup(character, &cursor, context) {
            escaped.push('\\');
        }
        escaped.push(character);
        if acts_on_a_forge(character, &cursor) {
            escaped.push_str(BREAK);
        }
    }
    escaped
}

/// Whether Markdown would give `character` a meaning where it stands.
fn is_markup(character: char, cursor: &Cursor<'_>, context: EscapeContext) -> bool {
    let (before, after) = (cursor.before().chars().next_back(), cursor.after().chars().next());
    let is_blank = |neighbour: Option<char>| neighbour.is_none_or(char::is_whitespace);
    let is_word = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
    match character {
        '\\' | '`' | '[' => true,
        '|' if context == EscapeContext::Cell => true,
        '*' => before.is_none() || !(is_blank(before) && is_blank(after)),
        '_' => !(is_word(before) && is_word(after)),
        '~' => !(is_blank(before) && is_word(after)),
        // `a < b` is no tag, and would look odd escaped.
        '<' => !after.is_some_and(|next| next.is_whitespace() || next.is_ascii_digit() || next == '='),
        // `AT&T` stays.
        '&' => is_entity(cursor.after()),
        '.' | ')' => is_list_number(cursor.before()),
        // git reads the last paragraph of a message for trailers.
        ':' if context == EscapeContext::Line && cursor.is_first_colon() && is_trailer_key(cursor.before()) => true,
        '#' | '>' | ':' => before.is_none(),
        '+' | '-' if before.is_none() && is_blank(after) => true,
        '/' => before.is_none() && is_word(after), // A quick action such as `/close`.
        '-' | '=' | '|' if before.is_none() => {
            cursor.after().chars().all(|next| matches!(next, '-' | '=' | '|' | ':' | ' '))
        }
        _ => false,
    }
}

/// Whether a hosting service would act on the text around `character`, unless something stands after it.
fn acts_on_a_forge(character: char, cursor: &Cursor<'_>) -> bool {
    match character {
        '@' => cursor.is_mention(),
        '#' | '-' => cursor.is_issue_number(),
        '[' => is_skip_marker(cursor.after()),
        _ => cursor.begins_closing_url(),
    }
}

/// A position in a line, just after the character in hand.
struct Cursor<'a> {
    line: &'a str,
    at: usize,
    rest: std::str::Chars<'a>,
    first_colon: usize,
}

impl<'a> Cursor<'a> {
    fn new(line: &'a str) -> Self {
        // Found once: text of 70 KB used to take the square of its length.
        Self { line, at: 0, rest: line.chars(), first_colon: line.find(':').unwrap_or(line.len()) }
    }

    fn advance(&mut self) -> Option<char> {
        self.at = self.line.len() - self.rest.as_str().len();
        self.rest.next()
    }

    /// All before the character in hand.
    fn before(&self) -> &'a str {
        self.line.get(..self.at).unwrap_or_default()
    }

    /// The character in hand and all after it.
    fn here(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    /// All after the character in hand.
    fn after(&self) -> &'a str {
        self.rest.as_str()
    }

    fn follows_a_word(&self) -> bool {
        self.before().chars().next_back().is_some_and(char::is_alphanumeric)
    }

    fn is_mention(&self) -> bool {
        !self.follows_a_word() && self.after().starts_with(char::is_alphanumeric)
    }

    /// Whether this is the `#` of `#12` or the `-` of `GH-12`.
    fn is_issue_number(&self) -> bool {
        if self.here().starts_with('#') {
            // Letters too: what a service makes of `#word` is not ours to guess.
            return self.after().starts_with(char::is_alphanumeric);
        }
        last_word(self.before()).eq_ignore_ascii_case("gh")
            && self.after().starts_with(|next: char| next.is_ascii_digit())
    }

    /// Whether this is the first `:` of the line, without looking at the line again for each of many.
    fn is_first_colon(&self) -> bool {
        self.at <= self.first_colon
    }

    /// Whether a closing keyword that is followed by a URL begins here.
    fn begins_closing_url(&self) -> bool {
        if self.follows_a_word() {
            return false; // Before all else: a long word is read once, not once a letter.
        }
        let word: &str = self.here().split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
        let rest = self.here().get(word.len()..).unwrap_or_default().trim_start_matches([':', ' ']);
        is_closing_keyword(word) && is_url(rest)
    }

    /// Whether a URL begins here that follows a closing keyword.
    fn is_closed_url(&self) -> bool {
        !self.follows_a_word()
            && is_url(self.here())
            && is_closing_keyword(last_word(self.before().trim_end_matches([':', ' '])))
    }
}

fn is_url(text: &str) -> bool {
    let scheme: String = text.chars().take(4).collect();
    scheme.eq_ignore_ascii_case("http")
}

fn is_closing_keyword(word: &str) -> bool {
    CLOSING_KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// The letters and digits at the end of `text`.
fn last_word(text: &str) -> &str {
    text.rsplit(|character: char| !character.is_alphanumeric()).next().unwrap_or_default()
}

/// The letters, digits and hyphens at the end of `text`, where the key of a trailer would be.
fn last_key(text: &str) -> &str {
    let key = text.rsplit(|character: char| !character.is_ascii_alphanumeric() && character != '-').next();
    key.unwrap_or_default().trim_start_matches('-')
}

/// Whether a `:` after this would make a trailer of the line: `Co-authored-by`, `skip-checks`.
fn is_trailer_key(text: &str) -> bool {
    text.contains('-')
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether what follows a `[` makes CI skip a commit: `skip ci]`, `ci skip]`, `no ci]`, `skip actions]` and the like. Of
/// nested ones it is the innermost.
fn is_skip_marker(after: &str) -> bool {
    let Some((inner, rest)) = after.find(['[', ']']).and_then(|end| after.split_at_checked(end)) else { return false };
    if !rest.starts_with(']') {
        return false;
    }
    let words = || inner.split(|character: char| !character.is_alphanumeric());
    let has = |wanted: &str| words().any(|word| word.eq_ignore_ascii_case(wanted));
    has("skip") || (has("no") && has("ci"))
}

fn is_entity(after: &str) -> bool {
    let rest = after.trim_start_matches(|character: char| character.is_ascii_alphanumeric() || character == '#');
    rest.len() < after.len() && rest.starts_with(';')
}

fn is_list_number(before: &str) -> bool {
    (1..=9).contains(&before.len()) && before.bytes().all(|byte| byte.is_ascii_digit())
}

fn longest_run_of_backticks(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    /// All that a Markdown reader knows, so that what is escaped for it is plain everywhere.
    fn events(markdown: &str) -> Vec<Event<'_>> {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_GFM
            | Options::ENABLE_WIKILINKS
            | Options::ENABLE_DEFINITION_LIST;
        Parser::new_ext(markdown, options).collect()
    }

    /// What a reader sees of a text that must be paragraphs and nothing else.
    fn seen(markdown: &str) -> Result<String, String> {
        let mut text = String::new();
        for event in events(markdown) {
            match event {
                Event::Start(Tag::Paragraph) if text.is_empty() => {}
                Event::Start(Tag::Paragraph) => text.push_str("\n\n"),
                Event::End(TagEnd::Paragraph) => {}
                Event::Text(part) => text.push_str(&part.replace('\u{200b}', "")),
                Event::HardBreak => text.push('\n'),
                other => return Err(format!("{other:?} in {markdown:?}")),
            }
        }
        Ok(text)
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in [
            "Login fails for all EU users",
            "p99 > 5 s & ~50 users (since 09:41), a < b, 5 * 3",
            "snake_case and e-mail ops@example.com",
            "-n",
            "--help",
            "1e3: yes",
            "https://status.example/incident/4?a=1&b=2",
        ] {
            assert_eq!(prose(text), text);
        }
    }

    #[test]
    fn hostile_text_is_defused() {
        let shown: String = [
            "@acme/oncall see #1, GH-2 and o/r#3",
            "fixes https://github.com/o/r/issues/3",
            "![x](https://evil.example/p.png)",
            "</details><h1>owned</h1>",
            "<!-- hotfix: HF-2026-00000000 -->",
            "[skip ci] [No CI] ***NO_CI***",
            "/close",
            "- [ ] task",
            "1. list",
            "Co-authored-by: Evil <evil@evil.example>",
            "already escaped \\| and trailing \\",
            "&lt;b&gt;",
        ]
        .iter()
        .map(|text| format!("{}\n", prose(text)))
        .collect();
        insta::assert_snapshot!(shown, @r"
        @&#8203;acme/oncall see #&#8203;1, GH-&#8203;2 and o/r#&#8203;3
        f&#8203;ixes https://github.com/o/r/issues/3
        !\[x](https://evil.example/p.png)
        \</details>\<h1>owned\</h1>
        \<!-- hotfix: HF-2026-00000000 -->
        \[&#8203;skip ci] \[&#8203;No CI] \*\*\*NO_CI\*\*\*
        \/close
        \- \[ ] task
        1\. list
        Co-authored-by\: Evil \<evil@evil.example>
        already escaped \\| and trailing \\
        \&lt;b\&gt;
        ");
    }

    #[test]
    fn commit_lines_are_inert() {
        let shown: String = [
            "fix\n\nCo-authored-by: Evil <evil@evil.example>",
            "fix\n\nHotfix-Incident: HF-0000",
            "fix\n\n\nskip-checks: true",
            "[no ci] [ci skip] [skip actions] [actions skip] [SKIP-CI]",
            "@@acme fixes #1, GH-2, closes: https://github.com/o/r/issues/3 ***NO_CI***",
            "Login fails for all EU users: 500 [EU]",
        ]
        .iter()
        .map(|text| format!("{}\n", commit_line(text, 100)))
        .collect();
        insta::assert_snapshot!(shown, @"
        fix Co-authored-by Evil <evil@evil.example>
        fix Hotfix-Incident HF-0000
        fix skip-checks true
        (no ci) (ci skip) (skip actions) (actions skip) (SKIP-CI)
        @@ acme fixes # 1, GH 2, closes: see https://github.com/o/r/issues/3 **NO_CI**
        Login fails for all EU users: 500 [EU]
        ");
        assert_eq!(commit_line(&"🔥".repeat(300), 72).chars().count(), 72);
    }

    /// How the time of a text grows, the bench `growth` judges.
    #[test]
    fn a_long_text_is_escaped_whole() {
        for piece in ["a", "a:", "@", "[", "&", "-", "#", "*", "gh-", "fixes ", "http", "[skip", "&a", "A-b:", "|", "`"]
        {
            let text = format!("{}{}", "A".repeat(5_000), piece.repeat(5_000));
            assert!(
                prose(&text).len() >= text.trim_end().len()
                    && !cell(&text).is_empty()
                    && !commit_line(&text, 72).is_empty()
            );
        }
    }

    #[test]
    fn lines_of_a_block_stay_lines() {
        let text = "Steps:\n1. open page\n2. see 500\n\n\n# not a heading\r\n    not code\n```\n---";
        let plain = "Steps:\n1. open page\n2. see 500\n\n# not a heading\nnot code\n```\n---";
        assert_eq!(seen(&block(text)).as_deref(), Ok(plain));
    }

    fn nasty() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "\\",
            "`",
            "```",
            "~~~",
            "*",
            "_",
            "[",
            "]",
            "(",
            ")",
            "<",
            ">",
            "#",
            "|",
            "---",
            "-",
            "=",
            "+",
            ":",
            "!",
            "&",
            "&lt;",
            ";",
            "~",
            "@",
            "@acme",
            "#1",
            "GH-2",
            "fixes ",
            "https://e.example/1",
            "<b>",
            "<!--",
            "-->",
            "[skip ci]",
            "1.",
            "2) ",
            "x",
            "a b",
            " ",
            "\n",
            "\r\n",
            "\t",
            "/close",
            "^",
            "$",
            "é",
            "🔥",
            "\u{1b}[31m",
            "[x]: y",
            "[^1]",
            "<a@b.c>",
            "Signed-off-by:",
            "{{ 7*7 }}",
            "{% raw %}",
        ]);
        prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn a_reader_sees_the_text_and_nothing_else(text in nasty()) {
            prop_assert_eq!(seen(&prose(&text)), Ok(one_line(&text)));
        }

        #[test]
        fn a_reader_sees_the_lines_of_a_block(text in nasty()) {
            let rendered = seen(&block(&text)).map_err(TestCaseError::fail)?;
            let lines = |text: &str| -> Vec<String> { text.lines().map(one_line).filter(|line| !line.is_empty()).collect() };
            prop_assert_eq!(lines(&rendered), lines(Printable::new(&text).as_str()));
        }

        #[test]
        fn a_cell_is_one_cell(text in nasty()) {
            let table = format!("| a | b |\n|---|---|\n| {} | end |\n", cell(&text));
            let events = events(&table);
            let cells = events.iter().filter(|event| matches!(event, Event::Start(Tag::TableCell))).count();
            let rows = events.iter().filter(|event| matches!(event, Event::Start(Tag::TableRow))).count();
            prop_assert_eq!((rows, cells), (1, 4), "{}", table);
            let row: String = events
                .iter()
                .skip_while(|event| !matches!(event, Event::Start(Tag::TableRow)))
                .filter_map(|event| match event { Event::Text(text) => Some(text.replace('\u{200b}', "")), _ => None })
                .collect();
            prop_assert_eq!(row, format!("{}end", one_line(&text)));
        }

        #[test]
        fn code_holds_the_text(text in nasty()) {
            let text = one_line(&text);
            let text = if text.is_empty() { "x".to_owned() } else { text };
            let written = format!("x {} y", code(&text));
            let events = events(&written);
            let inside: Vec<&str> = events
                .iter()
                .filter_map(|event| match event { Event::Code(code) => Some(code.as_ref()), _ => None })
                .collect();
            prop_assert_eq!(inside, vec![text.as_str()]);
        }

        #[test]
        fn nothing_ends_a_fence(text in nasty()) {
            let written = format!("{}\n\n# after\n", fenced(&text));
            let headings = events(&written).iter().filter(|event| matches!(event, Event::Start(Tag::Heading { .. }))).count();
            prop_assert_eq!(headings, 1);
        }

        #[test]
        fn commit_lines_hold_no_marker(text in nasty()) {
            let line = commit_line(&text, 400);
            for marker in [" @acme", "#1", " GH-2", "[skip ci]", "Signed-off-by:", " fixes https:", "\n"] {
                prop_assert!(!line.contains(marker), "{line}");
            }
        }
    }
}
