//! A postmortem that was delivered gets what people told since, by the same way: root causes are found the day after.

use crate::config::Deliver;
use crate::domain::{EventKind, Incident, ObjectId};
use crate::port::{Expected, FileEdit};
use crate::production;
use crate::release::{branch, delivery};
use crate::workflow::action::RecordsBranch;
use crate::workflow::{Action, Code, Context, ForgeAction, Plan, Refusal, Result};

use super::super::postmortem;
use super::tech_debt;

/// What is still to be delivered; `None` where the delivered document says all that it can say.
pub(in crate::step) fn plan(context: &Context<'_>, incident: &Incident, path: &str) -> Result<Option<Plan>> {
    let (branch, records) = (incident.branch(), delivery::records_branch(incident));
    if let Some(actions) = branch::still_to_ask_with(context, incident, &[&branch, &records], None)? {
        return Ok(Some(Plan::then_look_again(actions)));
    }
    delivery::refuse_rejected(context, incident)?;
    let there = text(context, incident, path)?;
    let completed = postmortem::complete(context, incident, &there)?.text;
    let debts = file(context, incident, &context.config.documents.tech_debt)?;
    let mut edits = Vec::new();
    if completed != there {
        edits.push(FileEdit { path: path.to_owned(), content: completed.into_bytes() });
    }
    edits.extend(tech_debt::edit_again(context, incident, debts.as_deref())?);
    if !edits.is_empty() {
        let actions = match context.config.records {
            Deliver::Leave => delivery::write_here(context, edits)?,
            Deliver::Push | Deliver::PullRequest => vec![again(context, incident, edits)?],
        };
        return Ok(Some(Plan::then_look_again(actions)));
    }
    // The push went through and its event did not: what is there is recorded.
    if incident.records_in_doubt.is_some() {
        let commit = Some(production::tip(context.look, &incident.production)?);
        let event = EventKind::RecordsDelivered { commit, paths: vec![path.to_owned()], branch: None };
        return Ok(Some(Plan::then_look_again(vec![Action::record(vec![event])])));
    }
    // Only after a push of this run: the pull request shows no other change.
    if let Some(proposal) = delivery::records_to_propose(context, incident)?.filter(|_| context.known.has_published()) {
        let propose = Action::Forge(ForgeAction::ProposeRecords { proposal, may_fail: true });
        return Ok(Some(Plan::then_look_again(vec![propose])));
    }
    let follow = if context.known.has_published() { delivery::follow_records(context, incident)? } else { Vec::new() };
    let is_due = !follow.is_empty() && !context.known.could_not_follow();
    Ok(is_due.then(|| Plan::then_look_again(follow)))
}

/// The delivered document: on the branch that proposes it, on production, or in the work tree.
pub(in crate::step) fn text(context: &Context<'_>, incident: &Incident, path: &str) -> Result<String> {
    let bytes = file(context, incident, path)?.filter(|bytes| postmortem::belongs_to(incident, bytes));
    bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).ok_or_else(|| {
        Refusal::check_failed(Code::NoPostmortem, format!("the delivered postmortem {path} is not there any more"))
            .hint(format!("{} show {}   # what was told is recorded", context.program, incident.id))
    })
}

/// The file as the next delivery finds it.
fn file(context: &Context<'_>, incident: &Incident, path: &str) -> Result<Option<Vec<u8>>> {
    Ok(match context.config.records {
        Deliver::Leave => context.look.files.read(path)?,
        Deliver::Push | Deliver::PullRequest => context.look.git.file_at(&parent(context, incident)?, path)?,
    })
}

/// The commit that the next delivery goes on: the last one while it is proposed, else production.
fn parent(context: &Context<'_>, incident: &Incident) -> Result<ObjectId> {
    let proposed = incident.records.as_ref().and_then(|records| records.commit.clone());
    match delivery::open_records(context, incident)?.and(proposed) {
        Some(commit) => Ok(commit),
        None => production::tip(context.look, &incident.production),
    }
}

fn again(context: &Context<'_>, incident: &Incident, edits: Vec<FileEdit>) -> Result<Action> {
    let parent = parent(context, incident)?;
    let name = delivery::records_branch(incident);
    let known = incident.records.as_ref().filter(|records| records.branch.is_some()).and_then(|it| it.commit.as_ref());
    let tip = production::remote_tip(context, &incident.production, &name)?;
    // Only on top of what we pushed: commits of others are not ours to build upon.
    let propose_as = match tip.filter(|tip| known == Some(tip)) {
        Some(tip) => Some(RecordsBranch { name, expected: Expected::At(tip) }),
        None => delivery::branch_to_propose(context, incident)?,
    };
    delivery::commit_and_publish(context, incident, parent, edits, propose_as)
}
