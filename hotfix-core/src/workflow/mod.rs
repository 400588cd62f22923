//! The engine under the commands: what a command may know, what it plans, and what came of it.
//!
//! Plans are recomputed after every round and never stored: each looks at the ledger *and* the world first and plans only
//! what is still missing, so running a command again finishes what a crash left undone.

pub mod action;
pub(crate) mod by_itself;
mod code;
pub(crate) mod consent;
mod context;
mod done;
mod known;
pub(crate) mod named;
mod outcome;
mod plan;
mod question;
mod reader;
mod refusal;
mod remote_view;
mod report;
mod step;
pub(crate) mod time;

pub use action::query::Examination;
pub use action::{
    Action, ActionView, FileAction, ForgeAction, GitAction, MergeAction, Pace, ProgramAction, RecordAction, ShareAction,
};
pub use code::Code;
pub(crate) use context::no_incident;
pub use context::{Context, Network, reopen, without_git_hooks};
pub use done::Done;
pub use known::Known;
pub(crate) use known::PullRequestNews;
pub use outcome::Outcome;
pub use plan::{Plan, Then};
pub use question::{Answers, Question, TextQuestion, TextTopic, Topic, is_bare_none};
pub use reader::Reader;
pub(crate) use refusal::refuse_blank;
pub use refusal::{Refusal, Result};
pub use report::{Diagnosis, Health, Report, Row, RowBy, RowPullRequest, RowState, Suspect, SuspectReport};
pub use step::{EditorUse, IncidentNeed, Step, mask_request};
