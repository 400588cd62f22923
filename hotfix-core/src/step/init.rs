//! The team's rules, written once: `hotfix.toml` with what is detected.

use crate::config::{self, Detected};
use crate::production::detect::Learnt;
use crate::production::{detect, policy};
use crate::step::publish;
use crate::workflow::{Action, Code, Context, FileAction, Outcome, Plan, Question, Refusal, Result, Step, Topic};

/// Write hotfix.toml with what is detected, each key explained
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Init {
    /// Replace a hotfix.toml that is there
    #[cfg_attr(feature = "cli", arg(long))]
    pub force: bool,
}

impl Step for Init {
    step_facts!("init" about None, only_looks);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let there = context.look.files.read(policy::FILE)?;
        let content = config::starter(&detected(context)?).into_bytes();
        // By its content: the round after the write must not take the file for somebody's own.
        let written = there.as_ref() == Some(&content);
        if !written && there.is_some() && !self.force {
            return Err(Refusal::precondition(Code::Exists, format!("{} is there already", policy::FILE))
                .hint(format!("{} init --force replaces it", context.program)));
        }
        if !written {
            let write = Action::File(FileAction::Write { path: policy::FILE.to_owned(), expected: there, content });
            return Ok(Plan::then_look_again(vec![write]));
        }
        let committed = match context.look.git.head()?.commit() {
            Some(head) => context.look.git.file_at(head, policy::FILE)?.as_ref() == Some(&content),
            None => false,
        };
        let outcome = Outcome::text(format!("wrote {}; every key in it is explained and none is needed", policy::FILE));
        if committed {
            return Ok(Plan::finished(match (publish::push(context)?, publish::place(context)) {
                (Some(push), _) => Outcome::text(format!("{COMMITTED}; push it, to make it count")).next(push),
                (None, Some(place)) => Outcome::text(format!("{COMMITTED}; it counts once it is on {place}")),
                (None, None) => Outcome::text(COMMITTED),
            }));
        }
        let by_hand = publish::commit_and_push(context, "hotfix: set the rules")?;
        match context.answers.given(Topic::Commit) {
            Some(true) => {
                let (paths, message) = (vec![policy::FILE.to_owned()], "hotfix: set the rules\n".to_owned());
                Ok(Plan::then_look_again(vec![Action::File(FileAction::Commit { paths, message })]))
            }
            Some(false) => Ok(Plan::finished(outcome.next(by_hand))),
            None => {
                let question = Question::Confirm { topic: Topic::Commit, text: format!("Commit {}?", policy::FILE) };
                Ok(Plan::offer_or_finish(question, outcome.next(by_hand)))
            }
        }
    }
}

const COMMITTED: &str = "hotfix.toml is written and committed";

fn detected(context: &Context<'_>) -> Result<Detected> {
    let production = detect::likely(context.look, context.config, Learnt::of(context)).ok();
    let names = match context.look.git.head()?.commit() {
        Some(head) => context.look.git.top_level_names(head)?,
        None => Vec::new(),
    };
    let file = |path: &str| context.look.files.read(path).ok().flatten();
    let project = crate::runner::Project::of_files(&names, &file);
    let runner = crate::runner::detect(&project, context.prefer_cargo);
    Ok(Detected {
        production_branch: production.as_ref().map(|production| production.branch.to_string()),
        remote: production.and_then(|production| production.remote),
        test_because: runner.as_ref().map(|runner| runner.why.clone()),
        test_command: runner.map(|runner| runner.arguments().to_vec()),
    })
}
