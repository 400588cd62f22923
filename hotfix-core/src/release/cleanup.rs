//! What remains once the fix has landed: the branches here, HEAD, and the branch of the fix.

use std::path::Path;

use crate::domain::event::Origin;
use crate::domain::{BranchName, Incident, ObjectId, RefName, Status, one_line};
use crate::port::{Expected, Head, Push, RefUpdate, SwitchTo};
use crate::production::{self, fork, hosting};
use crate::workflow::{Action, ActionView, Context, GitAction, MergeAction, Network, Plan, Result};
use crate::worktree::kept::WorktreeKept;

use super::commits::{self, Fix};
use super::presence::{self, Presence};
use super::table::Table;
use super::{conflict, pull_request};

/// What becomes of a branch that was made anew for another try and holds nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NextTry {
    /// Whoever made it is about to commit to it.
    Stays,
    /// The incident ends.
    Goes,
}

/// The production branch here, HEAD, and the branch of the fix here and on the remote.
/// A branch goes only when production, on the remote where there is one, contains it.
pub(crate) fn plan(table: &Table<'_>, next_try: NextTry) -> Result<Vec<Action>> {
    let (context, incident) = (table.fix.context, table.fix.incident);
    let mut actions = Vec::new();
    let branch = incident.branch();
    let head = context.look.git.head()?;
    let local = production::local_branch_tip(context.look, incident)?;
    let is_kept = |tip: Option<&ObjectId>| match (next_try, tip) {
        (NextTry::Stays, Some(tip)) => is_next_try(context, incident, tip),
        _ => Ok(false),
    };
    let is_kept_here = is_kept(local.as_ref())?;
    let on_branch = !is_kept_here && head.branch() == Some(branch.as_str());
    let (follow, destination) = follow(context, incident, &head)?;
    // Before the switch: production is not checked out yet, so that only a ref moves.
    actions.extend(with_release_branches(table, follow)?);
    if on_branch {
        // What is deployed from here is what was chosen to be released.
        let alone = incident.merged.as_ref().filter(|_| incident.ahead > 0);
        let alone = alone.map(|landing| commits::extent(context, incident, landing)).transpose()?;
        let to = alone.map_or(destination, |(_, tip)| SwitchTo::Commit(tip.clone()));
        actions.push(Action::Git(GitAction::Switch { to }));
    }
    if !is_kept(production::remote_branch_tip(context, incident)?.as_ref())? {
        actions.extend(delete_remote_branch(context, incident)?);
    }
    actions.extend(pull_request::leftovers(context, incident)?);
    if let Some(tip) = local.filter(|_| !is_kept_here)
        && is_on_production(context, incident, &tip)?
        // `update-ref` deletes a branch under the work tree that has it checked out.
        && production::checked_out_elsewhere(context, &branch)?.is_none()
    {
        let name = RefName::of_branch(&branch);
        actions.push(Action::Git(GitAction::UpdateRef { name, to: None, from: Some(tip), why: "hotfix: landed" }));
    }
    actions.extend(conflict::clear(context, incident, table.branches(), false)?);
    Ok(actions)
}

/// The branch of the fix, where it was made anew here since the fix landed and holds nothing yet that production lacks.
pub(crate) fn empty_next_try(context: &Context<'_>, incident: &Incident) -> Result<Option<BranchName>> {
    let Some(tip) = production::local_branch_tip(context.look, incident)? else { return Ok(None) };
    let is_empty =
        is_next_try(context, incident, &tip)? && production::contains(context.look, &incident.production, &tip)?;
    Ok(is_empty.then(|| incident.branch()))
}

/// Whether a branch of the fix at `tip` was made anew since the fix landed, for another try.
fn is_next_try(context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<bool> {
    // What a person merged elsewhere may still have its branch, brought along with production by a pull.
    let is_cleaned_up = incident.landing_was_told
        || incident.events.iter().any(|event| ["reopened", "deploy-finished", "verified"].contains(&event.kind));
    let Some(landing) = incident.merged.as_ref().filter(|_| is_cleaned_up) else { return Ok(false) };
    Ok(!production::is_part_of(context, tip, &landing.head)?)
}

/// The work tree of the fix's own, where `open` made one and it is still there.
pub(crate) fn own_work_tree(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    let Origin::Untouched(path) = &incident.origin else { return Ok(None) };
    // The record says where `open` made it; somebody may have removed it since.
    let git = context.look.git;
    let is_known = git.worktrees()?.iter().any(|worktree| worktree.path.to_string_lossy() == *path);
    let is_there = is_known || git.is_half_made(Path::new(path))?; // git lists none whose beginning is gone.
    Ok(is_there.then(|| path.clone()))
}

/// The same where it can be removed: nobody stands in it, and nothing in it would be lost with it.
fn own_work_tree_to_remove(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    let Some(path) = own_work_tree(context, incident)?.filter(|path| *path != production::top(context)) else {
        return Ok(None);
    };
    Ok(WorktreeKept::look(context, &path)?.is_none().then_some(path))
}

/// What removes it, if it can be.
pub(crate) fn remove_own_work_tree(context: &Context<'_>, incident: &Incident) -> Result<Option<Action>> {
    let Some(path) = own_work_tree_to_remove(context, incident)? else { return Ok(None) };
    let commit = match (production::local_branch_tip(context.look, incident)?, &incident.merged) {
        (Some(tip), _) => tip,
        // Its branch may have gone with the landing.
        (None, Some(landing)) => commits::extent(context, incident, landing)?.1.clone(),
        (None, None) => incident.base.commit.clone(),
    };
    Ok(Some(Action::Git(GitAction::RemoveWorktree { path, commit })))
}

/// Why the work tree of the fix's own is left, and the command that removes it.
pub(crate) fn own_work_tree_left(context: &Context<'_>, incident: &Incident) -> Result<Vec<String>> {
    let Some(path) = own_work_tree(context, incident)? else { return Ok(Vec::new()) };
    let others = context.look.git.worktrees()?.into_iter().map(|worktree| worktree.path.to_string_lossy().into_owned());
    let quoted = |path: &str| shell_words::quote(path).into_owned();
    let is_here = production::top(context) == path;
    let cd = match others.into_iter().find(|other| *other != path) {
        Some(main) if is_here => format!("cd {} && ", quoted(&main)),
        _ => String::new(),
    };
    let kept = WorktreeKept::look(context, &path)?;
    let until = match (&kept, incident.status.is_open()) {
        (None, true) => " (close, run elsewhere, does that)",
        _ => "",
    };
    let why = kept.as_ref().map(|kept| kept.text(&path));
    let mut remove = format!("{cd}{}", kept.unwrap_or_default().removal(&path));
    let branch = incident.branch();
    // Checked out there, it could not be deleted.
    if incident.status == Status::Canceled && production::local_branch_tip(context.look, incident)?.is_some() {
        remove.push_str(&format!(" && git branch -D {branch}"));
    }
    remove.push_str(&format!("   # the fix's own work tree, which is left{until}"));
    Ok(why.into_iter().chain([remove]).collect())
}

/// The command that brings production along where it is checked out in another work tree: that one is left to whoever works
/// there.
pub(crate) fn production_left_behind(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    let (git, production) = (context.look.git, &incident.production);
    let there = production::in_another_work_tree(context, &production.branch)?.filter(|worktree| worktree.is_there);
    let Some(path) = there.map(|worktree| worktree.path.to_string_lossy().into_owned()) else { return Ok(None) };
    let tip = production::tip(context.look, production)?;
    let local = git.commit_of_ref(&RefName::of_branch(&production.branch))?;
    let is_behind = if let Some(local) = local { local != tip && git.is_ancestor(&local, &tip)? } else { false };
    let path = shell_words::quote(&path).into_owned();
    let bring = format!("git -C {path} merge --ff-only {}", production.display_name());
    Ok(is_behind.then(|| format!("{bring}   # {} there is behind", production.branch)))
}

/// Production here, the other release branches here where they are merely behind, and the tag: in one transaction where
/// that is more than production. One that is checked out somewhere is left to whoever works there.
fn with_release_branches(table: &Table<'_>, follow: Vec<Action>) -> Result<Vec<Action>> {
    let (context, incident) = (table.fix.context, table.fix.incident);
    let git = context.look.git;
    let mut updates = Vec::new();
    // Without a remote the branches here are the ones that the landing moved.
    if incident.production.remote.is_some() {
        for target in table.branches() {
            let name = RefName::of_branch(&target.branch);
            let Some(local) = git.commit_of_ref(&name)? else { continue };
            // What was not pushed yet is somebody's work: only a branch that is merely behind follows.
            let behind = local != target.tip && git.is_ancestor(&local, &target.tip)?;
            if behind && production::checked_out_at(context, &target.branch)?.is_none() {
                updates.push(RefUpdate { name, to: Some(target.tip.clone()), expected: Expected::At(local) });
            }
        }
    }
    if let Some(tag) = incident.merged.as_ref().and_then(|landing| landing.tag.as_ref()) {
        let name = RefName::of_tag(&tag.name);
        // Its object was written where it landed from; elsewhere a fetch brings it.
        if git.commit_of_ref(&name)?.is_none() && git.commit_of(tag.object.as_str())?.is_some() {
            updates.push(RefUpdate { name, to: Some(tag.object.clone()), expected: Expected::Absent });
        }
    }
    if updates.is_empty() {
        return Ok(follow);
    }
    let mut actions = Vec::new();
    for action in follow {
        match action {
            Action::Git(GitAction::UpdateRef { name, to, from, .. }) => {
                updates.insert(0, RefUpdate { name, to, expected: from.map_or(Expected::Absent, Expected::At) });
            }
            other => actions.push(other),
        }
    }
    actions.push(Action::Git(GitAction::UpdateRefs { updates, why: "hotfix: follow the release branches" }));
    Ok(actions)
}

/// What [`plan`] will do after a landing, in that order, as far as can be told beforehand: the merge is not made yet.
pub(crate) fn foresee(table: &Table<'_>, tip: &ObjectId, landing: &Action) -> Result<Vec<ActionView>> {
    let (context, incident) = (table.fix.context, table.fix.incident);
    let branch = incident.branch();
    let name = RefName::of_branch(&branch);
    let head = context.look.git.head()?;
    let mut ahead = Vec::new();
    let deletion = fork::remote(context, incident)?.map(|remote| {
        let update = RefUpdate { name: name.clone(), to: None, expected: Expected::At(tip.clone()) };
        Action::Git(GitAction::Push(Push { remote, updates: vec![update] })).view()
    });
    let with_landing = deletion.is_some() && is_spent_by_landing(context, incident)?;
    ahead.extend(deletion.clone().filter(|_| with_landing));
    let (following, to) = foresee_following(table, landing, &head)?;
    ahead.extend(following);
    if head.branch() == Some(branch.as_str()) {
        let alone = (incident.ahead > 0).then(|| SwitchTo::Commit(tip.clone()));
        ahead.push(alone.map_or(to, |to| Action::Git(GitAction::Switch { to }).view()));
    }
    ahead.extend(deletion.filter(|_| !with_landing));
    if production::checked_out_elsewhere(context, &branch)?.is_none() {
        let gone = GitAction::UpdateRef { name, to: None, from: Some(tip.clone()), why: "hotfix: landed" };
        ahead.push(Action::Git(gone).view());
    }
    Ok(ahead)
}

/// Whether the branch of the fix will go on the remote by the push that lands; see [`along_with_landing`].
fn is_spent_by_landing(context: &Context<'_>, incident: &Incident) -> Result<bool> {
    let is_new = production::remote_branch_tip(context, incident)?.is_none();
    let is_one_remote = fork::remote(context, incident)? == incident.production.remote;
    let is_one_plan = is_new && is_one_remote && context.config.hooks.is_empty();
    Ok(is_one_plan
        && hosting::of(context, incident)?.is_none()
        && context.look.git.hooks(&["pre-push"])?.hooks.is_empty())
}

/// What [`follow`] and [`with_release_branches`] will come to, and where HEAD will go.
fn foresee_following(table: &Table<'_>, landing: &Action, head: &Head) -> Result<(Vec<ActionView>, ActionView)> {
    let (context, incident) = (table.fix.context, table.fix.incident);
    let (git, production) = (context.look.git, &incident.production);
    let Action::Merge(MergeAction::Land { lines, tag, .. }) = landing else {
        return Ok((Vec::new(), GitAction::switch_to_merge_view(None)));
    };
    let (mut views, mut names) = (Vec::new(), Vec::new());
    let local = git.commit_of_ref(&RefName::of_branch(&production.branch))?;
    let tip = production::tip(context.look, production)?;
    let follows = if let Some(local) = &local { *local == tip || git.is_ancestor(local, &tip)? } else { false };
    let is_elsewhere = production::checked_out_elsewhere(context, &production.branch)?.is_some();
    let to = match &local {
        None => GitAction::switch_to_merge_view(Some(&production.branch)),
        Some(_) if !follows || is_elsewhere => GitAction::switch_to_merge_view(None),
        Some(_) => Action::Git(GitAction::Switch { to: SwitchTo::Branch(production.branch.clone()) }).view(),
    };
    // Without a remote the branches here are the ones that the landing moves.
    if production.remote.is_some() {
        match follows && !is_elsewhere {
            true if head.branch() == Some(production.branch.as_str()) => {
                views.push(GitAction::fast_forward_view(&production.branch));
            }
            true => names.push(production.branch.to_string()),
            false => {}
        }
        for target in table.branches() {
            let Some(local) = git.commit_of_ref(&RefName::of_branch(&target.branch))? else { continue };
            let moves = local != target.tip || lines.iter().any(|line| line.branch == target.branch);
            if moves
                && git.is_ancestor(&local, &target.tip)?
                && production::checked_out_at(context, &target.branch)?.is_none()
            {
                names.push(target.branch.to_string());
            }
        }
    }
    names.extend(tag.iter().map(|tag| format!("tags/{}", tag.name)));
    views.extend((!names.is_empty()).then(|| GitAction::following_view(&names)));
    Ok((views, to))
}

/// How the production branch here follows, and where HEAD goes when it leaves the hotfix branch.
fn follow(context: &Context<'_>, incident: &Incident, head: &Head) -> Result<(Vec<Action>, SwitchTo)> {
    let git = context.look.git;
    let production = &incident.production;
    let tip = production::tip(context.look, production)?;
    let name = RefName::of_branch(&production.branch);
    let local = git.commit_of_ref(&name)?;
    let behind = if let Some(local) = &local { *local == tip || git.is_ancestor(local, &tip)? } else { false };
    if local.is_none() {
        let to = SwitchTo::NewBranch { name: production.branch.clone(), commit: tip };
        return Ok((Vec::new(), to));
    }
    if !behind || production::checked_out_elsewhere(context, &production.branch)?.is_some() {
        // Production here has commits of its own, or is in use elsewhere: HEAD goes to what shipped, on no branch.
        return Ok((Vec::new(), SwitchTo::Commit(tip)));
    }
    let to = SwitchTo::Branch(production.branch.clone());
    // What was in the way in this run is still in the way: tried again, the rounds would not end.
    if local.as_ref() == Some(&tip) || context.known.could_not_follow() {
        return Ok((Vec::new(), to));
    }
    // Where it is checked out, moving the ref alone would show the fix as undone changes.
    let action = if head.branch() == Some(production.branch.as_str()) {
        let (branch, worktree) = (production.branch.clone(), production::top(context));
        Action::Git(GitAction::FastForward { branch, worktree, to: tip, stage: Vec::new() })
    } else {
        Action::Git(GitAction::UpdateRef { name, to: Some(tip), from: local, why: "hotfix: follow production" })
    };
    Ok((vec![action], to))
}

/// Deletes the branch of the fix on the remote, once production there contains it.
fn delete_remote_branch(context: &Context<'_>, incident: &Incident) -> Result<Option<Action>> {
    if context.network == Network::Offline {
        return Ok(None);
    }
    let Some((remote, there)) = on_remote(context, incident)? else { return Ok(None) };
    let name = RefName::of_branch(&incident.branch());
    // A rule may keep the branch; what was refused in this run is refused again.
    let refused = context.known.rejected(&name).is_some();
    if refused || !is_on_production(context, incident, &there)? {
        return Ok(None);
    }
    // The lease: what a colleague pushes to it meanwhile is not deleted.
    let update = RefUpdate { name, to: None, expected: Expected::At(there) };
    Ok(Some(Action::Git(GitAction::Push(Push { remote, updates: vec![update] }))))
}

/// Why the branch of the fix stays on the remote although the fix has landed: a rule keeps it, or somebody has put more on it
/// since.
pub(crate) fn remote_branch_left(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    if let (Some(no), Some(_)) = (context.known.rejected(&RefName::of_branch(&incident.branch())), &incident.merged) {
        let (branch, remote) = (one_line(&incident.branch()), one_line(&no.remote));
        let delete = format!("git push {} :{}", shell_words::quote(&no.remote), shell_words::quote(&no.name));
        return Ok(Some(format!("{branch} stays on {remote}; once it may go: {delete}")));
    }
    let Some((remote, there)) = on_remote(context, incident)? else { return Ok(None) };
    if incident.merged.is_none() || is_on_production(context, incident, &there)? {
        return Ok(None);
    }
    let (branch, production) = (one_line(&incident.branch()), one_line(&incident.production.display_name()));
    let fetch = format!("git fetch {} {}", shell_words::quote(&remote), shell_words::quote(&branch));
    Ok(Some(format!("{branch} on {remote} stays: it holds commits that {production} lacks; {fetch} brings them here")))
}

/// Where the branch of the fix is pushed to, and its tip there, as this run knows it.
pub(crate) fn on_remote(context: &Context<'_>, incident: &Incident) -> Result<Option<(String, ObjectId)>> {
    let Some(remote) = fork::remote(context, incident)? else { return Ok(None) };
    Ok(production::remote_branch_tip(context, incident)?.map(|there| (remote, there)))
}

/// A plan that pushes the branch of the fix and lands it, where the push that lands also deletes the branch on the remote. Only
/// of a branch that this plan makes there: nobody has seen it yet, and the branch here holds the same commits. All others go
/// with the rest, once it is certain that production has them.
pub(crate) fn along_with_landing(context: &Context<'_>, mut plan: Plan) -> Result<Plan> {
    let made = plan.actions.iter().find_map(|action| match action {
        Action::Git(GitAction::Push(Push { remote, updates })) => match updates.as_slice() {
            [RefUpdate { name, to: Some(to), expected: Expected::Absent }] => Some((remote, name, to)),
            _ => None,
        },
        _ => None,
    });
    let Some((remote, name, tip)) = made.map(|(remote, name, tip)| (remote.clone(), name.clone(), tip.clone())) else {
        return Ok(plan);
    };
    // A hook here that knows only pushes of branches would say no to the landing, for what is only tidied up.
    if !context.look.git.hooks(&["pre-push"])?.hooks.is_empty() {
        return Ok(plan);
    }
    for action in &mut plan.actions {
        if let Action::Merge(MergeAction::Land { head, remote: Some(there), spent, .. }) = action
            && (&*there, &*head) == (&remote, &tip)
        {
            // The lease: what a colleague pushes to it meanwhile is not deleted.
            *spent = Some(RefUpdate { name: name.clone(), to: None, expected: Expected::At(tip.clone()) });
        }
    }
    Ok(plan)
}

/// Whether nothing is lost with a branch of the fix at `tip`: production has it, or had it, by whichever commits.
fn is_on_production(context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<bool> {
    if production::contains(context.look, &incident.production, tip)? {
        return Ok(true);
    }
    let head = match &incident.merged {
        Some(landing) if production::is_part_of(context, tip, &landing.head)? => &landing.head,
        // What somebody pushed since the last fetch: nobody here can say what would be lost.
        _ if !context.look.git.has_commit(tip)? => return Ok(false),
        _ => tip,
    };
    Ok(presence::on_production(&Fix::new(context, incident, head)?)? != Presence::Absent)
}
