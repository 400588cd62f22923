//! What a person is asked, and what was answered.

use crate::domain::event::PreventionGap;
use crate::domain::{Severity, SeverityLevel, Title, after_none, one_line};

/// So many bytes a terminal takes before the end of a line: what is longer it cuts without a word.
const LONGEST: usize = 4094;

/// A question to the person, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// How bad is it?
    Severity {
        /// One of these, worst first.
        levels: Vec<SeverityLevel>,
        /// What an empty answer means, where something says how bad it is; else the worst.
        default: Option<Severity>,
    },
    /// A few words.
    Text(TextQuestion),
    /// Yes or no?
    Confirm {
        /// What it is about.
        topic: Topic,
        /// The question, one line.
        text: String,
    },
}

impl Question {
    /// Whether it asks leave for the very thing that the command is for: a no then declines the command. Any other offer is a way
    /// round what stands in the way, which is still there after a no.
    pub fn asks_leave(&self) -> bool {
        matches!(self, Self::Confirm { topic: Topic::Share | Topic::Forget, .. })
    }
}

/// A question that is answered by a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextQuestion {
    /// What it is about.
    pub about: TextTopic,
    /// What an empty answer means.
    pub default: Option<String>,
    /// Whether it may stay without an answer.
    pub may_skip: bool,
}

impl TextQuestion {
    /// The answer that was meant, empty where it was skipped.
    ///
    /// # Errors
    /// When it is no answer: what to say to the person.
    pub fn judge(&self, answer: &str) -> Result<String, &'static str> {
        let answer = answer.trim();
        if answer.len() >= LONGEST {
            return Err("that is too long for a line, and may have been cut; say it shorter");
        }
        if answer.chars().any(|character| character.is_control() && character != '\t') {
            return Err("that holds control characters (of an arrow key, say); once more");
        }
        if self.about == TextTopic::Title && one_line(answer).chars().count() > Title::FEW_WORDS {
            return Err("that is too long for a title; say it in a few words");
        }
        if self.about == TextTopic::Prevention && is_bare_none(answer) {
            return Err("none says little alone; say why: none because ...");
        }
        match (one_line(answer).is_empty(), &self.default) {
            (false, _) => Ok(answer.to_owned()),
            (true, Some(default)) => Ok(default.clone()),
            (true, None) if self.may_skip => Ok(String::new()),
            (true, None) => Err("this has to be answered"),
        }
    }
}

/// Whether it is the word "none" without a reason.
pub fn is_bare_none(answer: &str) -> bool {
    after_none(answer).is_some_and(|rest| !rest.contains(char::is_alphanumeric))
}

/// What a text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextTopic {
    /// What is broken.
    Title,
    /// What that means for users.
    Impact {
        /// Whether it is over.
        is_over: bool,
    },
    /// How it became known.
    Source,
    /// Why it happened.
    RootCause,
    /// Who felt it.
    UsersAffected,
    /// When users began to feel it.
    Started,
    /// When they felt it no more.
    Over,
    /// What keeps it from happening again.
    Prevention,
    /// What would have told sooner.
    Gap(PreventionGap),
}

impl TextTopic {
    /// The question.
    pub fn words(self) -> &'static str {
        match self {
            Self::Title => "What is broken, in a few words?",
            Self::Impact { is_over: false } => "What is broken for users?",
            Self::Impact { is_over: true } => "What was broken for users?",
            Self::Source => "How did it become known?",
            Self::RootCause => "Why did it happen?",
            Self::UsersAffected => "How many users felt it, or which?",
            Self::Started => "When did users begin to feel it, such as 14:05 or 2 h ago?",
            Self::Over => "When was it over for users, such as 14:05 or 2 h ago?",
            Self::Prevention => "What keeps it from happening again?",
            Self::Gap(PreventionGap::Test) => "Which test is still to be written?",
            Self::Gap(PreventionGap::Monitoring) => "Which alert is still to be set up?",
            Self::Gap(PreventionGap::Validation) => "Which check of input is still to be added?",
        }
    }
}

/// What the person answered in this run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Whether to go ahead, by the topic that was asked about; `--yes` answers all with yes.
    pub confirmed: Vec<(Topic, bool)>,
    /// Texts, by what was asked; empty where the question was skipped.
    pub texts: Vec<(TextTopic, String)>,
    /// Whether everything is confirmed beforehand.
    pub yes: bool,
    /// Whether somebody is there to be asked for a text; whoever drives the step knows.
    pub can_ask: bool,
}

impl Answers {
    /// The text about `topic`, if it was asked for; empty where the question was skipped.
    pub fn text(&self, topic: TextTopic) -> Option<&str> {
        self.texts.iter().rev().find(|(asked, _)| *asked == topic).map(|(_, text)| text.as_str())
    }

    /// The answer about `topic`, if it was asked; `--yes` is a yes.
    pub fn about(&self, topic: Topic) -> Option<bool> {
        self.given(topic).or(self.yes.then_some(true))
    }

    /// The answer about `topic` that a person gave to just this question.
    pub fn given(&self, topic: Topic) -> Option<bool> {
        // A later round may ask about the same topic again.
        self.confirmed.iter().rev().find(|(asked, _)| *asked == topic).map(|(_, answer)| *answer)
    }
}

/// What a yes or no is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The whole plan of a ship, or of a deployment.
    Plan,
    /// Rolling back after a failed verification.
    Rollback,
    /// Opening in a work tree of its own because the tree here is dirty.
    Worktree,
    /// Taking uncommitted work along to the branch of the fix.
    Carry,
    /// The same of commits that production's branch has only here.
    CarryCommits,
    /// Committing a file that was written.
    Commit,
    /// Adding files to the fix that were left out of its commit.
    AddFiles,
    /// Taking another remote, which is ahead, for the one where production is.
    Remote,
    /// Taking the remote's default branch for production, where another one was known here.
    Branch,
    /// Starting from what production runs instead of its branch's tip.
    Base,
    /// Laying a conflict out to be settled.
    Resolve,
    /// Bringing back a fix that was taken out of production again.
    BringBack,
    /// Running a git hook of the repository's.
    Hooks,
    /// Running what the doctor advises.
    Remedies,
    /// Going on with what somebody else drives.
    TakeOver,
    /// Letting others read the ledger.
    Share,
    /// Taking the text of an event out of the record.
    Forget,
}

impl Topic {
    /// Whether a no ends the command, or leaves everything as it is: who goes away at the question has said as much. After a no
    /// to anything else the command goes on in another way, which nobody chose who went away.
    pub fn is_ended_by_no(self) -> bool {
        matches!(self, Self::Plan | Self::Rollback | Self::Share | Self::Forget)
    }

    /// Whether an empty line is a yes. Commits may be anybody's, of any day: whoever ships them has to say so.
    pub fn is_assumed(self) -> bool {
        self != Self::CarryCommits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_text_that_says_something() {
        let required = TextQuestion { about: TextTopic::Title, default: None, may_skip: false };
        let optional = TextQuestion { may_skip: true, ..required.clone() };
        let known = TextQuestion { default: Some("known".to_owned()), ..required.clone() };
        let judged = |answer: &str| [&required, &optional, &known].map(|question| question.judge(answer).ok());
        let all = |text: &str| [(); 3].map(|()| Some(text.to_owned()));
        assert_eq!(judged(" a\tb \r"), all("a\tb"));
        for blank in ["", " \t ", "\u{200b}"] {
            assert_eq!(judged(blank), [None, Some(String::new()), Some("known".to_owned())], "{blank:?}");
        }
        for bad in ["\u{1b}[D", "a\u{7}b", "a\nb", "a\u{9b}", &"x".repeat(4094), &"x".repeat(1 << 20)] {
            assert_eq!(judged(bad), [None, None, None], "{:?}", bad.get(..9));
        }
        let cause = TextQuestion { about: TextTopic::RootCause, ..required.clone() };
        assert!(cause.judge(&"x".repeat(4093)).is_ok());
        assert!(required.judge(&"x".repeat(Title::FEW_WORDS)).is_ok());
        assert!(
            required.judge(&"x".repeat(Title::FEW_WORDS + 1)).is_err_and(|why| why.contains("too long for a title"))
        );
        let prevention = TextQuestion { about: TextTopic::Prevention, ..required.clone() };
        for (answer, is_one) in
            [("none", false), ("None.", false), ("none because it is rare", true), ("nonesuch", true)]
        {
            assert_eq!((prevention.judge(answer).is_ok(), required.judge(answer).is_ok()), (is_one, true), "{answer}");
        }
    }
}
