//! What a person is asked who opened without saying it.

use crate::workflow::{Answers, Context, Plan, Question, TextQuestion, TextTopic};

use super::Open;

/// It goes on.
pub(super) const IMPACT: TextTopic = TextTopic::Impact { is_over: false };

impl Open {
    /// The same command as if what was answered had been typed.
    pub(super) fn with_answers(&self, answers: &Answers) -> Self {
        let mut told = self.clone();
        for (text, topic) in
            [(&mut told.title, TextTopic::Title), (&mut told.impact, IMPACT), (&mut told.source, TextTopic::Source)]
        {
            let answer = answers.text(topic).filter(|answer| !answer.is_empty());
            *text = text.take().or_else(|| answer.map(str::to_owned));
        }
        told.severity = told.severity.or_else(|| answers.severity.as_ref().map(|severity| severity.key().to_owned()));
        told
    }

    /// The first of the texts that are missing, where somebody is there to be asked.
    pub(super) fn ask(&self, context: &Context<'_>, asked: &[(&Option<String>, TextTopic)]) -> Option<Plan> {
        let is_open =
            |(text, topic): &&(&Option<String>, TextTopic)| text.is_none() && context.answers.text(*topic).is_none();
        let (_, about) = asked.iter().find(is_open).filter(|_| context.answers.can_ask)?;
        let question = TextQuestion { about: *about, default: None, may_skip: *about != TextTopic::Title };
        Some(Plan::ask(Question::Text(question)))
    }
}
