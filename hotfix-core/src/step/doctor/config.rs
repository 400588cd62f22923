//! Which rules hold, and are they valid?

use crate::config::Config;
use crate::port::{ErrorKind, Look, PortError};
use crate::production::policy;

use super::{CheckVerdict, Halt, QueryError, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let context = setup.context;
    if let Some(refusal) = context.wrong_rules {
        let fix = refusal.hints.first().cloned();
        let fix = fix.unwrap_or_else(|| "correct it, and push it to the production branch".to_owned());
        return Ok(CheckVerdict::failure(refusal.message.clone(), fix));
    }
    let counts = match context.policy {
        Some(commit) => format!("{} at {}, the production tip", policy::FILE, commit.short()),
        None => format!("no {} on the production branch: all is detected", policy::FILE),
    };
    let Some(here) = context.look.files.read(policy::FILE)? else { return Ok(CheckVerdict::ok(counts)) };
    if let Err(error) = check(&here) {
        return Ok(CheckVerdict::warning(format!("{counts}; the file here is wrong: {}", error.message), "correct it"));
    }
    // The file here has no say: a hotfix could loosen its own guard by it.
    if ruling(context.look, context.policy)?.as_ref() == Some(&here) {
        return Ok(CheckVerdict::ok(counts));
    }
    Ok(CheckVerdict::warning(format!("{counts}; the file here differs"), "commit and push it, to make it count"))
}

fn check(bytes: &[u8]) -> Result<(), QueryError> {
    let trouble = |message| QueryError { message, hint: None, kind: ErrorKind::CheckFailed };
    let text = std::str::from_utf8(bytes).map_err(|error| trouble(error.to_string()))?;
    let nobody = |_: &str| None;
    Config::resolve(Some((policy::FILE, text)), &nobody, &nobody).map(drop).map_err(|error| trouble(error.doing()))
}

fn ruling(look: Look<'_>, commit: Option<&crate::domain::ObjectId>) -> Result<Option<Vec<u8>>, PortError> {
    commit.map_or(Ok(None), |commit| look.git.file_at(commit, policy::FILE))
}
