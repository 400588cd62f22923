//! Questions about the incident: a choice, or a line of text.

use unicode_width::UnicodeWidthStr as _;

use crate::domain::{Printable, Severity, SeverityLevel};
use crate::workflow::TextQuestion;

use super::{Terminal, fold, wire};

/// So much is shown of what stands if nothing is typed.
const SHOWN: usize = 200;

/// Whether a person names this level: by its key, its label or another spelling.
fn is_meant(level: &SeverityLevel, typed: &str) -> bool {
    let spellings = level.aliases.iter().map(String::as_str).chain([level.severity.key(), &level.label]);
    spellings.into_iter().any(|spelling| spelling.eq_ignore_ascii_case(typed))
}

impl Terminal {
    /// Asks how bad it is; `None` when the person went away. An empty line is the default, else the worst.
    pub(super) fn severity(&self, levels: &[SeverityLevel], default: Option<&Severity>) -> Option<Severity> {
        let columns = self.beside_columns().unwrap_or(usize::MAX);
        let widest = levels.iter().map(|level| level.label.width()).max().unwrap_or_default();
        let explained: Vec<String> = levels
            .iter()
            .map(|level| {
                let gap = " ".repeat(widest.saturating_sub(level.label.width()));
                format!("{}{gap}  {}", level.label, Printable::new(&level.definition).one_line())
            })
            .collect();
        self.error_line(&fold::line("How bad is it? When unsure, take the worse one.", columns));
        explained.iter().for_each(|line| self.error_line(&fold::line(line, columns)));
        let offered = levels.iter().find(|level| Some(&level.severity) == default);
        if let Some(offered) = offered {
            self.error_line(&fold::line(&format!("The alert says {}.", offered.severity.key()), columns));
        }
        let assumed = offered.or(levels.first())?;
        // Typed and not picked from a menu, in which a typed word counts for nothing and the Enter after it takes what is marked.
        let prompt = format!("Severity [{}]:", assumed.severity.key());
        loop {
            wire::forget_typed();
            let typed = self.answer(&prompt)?;
            let typed = typed.trim();
            let chosen =
                if typed.is_empty() { Some(assumed) } else { levels.iter().find(|level| is_meant(level, typed)) };
            if let Some(chosen) = chosen {
                return Some(chosen.severity.clone());
            }
            let known: Vec<&str> = levels.iter().map(|level| level.severity.key()).collect();
            let unknown = format!("no severity is called {}: {}", Printable::new(typed).one_line(), known.join(", "));
            self.error_line(&fold::line(&unknown, columns));
        }
    }

    /// Asks yes or no, of which an empty line is `assumed`; `None` when the person went away.
    // A line, as every other answer: an Enter after a key that was the answer already would answer the next question.
    pub(super) fn confirm(&self, text: &str, assumed: bool) -> Option<bool> {
        let (letters, word) = if assumed { ("Y/n", "yes") } else { ("y/N", "no") };
        loop {
            // Who pressed Enter before the question stood there did not answer it.
            wire::forget_typed();
            let typed = self.answer(&format!("{text} [{letters}]"))?;
            match typed.trim().to_ascii_lowercase().as_str() {
                "" => return Some(assumed),
                "y" | "yes" => return Some(true),
                "n" | "no" => return Some(false),
                _ => self.error_line(&format!("y or n, please; Enter is {word}")),
            }
        }
    }

    /// Asks for a line of text, which may be blank; `None` when the person went away.
    pub(super) fn text(&self, question: &TextQuestion) -> Option<String> {
        loop {
            let typed = self.answer(&shown(question))?;
            if !wire::typed_more() {
                return Some(typed);
            }
            // Each line of a pasted trace would answer one more question.
            wire::forget_typed();
            self.error_line("one line, please: of what was pasted, nothing was taken");
        }
    }

    /// What is typed beside a question; `None` when the person went away.
    // The terminal itself edits the line: crates that do take the end of the input for an empty line, and move the cursor wrongly
    // in a folded one.
    fn answer(&self, question: &str) -> Option<String> {
        self.question(question);
        let line = wire::typed_line();
        if line.is_none() {
            // The shell's prompt would stand beside the question.
            self.begin_line("\n");
        }
        line
    }
}

/// The question with what an empty line means.
fn shown(question: &TextQuestion) -> String {
    let TextQuestion { about, default, may_skip } = question;
    let text = about.words();
    match default.as_deref().map(|default| Printable::new(default).one_line().to_string()) {
        Some(default) if default.chars().count() > SHOWN => {
            format!("{text} [{}…]", default.chars().take(SHOWN).collect::<String>())
        }
        Some(default) => format!("{text} [{default}]"),
        None if *may_skip => format!("{text} (Enter skips)"),
        None => text.to_owned(),
    }
}
