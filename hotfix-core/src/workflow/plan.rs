//! What a command plans for one round, and what comes after it.

use super::{Action, ActionView, Outcome, Question, Refusal};

/// What one round does.
#[derive(Debug)]
#[must_use = "a plan does nothing until the executor gets it"]
pub struct Plan {
    /// What is done now, in order.
    pub actions: Vec<Action>,
    /// What later rounds are expected to do, as far as can be told: to be shown, and never done.
    pub ahead: Vec<ActionView>,
    /// What the person should know, one line each.
    pub notes: Vec<String>,
    /// The same, once the actions are done.
    pub notes_after: Vec<String>,
    /// What comes after.
    pub then: Then,
}

impl Plan {
    fn new(actions: Vec<Action>, then: Then) -> Self {
        Self { actions, ahead: Vec::new(), notes: Vec::new(), notes_after: Vec::new(), then }
    }

    /// Does this and looks again.
    pub fn then_look_again(actions: Vec<Action>) -> Self {
        Self::new(actions, Then::LookAgain)
    }

    /// Does this and is finished.
    pub fn then_finish(actions: Vec<Action>, outcome: Outcome) -> Self {
        Self::new(actions, Then::Finish(Box::new(outcome)))
    }

    /// Has nothing to do.
    pub fn finished(outcome: Outcome) -> Self {
        Self::then_finish(Vec::new(), outcome)
    }

    /// Asks before anything is done.
    pub fn ask(question: Question) -> Self {
        Self::new(Vec::new(), Then::Ask(question))
    }

    /// Asks before anything is done; where nobody is there to be asked, takes it for a yes.
    pub fn ask_or_assume(question: Question) -> Self {
        Self::new(Vec::new(), Then::AskOrAssume(question))
    }

    /// Refuses, unless the person is there to be asked and says yes.
    pub fn offer(question: Question, otherwise: Refusal) -> Self {
        Self::new(Vec::new(), Then::Offer(question, Box::new(otherwise)))
    }

    /// Is finished, unless the person is there to be asked and says yes.
    pub fn offer_or_finish(question: Question, outcome: Outcome) -> Self {
        Self::new(Vec::new(), Then::OfferMore(question, Box::new(outcome)))
    }

    /// The same, saying what later rounds do.
    pub fn ahead(mut self, ahead: impl IntoIterator<Item = impl Into<ActionView>>) -> Self {
        self.ahead = ahead.into_iter().map(Into::into).collect();
        self
    }

    /// The same, then this other plan without looking again in between.
    pub fn and(mut self, next: Self) -> Self {
        self.actions.extend(next.actions);
        self.notes_after.extend(next.notes.into_iter().chain(next.notes_after));
        Self { then: next.then, ..self }
    }

    /// The same with something the person should know.
    pub fn notes(mut self, notes: Vec<String>) -> Self {
        self.notes.extend(notes);
        self
    }
}

/// What comes after a round.
#[derive(Debug)]
pub enum Then {
    /// Plan again, knowing what this round did.
    LookAgain,
    /// Ask, and plan again with the answer.
    Ask(Question),
    /// Ask, or take it for a yes where nobody is there to be asked, and plan again.
    AskOrAssume(Question),
    /// Refuse, unless the person is there to be asked and says yes. A no declines the command where it [asks
    /// leave](Question::asks_leave).
    Offer(Question, Box<Refusal>),
    /// Finish, unless the person is there to be asked and says yes.
    OfferMore(Question, Box<Outcome>),
    /// Nothing: this is what came of it.
    Finish(Box<Outcome>),
}
