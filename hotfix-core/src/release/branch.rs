//! The release branches beside production: which there are, and what the branches of a fix for them are called.

use crate::domain::event::Production;
use crate::domain::{BranchName, Incident, IncidentId, ObjectId, PREFIX, RefName, matches_pattern};
use crate::port::{PortError, RemoteRefs};
use crate::workflow::action::merge::{Arrival, LineToLand};
use crate::workflow::{Action, Context, GitAction, Refusal, Result};
use crate::{document, production};

use super::tag;

/// Branches that everything comes together on, by their usual names.
const INTEGRATION: [&str; 7] = ["develop", "development", "dev", "main", "master", "trunk", "next"];

/// A branch that is to have the fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReleaseBranch {
    /// Its name, without `refs/heads/`.
    pub(crate) branch: BranchName,
    /// Where it is, on the remote where there is one.
    pub(crate) tip: ObjectId,
}

/// The patterns of release branches: configured, or git-flow's own.
pub(crate) fn patterns(context: &Context<'_>) -> Result<Vec<String>, PortError> {
    let configured = &context.config.release.lines;
    if !configured.is_empty() {
        return Ok(configured.clone());
    }
    let git = context.look.git;
    // git-flow merges every hotfix into these too: who uses it has named them already.
    let Some(develop) = git.config("gitflow.branch.develop")? else { return Ok(Vec::new()) };
    let releases = git.config("gitflow.prefix.release")?.unwrap_or_else(|| "release/".to_owned());
    Ok(vec![develop, format!("{releases}*")])
}

/// What is still to be asked and fetched before the release branches, the tags and the branch of the fix are certain.
pub(crate) fn still_to_ask(
    context: &Context<'_>,
    incident: &Incident,
    tag: Option<&str>,
) -> Result<Option<Vec<Action>>> {
    still_to_ask_with(context, incident, &[&incident.branch()], tag)
}

/// The same with `branches` in place of the branch of the fix.
pub(crate) fn still_to_ask_with(
    context: &Context<'_>,
    incident: &Incident,
    branches: &[&str],
    tag: Option<&str>,
) -> Result<Option<Vec<Action>>> {
    let patterns = patterns(context)?;
    // Another clone may have proposed the fix there, on branches that were never here.
    let proposals = (!patterns.is_empty()).then(|| conflict_branch(incident, "*").into());
    let heads = branches.iter().map(|name| (*name).to_owned());
    let heads = heads.chain(proposals).chain(patterns.iter().cloned());
    let mut refs: Vec<RefName> = heads.map(|name| RefName::of_branch(&name)).collect();
    // Whatever the patterns match: production is asked about anyway, and each ref once.
    refs.retain(|name| *name != RefName::of_branch(&incident.production.branch));
    refs.extend(tag::to_ask(context, tag)?);
    let wanted = |branch: &str| matches_any(&patterns, branch) && !is_hotfix(context, &patterns, branch);
    production::still_to_ask_about(context, &incident.production, refs, &wanted)
}

/// The release branches beside production, newest first: the named ones as they are listed, then the others by their versions.
pub(crate) fn all(context: &Context<'_>, production: &Production) -> Result<Vec<ReleaseBranch>, PortError> {
    let patterns = patterns(context)?;
    let prefix = match &production.remote {
        Some(remote) => format!("refs/remotes/{remote}/"),
        None => "refs/heads/".to_owned(),
    };
    let asked = patterns.iter().filter(|name| **name != production.branch);
    let asked: Vec<RefName> = asked.map(|name| RefName::of_branch(name)).collect();
    // Tracking refs outlive branches that were deleted there, so what the remote said in this run comes first.
    let known = match production::remote_view(context, &asked).filter(|_| production.remote.is_some()) {
        Some(view) => {
            let heads = names_of_their_own(view, &production.branch).into_iter();
            heads.filter_map(|(name, tip)| Some((RefName::branch_in(&name)?.to_owned(), tip))).collect()
        }
        None => tracked(context, &prefix, &patterns)?,
    };
    let mut branches: Vec<ReleaseBranch> = known
        .into_iter()
        .filter(|(branch, _)| *branch != production.branch && matches_any(&patterns, branch))
        .filter(|(branch, _)| !is_hotfix(context, &patterns, branch))
        .map(|(branch, tip)| ReleaseBranch { branch: BranchName::known(branch), tip })
        .collect();
    let rank =
        |branch: &str| patterns.iter().position(|pattern| matches_pattern(pattern, branch)).unwrap_or(patterns.len());
    branches.sort_by(|one, other| {
        let versions = tag::numbers(&other.branch).cmp(&tag::numbers(&one.branch));
        rank(&one.branch).cmp(&rank(&other.branch)).then(versions)
    });
    Ok(branches)
}

/// The refs without those that are another name of production, or of a ref before them: what one gets, the other has.
fn names_of_their_own(view: RemoteRefs, production: &str) -> Vec<(RefName, ObjectId)> {
    let mut known = vec![view.real_name(&RefName::of_branch(production)).clone()];
    let mut refs = view.refs.clone();
    refs.retain(|(name, _)| {
        let real = view.real_name(name);
        // A server takes no push that moves two names of one branch to different commits.
        let is_new = !known.iter().any(|known| known == real);
        known.push(real.clone());
        is_new
    });
    refs
}

/// The fetch of branches that are other names of production, where they are not known here as the remote has them.
pub(crate) fn stale_aliases(context: &Context<'_>, incident: &Incident) -> Result<Option<(Action, Vec<String>)>> {
    let production = &incident.production;
    let (Some(remote), Some(view)) = (&production.remote, context.inspected()) else { return Ok(None) };
    let git = context.look.git;
    // Nothing was pushed by that name, so git left its tracking ref where it was.
    let tip = git.commit_of_ref(&production::tip_ref(production))?;
    let (own, patterns) = (RefName::of_branch(&production.branch), patterns(context)?);
    let mut branches = Vec::new();
    for (name, _) in view.refs.iter().filter(|(name, _)| *name != own && view.real_name(name) == view.real_name(&own)) {
        let Some(branch) = RefName::branch_in(name).filter(|branch| matches_any(&patterns, branch)) else { continue };
        if git.commit_of_ref(&RefName::tracking(remote, branch))? != tip {
            branches.push(branch.to_owned());
        }
    }
    if branches.first().is_none_or(|branch| context.known.has_fetched(branch)) {
        return Ok(None);
    }
    let fetch =
        Action::Git(GitAction::FetchRefs { remote: remote.clone(), branches: branches.clone(), tags: Vec::new() });
    Ok(Some((fetch, branches)))
}

/// The branches that match, as known here.
fn tracked(context: &Context<'_>, prefix: &str, patterns: &[String]) -> Result<Vec<(String, ObjectId)>, PortError> {
    if patterns.is_empty() {
        return Ok(Vec::new());
    }
    let refs = context.look.git.refs_under(prefix)?;
    Ok(refs.into_iter().filter_map(|(name, tip)| Some((name.strip_prefix(prefix)?.to_owned(), tip))).collect())
}

/// Whether it is an incident's branch. What [release] names under the same prefix stays a release branch.
fn is_hotfix(context: &Context<'_>, patterns: &[String], branch: &str) -> bool {
    let prefix = &context.config.branch.prefix;
    let is_named = || patterns.iter().any(|pattern| pattern.starts_with(prefix));
    // The prefix may have changed since an incident was opened: the branch in its record counts.
    let is_anothers =
        |own: &str| branch.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with("-into-"));
    // `refs/remotes/<remote>/HEAD` names the default branch once more.
    branch == "HEAD"
        || branch.starts_with(PREFIX)
        || branch.starts_with(prefix) && !is_named()
        || context.incidents.other_branches().any(is_anothers)
}

fn matches_any(patterns: &[String], branch: &str) -> bool {
    patterns.iter().any(|pattern| matches_pattern(pattern, branch))
}

/// The message of the merge into a branch.
pub(crate) fn merge_message(context: &Context<'_>, incident: &Incident, branch: &str) -> Result<String> {
    document::merge_message(incident, branch, &context.config.severities, context.now).map_err(Refusal::from_render)
}

/// What the line begins with that names the incident.
pub(super) const TRAILER: &str = "Hotfix-Incident: ";

/// The line with which the message of every commit ends that hotfix makes for the incident.
pub(crate) fn trailer(id: &IncidentId) -> String {
    format!("{TRAILER}{id}")
}

/// The incident for which hotfix made the commit with this message.
pub(crate) fn incident_named(message: &str) -> Option<IncidentId> {
    message.lines().rev().find_map(|line| line.strip_prefix(TRAILER)?.parse().ok())
}

/// Whether a message is that of a commit which hotfix made for the incident.
pub(crate) fn names_incident(message: &str, id: &IncidentId) -> bool {
    message.contains(&trailer(id))
}

/// Production as the fix is to get there, as far as is known here.
pub(crate) fn production(context: &Context<'_>, incident: &Incident) -> Result<ReleaseBranch> {
    let tip = production::tip(context.look, &incident.production)?;
    Ok(ReleaseBranch { branch: incident.production.branch.clone(), tip })
}

/// Whether everything comes together on a branch, so that it may get more than the fix.
pub(crate) fn is_integration(context: &Context<'_>, branch: &str) -> Result<bool, PortError> {
    Ok(INTEGRATION.contains(&branch) || context.look.git.config("gitflow.branch.develop")?.as_deref() == Some(branch))
}

/// The branch on which a conflict with a release branch is resolved.
pub(crate) fn conflict_branch(incident: &Incident, release_branch: &str) -> BranchName {
    // Refs are files: with its slashes, the name could lie below another branch of this fix.
    BranchName::known(format!("{}-into-{}", incident.branch(), release_branch.replace('/', "-")))
}

/// A release branch and how the fix gets there, as the executor takes it.
pub(crate) fn to_land(
    context: &Context<'_>,
    production: &Production,
    target: &ReleaseBranch,
    arrival: Arrival,
) -> Result<LineToLand> {
    // With a remote the push moves the branch there; work trees here follow later, or not at all.
    let checked_out_at = match production.remote {
        Some(_) => None,
        None => production::checked_out_at(context, &target.branch)?,
    };
    Ok(LineToLand { branch: target.branch.clone(), from: target.tip.clone(), arrival, checked_out_at })
}
