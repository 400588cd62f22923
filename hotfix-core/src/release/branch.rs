//! The lines that need the fix besides production: which there are, how each takes it, and whether it has it.
//!
//! A line that holds all that production holds gets the fix by a merge, and so does an integration branch such as
//! `develop`; any other, an older release, would get more than the fix, so its commits are picked.

use crate::domain::event::Production;
use crate::domain::{Incident, ObjectId, PREFIX, RefName, matches_pattern};
use crate::ledger::Summary;
use crate::port::{Applied, CommitDetails, Conflict, FileRule, PortError, RemoteRefs};
use crate::workflow::action::merge::{Arrival, LineToLand, Picked};
use crate::workflow::{Action, Context, GitAction, Refusal};
use crate::{document, production};

use super::{commits, tag};

/// Branches that everything comes together on, by their usual names.
const INTEGRATION: [&str; 7] = ["develop", "development", "dev", "main", "master", "trunk", "next"];
/// More than any fix holds.
const MANY: usize = 200;

/// A branch that needs the fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its name, without `refs/heads/`.
    pub(crate) branch: String,
    /// Where it is, on the remote where there is one.
    pub(crate) tip: ObjectId,
}

/// How a line takes a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Merge,
    Pick,
}

/// What happens when a fix gets to a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Forecast {
    /// It is there already.
    There,
    /// It gets there in this way.
    Clean(Arrival),
    /// It conflicts here.
    Conflict(Vec<Conflict>),
}

/// The patterns of lines: configured, or git-flow's own.
///
/// # Errors
/// When git's configuration cannot be read.
pub(crate) fn patterns(context: &Context<'_>) -> Result<Vec<String>, PortError> {
    let configured = &context.config.release.lines;
    if !configured.is_empty() {
        return Ok(configured.clone());
    }
    let git = context.look.git;
    let Some(develop) = git.config("gitflow.branch.develop")? else { return Ok(Vec::new()) };
    let releases = git.config("gitflow.prefix.release")?.unwrap_or_else(|| "release/".to_owned());
    Ok(vec![develop, format!("{releases}*")])
}

/// What is still to be asked and fetched before the lines, the tags and the branch of the fix are certain.
///
/// # Errors
/// As for [`production::still_to_ask`].
pub(crate) fn still_to_ask(
    context: &Context<'_>,
    incident: &Incident,
    tag: Option<&str>,
) -> Result<Option<Vec<Action>>, Refusal> {
    still_to_ask_with(context, incident, &[&incident.branch()], tag)
}

/// The same with `branches` in place of the branch of the fix.
///
/// # Errors
/// As for [`production::still_to_ask`].
pub(crate) fn still_to_ask_with(
    context: &Context<'_>,
    incident: &Incident,
    branches: &[&str],
    tag: Option<&str>,
) -> Result<Option<Vec<Action>>, Refusal> {
    let patterns = patterns(context)?;
    let proposals = (!patterns.is_empty()).then(|| conflict_branch(incident, "*"));
    let heads = branches.iter().map(|name| (*name).to_owned());
    let heads = heads.chain(proposals).chain(patterns.iter().cloned());
    let mut refs: Vec<String> = heads.map(|name| RefName::of_branch(&name).to_string()).collect();
    refs.retain(|name| *name != RefName::of_branch(&incident.production.branch).to_string());
    refs.extend(tag::to_ask(context, tag)?);
    let wanted = |branch: &str| matches_any(&patterns, branch) && !is_hotfix(context, &patterns, branch);
    production::still_to_ask_about(context, &incident.production, refs, &wanted)
}

/// The lines beside production, newest first: the named ones as they are listed, then the others by their versions.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn all(context: &Context<'_>, production: &Production) -> Result<Vec<Line>, PortError> {
    let patterns = patterns(context)?;
    let prefix = match &production.remote {
        Some(remote) => format!("refs/remotes/{remote}/"),
        None => "refs/heads/".to_owned(),
    };
    let asked: Vec<String> = patterns.iter().map(|name| RefName::of_branch(name).to_string()).collect();
    let asked: Vec<String> =
        asked.into_iter().filter(|name| *name != RefName::of_branch(&production.branch).to_string()).collect();
    let known = match production::remote_view(context, &asked).filter(|_| production.remote.is_some()) {
        Some(view) => {
            let heads = names_of_their_own(view, &production.branch).into_iter();
            heads.filter_map(|(name, tip)| Some((RefName::branch_in(&name)?.to_owned(), tip))).collect()
        }
        None => tracked(context, &prefix, &patterns)?,
    };
    let mut lines: Vec<Line> = known
        .into_iter()
        .filter(|(branch, _)| *branch != production.branch && matches_any(&patterns, branch))
        .filter(|(branch, _)| !is_hotfix(context, &patterns, branch))
        .map(|(branch, tip)| Line { branch, tip })
        .collect();
    let place =
        |branch: &str| patterns.iter().position(|pattern| matches_pattern(pattern, branch)).unwrap_or(patterns.len());
    lines.sort_by(|one, other| {
        let versions = tag::numbers(&other.branch).cmp(&tag::numbers(&one.branch));
        place(&one.branch).cmp(&place(&other.branch)).then(versions)
    });
    Ok(lines)
}

/// The refs without those that are another name of production, or of a ref before them: what one gets, the other has.
fn names_of_their_own(view: RemoteRefs, production: &str) -> Vec<(String, ObjectId)> {
    let mut known = vec![view.real_name(&RefName::of_branch(production)).to_owned()];
    let mut refs = view.refs.clone();
    refs.retain(|(name, _)| {
        let real = view.real_name(name);
        let is_new = !known.iter().any(|known| known == real);
        known.push(real.to_owned());
        is_new
    });
    refs
}

/// The fetch of lines that are other names of production, where they are not known here as the remote has them.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn stale_aliases(
    context: &Context<'_>,
    incident: &Incident,
) -> Result<Option<(Action, Vec<String>)>, PortError> {
    let production = &incident.production;
    let (Some(remote), Some(view)) = (&production.remote, context.inspected()) else { return Ok(None) };
    let git = context.look.git;
    let tip = git.commit_of_ref(&production::tip_ref(production))?;
    let (own, patterns) = (RefName::of_branch(&production.branch).to_string(), patterns(context)?);
    let mut branches = Vec::new();
    for (name, _) in view.refs.iter().filter(|(name, _)| *name != own && view.real_name(name) == view.real_name(&own)) {
        let Some(branch) = RefName::branch_in(name).filter(|branch| matches_any(&patterns, branch)) else {
            continue;
        };
        if git.commit_of_ref(&format!("refs/remotes/{remote}/{branch}"))? != tip {
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

/// Whether it is no line but an incident's branch. Lines that are named under the same prefix stay lines.
fn is_hotfix(context: &Context<'_>, patterns: &[String], branch: &str) -> bool {
    let prefix = &context.config.branch.prefix;
    let is_named = || patterns.iter().any(|pattern| pattern.starts_with(prefix));
    let is_anothers = |open: &Summary| {
        branch.strip_prefix(&open.branch).is_some_and(|rest| rest.is_empty() || rest.starts_with("-into-"))
    };
    branch == "HEAD"
        || branch.starts_with(PREFIX)
        || branch.starts_with(prefix) && !is_named()
        || context.all.iter().any(is_anothers)
}

fn matches_any(patterns: &[String], branch: &str) -> bool {
    patterns.iter().any(|pattern| matches_pattern(pattern, branch))
}

/// How a line takes the fix.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn way(context: &Context<'_>, incident: &Incident, head: &ObjectId, line: &Line) -> Result<Way, Refusal> {
    let git = context.look.git;
    if git.is_ancestor(head, &line.tip)? {
        let is_out = commits::taken_out(context, incident, head, line, None)?.is_some();
        return Ok(if is_out { Way::Pick } else { Way::Merge });
    }
    if INTEGRATION.contains(&line.branch.as_str())
        || git.config("gitflow.branch.develop")?.as_ref() == Some(&line.branch)
    {
        return Ok(Way::Merge);
    }
    let own = commits::count(context, incident, head)?;
    let brought = git.count_between(&line.tip, head, MANY)?;
    Ok(if brought <= own { Way::Merge } else { Way::Pick })
}

/// What happens when the fix at `head` gets to a line in the given way; what somebody settled on its conflict branch is
/// picked up.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn forecast(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    line: &Line,
    way: Way,
) -> Result<Forecast, Refusal> {
    if context.look.git.is_ancestor(head, &line.tip)? {
        return match commits::taken_out(context, incident, head, line, None)? {
            Some(_) => pick(context, incident, head, line), // A merge would bring nothing.
            None => Ok(Forecast::There),
        };
    }
    match way {
        Way::Merge => merge(context, incident, head, line),
        Way::Pick => pick(context, incident, head, line),
    }
}

/// Whether only git can tell what happens, and may not here: then what is foreseen is a guess.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn awaits_git(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    line: &Line,
    way: Way,
) -> Result<bool, Refusal> {
    let git = context.look.git;
    if way == Way::Merge {
        return Ok(git.awaits_git(None, &line.tip, head)?);
    }
    for commit in commits::commits(context, incident, head)? {
        let Some(parent) = commit.parents.first() else { continue };
        if git.awaits_git(Some(parent), &line.tip, &commit.id)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How conflicts in a file are settled.
fn rule(context: &Context<'_>, path: &str) -> Option<FileRule> {
    let files = &context.config.release.version_files;
    if files.keep_both.is_match(path) {
        Some(FileRule::KeepBoth)
    } else {
        files.keep_version.is_match(path).then_some(FileRule::KeepVersion)
    }
}

fn merge(context: &Context<'_>, incident: &Incident, head: &ObjectId, line: &Line) -> Result<Forecast, Refusal> {
    let git = context.look.git;
    let rules = |path: &str| rule(context, path);
    let commits = commits::commits(context, incident, head)?;
    if let Some(settled) = settled(context, &commits, incident, line)? {
        if git.is_ancestor(head, &settled)? {
            if git.is_ancestor(&line.tip, &settled)? {
                return Ok(Forecast::Clean(Arrival::Ready(settled)));
            }
            // The line went on since.
            if let Applied::Clean(tree) = git.merge(&line.tip, &settled, &rules)? {
                return merged(context, incident, line, &line.tip, &settled, tree);
            }
        } else if git.is_ancestor(&line.tip, &settled)?
            && let Applied::Clean(tree) = git.merge(&settled, head, &rules)?
        {
            return merged(context, incident, line, &settled, head, tree); // The fix went on since.
        }
    }
    let tree = match git.merge(&line.tip, head, &rules)? {
        Applied::Clean(tree) => commits::brought_back(context, incident, head, tree, &rules)?,
        Applied::Conflict(places) => return Ok(Forecast::Conflict(places)),
    };
    match tree == git.tree_of(&line.tip)? {
        true => Ok(Forecast::There),
        false => merged(context, incident, line, &line.tip, head, tree),
    }
}

fn merged(
    context: &Context<'_>,
    incident: &Incident,
    line: &Line,
    onto: &ObjectId,
    head: &ObjectId,
    tree: ObjectId,
) -> Result<Forecast, Refusal> {
    let message = message(context, incident, &line.branch)?;
    Ok(Forecast::Clean(Arrival::Merge { onto: onto.clone(), head: head.clone(), tree, message }))
}

/// The message of the merge into a line.
///
/// # Errors
/// When it cannot be rendered.
pub(crate) fn message(context: &Context<'_>, incident: &Incident, line: &str) -> Result<String, Refusal> {
    let mut there = incident.clone();
    line.clone_into(&mut there.production.branch);
    document::merge_message(&there, &context.config.severities, context.now).map_err(Refusal::from_render)
}

fn pick(context: &Context<'_>, incident: &Incident, head: &ObjectId, line: &Line) -> Result<Forecast, Refusal> {
    let git = context.look.git;
    let rules = |path: &str| rule(context, path);
    let commits = commits::commits(context, incident, head)?;
    if let Some(settled) = settled(context, &commits, incident, line)?
        && git.is_ancestor(&line.tip, &settled)?
        && commits::missing_from(context, commits.clone(), &line.tip, &settled)?.is_empty()
    {
        return Ok(Forecast::Clean(Arrival::Ready(settled)));
    }
    let mut tree = git.tree_of(&line.tip)?;
    let mut picks = Vec::new();
    for commit in commits {
        let Some(parent) = commit.parents.first() else { continue };
        match git.apply(parent, &commit.id, &tree, &rules)? {
            Applied::Clean(same) if same == tree => {}
            Applied::Clean(next) => {
                let message = commits::picked_message(&commit);
                picks.push(Picked { tree: next.clone(), author: commit.author, message });
                tree = next;
            }
            Applied::Conflict(_)
                if git
                    .find_message(Some(&incident.base.commit), &line.tip, &commits::trailer(&commit.id))?
                    .is_some() =>
            {
                // Somebody picked it by hand, and settled it in another way.
            }
            Applied::Conflict(places) => return Ok(Forecast::Conflict(places)),
        }
    }
    Ok(if picks.is_empty() { Forecast::There } else { Forecast::Clean(Arrival::Picks(picks)) })
}

/// The branch on which a conflict with a line is settled.
pub(crate) fn conflict_branch(incident: &Incident, line: &str) -> String {
    format!("{}-into-{}", incident.branch(), line.replace('/', "-"))
}

/// What somebody committed on the branch on which the conflict with a line is settled, of these commits.
fn settled(
    context: &Context<'_>,
    commits: &[CommitDetails],
    incident: &Incident,
    line: &Line,
) -> Result<Option<ObjectId>, PortError> {
    let git = context.look.git;
    let tip = git.commit_of_ref(&RefName::of_branch(&conflict_branch(incident, &line.branch)))?;
    let Some(tip) = tip else { return Ok(None) };
    // At the line's tip, or behind it, nothing was settled yet. Another fix of that name may have left its branch.
    let is_settled = !git.is_ancestor(&tip, &line.tip)? && commits::has_begun(context, commits, &line.tip, &tip)?;
    Ok(is_settled.then_some(tip))
}

/// A line with the way the fix gets there, as the executor takes it.
///
/// # Errors
/// When the work trees cannot be listed.
pub(crate) fn to_land(
    context: &Context<'_>,
    production: &Production,
    line: &Line,
    arrival: Arrival,
) -> Result<LineToLand, Refusal> {
    let checked_out_at = match production.remote {
        Some(_) => None,
        None => production::checked_out_at(context, &line.branch)?,
    };
    Ok(LineToLand { branch: line.branch.clone(), from: line.tip.clone(), arrival, checked_out_at })
}
