//! The terminal: results on standard output, everything else on standard error. The only place that prints.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use crate::domain::{IncidentId, Printable, SeverityLevel};
use crate::workflow::{ActionView, Pace};

use super::looking::Looking;
use super::{Color, Globals, fold, wire};

const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// How wide the drill is, where there is room.
const COLUMNS: usize = 80;

/// What stands before a command of the drill.
pub(super) const PROMPT: &str = "$ ";

/// What a question leaves free beside itself for the answer.
const ANSWER: usize = 12;
/// The same for one that is answered by yes or no.
const YES: usize = " yes".len();

/// What a command of the drill prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Printout {
    /// What was changed.
    Diff,
    /// What a file holds.
    Verbatim,
    /// What is as wide as the screen already.
    Folded,
    /// Lines to be read.
    Prose,
}

/// Where output goes, and whether a person is there to be asked.
#[derive(Debug)]
pub struct Terminal {
    color: ColorChoice,
    quiet: bool,
    json: bool,
    yes: bool,
    can_ask: bool,
    /// How wide the screen is, where the environment says so: what the drill runs has none of its own.
    told_columns: Option<usize>,
}

impl Terminal {
    /// The terminal as the flags want it.
    pub(super) fn new(globals: &Globals) -> Self {
        let color = match globals.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        // Questions go to standard error: standard output may be piped while somebody sits there.
        let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal() && !globals.json && !globals.yes;
        let (quiet, json, yes) = (globals.quiet, globals.json, globals.yes);
        Self { color, quiet, json, yes, can_ask, told_columns: wire::told_columns() }
    }

    /// Whether a person is there to be asked.
    pub(super) fn can_ask(&self) -> bool {
        self.can_ask
    }

    /// Whether an editor can be shown, whatever is confirmed beforehand.
    pub(super) fn can_show_editor(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether a person sees what is printed on standard output.
    pub(super) fn shows_results(&self) -> bool {
        io::stdout().is_terminal() && !self.json
    }

    /// How wide the screen is where results are read; `None` where they go elsewhere, or are JSON.
    pub(super) fn columns(&self) -> Option<usize> {
        self.wide(&console::Term::stdout()).filter(|_| !self.json)
    }

    /// How wide the screen is on which people see what is said beside results.
    pub(super) fn beside_columns(&self) -> Option<usize> {
        self.wide(&console::Term::stderr())
    }

    fn wide(&self, screen: &console::Term) -> Option<usize> {
        self.told_columns.or_else(|| screen.size_checked().map(|(_, columns)| usize::from(columns)))
    }

    /// Whether everything is confirmed beforehand.
    pub(super) fn says_yes(&self) -> bool {
        self.yes
    }

    /// Prints what was asked for, on standard output: where a person reads it, as wide as the screen is.
    pub(super) fn result(&self, text: &str, severities: &[SeverityLevel]) -> io::Result<()> {
        if self.json {
            return self.out(text);
        }
        let folded = self.columns().map(|columns| fold::text(text, columns));
        self.out(&paint(folded.as_deref().unwrap_or(text), severities))
    }

    /// Prints what is as wide as the screen already.
    pub(super) fn folded(&self, text: &str) -> io::Result<()> {
        self.out(&paint(text, &[]))
    }

    /// Prints what a program reads, on standard output.
    pub(super) fn verbatim(&self, text: &str) -> io::Result<()> {
        self.out(text)
    }

    /// Begins a scene of the drill: its number, its heading, and what a person should know.
    pub(super) fn heading(&self, number: usize, heading: &str, says: &str) -> io::Result<()> {
        let columns = self.drill_columns();
        let heading = fold::line(&format!("── {number} {heading}"), columns) + " ";
        let last = heading.lines().next_back().unwrap_or_default();
        let line = "─".repeat(columns.saturating_sub(last.width()));
        let says = fold::paragraph(says, columns);
        self.out(&format!("\n{CYAN}{heading}{CYAN:#}{DIM}{line}{DIM:#}\n{says}\n"))
    }

    /// How wide the drill may be.
    pub(super) fn drill_columns(&self) -> usize {
        self.columns().map_or(COLUMNS, |columns| columns.min(COLUMNS))
    }

    /// Shows a command as a person types it, behind its prompt.
    pub(super) fn typed(&self, command: &str) -> io::Result<()> {
        let command = command.strip_prefix(PROMPT).unwrap_or(command);
        let lines: Vec<String> = command.lines().map(|line| format!("{DIM}{line}{DIM:#}\n")).collect();
        self.out(&format!("\n{DIM}${DIM:#} {}", lines.concat()))
    }

    /// Shows what a command printed, and its exit code unless that is 0.
    pub(super) fn printed(&self, output: &Printable, kind: Printout, exit_code: i32) -> io::Result<()> {
        let text = output.as_str();
        let mut painted = match kind {
            Printout::Diff => paint_diff(text),
            Printout::Verbatim => text.to_owned(),
            Printout::Folded => paint(text, &[]),
            Printout::Prose => fold::text(text, self.drill_columns()),
        };
        if exit_code != 0 {
            painted.push_str(&format!("{DIM}[exit {exit_code}]{DIM:#}\n"));
        }
        self.out(&painted)
    }

    fn out(&self, text: &str) -> io::Result<()> {
        let mut out = AutoStream::new(io::stdout(), self.color);
        ignore_broken_pipe(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
    }

    /// Tells what a person should know.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.sentence(DIM, "note:", text);
        }
    }

    /// Gives advice.
    pub(super) fn hint(&self, text: &str) {
        if !self.quiet {
            self.advice(CYAN, "hint:", text);
        }
    }

    /// Sets what was asked for apart from the progress above it, where a person sees both.
    pub(super) fn gap(&self) {
        if !self.quiet && io::stdout().is_terminal() && io::stderr().is_terminal() {
            self.error_line("");
        }
    }

    /// Names the next command.
    pub(super) fn next(&self, command: &str) {
        if !self.quiet && !self.json {
            self.error_line("");
            self.advice(BOLD, "next:", command);
        }
    }

    /// Tells why it did not succeed.
    pub(super) fn error(&self, text: &str) {
        self.sentence(RED, "error:", text);
    }

    /// Shows that it is looked what is to be done, where that takes its time and somebody watches.
    pub(super) fn look(&self) -> Option<Looking> {
        let is_shown = !self.quiet && !self.json && io::stderr().is_terminal();
        is_shown.then(|| Looking::begin(|| spinner("look at the repository".to_owned())))
    }

    /// Shows that an action is under way; the returned guard says how it ended.
    pub(super) fn begin(&self, view: ActionView) -> Underway<'_> {
        let is_watched = io::stderr().is_terminal();
        // In a log a spinner would be thousands of control sequences.
        let spins = view.pace != Pace::Quick && !self.quiet && !self.json && is_watched;
        let spinner = spins.then(|| spinner(view.text.clone()));
        let is_logged = view.pace == Pace::Waits && !self.quiet && !self.json && !is_watched;
        if is_logged {
            // A log must tell what it waits for while it does.
            self.with_mark(&format!("  · {}", view.text));
        }
        Underway { terminal: self, view, spinner, is_logged }
    }

    /// Shows what a question is about: what a program printed, and what that means.
    pub(super) fn before_question(&self, printed: &str, meaning: &str) {
        for line in Printable::new(printed).as_str().lines() {
            self.error_line(&self.fold(&format!("    {line}")));
        }
        self.error_line(&self.fold(&format!("  {}", Printable::new(meaning))));
    }

    /// Begins the line on which a person answers a question.
    pub(super) fn question(&self, question: &str) {
        let question = Printable::new(question).one_line().to_string();
        let columns = self.beside_columns().unwrap_or(usize::MAX);
        let answer = if question.ends_with("/n]") || question.ends_with("/N]") { YES } else { ANSWER };
        self.begin_line(&format!("{} ", fold::question(&question, columns, answer)));
    }

    /// Lists what is going to happen, before it is confirmed.
    pub(super) fn plan(&self, actions: &[ActionView]) {
        if self.quiet || self.json || actions.is_empty() {
            return;
        }
        self.error_line(&format!("{BOLD}plan{BOLD:#}"));
        for action in actions {
            self.with_mark(&format!("  · {}", action.text));
        }
    }

    /// Says something after its label.
    fn sentence(&self, style: Style, label: &str, text: &str) {
        self.labelled(style, label, &self.fold(&format!("{label} {}", Printable::new(text))));
    }

    /// The same of advice: a command in it can be pasted, however narrow the screen is.
    fn advice(&self, style: Style, label: &str, text: &str) {
        let text = Printable::new(text).to_string();
        self.labelled(style, label, &fold::advice(label, &text, self.beside_columns().unwrap_or(usize::MAX)));
    }

    fn labelled(&self, style: Style, label: &str, text: &str) {
        // Coloured last: control sequences would count as width.
        self.error_line(&text.replacen(label, &format!("{style}{label}{style:#}"), 1));
    }

    /// A line that begins with a mark.
    fn with_mark(&self, line: &str) {
        self.error_line(&paint(&self.fold(line), &[]));
    }

    /// Lines as wide as the screen beside results.
    fn fold(&self, text: &str) -> String {
        self.beside_columns().map_or_else(|| text.to_owned(), |columns| fold::text(text, columns))
    }

    /// Begins a line that the person ends.
    pub(super) fn begin_line(&self, text: &str) {
        let mut out = AutoStream::new(io::stderr(), self.color);
        let _ = write!(out, "{text}").and_then(|()| out.flush());
    }

    pub(super) fn error_line(&self, line: &str) {
        let mut out = AutoStream::new(io::stderr(), self.color);
        // There is nobody left to tell when standard error is gone.
        let _ = writeln!(out, "{line}");
    }
}

/// An action under way.
#[must_use = "say how it ended"]
pub(super) struct Underway<'a> {
    terminal: &'a Terminal,
    view: ActionView,
    spinner: Option<indicatif::ProgressBar>,
    /// Whether a log tells what it is at.
    is_logged: bool,
}

impl Underway<'_> {
    /// Shows what it is at.
    pub(super) fn at(&self, text: &str) {
        if let Some(spinner) = &self.spinner {
            // What changes first: a narrow screen cuts the end.
            spinner.set_message(format!("{DIM}{} ·{DIM:#} {}", Printable::new(text).one_line(), self.view.text));
        } else if self.is_logged {
            self.terminal.with_mark(&format!("  · {}", Printable::new(text).one_line()));
        }
    }

    /// It was done, or said no; with what there is to say of that, unless it is told below.
    pub(super) fn ended(self, well: bool, said: Option<String>) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
        if self.view.is_bookkeeping || self.terminal.quiet || self.terminal.json {
            return;
        }
        let mark = if well { "✓" } else { "✗" };
        let said = said.map(|said| format!(": {}", Printable::new(&said).one_line())).unwrap_or_default();
        self.terminal.with_mark(&format!("  {mark} {}{said}", self.view.text));
    }
}

fn spinner(text: String) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new_spinner();
    if let Ok(style) = indicatif::ProgressStyle::with_template("  {spinner} {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar.set_message(text);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

const MARKS: [(&str, Style); 7] =
    [("✓", GREEN), ("→", CYAN), ("✗", RED), ("! ", YELLOW), ("–", DIM), ("·", DIM), ("* ", GREEN)];

/// Colours the marks at the start of lines, those of the steps beside each other, and severities beside an incident's id; the
/// text itself stays as it is.
fn paint(text: &str, severities: &[SeverityLevel]) -> String {
    let mut painted = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        painted.push_str(line.get(..indent).unwrap_or_default());
        match MARKS.iter().find_map(|(mark, style)| trimmed.strip_prefix(mark).map(|rest| (mark, style, rest))) {
            Some((mark, style, rest)) => {
                painted.push_str(&format!("{style}{mark}{style:#}{}", paint_severity(&paint_beside(rest), severities)));
            }
            None => painted.push_str(&paint_severity(trimmed, severities)),
        }
    }
    painted
}

/// Colours the marks of the steps that stand beside each other.
fn paint_beside(line: &str) -> String {
    let beside = |line: String, (mark, style): &(&str, Style)| {
        line.replace(&format!("  {mark} "), &format!("  {style}{mark}{style:#} "))
    };
    MARKS.iter().filter(|(mark, _)| !mark.ends_with(' ')).fold(line.to_owned(), beside)
}

/// Colours the severity of an incident whose id begins the line.
fn paint_severity(line: &str, severities: &[SeverityLevel]) -> String {
    let Some((id, rest)) = line.split_once("  ").filter(|(id, _)| id.trim().parse::<IncidentId>().is_ok()) else {
        return line.to_owned();
    };
    let word = rest.trim_start().split("  ").next().unwrap_or_default();
    let level = severities.iter().find(|level| level.label == word || level.severity.key() == word);
    let style = match level.map(|level| level.urgency) {
        Some(0) => RED,
        Some(1) => YELLOW,
        Some(_) => CYAN,
        None => return line.to_owned(),
    };
    format!("{id}  {}", rest.replacen(word, &format!("{style}{word}{style:#}"), 1))
}

/// Colours the lines that a diff takes away and adds.
fn paint_diff(text: &str) -> String {
    let line = |line: &str| match line.as_bytes().first() {
        Some(b'+') => format!("{GREEN}{line}{GREEN:#}\n"),
        Some(b'-') => format!("{RED}{line}{RED:#}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// Input/output error, the same number on every Unix.
const EIO: i32 = 5;

fn ignore_broken_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        // `git hotfix log | head` closes the pipe early; Rust ignores SIGPIPE, so the write fails instead.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        // So it does on a terminal that is gone.
        Err(error) if error.raw_os_error() == Some(EIO) => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Severities;

    #[test]
    fn only_marks_are_coloured() {
        let text = "HF-1\n  ✓ open  · fix\n  x → y\n* HF-2026-7k3mq2xa  high    active\n";
        let painted = paint(text, Severities::default().levels());
        assert_eq!(anstream::adapter::strip_str(&painted).to_string(), text);
        assert!(painted.contains("\u{1b}[32m✓"), "{painted:?}");
        assert!(painted.contains("  \u{1b}[2m·\u{1b}[0m fix"), "{painted:?}");
        assert!(painted.contains("  x → y"), "{painted:?}");
        assert!(painted.contains("  \u{1b}[1m\u{1b}[33mhigh\u{1b}[0m    active"), "{painted:?}");
    }
}
