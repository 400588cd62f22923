//! Who is on the other side: is shown what happens, and answers what is asked.

use crate::domain::{Incident, Severity, SeverityLevel};
use crate::workflow::{ActionView, Context, Done, Refusal, TextQuestion, Topic};

/// Whoever asked for a command: a terminal, a chat. Everything has a default; `()` is nobody at all.
pub trait Host {
    /// Whether somebody is there to be asked.
    fn can_ask(&self) -> bool {
        false
    }

    /// Whether somebody can be shown an editor.
    fn can_show_editor(&self) -> bool {
        false
    }

    /// Whether it was a yes; `None` when nobody says anything any more. Asked only where [somebody is there](Self::can_ask).
    fn confirm(&mut self, _topic: Topic, _text: &str) -> Option<bool> {
        None
    }

    /// How bad it is, one of these, with what an empty answer means; `None` when nobody says. Asked only where somebody is there.
    fn severity(&mut self, _levels: &[SeverityLevel], _default: Option<&Severity>) -> Option<Severity> {
        None
    }

    /// A text, any; blanks too. `None` when nobody says anything any more. Asked only where somebody is there.
    fn text(&mut self, _question: &TextQuestion) -> Option<String> {
        None
    }

    /// Shows what is going to happen, before it is confirmed.
    fn plan(&mut self, _ahead: &[ActionView]) {}

    /// Shows what a question is about: what a program printed, and what that means.
    fn before_question(&mut self, _printed: &str, _meaning: &str) {}

    /// Notes what a person should know.
    fn note(&mut self, _text: &str) {}

    /// It is looked what is to be done: in a long history that takes its time.
    fn looks(&mut self) {}

    /// That is known.
    fn looked(&mut self) {}

    /// An action begins.
    fn began(&mut self, _action: &ActionView) {}

    /// What the action is at, one line, while it takes its time.
    fn at(&mut self, _text: &str) {}

    /// The action ended: with what it gave, which may be a no, or it failed.
    fn ended(&mut self, _action: &ActionView, _result: Result<&Done, &Refusal>) {}

    /// Whether it wants to see the incident after each round.
    fn shows_incident(&self) -> bool {
        false
    }

    /// Shows the incident as it is now.
    ///
    /// # Errors
    /// When what it shows cannot be read; the command fails with that.
    fn incident(&mut self, _context: &Context<'_>, _incident: &Incident) -> Result<(), Refusal> {
        Ok(())
    }
}

impl Host for () {}
