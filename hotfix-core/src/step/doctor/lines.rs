//! Are the lines there that need every fix?

use crate::domain::{RefName, matches_pattern, one_line};
use crate::release::branch;

use super::{CheckVerdict, Halt, Setup};

/// How many are named.
const NAMED: usize = 8;

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let context = setup.context;
    let there = setup.remote_refs()?;
    let production = setup.known_production()?;
    let patterns = branch::patterns(context)?;
    if patterns.is_empty() {
        return Ok(CheckVerdict::ok("production alone ([release] lines)"));
    }
    let known: Vec<String> = match (&production.remote, &there) {
        (Some(_), Some(Ok(refs))) => branches(refs.refs.iter().map(|(name, _)| name), "refs/heads/"),
        // Offline the last fetch is all there is.
        (Some(remote), _) => tracked(setup, &format!("refs/remotes/{remote}/"))?,
        (None, _) => tracked(setup, "refs/heads/")?,
    };
    let is_line = |name: &&String| patterns.iter().any(|pattern| matches_pattern(pattern, name));
    // That no release is being prepared is usual; a branch that is named and is not there is a slip.
    let named = patterns.iter().filter(|pattern| !pattern.contains('*'));
    if let Some(nowhere) = named.into_iter().find(|name| !known.contains(name)) {
        let message = format!("no branch is called {}: nothing gets there", one_line(nowhere));
        return Ok(CheckVerdict::warning(message, "fix [release] lines"));
    }
    let all: Vec<&String> = known.iter().filter(is_line).filter(|name| **name != production.branch).collect();
    let more = all.len().saturating_sub(NAMED);
    let names: Vec<String> = all.iter().take(NAMED).map(|name| one_line(name)).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Ok(CheckVerdict::ok(format!("{}, {}{more}", production.branch, names.join(", ")).trim_end_matches(", ")))
}

fn tracked(setup: &Setup<'_>, prefix: &str) -> Result<Vec<String>, Halt> {
    let refs = setup.context.look.git.refs_under(prefix)?;
    Ok(branches(refs.iter().map(|(name, _)| name), prefix))
}

fn branches<'a>(names: impl Iterator<Item = &'a RefName>, prefix: &str) -> Vec<String> {
    names.filter_map(|name| name.strip_prefix(prefix).map(str::to_owned)).collect()
}
