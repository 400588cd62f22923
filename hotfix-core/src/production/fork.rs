//! Where the branches of an incident are pushed: to production's remote, or to a fork of the person's own, from which the
//! hosting service merges them.

use crate::domain::Incident;
use crate::domain::event::Production;
use crate::port::{Fork, PortError};
use crate::workflow::{Code, Context, Refusal, Result};

use super::hosting;

/// The remote that the incident's branches go to; `None` in a repository without one.
pub(crate) fn remote(context: &Context<'_>, incident: &Incident) -> Result<Option<String>, PortError> {
    remote_of(context, &incident.production, &incident.branch())
}

/// The same of any branch, in git's own order of its settings.
pub(crate) fn remote_of(
    context: &Context<'_>,
    production: &Production,
    branch: &str,
) -> Result<Option<String>, PortError> {
    let git = context.look.git;
    let Some(own) = &production.remote else { return Ok(None) };
    // The remote to push to, in the order in which `git push` looks for it.
    let set = match git.config(&format!("branch.{branch}.pushRemote"))? {
        Some(set) => Some(set),
        None => git.config("remote.pushDefault")?,
    };
    // A URL in its place is none of the remotes that we can look at.
    let known = git.remotes()?;
    Ok(set.filter(|name| known.contains(name)).or_else(|| Some(own.clone())))
}

/// The fork that proposes the incident's branches; `None` where they are in production's own repository.
///
/// # Errors
/// Where no service can merge from there, or it cannot be told whose fork it is.
pub(crate) fn named(context: &Context<'_>, incident: &Incident) -> Result<Option<Fork>> {
    check(context, &incident.production, &incident.branch())
}

/// The same for a branch that may not be there yet.
pub(crate) fn check(context: &Context<'_>, production: &Production, branch: &str) -> Result<Option<Fork>> {
    let (Some(own), Some(remote)) = (&production.remote, remote_of(context, production, branch)?) else {
        return Ok(None);
    };
    if remote == *own {
        return Ok(None);
    }
    let refusal = |message: String| {
        Refusal::precondition(Code::Fork, message)
            .hint(format!("git config branch.{branch}.pushRemote {own}   # push it to {own} itself"))
    };
    let Some(hosted) = hosting::find(context.look, context.config, Some(own))? else {
        let message = format!(
            "branches are pushed to {remote} (remote.pushDefault), and without a hosting service nobody can ask {own} to \
             merge from there"
        );
        return Err(refusal(message));
    };
    let Some((fork, _)) = hosting::hosted(context.look, Some(&remote))? else {
        let message =
            format!("branches are pushed to {remote} (remote.pushDefault), whose URL does not tell whose fork it is");
        return Err(refusal(message).hint(format!("git remote set-url {remote} git@{}:OWNER/NAME.git", hosted.host)));
    };
    let is_same = fork.owner.eq_ignore_ascii_case(&hosted.owner) && fork.name.eq_ignore_ascii_case(&hosted.name);
    Ok((!is_same).then_some(Fork { owner: fork.owner, name: fork.name }))
}
