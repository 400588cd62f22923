//! How the records get to production: pushed, or proposed on a branch of their own; and what follows here.

use crate::config::Deliver;
use crate::document;
use crate::domain::{BranchName, Incident, ObjectId, RefName, sha256_hex};
use crate::port::{ErrorKind, Expected, FileEdit, Head, Proposal, Worktree};
use crate::production::{self, fork, hosting};
use crate::workflow::action::{RecordsBranch, RecordsToDeliver};
use crate::workflow::{Action, Code, Context, FileAction, GitAction, Network, RecordAction, Refusal, Result};

use super::pull_request_text;

/// Whether the records go on a branch of their own: by the rules, or because production refused them in this run.
pub(crate) fn proposes(context: &Context<'_>, incident: &Incident) -> bool {
    let production = RefName::of_branch(&incident.production.branch);
    incident.production.remote.is_some()
        && (context.config.records == Deliver::PullRequest || context.known.rejected(&production).is_some())
}

/// The branch that proposes the records.
pub(crate) fn records_branch(incident: &Incident) -> BranchName {
    BranchName::known(format!("{}-records", incident.branch()))
}

/// The pull request for the branch of the records, where a service hosts the repository; once a run, since it is found
/// again there.
pub(crate) fn records_to_propose(context: &Context<'_>, incident: &Incident) -> Result<Option<Proposal>> {
    let records = incident
        .records
        .as_ref()
        .filter(|_| !context.known.has_proposed_records() && context.network == Network::Online);
    let Some((branch, head)) = records.and_then(|records| records.branch.clone().zip(records.commit.clone())) else {
        return Ok(None);
    };
    if open_records(context, incident)?.is_none() || hosting::of(context, incident)?.is_none() {
        return Ok(None);
    }
    let number = incident.pull_request.as_ref().and_then(|known| known.number);
    let of = number.map(|number| format!(", whose fix is #{number}")).unwrap_or_default();
    Ok(Some(Proposal {
        title: document::records_title(incident),
        body: format!("Postmortem, status and technical debt of the incident {}{of}.\n", incident.id),
        base: incident.production.branch.clone(),
        branch,
        fork: fork::named(context, incident)?,
        head,
        draft: false,
        labels: vec![pull_request_text::LABEL.to_owned()],
        reviewers: Vec::new(),
    }))
}

/// The branch that proposes the records, until production has them.
pub(crate) fn open_records<'a>(context: &Context<'_>, incident: &'a Incident) -> Result<Option<&'a BranchName>> {
    let Some(records) = &incident.records else { return Ok(None) };
    let is_there = match &records.commit {
        Some(commit) => production::contains(context.look, &incident.production, commit)?,
        None => false,
    };
    Ok(records.branch.as_ref().filter(|_| !is_there))
}

/// Stops when even the branch of the records was refused.
pub(crate) fn refuse_rejected(context: &Context<'_>, incident: &Incident) -> Result<()> {
    let wanted = RefName::of_branch(&records_branch(incident));
    let rejected = context.known.rejected(&wanted).map(|no| &no.reason);
    let Some(reason) = rejected else { return Ok(()) };
    let message = format!("the remote refused the records on {}: {reason}", records_branch(incident));
    Err(Refusal::new(ErrorKind::Refused, Code::Rejected, message)
        .hint("[records] deliver = \"leave\" leaves them in the work tree, for a pull request of your own")
        .hint(format!("once: HOTFIX_RECORDS_DELIVER=leave {} close", context.program)))
}

/// The branch to propose the records on, where they are to be proposed; one that is not ours is left alone.
pub(crate) fn branch_to_propose(context: &Context<'_>, incident: &Incident) -> Result<Option<RecordsBranch>> {
    if !proposes(context, incident) {
        return Ok(None);
    }
    let name = records_branch(incident);
    match production::remote_tip(context, &incident.production, &name)? {
        None => Ok(Some(RecordsBranch { name, expected: Expected::Absent })),
        Some(_) => {
            Err(Refusal::needs_human(Code::ForeignBranch, format!("{name} exists on the remote and is not ours"))
                .hint(format!("delete or rename it there, then: {} close", context.program)))
        }
    }
}

pub(crate) fn commit_and_publish(
    context: &Context<'_>,
    incident: &Incident,
    parent: ObjectId,
    edits: Vec<FileEdit>,
    propose_as: Option<RecordsBranch>,
) -> Result<Action> {
    let production = &incident.production;
    if production.remote.is_some() && context.network == Network::Offline {
        let why = "delivering the records needs the remote, and --offline forbids to ask it";
        return Err(Refusal::precondition(Code::Offline, why));
    }
    // With a remote, a fast-forward follows later; without one, the branch moves under its work tree.
    let worktrees = if production.remote.is_some() { Vec::new() } else { context.look.git.worktrees()? };
    let is_its = |worktree: &Worktree| worktree.is_there && worktree.branch.as_deref() == Some(&*production.branch);
    let checkout = worktrees.into_iter().find(is_its);
    let here = checkout.as_ref().is_some_and(|worktree| worktree.is_current);
    Ok(Action::Record(RecordAction::Deliver(RecordsToDeliver {
        branch: production.branch.clone(),
        remote: if propose_as.is_some() { fork::remote(context, incident)? } else { production.remote.clone() },
        parent,
        stage: if here { already_here(context, &edits)? } else { Vec::new() },
        checked_out_at: checkout.map(|worktree| worktree.path.to_string_lossy().into_owned()),
        propose_as,
        message: document::records_message(incident, &context.config.severities, context.now)
            .map_err(Refusal::from_render)?,
        edits,
    })))
}

/// The records left in the work tree.
pub(crate) fn write_here(context: &Context<'_>, edits: Vec<FileEdit>) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    for edit in edits {
        let expected = context.look.files.read(&edit.path)?;
        actions.push(Action::File(FileAction::Write { path: edit.path, expected, content: edit.content }));
    }
    Ok(actions)
}

/// The files that lie in the work tree with the very content that is delivered.
fn already_here(context: &Context<'_>, edits: &[FileEdit]) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for edit in edits {
        if context.look.files.read(&edit.path)?.as_ref() == Some(&edit.content) {
            paths.push(edit.path.clone());
        }
    }
    Ok(paths)
}

/// Brings the work tree here to the delivered records: by a fast-forward where production is checked out, else by
/// removing our draft, whose content is then on production; a tracked one is put back, which lets HEAD leave its branch.
pub(crate) fn follow_records(context: &Context<'_>, incident: &Incident) -> Result<Vec<Action>> {
    let git = context.look.git;
    let Some(records) = incident.records.as_ref().filter(|records| records.commit.is_some()) else {
        return Ok(Vec::new());
    };
    let tip = production::tip(context.look, &incident.production)?;
    let head = git.head()?;
    let on_production = head.branch() == Some(incident.production.branch.as_str());
    let on_fix = head.branch() == Some(incident.branch().as_str());
    let (mut lying, mut actions) = (Vec::new(), Vec::new());
    for path in &records.paths {
        let Some(here) = context.look.files.read(path)? else { continue };
        let is_delivered = Some(&here) == git.file_at(&tip, path)?.as_ref();
        // A fast-forward finds there what it brings.
        if is_delivered && on_production {
            lying.push(path.clone());
        } else if !is_delivered && !is_unedited(incident, &here) {
            // Somebody's own words.
        } else if is_untracked(context, path)? {
            // Production has it; or it has one that was drafted anew, and says all that this one says.
            actions.push(Action::File(FileAction::Remove { path: path.clone(), expected: here }));
        } else if let Some(content) = committed(context, &head, path)?.filter(|there| *there != here)
            && (on_fix || on_production)
        {
            actions.push(Action::File(FileAction::Write { path: path.clone(), expected: Some(here), content }));
        }
    }
    if !on_production {
        return Ok(actions);
    }
    // Somebody committed on it: to merge is theirs.
    let follows = if let Some(head) = head.commit() { *head != tip && git.is_ancestor(head, &tip)? } else { false };
    if !follows {
        return Ok(Vec::new());
    }
    let (branch, worktree) = (incident.production.branch.clone(), production::top(context));
    actions.push(Action::Git(GitAction::FastForward { branch, worktree, to: tip, stage: lying }));
    Ok(actions)
}

/// The file as the commit has it that is checked out.
pub(crate) fn committed(context: &Context<'_>, head: &Head, path: &str) -> Result<Option<Vec<u8>>> {
    let Some(commit) = head.commit() else { return Ok(None) };
    Ok(context.look.git.file_at(commit, path)?)
}

/// Whether the file lies here as it is committed on the branch that is checked out: git brings another one itself.
pub(crate) fn is_as_committed(context: &Context<'_>, path: &str) -> Result<bool> {
    let is_there = committed(context, &context.look.git.head()?, path)?.is_some();
    Ok(is_there && !context.look.git.work_tree_state()?.changed.iter().any(|changed| changed == path))
}

/// Whether git has no such file here.
fn is_untracked(context: &Context<'_>, path: &str) -> Result<bool> {
    let untracked = context.look.git.work_tree_state()?.untracked;
    // git names an untracked folder, not each file in it.
    Ok(untracked.iter().any(|name| name == path || (name.ends_with('/') && path.starts_with(name))))
}

/// Whether the file is as we wrote it, last or before.
pub(crate) fn is_unedited(incident: &Incident, bytes: &[u8]) -> bool {
    let digest = sha256_hex(bytes);
    incident.postmortem.as_ref().is_some_and(|known| known.digest == digest || known.earlier.contains(&digest))
}
