//! Hotfixes on production that never reached a line, by the history alone: for CI, where nothing is recorded.

use std::fmt::Write as _;

use crate::domain::{Carried, CarriedBy, RefName, matches_pattern, one_line};
use crate::port::CommitDetails;
use crate::production::{self, detect};
use crate::release::branch::ReleaseBranch;
use crate::release::{branch, commits, presence};
use crate::workflow::{Code, Context, Outcome, Plan, Refusal, Result};

/// How a line begins in the message of a commit that brought a hotfix: our own merges, and the titles of pull requests,
/// which hosting services put into merges and squashes.
const MARKS: [&str; 2] = ["Merge hotfix: ", "[HOTFIX] "];

/// Looks for them.
pub(super) fn plan(context: &Context<'_>) -> Result<Plan> {
    if context.look.git.repository().is_shallow {
        let message =
            "the history is cut off here (a shallow clone): what never reached a release branch cannot be seen";
        return Err(detect::cut_off(context.look, Refusal::precondition(Code::Shallow, message)));
    }
    let production = match detect::choose(context)? {
        detect::ProductionChoice::First(plan) => return Ok(plan),
        detect::ProductionChoice::Here(production) => production,
    };
    let patterns = branch::patterns(context)?;
    let refs = patterns.iter().map(|name| RefName::of_branch(name));
    let refs = refs.filter(|name| *name != RefName::of_branch(&production.branch)).collect();
    let wanted = |branch: &str| patterns.iter().any(|pattern| matches_pattern(pattern, branch));
    if let Some(actions) = production::still_to_ask_about(context, &production, refs, &wanted)? {
        return Ok(Plan::then_look_again(actions));
    }
    let (git, tip) = (context.look.git, production::tip(context.look, &production)?);
    let (mut text, mut missing) = (String::new(), 0);
    let lines = branch::all(context, &production)?;
    let tips: Vec<_> = lines.iter().map(|line| line.tip.clone()).collect();
    let hotfixes = if tips.is_empty() { Vec::new() } else { git.marked(&tips, &tip, &MARKS)? };
    for line in lines {
        for hotfix in &hotfixes {
            if !git.is_ancestor(&hotfix.id, &line.tip)?
                && presence::of_commit(context, hotfix, &line)?.by().is_none()
                && !is_waived(context, hotfix, &line)
                && commits::standing_revert(context, &hotfix.id, &tip)?.is_none()
            {
                missing += 1;
                let subject = one_line(hotfix.subject());
                let _ = writeln!(text, "{} lacks {} {subject}", line.branch, hotfix.id.short()); // Writing to a `String` cannot fail.
            }
        }
    }
    if missing == 0 {
        return Ok(Plan::finished(Outcome::text("every hotfix on production reached every release branch")));
    }
    let what = if missing == 1 { "1 hotfix".to_owned() } else { format!("{missing} hotfixes") };
    let message = format!("{what} on {} never reached a release branch", production.display_name());
    let refusal = Refusal::check_failed(Code::Propagation, message)
        .hint(format!("{} backport --incident <id>, or --to <branch>", context.program));
    Ok(Plan::finished(Outcome { text, ..Outcome::failed(refusal) }))
}

/// Whether the incident that is known here says that the line need not have it.
fn is_waived(context: &Context<'_>, hotfix: &CommitDetails, line: &ReleaseBranch) -> bool {
    let Some(incident) = context.incident else { return false };
    let own = branch::names_incident(&hotfix.message, &incident.id);
    let waived = |carried: &Carried| carried.line == line.branch && carried.by == CarriedBy::Waiver;
    own && incident.carried.iter().any(waived)
}
