//! Is everything ready for the night? Each check is one file; none changes anything.
//!
//! A check judges what is known. What it must ask of the outside (a program, the remote) is an action of the next round.

mod branch;
mod config;
mod deploy;
mod documents;
mod forge;
mod git;
mod hooks;
mod identity;
mod incidents;
mod ledger;
mod lines;
mod man;
mod notify;
mod production;
mod push;
mod remote;
mod repository;
mod reviewers;
mod rules;
mod runner;
mod signing;
mod tag;
mod templates;
mod token;

pub(super) use signing::is_wanted as signing_is_wanted;

use std::cell::RefCell;

use super::remedies;
use crate::domain::event::Production;
use crate::domain::{CommandLine, RefName};
use crate::port::{Abilities, PortError, RemoteRefs};
use crate::production::detect::{self, Learnt};
use crate::workflow::action::query::{Answer, Examination, QueryError};
use crate::workflow::{
    Action, Code, Context, Diagnosis, Health, Network, Outcome, Plan, Question, Refusal, Result, Step, Topic,
};

/// Check that everything is ready for the night
///
/// One line each: git, repository, remote, push rights, reviewers, the next tag, signing, git's hooks, rules, programs, documents. Changes
/// nothing, runs nothing of the repository's but with --hooks, and needs no incident. Fails when a hotfix would get stuck.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Doctor {
    /// Run the repository's hook pre-push too, as the pushes of a hotfix would, after asking; nothing is pushed
    #[cfg_attr(feature = "cli", arg(long))]
    pub hooks: bool,
    /// Run the safe ones of the remedies, after asking, and look again; the others are left to you
    #[cfg_attr(feature = "cli", arg(long))]
    pub fix: bool,
}

/// Looks at one thing that must be right.
type Judge = fn(&Setup<'_>) -> Result<CheckVerdict, Halt>;

/// All checks, in the order in which they are told; a new one is a file and its line here.
// From what everything needs to what few need: the first failure often explains the others.
const CHECKS: [(&str, Judge); 24] = [
    ("git", git::judge),
    ("repository", repository::judge),
    ("identity", identity::judge),
    ("config", config::judge),
    ("production", production::judge),
    ("remote", remote::judge),
    ("push", push::judge),
    ("branch", branch::judge),
    ("forge", forge::judge),
    ("token", token::judge),
    ("rules", rules::judge),
    ("reviewers", reviewers::judge),
    ("lines", lines::judge),
    ("tag", tag::judge),
    ("signing", signing::judge),
    ("hooks", hooks::judge),
    ("notify", notify::judge),
    ("runner", runner::judge),
    ("deploy", deploy::judge),
    ("documents", documents::judge),
    ("templates", templates::judge),
    ("incidents", incidents::judge),
    ("ledger", ledger::judge),
    ("man", man::judge),
];

/// What a check thinks.
struct CheckVerdict {
    state: Health,
    message: String,
    fix: Option<String>,
    /// Whether the fix is a command that does nobody harm, as it stands.
    is_safe: bool,
}

impl CheckVerdict {
    fn ok(message: impl Into<String>) -> Self {
        Self { state: Health::Ok, message: message.into(), fix: None, is_safe: false }
    }

    fn warning(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { state: Health::Warning, message: message.into(), fix: Some(fix.into()), is_safe: false }
    }

    fn failure(message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { state: Health::Failure, ..Self::warning(message, fix) }
    }

    /// The same, whose fix is a command that `doctor --fix` may run: it changes no file or branch of anybody's, and nothing on a
    /// remote.
    fn safely(self) -> Self {
        Self { is_safe: true, ..self }
    }

    /// What it stands on is not there; another check says why.
    fn unknown(why: impl Into<String>) -> Self {
        Self::warning(why, "fix that first, and run it again")
    }
}

/// Why a check came to no verdict of its own.
enum Halt {
    /// The outside must be asked first.
    NotAskedYet,
    /// It cannot be looked at, which is a failure.
    Failed(QueryError),
    /// What it stands on is not there, and this is the verdict.
    Judged(CheckVerdict),
}

impl From<QueryError> for Halt {
    fn from(trouble: QueryError) -> Self {
        Self::Failed(trouble)
    }
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal.into())
    }
}

impl From<PortError> for Halt {
    fn from(error: PortError) -> Self {
        Refusal::from(error).into()
    }
}

/// The machine and repository that are looked at.
struct Setup<'a> {
    context: &'a Context<'a>,
    missing: RefCell<Vec<Examination>>,
    runs_hooks: bool,
}

impl Setup<'_> {
    /// What the outside answered; halts where it was not asked yet.
    fn ask(&self, examination: Examination) -> Result<Result<Answer, QueryError>, Halt> {
        self.context.known.answer(&examination).cloned().ok_or_else(|| {
            let mut missing = self.missing.borrow_mut();
            if !missing.contains(&examination) {
                missing.push(examination);
            }
            Halt::NotAskedYet
        })
    }

    /// Whether remotes may be asked. A dry run only shows the questions.
    fn may_use_network(&self) -> bool {
        self.context.network != Network::Offline
    }

    /// Where production is.
    fn production(&self) -> Result<Production> {
        detect::detect(self.context.look, self.context.config, Learnt::of(self.context))
    }

    /// The same; where two could be meant, the one that would be taken without the other.
    fn likely_production(&self) -> Result<Production> {
        detect::likely(self.context.look, self.context.config, Learnt::of(self.context))
    }

    /// The answer of production's remote about the refs that matter; `None` without a remote, or when it must not be asked.
    fn remote_refs(&self) -> Result<Option<Result<RemoteRefs, QueryError>>, Halt> {
        // In doubt as well: the remote's own word is what ends the doubt.
        let known = self.likely_production();
        let only = || self.context.look.git.remotes().ok().and_then(|remotes| remotes.into_iter().next());
        let remote = known.as_ref().map_or_else(|_| only(), |production| production.remote.clone());
        let Some(remote) = remote.filter(|_| self.may_use_network()) else { return Ok(None) };
        let mut refs = branch::to_ask(self.context);
        refs.extend(known.iter().map(|production| RefName::of_branch(&production.branch)));
        refs.extend(crate::release::tag::to_ask(self.context, None)?);
        refs.extend(ledger::to_ask());
        let lines = crate::release::branch::patterns(self.context)?;
        refs.extend(lines.into_iter().map(|name| RefName::of_branch(&name)));
        refs.dedup();
        Ok(Some(match self.ask(Examination::Remote { remote, refs })? {
            Ok(Answer::Refs(refs)) => Ok(refs),
            Ok(Answer::Text(_) | Answer::Abilities(_) | Answer::Audit(_)) => Ok(RemoteRefs::default()),
            Err(trouble) => Err(trouble),
        }))
    }

    /// What we may do at the service that hosts the repository; `None` where there is none, or where it must not be asked.
    fn abilities(&self) -> Result<Option<Result<Abilities, QueryError>>, Halt> {
        let Ok(production) = self.production() else { return Ok(None) };
        let hosted =
            crate::production::hosting::find(self.context.look, self.context.config, production.remote.as_deref());
        let Ok(Some(address)) = hosted else { return Ok(None) };
        if !self.may_use_network() {
            return Ok(None);
        }
        let service = address.service.name();
        Ok(Some(match self.ask(Examination::Forge { service, branch: production.branch })? {
            Ok(Answer::Abilities(abilities)) => Ok(*abilities),
            Ok(Answer::Text(_) | Answer::Refs(_) | Answer::Audit(_)) => return Ok(None),
            Err(trouble) => Err(trouble),
        }))
    }

    fn known_production(&self) -> Result<Production, Halt> {
        self.production().map_err(|_| Halt::Judged(CheckVerdict::unknown("production is not known")))
    }

    /// What we may do at the hosting service; `without` is the verdict where none is asked.
    fn known_abilities(&self, without: &str) -> Result<Abilities, Halt> {
        match self.abilities()? {
            Some(Ok(abilities)) => Ok(abilities),
            // Why there is no answer is told once, by the check `forge`.
            Some(Err(_)) => Err(Halt::Judged(CheckVerdict::unknown("not known: see forge"))),
            None => Err(Halt::Judged(CheckVerdict::ok(without))),
        }
    }

    /// The programs of these commands that cannot be started, each with why.
    fn missing_programs<'c>(
        &self,
        commands: impl IntoIterator<Item = (&'static str, &'c CommandLine)>,
    ) -> Result<Vec<String>, Halt> {
        let mut missing = Vec::new();
        let mut pending = false;
        for (key, command) in commands {
            // `env NAME=VALUE program`: the program is what has to be there.
            let is_around = |word: &&String| *word == "env" || (command.first() != Some(word) && word.contains('='));
            let Some(program) = command.iter().find(|word| !is_around(word)).or(command.first()) else { continue };
            match self.ask(Examination::Program(program.clone())) {
                Ok(Ok(_)) => {}
                // The checkout may be old; the script is there once open has switched.
                Ok(Err(_)) if self.is_in_production(program)? => {}
                Ok(Err(_)) => missing.push(format!("{key}: `{}` is not there", crate::domain::one_line(program))),
                // All programs are asked for in one round, not one round each.
                Err(_) => pending = true,
            }
        }
        if pending { Err(Halt::NotAskedYet) } else { Ok(missing) }
    }

    /// Whether a program given by its path is a file of production, which need not be checked out here.
    fn is_in_production(&self, program: &str) -> Result<bool, PortError> {
        let path = program.trim_start_matches("./");
        let tip = self.production().ok().map(|production| crate::production::tip_ref(&production));
        let tip = tip.map(|name| self.context.look.git.commit_of_ref(&name)).transpose()?.flatten();
        match tip {
            Some(tip) if program.contains('/') && !program.starts_with('/') => {
                Ok(self.context.look.git.file_at(&tip, path)?.is_some())
            }
            _ => Ok(false),
        }
    }
}

impl Step for Doctor {
    step_facts!("doctor" about None, only_looks, works_without_rules, judges_rules);

    fn asking(&self) -> &'static str {
        if self.fix { "doctor --fix" } else { "doctor --hooks" }
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let setup = Setup { context, missing: RefCell::default(), runs_hooks: self.hooks };
        let looked: Vec<(Diagnosis, bool)> =
            CHECKS.iter().filter_map(|(check, judge)| diagnose(check, *judge, &setup)).collect();
        let missing = setup.missing.into_inner();
        if missing.is_empty() {
            if let Some(plan) = remedies::plan(context, &looked).filter(|_| self.fix) {
                return Ok(plan);
            }
            let hint = if self.fix { remedies::left(context, &looked) } else { remedies::advice(context, &looked) };
            let outcome = outcome(looked.into_iter().map(|(diagnosis, _)| diagnosis).collect());
            return Ok(Plan::finished(hint.into_iter().fold(outcome, Outcome::hint)));
        }
        let is_hook = |examination: &Examination| matches!(examination, Examination::PrePush(_));
        let (runs, questions): (Vec<_>, Vec<_>) = missing.into_iter().partition(is_hook);
        let runs: Vec<Action> = runs.into_iter().map(Action::Examine).collect();
        let mut questions: Vec<Action> = questions.into_iter().map(Action::Examine).collect();
        if context.network == Network::AsOfLastFetch || runs.is_empty() {
            return Ok(Plan::then_look_again(questions).ahead(runs));
        }
        match context.answers.about(Topic::Hooks) {
            // Before the network is asked: who must say yes need not wait for it.
            None => Ok(Plan::ask(consent()).ahead(runs)),
            Some(false) => Ok(Plan::finished(Outcome::declined())),
            Some(true) => {
                questions.extend(runs);
                Ok(Plan::then_look_again(questions))
            }
        }
    }
}

fn consent() -> Question {
    let text = "Run the repository's hook pre-push now? Nothing is pushed.".to_owned();
    Question::Confirm { topic: Topic::Hooks, text }
}

/// What a check came to, and whether its fix is safe to run; `None` until the outside was asked.
fn diagnose(check: &'static str, judge: Judge, setup: &Setup<'_>) -> Option<(Diagnosis, bool)> {
    let CheckVerdict { state, message, fix, is_safe } = match judge(setup) {
        Ok(verdict) | Err(Halt::Judged(verdict)) => verdict,
        Err(Halt::NotAskedYet) => return None,
        // What cannot be looked at is not ready.
        Err(Halt::Failed(QueryError { message, hint, .. })) => {
            CheckVerdict { state: Health::Failure, message, fix: hint, is_safe: false }
        }
    };
    let message = crate::domain::one_line(&message);
    Some((Diagnosis { check, state, message, fix: fix.map(|fix| crate::domain::one_line(&fix)) }, is_safe))
}

fn outcome(diagnoses: Vec<Diagnosis>) -> Outcome {
    let failures = diagnoses.iter().filter(|diagnosis| diagnosis.state == Health::Failure).count();
    let mut outcome = Outcome::text(diagnoses.iter().map(line).collect::<String>());
    outcome.report.checks = Some(diagnoses);
    if failures > 0 {
        let what = if failures == 1 { "1 check fails".to_owned() } else { format!("{failures} checks fail") };
        outcome.failure = Some(Refusal::check_failed(Code::Doctor, format!("not ready: {what}")));
    }
    outcome
}

/// One line of what was looked at.
pub(super) fn line(diagnosis: &Diagnosis) -> String {
    let (mark, state) = match diagnosis.state {
        Health::Ok => ("✓", "ok"),
        Health::Warning => ("!", "warning"),
        Health::Failure => ("✗", "failure"),
    };
    let fix = diagnosis.fix.as_ref().map(|fix| format!("; fix: {fix}")).unwrap_or_default();
    format!("{mark} {state:<7}  {:<10}  {}{fix}\n", diagnosis.check, diagnosis.message)
}

#[cfg(test)]
mod tests;
