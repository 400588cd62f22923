//! Where production is now, here and on its remote.

pub mod detect;
pub(crate) mod fork;
pub mod hosting;
mod last_tip;
pub(crate) mod no_remote;
mod ours;
pub mod policy;
pub(crate) mod push_result;
pub(crate) mod unfetched;

pub(crate) use last_tip::{carried_ref, kept_ref, last_tip};
pub(crate) use ours::is_ours;
pub use push_result::left_behind;

use crate::domain::event::Production;
use crate::domain::{BranchName, EventKind, Incident, ObjectId, RefName};
use crate::port::{Look, PortError, RemoteRefs, Worktree};
use crate::workflow::{Action, Code, Context, GitAction, Network, Refusal, Result};

use self::no_remote::NoRemote;

/// The ref that says where production is: the remote-tracking one, or the branch itself without a remote.
pub fn tip_ref(production: &Production) -> RefName {
    match &production.remote {
        Some(remote) => RefName::tracking(remote, &production.branch),
        None => RefName::of_branch(&production.branch),
    }
}

/// Where production is, as far as is known here.
///
/// # Errors
/// When it was never fetched or does not exist.
pub fn tip(look: Look<'_>, production: &Production) -> Result<ObjectId> {
    if let Some(tip) = look.git.commit_of_ref(&tip_ref(production))? {
        return Ok(tip);
    }
    Err(if let Some(gone) = NoRemote::look(look, production)? { gone.refusal() } else { no_branch(look, production) })
}

fn no_branch(look: Look<'_>, production: &Production) -> Refusal {
    let message = format!("the production branch {} does not exist", production.display_name());
    let refusal = Refusal::precondition(Code::NoProductionBranch, message);
    let refusal = match &production.remote {
        Some(remote) => refusal.hint(format!("git fetch {remote} && git remote set-head {remote} --auto")),
        None => refusal,
    };
    detect::cut_off(look, refusal.hint("git config hotfix.production.branch <name>"))
}

/// What must be asked and fetched before the production tip and `branches` on the remote are certain; `None` when they are,
/// or when the network may not be used.
///
/// # Errors
/// When the repository cannot be read, or the remote has no production branch.
pub fn still_to_ask(context: &Context<'_>, production: &Production, branches: &[&str]) -> Result<Option<Vec<Action>>> {
    let refs = branches.iter().map(|name| RefName::of_branch(name)).collect();
    still_to_ask_about(context, production, refs, &|_| false)
}

/// The same with more refs to ask about, full names in which one `*` may stand for anything; fetches the branches that are
/// `wanted`, too.
pub(crate) fn still_to_ask_about(
    context: &Context<'_>,
    production: &Production,
    refs: Vec<RefName>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Option<Vec<Action>>> {
    let Some(remote) = production.remote.as_ref().filter(|_| context.network == Network::Online) else {
        return Ok(None);
    };
    // git would take its name for a path, and say that there is no repository.
    if let Some(gone) = NoRemote::look(context.look, production)? {
        return Err(gone.refusal());
    }
    let question = RemoteQuestion { context, production, remote, wanted };
    // The fork is asked about the incident's own branches, where they are pushed there.
    let Some((incident, fork)) = fork_of(context)? else { return question.ask(refs) };
    let own = RefName::of_branch(&incident.branch());
    // The branches of the fix begin alike: `hotfix/x`, `hotfix/x-into-...`, `hotfix/x-records`.
    let is_own =
        |name: &RefName| name.strip_prefix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let (own, rest): (Vec<RefName>, Vec<RefName>) = refs.into_iter().partition(is_own);
    let is_asked = own.is_empty() || context.known.remote(Some(&fork)).asked == own;
    let of_fork = (!is_asked).then_some(Action::Git(GitAction::InspectRemote { remote: fork, refs: own }));
    let of_production = question.ask(rest)?;
    let actions: Vec<Action> = of_fork.into_iter().chain(of_production.into_iter().flatten()).collect();
    Ok((!actions.is_empty()).then_some(actions))
}

/// The incident whose branches are pushed to another remote than production's, and that remote.
fn fork_of<'a>(context: &Context<'a>) -> Result<Option<(&'a Incident, String)>, PortError> {
    let Some(incident) = context.incident else { return Ok(None) };
    let remote = fork::remote(context, incident)?.filter(|remote| Some(remote) != incident.production.remote.as_ref());
    Ok(remote.map(|remote| (incident, remote)))
}

/// What production's remote is asked, which branches of it are `wanted` here beside production.
struct RemoteQuestion<'a> {
    context: &'a Context<'a>,
    production: &'a Production,
    remote: &'a str,
    wanted: &'a dyn Fn(&str) -> bool,
}

impl RemoteQuestion<'_> {
    fn ask(&self, refs: Vec<RefName>) -> Result<Option<Vec<Action>>> {
        let Self { context, production, remote, .. } = *self;
        let own = RefName::of_branch(&production.branch);
        let refs: Vec<RefName> = std::iter::once(own).chain(refs).collect();
        let view = context.known.remote(Some(remote));
        // One question for all of them: the answer is of one moment, and costs one connection.
        if view.asked != refs {
            return Ok(Some(vec![Action::Git(GitAction::InspectRemote { remote: remote.to_owned(), refs })]));
        }
        if view.refs.branch(&production.branch).is_none() {
            if let Some(branch) = moved_to(context, production) {
                let events = vec![EventKind::ProductionMoved { branch: BranchName::known(branch) }];
                return Ok(Some(vec![Action::record(events)]));
            }
            return Err(self.not_there(&view.refs)?);
        }
        // Once is enough: a branch that moves all the time would be fetched for ever.
        if view.fetched {
            return Ok(None);
        }
        let (branches, tags) = self.stale(&view.refs)?;
        Ok(match (branches.as_slice(), tags.as_slice()) {
            ([], []) => None,
            ([only], []) if *only == production.branch => {
                Some(vec![Action::Git(GitAction::Fetch { remote: remote.to_owned(), branch: BranchName::known(only) })])
            }
            _ => Some(vec![Action::Git(GitAction::FetchRefs { remote: remote.to_owned(), branches, tags })]),
        })
    }

    /// The refusal where the remote has no production branch. One that was never there may be pushed; one that went away must
    /// not come back to life.
    fn not_there(&self, there: &RemoteRefs) -> Result<Refusal, PortError> {
        let (remote, branch) = (self.remote, &self.production.branch);
        let refusal = Refusal::precondition(Code::NoProductionBranch, format!("{remote} has no branch {branch}"));
        if let Some(default) = there.default_branch.as_ref().filter(|default| *default != branch) {
            let hint = format!("git config hotfix.production.branch {default}   # {remote}'s default branch");
            return Ok(refusal.hint(hint));
        }
        let was_there = self.context.look.git.commit_of_ref(&RefName::tracking(remote, branch))?.is_some();
        // Only where it was there before may it have been renamed; a push would bring a dead branch back.
        let set_head = format!("git remote set-head {remote} --auto");
        let refusal = refusal.hint(if was_there { set_head } else { format!("git push {remote} {branch}") });
        Ok(refusal.hint("or name the right one: git config hotfix.production.branch <name>"))
    }

    /// The branches that are elsewhere than their remote-tracking refs say, and the tags that are not here.
    fn stale(&self, there: &RemoteRefs) -> Result<(Vec<String>, Vec<String>), PortError> {
        let Self { context, production, remote, wanted } = *self;
        let (mut branches, mut tags) = (Vec::new(), Vec::new());
        for (name, tip) in &there.refs {
            if let Some(branch) = RefName::branch_in(name) {
                let tracked = context.look.git.commit_of_ref(&RefName::tracking(remote, branch))?;
                if tracked.as_ref() != Some(tip) && (branch == production.branch || wanted(branch)) {
                    branches.push(branch.to_owned());
                }
            } else if let Some(tag) = name.strip_prefix("refs/tags/").filter(|tag| !tag.ends_with(PEELED))
                && context.look.git.commit_of_ref(name)?.is_none()
                // What this run has pushed needs no fetch.
                && !context.known.has_landed_ref(name)
            {
                tags.push(tag.to_owned());
            }
        }
        Ok((branches, tags))
    }
}

/// The branch that a person named for production, since the one that the incident was opened from is gone.
fn moved_to<'a>(context: &'a Context<'_>, production: &Production) -> Option<&'a str> {
    let is_incidents = context.incident.is_some_and(|incident| incident.production == *production);
    let named = context.config.production.branch.as_deref();
    named.filter(|named| is_incidents && *named != production.branch)
}

/// What `ls-remote` appends to a tag's name where it tells the commit.
pub(crate) const PEELED: &str = "^{}";

/// What the remote said in this run about all of `refs`, and what was pushed since; `None` where it was not asked.
pub(crate) fn remote_view(context: &Context<'_>, refs: &[RefName]) -> Option<RemoteRefs> {
    let own = context.incident.and_then(|incident| incident.production.remote.as_deref());
    let view = context.known.remote(own);
    // That a ref is not in the answer says something only where it was asked about.
    refs.iter().all(|name| view.asked.contains(name)).then_some(view.refs)
}

/// Where the incident's branch is on the remote: as this run knows it, else the remote-tracking ref.
///
/// # Errors
/// When the repository cannot be read.
pub fn remote_branch_tip(context: &Context<'_>, incident: &Incident) -> Result<Option<ObjectId>, PortError> {
    remote_tip(context, &incident.production, &incident.branch())
}

/// Where any branch of the incident that was asked about is on the remote that it is pushed to: as this run knows it, else the remote-tracking ref.
///
/// # Errors
/// When the repository cannot be read.
pub fn remote_tip(context: &Context<'_>, production: &Production, branch: &str) -> Result<Option<ObjectId>, PortError> {
    let Some(own) = &production.remote else { return Ok(None) };
    let fork = fork_of(context)?.map(|(_, fork)| fork);
    let remote = fork.as_ref().unwrap_or(own);
    let view = context.known.remote(Some(remote));
    // Whoever was asked and has no such branch has none, whatever the tracking ref says.
    if view.asked.is_empty() {
        return context.look.git.commit_of_ref(&RefName::tracking(remote, branch));
    }
    Ok(view.refs.branch(branch).cloned())
}

/// Whether production contains `commit`, as far as is known here.
///
/// # Errors
/// When the repository cannot be read.
pub fn contains(look: Look<'_>, production: &Production, commit: &ObjectId) -> Result<bool, PortError> {
    let tip = look.git.commit_of_ref(&tip_ref(production))?;
    tip.map_or(Ok(false), |tip| look.git.is_ancestor(commit, &tip))
}

/// The tip of the incident's branch here; `None` where the branch is gone.
///
/// # Errors
/// When the repository cannot be read.
pub fn local_branch_tip(look: Look<'_>, incident: &Incident) -> Result<Option<ObjectId>, PortError> {
    look.git.commit_of_ref(&RefName::of_branch(&incident.branch()))
}

/// Another work tree in which `branch` is checked out. Its folder may be gone: for git it counts until somebody prunes.
pub(crate) fn in_another_work_tree(context: &Context<'_>, branch: &str) -> Result<Option<Worktree>> {
    let worktrees = context.look.git.worktrees()?;
    Ok(worktrees.into_iter().find(|worktree| !worktree.is_current && worktree.branch.as_deref() == Some(branch)))
}

/// The path of that.
pub(crate) fn checked_out_elsewhere(context: &Context<'_>, branch: &str) -> Result<Option<String>> {
    Ok(in_another_work_tree(context, branch)?.map(|worktree| worktree.path.to_string_lossy().into_owned()))
}

/// The work tree in which a branch is checked out, where its folder is there.
pub(crate) fn checked_out_at(context: &Context<'_>, branch: &str) -> Result<Option<String>> {
    let worktrees = context.look.git.worktrees()?;
    let is_it = |worktree: &Worktree| worktree.is_there && worktree.branch.as_deref() == Some(branch);
    Ok(worktrees.into_iter().find(is_it).map(|worktree| worktree.path.to_string_lossy().into_owned()))
}

/// The top of this work tree.
pub(crate) fn top(context: &Context<'_>) -> String {
    let top = context.look.git.repository().work_tree.clone().unwrap_or_default();
    top.to_string_lossy().into_owned()
}

/// Whether the remote refused a push to this branch in this run, or would for ever.
pub(crate) fn refuses_pushes(context: &Context<'_>, branch: &str) -> bool {
    let name = RefName::of_branch(branch);
    takes_no_pushes(context, &name) || context.known.rejected(&name).is_some()
}

/// What one look after a lost race may be: whoever was there first failed in its turn.
const UNCHANGED: usize = 2;

/// Whether a ref that moved for those who push is where it was for those who fetch: a branch that is hidden from pushes, or
/// fetched from a replica that lags. No further try helps.
pub(crate) fn takes_no_pushes(context: &Context<'_>, name: &RefName) -> bool {
    context.known.races_that_nobody_won(name) >= UNCHANGED
}

/// Whether a branch at `tip` holds nothing that `whole` lacks. Both may be the same commit, and then need not be here.
pub(crate) fn is_part_of(context: &Context<'_>, tip: &ObjectId, whole: &ObjectId) -> Result<bool, PortError> {
    let git = context.look.git;
    // A service may have merged what was never fetched: the walk would fail on it.
    Ok(tip == whole || git.has_commit(tip)? && git.has_commit(whole)? && git.is_ancestor(tip, whole)?)
}

/// The refusal where the branch is gone and its commits are not known to have landed.
pub(crate) fn branch_gone(context: &Context<'_>, incident: &Incident) -> Result<Refusal> {
    let branch = incident.branch();
    // What landed may be gone from production again, where somebody moved its branch back.
    let why = if incident.merged.is_some() { "production no longer holds it" } else { "is not known to have landed" };
    let refusal = Refusal::needs_human(Code::BranchGone, format!("the branch {branch} is not here, and {why}"));
    let is_there = remote_branch_tip(context, incident)?.is_some();
    let refusal = match (&fork::remote(context, incident)?, last_tip(context, incident)?) {
        (Some(remote), _) if is_there => {
            refusal.hint(format!("git fetch {remote} {branch}:{branch}   # not what was proposed: look at it first"))
        }
        (_, Some(tip)) => refusal.hint(format!("git branch {branch} {tip}")),
        (Some(remote), None) => refusal.hint(format!("where it is: git push {remote} {branch}")),
        (None, None) => refusal.hint("git reflog shows where it was"),
    };
    Ok(refusal.hint(format!("{} abort   # or give it up", context.program)))
}
