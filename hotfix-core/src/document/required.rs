//! What a postmortem has to answer before it goes to production: without it, nobody learns from the night.

use crate::domain::event::ExplainTopic;
use crate::domain::{Incident, one_line};

use super::unknown::OpenQuestion;

/// A question that no postmortem may leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// Why it happened.
    RootCause,
    /// What was broken for users.
    Impact,
    /// What keeps it from happening again.
    Prevention,
}

impl Required {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 3] = [Self::RootCause, Self::Impact, Self::Prevention];

    /// What it asks for, within a sentence.
    pub fn what(self) -> &'static str {
        self.question().what()
    }

    /// What is recorded about it; a blank says nothing.
    pub fn recorded(self, incident: &Incident) -> Option<&str> {
        let text = match self {
            Self::RootCause => incident.explanation(ExplainTopic::RootCause),
            Self::Impact => incident.impact.as_deref(),
            Self::Prevention => incident.explanation(ExplainTopic::Prevention),
        };
        text.filter(|text| !one_line(text).is_empty())
    }

    /// Whether a postmortem answers it: its section holds something, and not our own question.
    pub fn is_answered_in(self, postmortem: &str) -> bool {
        let heading = format!("## {}", self.heading());
        let mut section = postmortem.lines().skip_while(|line| line.trim_end() != heading).skip(1).peekable();
        if section.peek().is_none() {
            return false;
        }
        let section: Vec<&str> = section.take_while(|line| !line.starts_with("## ")).collect();
        let asks = |line: &&str| line.contains(self.question().command());
        section.iter().any(|line| !line.trim().is_empty()) && !section.iter().any(asks)
    }

    fn heading(self) -> &'static str {
        match self {
            Self::RootCause => "Root cause",
            Self::Impact => "What broke",
            Self::Prevention => "Prevention",
        }
    }

    fn question(self) -> OpenQuestion {
        match self {
            Self::RootCause => OpenQuestion::RootCause,
            Self::Impact => OpenQuestion::Impact,
            Self::Prevention => OpenQuestion::Prevention,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{BENIGN, Story, at};
    use super::super::{Evidence, postmortem, preset};
    use super::*;
    use crate::domain::Severities;

    fn open_in(text: &str) -> Vec<Required> {
        Required::ALL.into_iter().filter(|required| !required.is_answered_in(text)).collect()
    }

    fn draft(story: Story) -> String {
        let (evidence, severities) = (Evidence::default(), Severities::default());
        postmortem(preset("default").unwrap(), &story.incident(), &evidence, &severities, at(60)).unwrap()
    }

    #[test]
    fn our_own_question_and_an_empty_section_answer_nothing() {
        let draft = draft(Story::minimal(BENIGN));
        assert_eq!(open_in(&draft), Required::ALL);
        let asked = "Unknown; tell it with `git hotfix postmortem --root-cause TEXT --incident HF-2026-7k3mq2xa`.";
        assert_eq!(open_in(&draft.replace(asked, "Nobody rounded.")), [Required::Impact, Required::Prevention]);
        assert_eq!(open_in(&draft.replace(asked, " \t")), Required::ALL);
        assert_eq!(open_in(&draft.replace("## Root cause", "## Why")), Required::ALL);
        assert_eq!(open_in("## Root cause"), Required::ALL);
    }

    #[test]
    fn what_is_recorded_is_in_the_draft() {
        let story = Story::full(BENIGN);
        let recorded = Required::ALL.map(|required| required.recorded(&story.incident()).is_some());
        assert_eq!(recorded, Required::ALL.map(|required| required.is_answered_in(&draft(Story::full(BENIGN)))));
        assert_eq!(recorded, [true; 3]);
    }
}
