//! Which `hotfix.toml` rules: the one at the production tip when the incident was opened, never the hotfix branch's own.

use crate::config::{Config, ConfigError, ConfigOrigin};
use crate::domain::{Incident, ObjectId};
use crate::port::Look;
use crate::production;
use crate::workflow::{Code, Refusal, Result};

use super::detect::{self, Learnt};

/// The file that teams keep their rules in.
pub const FILE: &str = "hotfix.toml";

/// So many commits are looked at for a file that can be used.
const FARTHEST: usize = 10_000;

/// Values from outside the repository, by key such as `test.command`.
pub struct Sources<'a> {
    /// `git config hotfix.<key>`.
    pub user: &'a dyn Fn(&str) -> Option<String>,
    /// `HOTFIX_<SECTION>_<KEY>`.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

/// The rules, and where they are from.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The rules.
    pub config: Config,
    /// The commit whose `hotfix.toml` was read; absent where it has none.
    pub commit: Option<ObjectId>,
}

impl Policy {
    /// The rules where no file gives any, and no other source either.
    pub fn without_file() -> Self {
        Self { config: Config::default(), commit: None }
    }

    /// Says which file is used, one line.
    pub fn describe(&self) -> String {
        match &self.commit {
            Some(commit) => format!("rules: {FILE} at {}", commit.short()),
            None => format!("rules: defaults (no {FILE} on the production branch)"),
        }
    }
}

/// Loads the rules: of the incident, else of `base`, else of the production tip.
///
/// # Errors
/// When they cannot be read or are wrong.
pub fn load(
    look: Look<'_>,
    incident: Option<&Incident>,
    base: Option<&str>,
    learnt: Learnt<'_>,
    sources: &Sources<'_>,
) -> Result<Policy> {
    if let Some(incident) = incident {
        // As they were when it was opened: a hotfix must not loosen its own guard.
        return at(look, incident.policy.as_ref(), sources);
    }
    if let Some(base) = base {
        let commit = look.git.commit_of(base)?.ok_or_else(|| no_such_base(look, base))?;
        return at(look, Some(&commit), sources);
    }
    let defaults = at(look, None, sources)?;
    let mut policy = defaults.clone();
    // The file may name another production branch, whose own file then rules; it is followed once.
    for _ in 0..2 {
        let Ok(production) = detect::likely(look, &policy.config, learnt) else { return Ok(policy) };
        let Some(tip) = look.git.commit_of_ref(&production::tip_ref(&production))? else { return Ok(policy) };
        // From the commit, never from the work tree, where the fix could change it.
        let found = at(look, Some(&tip), sources)?;
        let settled = found.config.production.branch.as_ref().is_none_or(|branch| *branch == production.branch);
        policy = found;
        if settled {
            break;
        }
    }
    Ok(policy)
}

/// The newest rules that can be used, along the first parents of production: for a night on which the file itself is broken.
/// Without any these are the defaults.
///
/// # Errors
/// When history cannot be read.
pub fn load_last_usable(look: Look<'_>, learnt: Learnt<'_>, sources: &Sources<'_>) -> Result<Policy> {
    let defaults = at(look, None, sources)?;
    let Ok(production) = detect::likely(look, &defaults.config, learnt) else { return Ok(defaults) };
    let mut next = look.git.commit_of_ref(&production::tip_ref(&production))?;
    let mut broken = None;
    for _ in 0..FARTHEST {
        let Some(commit) = next else { break };
        let bytes = look.git.file_at(&commit, FILE)?;
        // Most commits leave the file alone.
        if bytes.is_some() && bytes != broken {
            match at(look, Some(&commit), sources) {
                Err(refusal) if refusal.code == Code::Config => broken = bytes,
                rules => return rules,
            }
        }
        next = look.git.details(&commit)?.parents.into_iter().next();
    }
    Ok(defaults)
}

/// The refusal for a `--base` that names no commit.
pub fn no_such_base(look: Look<'_>, base: &str) -> Refusal {
    detect::cut_off(
        look,
        Refusal::usage(Code::NoSuchBase, format!("--base: `{}` names no commit", crate::domain::one_line(base))),
    )
}

fn at(look: Look<'_>, commit: Option<&ObjectId>, sources: &Sources<'_>) -> Result<Policy> {
    let file = match commit {
        Some(commit) => look.git.file_at(commit, FILE)?.map(|bytes| (commit, bytes)),
        None => None,
    };
    let Some((commit, bytes)) = file else {
        // Rules that are elsewhere would not hold, and nobody would notice.
        if let Some(commit) = commit
            && let Some(kind) = look.git.kind_at(commit, FILE)?
        {
            return Err(Refusal::usage(
                Code::Config,
                format!("{FILE} at {} is {kind}, and must be a file", commit.short()),
            ));
        }
        let config = Config::resolve(None, sources.user, sources.environment).map_err(wrong)?;
        return Ok(Policy { config, commit: None });
    };
    let name = format!("{FILE} at {}", commit.short());
    let text = String::from_utf8(bytes)
        .map_err(|error| Refusal::usage(Code::Config, format!("{name} is not UTF-8")).because(error))?;
    let config = Config::resolve(Some((&name, &text)), sources.user, sources.environment).map_err(wrong)?;
    Ok(Policy { config, commit: Some(commit.clone()) })
}

fn wrong(error: ConfigError) -> Refusal {
    let refusal = Refusal::usage(Code::Config, error.doing());
    match error.origin {
        ConfigOrigin::User(key) => {
            refusal.hint(format!("git config --show-origin --get-all {key}   # says where it is set"))
        }
        ConfigOrigin::Environment(name) => refusal.hint(format!("unset {name}   # or give it another value")),
        ConfigOrigin::Repository { .. } | ConfigOrigin::Flag => refusal,
    }
}

/// Whether it is the file that cannot be used, and not a value of the person's own.
pub fn is_of_file(refusal: &Refusal) -> bool {
    refusal.code == Code::Config && refusal.hints.is_empty()
}
