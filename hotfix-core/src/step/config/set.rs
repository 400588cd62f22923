//! `config set`: a key for oneself, in git's configuration, or for all, in `hotfix.toml`.

use crate::config::{ConfigError, ConfigOrigin, ConfigProblem, ConfigSource, Setting};
use crate::production::policy;
use crate::step::publish;
use crate::workflow::{Action, Code, Context, FileAction, GitAction, Outcome, Plan, Refusal, Result};

pub(super) fn plan(context: &Context<'_>, key: &str, value: &str, repository: bool) -> Result<Plan> {
    let setting = Setting::new(key, value).map_err(|error| wrong(context, error, repository))?;
    if repository { in_repository(context, &setting) } else { own(context, &setting) }
}

/// For the person, in every repository.
fn own(context: &Context<'_>, setting: &Setting) -> Result<Plan> {
    if let Some(name) = setting.severity()
        && context.config.severities.levels().iter().all(|level| level.severity.key() != name)
    {
        // Only the file can define one: of a severity that it does not know, git's configuration is never asked.
        let message = format!("set {}: no severity is called `{}`", setting.key(), crate::domain::one_line(name));
        let hint = format!("{} config set {} VALUE --repository   # defines it", context.program, setting.key());
        return Err(Refusal::usage(Code::Config, message).hint(hint));
    }
    let (key, value) = (setting.git_config_key(), setting.typed().to_owned());
    let mut outcome = Outcome::text(format!("{} = {}, for you, in every repository", setting.key(), setting.written()));
    let held = context.config.entries().into_iter().find(|entry| entry.key == setting.key());
    if let Some(held) = held.filter(|held| held.source() > ConfigSource::User) {
        outcome.hints.push(format!(
            "it does not count here: {} says {}",
            held.origin(),
            held.written().unwrap_or_default()
        ));
    }
    Ok(Plan::then_finish(vec![Action::Git(GitAction::SetOwn { key, value })], outcome))
}

/// For all, once it is on production.
fn in_repository(context: &Context<'_>, setting: &Setting) -> Result<Plan> {
    if context.look.git.repository().work_tree.is_none() {
        let message = "this is a bare repository, which has no hotfix.toml to write";
        return Err(Refusal::precondition(Code::Bare, message).hint("git clone it, and set the key there"));
    }
    let there = context.look.files.read(policy::FILE)?;
    let text = match &there {
        Some(bytes) => std::str::from_utf8(bytes)
            .map_err(|_| Refusal::usage(Code::Config, format!("{} here is not UTF-8", policy::FILE)))?,
        None => "",
    };
    let changed = setting.in_file(text).map_err(|error| wrong(context, error, true))?;
    let outcome = Outcome::text(format!("{} = {}, in {}", setting.key(), setting.written(), policy::FILE));
    let outcome = outcome.next(publish::commit_and_push(context, &format!("hotfix: set {}", setting.key()))?);
    let outcome = match publish::place(context) {
        Some(place) => outcome.hint(format!("it counts once it is on {place}")),
        None => outcome,
    };
    if changed.as_bytes() == there.as_deref().unwrap_or_default() {
        return Ok(Plan::finished(outcome));
    }
    let write = FileAction::Write { path: policy::FILE.to_owned(), expected: there, content: changed.into_bytes() };
    Ok(Plan::then_finish(vec![Action::File(write)], outcome))
}

fn wrong(context: &Context<'_>, error: ConfigError, repository: bool) -> Refusal {
    let refusal = Refusal::usage(Code::Config, error.doing());
    let program = context.program;
    match error.origin {
        // What stands in the file, a person has to correct there.
        ConfigOrigin::Repository { .. } => refusal.hint(format!("correct {} first", policy::FILE)),
        _ => match *error.problem {
            ConfigProblem::TextForVector { vector } => {
                let flag = if repository { " --repository" } else { "" };
                let (key, vector) = (shell_words::quote(&error.key), shell_words::quote(&vector));
                refusal.hint(format!("{program} config set{flag} {key} {vector}"))
            }
            _ => refusal.hint(format!("{program} config   # shows every key and its value")),
        },
    }
}
