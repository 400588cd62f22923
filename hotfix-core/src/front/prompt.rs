//! `status --short`: one line for a shell's prompt, which asks before every command. It looks at what was kept last, and is silent
//! where it sees nothing.

use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;

use crate::domain::{Milestone, Status, one_line};
use crate::ledger::{Incidents, Summary};

use super::{Globals, Terminal, exit, wire};

/// A prompt has little room.
const LONGEST: usize = 30;

/// Prints the line, if there is one.
pub(super) fn run(globals: &Globals) -> ExitCode {
    let folder = globals.directory.as_deref().unwrap_or(Path::new("."));
    if let Some(glance) = wire::glance(folder, Incidents::KEPT) {
        let open = Incidents::kept_open(&glance.cache);
        // Asked for only where it makes a difference: in reftable it costs a run of git.
        let branch = if open.is_empty() { None } else { glance.branch() };
        let line = line(&open, globals.incident.as_deref(), branch.as_deref(), wire::now());
        // Nobody is there to be told that a prompt could not be printed.
        let _ = line.map(|line| Terminal::new(globals).verbatim(&format!("{line}\n")));
    }
    ExitCode::from(exit::DONE)
}

/// How bad, for how long, and which one; of several how many.
fn line(open: &[Summary], named: Option<&str>, branch: Option<&str>, now: Timestamp) -> Option<String> {
    let is_named =
        |known: &&Summary| named.is_some_and(|named| known.id.as_str() == named || known.slug.as_str() == named);
    let is_here = |known: &&Summary| branch == Some(known.branch.as_str());
    let meant = match (named, open) {
        (Some(_), open) => open.iter().find(is_named),
        (None, [only]) => Some(only),
        (None, open) => open.iter().find(is_here),
    };
    let Some(meant) = meant else {
        return (named.is_none() && open.len() > 1).then(|| format!("{} incidents open", open.len()));
    };
    let felt = [Milestone::Started, Milestone::Detected, Milestone::Opened];
    let since = felt.into_iter().find_map(|milestone| meant.milestones.get(&milestone).copied());
    let seconds = now.as_second().saturating_sub(since.unwrap_or(now).as_second()).max(0);
    let slug = meant.slug.as_str();
    let cut = slug.get(..LONGEST).map(|cut| format!("{cut}…"));
    let status = if meant.status == Status::Active { String::new() } else { format!(", {}", meant.status) };
    // Once it is merged, that branch is gone or has nothing to add.
    let is_merged = meant.milestones.contains_key(&Milestone::Merged);
    let elsewhere =
        branch.filter(|_| !is_merged && !is_here(&meant)).map(|branch| format!(" (on {})", one_line(branch)));
    Some(format!(
        "{} {} {}{status}{}",
        meant.severity,
        age(seconds),
        cut.as_deref().unwrap_or(slug),
        elsewhere.unwrap_or_default()
    ))
}

/// As short as it says something: `42m`, `3h`, `2d`.
fn age(seconds: i64) -> String {
    match seconds {
        ..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_short() {
        assert_eq!([59, 60, 3_599, 3_600, 86_399, 200_000].map(age), ["0m", "1m", "59m", "1h00m", "23h59m", "2d"]);
    }
}
