//! The terminal: results on standard output, everything else on standard error. The only place that prints.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::domain::{Printable, Severity};
use crate::step::{Action, ActionView};

use super::{Color, Globals};

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Where output goes, and whether a person is there to be asked.
#[derive(Debug)]
pub struct Terminal {
    color: ColorChoice,
    quiet: bool,
    json: bool,
    yes: bool,
    can_ask: bool,
}

impl Terminal {
    /// The terminal as the flags want it.
    pub(super) fn new(globals: &Globals) -> Self {
        let color = match globals.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal() && !globals.json && !globals.yes;
        Self { color, quiet: globals.quiet, json: globals.json, yes: globals.yes, can_ask }
    }

    /// Whether a person is there to be asked.
    pub(super) fn can_ask(&self) -> bool {
        self.can_ask
    }

    /// Whether everything is confirmed beforehand.
    pub(super) fn says_yes(&self) -> bool {
        self.yes
    }

    /// Prints what was asked for, on standard output.
    ///
    /// # Errors
    /// When standard output cannot be written; a reader that went away is no error.
    pub(super) fn result(&self, text: &str) -> io::Result<()> {
        let mut out = AutoStream::new(io::stdout(), self.color);
        let painted = if self.json { text.to_owned() } else { paint(text) };
        ignore_broken_pipe(out.write_all(painted.as_bytes()).and_then(|()| out.flush()))
    }

    /// Tells what a person should know.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.error_line(&format!("{DIM}note:{DIM:#} {}", Printable::new(text)));
        }
    }

    /// Gives advice.
    pub(super) fn hint(&self, text: &str) {
        if !self.quiet {
            self.error_line(&format!("{CYAN}hint:{CYAN:#} {}", Printable::new(text)));
        }
    }

    /// Names the next command.
    pub(super) fn next(&self, command: &str) {
        if !self.quiet && !self.json {
            self.error_line(&format!("\n{BOLD}next:{BOLD:#} {}", Printable::new(command)));
        }
    }

    /// Tells why it did not succeed.
    pub(super) fn error(&self, text: &str) {
        self.error_line(&format!("{RED}error:{RED:#} {}", Printable::new(text)));
    }

    /// Shows that an action is under way; the returned guard says how it ended.
    pub(super) fn begin(&self, action: &Action) -> Underway<'_> {
        let view = action.view();
        let spins = matches!(action, Action::RunTests { .. } | Action::Verify { .. });
        let spinner = (spins && !self.quiet && !self.json && io::stderr().is_terminal()).then(|| spinner(&view));
        Underway { terminal: self, view, spinner, silent: matches!(action, Action::Adopt { .. }) }
    }

    /// Asks yes or no; `None` when the person went away.
    pub(super) fn confirm(&self, text: &str) -> Option<bool> {
        let theme = dialoguer::theme::SimpleTheme;
        dialoguer::Confirm::with_theme(&theme)
            .with_prompt(Printable::new(text).one_line().to_string())
            .default(true)
            .interact_opt()
            .ok()
            .flatten()
    }

    /// Asks how bad it is; `None` when the person went away.
    pub(super) fn severity(&self) -> Option<Severity> {
        let items = Severity::ALL.map(|severity| format!("{:<8}  {}", severity.label(), severity.definition()));
        let theme = dialoguer::theme::SimpleTheme;
        let chosen = dialoguer::Select::with_theme(&theme)
            .with_prompt("How bad is it? (when unsure, the worse one)")
            .items(items)
            .default(0)
            .interact_opt()
            .ok()
            .flatten()?;
        Severity::ALL.get(chosen).copied()
    }

    /// Lists what is going to happen, before it is confirmed.
    pub(super) fn plan(&self, actions: &[&Action]) {
        if self.quiet || self.json || actions.is_empty() {
            return;
        }
        self.error_line(&format!("{BOLD}plan{BOLD:#}"));
        for action in actions {
            self.error_line(&format!("  {DIM}·{DIM:#} {}", action.view().text));
        }
    }

    fn error_line(&self, line: &str) {
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
    silent: bool,
}

impl Underway<'_> {
    /// It was done, or said no.
    pub(super) fn ended(self, well: bool) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
        if self.silent || self.terminal.quiet || self.terminal.json {
            return;
        }
        let mark = if well { format!("{GREEN}✓{GREEN:#}") } else { format!("{RED}✗{RED:#}") };
        self.terminal.error_line(&format!("  {mark} {}", self.view.text));
    }
}

fn spinner(view: &ActionView) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new_spinner();
    if let Ok(style) = indicatif::ProgressStyle::with_template("  {spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(view.text.clone());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Colours the marks at the start of lines; the text itself stays as it is.
fn paint(text: &str) -> String {
    let marks = [("✓", GREEN), ("→", CYAN), ("✗", RED), ("–", DIM), ("·", DIM)];
    let mut painted = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        match marks.iter().find_map(|(mark, style)| trimmed.strip_prefix(mark).map(|rest| (mark, style, rest))) {
            Some((mark, style, rest)) => {
                painted.push_str(line.get(..indent).unwrap_or_default());
                painted.push_str(&format!("{style}{mark}{style:#}{rest}"));
            }
            None => painted.push_str(line),
        }
    }
    painted
}

fn ignore_broken_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marks_are_coloured() {
        let text = "HF-1\n  ✓ open\n  x → y\n";
        assert_eq!(anstream::adapter::strip_str(&paint(text)).to_string(), text);
        assert!(paint(text).contains("\u{1b}[32m✓"));
        assert!(paint(text).contains("  x → y"));
    }
}
