//! A dry run: the first plan is told, and what a person would be asked; nothing is done, and nobody is asked.

use crate::port::ErrorKind;
use crate::workflow::{Action, Outcome, Plan, Question, Refusal, TextQuestion, Then};

use super::Session;

const NOTHING_CHANGED: &str = "dry run, as of the last fetch: nothing was changed";

/// The questions that a dry run passed over.
#[derive(Default)]
pub(super) struct PassedOver {
    /// Each as it would be asked.
    asked: Vec<String>,
    /// Whether one of them has to be answered, so that the plan is not known.
    lacks_answer: bool,
}

impl Session<'_> {
    /// The plan of the first round and what is foreseen after it.
    pub(super) fn foresee(&mut self, plan: Plan) -> Result<Outcome, Refusal> {
        if let Then::Offer(_, refusal) = plan.then {
            return Err(*refusal);
        }
        self.acted = plan.actions.iter().map(Action::view).chain(plan.ahead).collect();
        let mut outcome = match plan.then {
            Then::Finish(outcome) if self.acted.is_empty() => *outcome,
            _ => Outcome::default(),
        };
        if !self.acted.is_empty() {
            let lines: Vec<String> = self.acted.iter().map(|view| format!("would {}\n", view.text)).collect();
            outcome.text = lines.concat();
            outcome.hints = vec![NOTHING_CHANGED.to_owned()];
        }
        for note in plan.notes {
            self.note(note);
        }
        Ok(outcome)
    }

    /// Goes on as if a question had been answered by an empty line, and whether it did: a plan depends on the answer.
    ///
    /// # Errors
    /// When nobody could be asked: what has to be told by a flag then.
    pub(super) fn pass_over(&mut self, question: &Question) -> Result<bool, Refusal> {
        if !self.options.dry_run || matches!(question, Question::Confirm { .. }) {
            return Ok(false);
        }
        if !self.host.can_ask() {
            return self.ask(question, &[]).map(|()| true);
        }
        match question {
            Question::Severity { levels, default } => {
                let assumed = default.clone().or_else(|| levels.first().map(|level| level.severity.clone()));
                let key = assumed.as_ref().map(|severity| severity.key().to_owned()).unwrap_or_default();
                self.passed_over.asked.push(format!("How bad is it? [{key}]"));
                self.answers.severity = assumed;
            }
            Question::Text(TextQuestion { about, default, may_skip }) => {
                let means = match default {
                    Some(default) => format!("[{default}]"),
                    None if *may_skip => "(Enter skips)".to_owned(),
                    None => "(has to be answered)".to_owned(),
                };
                self.passed_over.asked.push(format!("{} {means}", about.words()));
                self.passed_over.lacks_answer |= default.is_none() && !may_skip;
                self.answers.texts.push((*about, default.clone().unwrap_or_default()));
            }
            Question::Confirm { .. } => {}
        }
        Ok(true)
    }

    /// What came of it, with the questions that were passed over.
    pub(super) fn with_questions(&mut self, result: Result<Outcome, Refusal>) -> Result<Outcome, Refusal> {
        let PassedOver { asked, lacks_answer } = std::mem::take(&mut self.passed_over);
        if asked.is_empty() {
            return result;
        }
        let mut outcome = match result {
            // A person would have answered.
            Err(refusal) if lacks_answer && refusal.kind == ErrorKind::Usage => Outcome::default(),
            result => result?,
        };
        let questions: String = asked.iter().map(|asked| format!("would ask: {asked}\n")).collect();
        outcome.text.insert_str(0, &questions);
        if outcome.hints.is_empty() {
            outcome.hints.push(NOTHING_CHANGED.to_owned());
        }
        Ok(outcome)
    }
}
