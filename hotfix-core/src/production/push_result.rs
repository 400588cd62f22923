//! What came of pushes that did not go as planned: who said no, what moved all the same, and what is where now.

use crate::domain::{Incident, RefName, one_line};
use crate::port::ErrorKind;
use crate::production;
use crate::workflow::{Code, Context, Known, Refusal, Result};

use super::fork;

/// A branch that keeps moving is tried this often.
const RACES: usize = 3;

/// Stops when the remote said no, or when what is pushed to moved too often.
pub(crate) fn refuse_rejected(context: &Context<'_>, incident: &Incident) -> Result<()> {
    // First: a branch that moves is no rule, and the same command may land it.
    refuse_raced(context, incident)?;
    // A refusal of another release branch than production is no reason to stop.
    let other_line = |name: &str| {
        let branch = RefName::branch_in(name);
        branch.is_some_and(|branch| branch != incident.production.branch && branch != incident.branch())
    };
    let known = context.known;
    let Some(no) = known.rejections().find(|no| !other_line(&no.name) && known.rejected(&no.name).is_some()) else {
        return Ok(());
    };
    let what = no.what_moved();
    let reason = no.reason_at_address();
    if let Some(tag) = no.name.strip_prefix("refs/tags/") {
        return Err(rejected(format!("the remote refused the tag {tag}, and {what}: {reason}"))
            .hint(format!("{} ship --tag <another>", context.program)));
    }
    let branch = RefName::short_in(&no.name);
    let refusal = rejected(format!("the remote refused the push to {branch}, and {what}: {reason}"));
    let refusal = where_to_merge(context, incident, branch, refusal)?;
    Err(if no.moved.is_empty() {
        refusal
    } else {
        refusal.hint(format!("{} ship finishes what moved only in part, once it may", context.program))
    })
}

/// The way on, by where the branch of the fix is.
fn where_to_merge(context: &Context<'_>, incident: &Incident, refused: &str, refusal: Refusal) -> Result<Refusal> {
    let (own, program) = (one_line(&incident.branch()), context.program);
    let remote = fork::remote(context, incident)?.unwrap_or_default();
    if refused == incident.branch() {
        let hint = format!(
            "{own} is only here; by a name that {remote} takes: git push {remote} {own}:<name>, merge that, then: {program} ship"
        );
        return Ok(refusal.hint(hint));
    }
    let there = production::remote_branch_tip(context, incident)?;
    // Without the branch on the remote nobody can merge it there.
    let merge = if there.is_some() {
        format!("{own} is pushed, merge it there")
    } else {
        format!("merge {own} there (git push {remote} {own})")
    };
    Ok(refusal.hint(format!("{refused} may be protected: {merge}, then: {program} ship")))
}

fn refuse_raced(context: &Context<'_>, incident: &Incident) -> Result<()> {
    let own = RefName::of_branch(&incident.production.branch);
    let remote = incident.production.remote.as_deref().unwrap_or_default();
    if production::takes_no_pushes(context, &own) {
        let branch = incident.production.display_name();
        let message = format!(
            "{branch} takes no pushes: it is elsewhere for those who push than for those who fetch, and stays where it was"
        );
        return Err(rejected(message)
            .hint("the server hides it from pushes (receive.hideRefs), or the address to fetch from lags behind")
            .hint(format!("git remote get-url --push --all {remote}   # where pushes go"))
            .hint(format!("merged there by hand: {} ship goes on", context.program)));
    }
    let raced = context.known.races();
    let Some(last) = raced.last().filter(|_| raced.len() >= RACES) else { return Ok(()) };
    let what = match RefName::branch_in(last) {
        Some(branch) => format!("{remote}/{}", one_line(branch)),
        None => one_line(RefName::short_in(last)),
    };
    let message = format!("{what} moved while the fix was landing, {} times; it has not landed", raced.len());
    Err(Refusal::new(ErrorKind::Retry, Code::Raced, message).hint(format!("{} ship", context.program)))
}

/// The failure where pushes go to several addresses and one of them did not take what the remote has now.
pub fn left_behind(known: &Known) -> Option<Refusal> {
    // The last one: what an earlier push was refused may have been pushed since.
    let no = known.rejections().rfind(|no| no.address.is_some() && !known.is_gone(&no.name))?;
    let mut names: Vec<&str> = Vec::new();
    for name in known.rejections().filter(|other| other.address == no.address).flat_map(|no| &no.moved) {
        if !names.contains(&name.as_str()) && !known.is_gone(name) {
            names.push(name);
        }
    }
    let refspecs: Vec<String> = names.iter().map(|name| refspec(&no.remote, name)).collect();
    let (address, name) = (no.address.as_deref().unwrap_or_default(), RefName::short_in(&no.name));
    let message = format!("{address}, where pushes to {} go too, did not take {name}: {}", no.remote, no.reason);
    let refusal = rejected(message);
    Some(if names.is_empty() {
        refusal
    } else {
        refusal.hint(format!("once it takes it: git push {} {}", no.remote, refspecs.join(" ")))
    })
}

fn rejected(message: String) -> Refusal {
    Refusal::new(ErrorKind::Refused, Code::Rejected, message)
}

fn refspec(remote: &str, name: &str) -> String {
    match RefName::branch_in(name) {
        // Of what the remote has now: the branch here may be older, or have more.
        Some(branch) => format!("refs/remotes/{remote}/{branch}:{name}"),
        None => name.to_owned(),
    }
}
