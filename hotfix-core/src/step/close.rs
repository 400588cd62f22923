//! Step 8: the records, delivered where they belong, and the end.

use crate::config::Deliver;
use crate::document;
use crate::document::records::{self, DebtEntry, StatusEntry};
use crate::domain::{CarriedBy, EventKind, Incident, Milestone, ObjectId, RefName, Status, one_line, sha256_hex};
use crate::port::{Expected, FileEdit, Proposal};
use crate::production::{self, fork, hosting};
use crate::release::commits::Fix;
use crate::release::table::Table;
use crate::release::{aftermath, branch, cleanup, merge, pull_request, pull_request_text, table};
use crate::workflow::action::{RecordsBranch, RecordsToDeliver};
use crate::workflow::{
    Action, Code, Context, FileAction, ForgeAction, GitAction, Network, Outcome, Plan, RecordAction, Refusal, Result,
    Row, RowState, Step, time,
};
use crate::worktree::preflight;

use super::postmortem;

/// Write the records and close the incident
///
/// Commits the postmortem (drafted now if it is not written yet), the record and the Command History row of STATUS.md and
/// TECH-DEBT.md on the production branch, pushes them, removes what is left of the branch and prints the summary.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Close {
    /// Close although a step is missing, for this reason
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub reason: Option<String>,
}

impl Step for Close {
    step_facts!("close" about Any);

    fn texts(&mut self) -> Vec<&mut String> {
        self.reason.iter_mut().collect()
    }

    /// Each round plans the first of these that is left to do, and the next round looks again:
    ///
    /// 1. refuse a canceled incident; of a closed one, bring the work tree to the records, then print the summary
    /// 2. see what became of pull requests, and where the branches are on the remote
    /// 3. record what landed already
    /// 4. refuse while a step is missing, unless there is a reason
    /// 5. refuse uncommitted changes other than our own documents, and what the remote refused
    /// 6. record the postmortem as written
    /// 7. deliver the records: push them, propose them on a branch of their own, or leave them in the work tree
    /// 8. open the pull request of the records, where they are proposed
    /// 9. clean up: the work tree here, the branches, the work tree of the fix's own
    /// 10. record that it is closed
    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        match incident.status {
            Status::Closed => {
                let late = follow_late(context, incident)?;
                return if late.is_empty() { self.closed(context, incident) } else { Ok(Plan::then_look_again(late)) };
            }
            Status::Canceled => {
                let message = format!("{} was canceled; there is nothing to close", incident.id);
                return Err(Refusal::precondition(Code::Canceled, message));
            }
            Status::Triage | Status::Active | Status::Mitigated | Status::Resolved => {}
        }
        if let Some(actions) = pull_request::still_to_look_at(context, incident)? {
            return Ok(Plan::then_look_again(actions));
        }
        let (branch, records) = (incident.branch(), records_branch(incident));
        let branches =
            if proposes(context, incident) { vec![branch.as_str(), &records] } else { vec![branch.as_str()] };
        if let Some(actions) = branch::still_to_ask_with(context, incident, &branches, None)? {
            return Ok(Plan::then_look_again(actions));
        }
        let tip = production::local_branch_tip(context.look, incident)?;
        if let Some(landing) = merge::to_adopt(context, incident, tip.as_ref())? {
            return Ok(Plan::then_look_again(vec![Action::record(vec![EventKind::Merged(landing)])]));
        }
        let head = table::head(incident, tip.as_ref());
        let fix = head.map(|head| Fix::new(context, incident, head));
        let table = fix.as_ref().map(Table::new).transpose()?;
        self.refuse_missing(context, incident, tip.as_ref(), table.as_ref())?;
        refuse_uncommitted(context, incident)?;
        refuse_rejected(context, incident)?;
        if incident.records.is_none() {
            return deliver(context, incident);
        }
        if let Some(proposal) = records_to_propose(context, incident)? {
            // A reason ends the incident even where the service takes no pull request.
            let may_fail = self.reason.is_some();
            let propose = Action::Forge(ForgeAction::ProposeRecords { proposal, may_fail });
            return Ok(Plan::then_look_again(vec![propose]));
        }
        let cleanup_left = clean_up(context, incident, table.as_ref())?;
        // A work tree that could not follow is told once; planned again, it would never end.
        if !cleanup_left.is_empty() && !context.known.could_not_follow() {
            return Ok(Plan::then_look_again(cleanup_left));
        }
        let events = vec![EventKind::Closed { reason: self.reason.clone() }];
        Ok(Plan::then_look_again(vec![Action::record(events)]))
    }
}

impl Close {
    fn closed(&self, context: &Context<'_>, incident: &Incident) -> Result<Plan> {
        let closed_now = !context.known.is_first_look();
        let evidence = postmortem::evidence(context, incident)?;
        let mut text = document::summary(incident, &evidence, &context.config.severities, context.now)
            .map_err(Refusal::from_render)?;
        if !closed_now {
            let at = incident.milestones.get(&Milestone::Closed).map(|at| time::human(*at)).unwrap_or_default();
            text = format!("{} was closed at {at}\n\n{text}", incident.id);
        }
        let mut outcome = Outcome::text(text);
        if let Some(branch) = open_records(context, incident)? {
            let production = incident.production.display_name();
            let link = context.known.url_of_records().map(|url| format!(" at {}", one_line(url))).unwrap_or_default();
            outcome.hints.push(format!("the records are proposed as {branch}{link}: merge it into {production}"));
        }
        let rows = table::rows(context, incident)?;
        let is_open = |line: &str| rows.iter().any(|row| row.line == line && row.state == RowState::Proposed);
        let proposed = incident.carried.iter().filter(|carried| carried.by == CarriedBy::Proposal);
        let proposed = proposed.filter(|carried| is_open(&carried.line));
        outcome.hints.extend(proposed.map(|carried| {
            let proposal = carried.place().unwrap_or_default();
            format!("{} gets the fix by {}: see that it is merged", carried.line, one_line(&proposal))
        }));
        outcome.hints.extend(cleanup::production_left_behind(context, incident)?);
        outcome.hints.extend(cleanup::own_work_tree_left(context, incident)?);
        if closed_now {
            outcome.hints.extend(due(context, incident));
            outcome.hints.extend(to_complete(incident, &document::unknowns(incident, &evidence)));
        }
        Ok(Plan::finished(outcome))
    }

    /// Refuses while a step that is due is missing, unless a reason is given.
    fn refuse_missing(
        &self,
        context: &Context<'_>,
        incident: &Incident,
        tip: Option<&ObjectId>,
        table: Option<&Table<'_>>,
    ) -> Result<()> {
        if let Some(reason) = &self.reason {
            return if one_line(reason).is_empty() {
                Err(Refusal::usage(Code::Reason, "--reason: say why it may close"))
            } else {
                Ok(())
            };
        }
        let own = |command: &str| format!("{} {command}", context.program);
        let lacks = aftermath::lacks(context.config, incident);
        let lacks = lacks.into_iter().map(|lack| (true, lack.text(), lack.command(context, incident)));
        let missing = std::iter::once((!merge::landed(context, incident, tip)?, "the fix is not merged", own("ship")))
            .chain(lacks);
        let rows = table.map_or_else(|| Ok(Vec::new()), Table::rows)?;
        let others = rows.get(1..).unwrap_or_default();
        let open: Vec<&Row> = others.iter().filter(|row| row.is_open()).collect();
        let lacking: Vec<&str> = open.iter().map(|row| row.line.as_str()).collect();
        let verb = if lacking.len() == 1 { "lacks" } else { "lack" };
        let lacking_lines = format!("{} {verb} the fix", lacking.join(", "));
        let by = table::next(others, incident).unwrap_or("ship");
        let reverted = rows.first().filter(|row| row.state == RowState::Reverted).and_then(|row| row.commit.as_ref());
        let back = reverted.map(|revert| own(&format!("revert {}", revert.short()))).unwrap_or_default();
        let taken_out = format!("{} took the fix out again", incident.production.display_name());
        let reverted = (reverted.is_some(), taken_out.as_str(), back);
        let missing = missing.chain([reverted, (!open.is_empty(), lacking_lines.as_str(), own(by))]);
        let missing: Vec<_> = missing.filter(|(missing, _, _)| *missing).collect();
        let Some((_, _, command)) = missing.first() else { return Ok(()) };
        let what: Vec<&str> = missing.iter().map(|(_, what, _)| *what).collect();
        let refusal =
            Refusal::precondition(Code::NotComplete, format!("{} cannot close yet: {}", incident.id, what.join(", ")));
        let refusal = match incident.is_rolled_back() {
            true => refusal.hint(aftermath::better_fix(context, incident)?),
            false => refusal,
        };
        let refusal = refusal.hint(command);
        let waive =
            |line: &&str| format!("{} propagation --waive {line} --reason \"...\"   # if it need not", context.program);
        let refusal = lacking.first().map(waive).into_iter().fold(refusal, Refusal::hint);
        Err(refusal.hint(format!("or say why it may: {} close --reason \"...\"", context.program)))
    }
}

/// When the postmortem is due, where its severity says so.
fn due(context: &Context<'_>, incident: &Incident) -> Option<String> {
    let due = incident.postmortem_due(&context.config.severities)?;
    let today = context.now.to_zoned(jiff::tz::TimeZone::UTC).date();
    Some(format!("the postmortem {} due on {due}", if due < today { "was" } else { "is" }))
}

/// Refuses uncommitted changes other than our own documents.
fn refuse_uncommitted(context: &Context<'_>, incident: &Incident) -> Result<()> {
    let own = own_paths(context, incident)?;
    let state = context.look.git.work_tree_state()?;
    let foreign: Vec<String> =
        state.changed.into_iter().chain(state.conflicted).filter(|path| !own.contains(path)).collect();
    if foreign.is_empty() { Ok(()) } else { Err(preflight::dirty(&foreign, &incident.production.branch)) }
}

fn own_paths(context: &Context<'_>, incident: &Incident) -> Result<Vec<String>> {
    let postmortem = postmortem::path(context, incident)?;
    Ok(match context.config.records {
        Deliver::Push | Deliver::PullRequest => vec![postmortem],
        // Left in the work tree, all our documents are uncommitted until a person commits them.
        Deliver::Leave => all_paths(context, incident, &postmortem),
    })
}

/// Whether the records go on a branch of their own: by the rules, or because production refused them in this run.
fn proposes(context: &Context<'_>, incident: &Incident) -> bool {
    let production = RefName::of_branch(&incident.production.branch).to_string();
    incident.production.remote.is_some()
        && (context.config.records == Deliver::PullRequest || context.known.rejected(&production).is_some())
}

/// The branch that proposes the records.
pub(super) fn records_branch(incident: &Incident) -> String {
    format!("{}-records", incident.branch())
}

/// The pull request for the branch of the records, where a service hosts the repository; once a run, since it is found
/// again there.
pub(super) fn records_to_propose(context: &Context<'_>, incident: &Incident) -> Result<Option<Proposal>> {
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
pub(super) fn open_records<'a>(context: &Context<'_>, incident: &'a Incident) -> Result<Option<&'a String>> {
    let Some(records) = &incident.records else { return Ok(None) };
    let is_there = match &records.commit {
        Some(commit) => production::contains(context.look, &incident.production, commit)?,
        None => false,
    };
    Ok(records.branch.as_ref().filter(|_| !is_there))
}

/// Stops when even the branch of the records was refused.
pub(super) fn refuse_rejected(context: &Context<'_>, incident: &Incident) -> Result<()> {
    let wanted = RefName::of_branch(&records_branch(incident)).to_string();
    let rejected = context.known.rejected(&wanted).map(|no| &no.reason);
    let Some(reason) = rejected else { return Ok(()) };
    let message = format!("the remote refused the records on {}: {reason}", records_branch(incident));
    Err(Refusal::new(crate::port::ErrorKind::Refused, Code::Rejected, message)
        .hint("[records] deliver = \"leave\" leaves them in the work tree, for a pull request of your own")
        .hint(format!("once: HOTFIX_RECORDS_DELIVER=leave {} close", context.program)))
}

/// The delivery of the records: first where the postmortem is, then the files, then that they are where they belong.
fn deliver(context: &Context<'_>, incident: &Incident) -> Result<Plan> {
    let tip = production::tip(context.look, &incident.production)?;
    let path = postmortem::path(context, incident)?;
    let text = postmortem_text(context, incident, &tip, &path)?;
    let digest = sha256_hex(&text);
    let from_tip = |path: &str| -> Result<Option<Vec<u8>>> { Ok(context.look.git.file_at(&tip, path)?) };
    let from_files = |path: &str| -> Result<Option<Vec<u8>>> { Ok(context.look.files.read(path)?) };
    let paths = all_paths(context, incident, &path);
    let delivered = |commit| EventKind::RecordsDelivered { commit, paths, branch: None };
    let actions = match context.config.records {
        // Production has them: an earlier run pushed, and was killed before it could say so.
        Deliver::Push | Deliver::PullRequest => match edits(context, incident, &path, text, &from_tip)? {
            none if none.is_empty() => vec![Action::record(vec![delivered(Some(tip))])],
            edits => vec![match proposed_before(context, incident, &edits)? {
                Some(event) => Action::record(vec![event]),
                None => {
                    let propose_as = branch_to_propose(context, incident)?;
                    commit_and_publish(context, incident, tip, edits, propose_as)?
                }
            }],
        },
        Deliver::Leave => match edits(context, incident, &path, text, &from_files)? {
            none if none.is_empty() => vec![Action::record(vec![delivered(None)])],
            edits => write_here(context, edits)?,
        },
    };
    if incident.postmortem.is_some() {
        return Ok(Plan::then_look_again(actions));
    }
    // The name is recorded before the file is there: a later run must not choose another.
    let written = Action::record(vec![postmortem::written(context, &path, digest)]);
    Ok(Plan::then_look_again(vec![written]).ahead(actions))
}

/// The delivery that a run before this one finished without being able to say so.
fn proposed_before(context: &Context<'_>, incident: &Incident, edits: &[FileEdit]) -> Result<Option<EventKind>> {
    let Some(commit) = incident.records_in_doubt.as_ref().filter(|_| proposes(context, incident)) else {
        return Ok(None);
    };
    let branch = records_branch(incident);
    if production::remote_tip(context, &incident.production, &branch)?.as_ref() != Some(commit) {
        return Ok(None);
    }
    let paths = edits.iter().map(|edit| edit.path.clone()).collect();
    Ok(Some(EventKind::RecordsDelivered { commit: Some(commit.clone()), paths, branch: Some(branch) }))
}

/// The branch to propose the records on, where they are to be proposed; one that is not ours is left alone.
pub(super) fn branch_to_propose(context: &Context<'_>, incident: &Incident) -> Result<Option<RecordsBranch>> {
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

fn write_here(context: &Context<'_>, edits: Vec<FileEdit>) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    for edit in edits {
        let expected = context.look.files.read(&edit.path)?;
        actions.push(Action::File(FileAction::Write { path: edit.path, expected, content: edit.content }));
    }
    Ok(actions)
}

pub(super) fn commit_and_publish(
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
    let checkout = worktrees.into_iter().find(|worktree| worktree.branch.as_ref() == Some(&production.branch));
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

/// The postmortem as it is here, as it is on production, or drafted now.
fn postmortem_text(context: &Context<'_>, incident: &Incident, tip: &ObjectId, path: &str) -> Result<Vec<u8>> {
    let here = context.look.files.read(path)?.filter(|bytes| postmortem::belongs_to(incident, bytes));
    if let Some(edited) = here.filter(|bytes| !postmortem::is_unedited(incident, bytes)) {
        return postmortem::completed(context, &as_closed(incident), edited);
    }
    let there = context.look.git.file_at(tip, path)?.filter(|bytes| postmortem::belongs_to(incident, bytes));
    match there {
        Some(there) => postmortem::completed(context, &as_closed(incident), there),
        None => postmortem::draft(context, &as_closed(incident)).map(String::into_bytes),
    }
}

/// The incident as the records tell it: they are part of its end.
fn as_closed(incident: &Incident) -> Incident {
    let mut closed = incident.clone();
    closed.status = Status::Closed;
    closed
}

type Before<'a> = &'a dyn Fn(&str) -> Result<Option<Vec<u8>>>;

fn edits(
    context: &Context<'_>,
    incident: &Incident,
    path: &str,
    postmortem: Vec<u8>,
    before: Before<'_>,
) -> Result<Vec<FileEdit>> {
    let documents = &context.config.documents;
    let mut edits = vec![FileEdit { path: path.to_owned(), content: postmortem }];
    let entry = StatusEntry::of(&as_closed(incident), &context.config.severities, context.now);
    let status = records::status_file(before(&documents.status)?.as_deref(), &entry)
        .map_err(|error| wrong_file(&documents.status, &error))?;
    edits.push(FileEdit { path: documents.status.clone(), content: status });
    if incident.has_band_aid() {
        let debts = DebtEntry::of(incident);
        let debt = records::tech_debt_file(before(&documents.tech_debt)?.as_deref(), &debts)
            .map_err(|error| wrong_file(&documents.tech_debt, &error))?;
        edits.push(FileEdit { path: documents.tech_debt.clone(), content: debt });
    }
    let mut changed = Vec::new();
    for edit in edits {
        // An edit that changes nothing would make an empty commit at each run.
        if before(&edit.path)?.as_deref() != Some(edit.content.as_slice()) {
            changed.push(edit);
        }
    }
    Ok(changed)
}

fn wrong_file(path: &str, error: &records::EditError) -> Refusal {
    Refusal::precondition(Code::Records, format!("failed to add the record to {path}: {}", error.doing()))
        .hint("fix the file on the production branch, or name another in [documents]")
}

fn all_paths(context: &Context<'_>, incident: &Incident, postmortem: &str) -> Vec<String> {
    let documents = &context.config.documents;
    let mut paths = vec![postmortem.to_owned(), documents.status.clone()];
    if incident.has_band_aid() {
        paths.push(documents.tech_debt.clone());
    }
    paths
}

/// What is left after the records: the production branch here, the draft lying in the work tree, the branch of the fix,
/// its own work tree.
fn clean_up(context: &Context<'_>, incident: &Incident, table: Option<&Table<'_>>) -> Result<Vec<Action>> {
    let mut actions = follow_records(context, incident)?;
    if let Some(table) = table.filter(|_| incident.merged.is_some()) {
        // `follow_records` brings production further than the landing does.
        let follows = |action: &Action| matches!(action, Action::Git(GitAction::FastForward { .. }));
        let landing = cleanup::plan(table)?;
        actions.extend(landing.into_iter().filter(|action| !follows(action)));
    }
    let own = cleanup::own_work_tree(context, incident)?;
    if let Some(path) = own.filter(|path| *path != production::top(context) && incident.merged.is_some()) {
        actions.push(Action::Git(GitAction::RemoveWorktree { path }));
    }
    Ok(actions)
}

/// What the delivered postmortem leaves unknown, and where to complete it.
fn to_complete(incident: &Incident, unknowns: &[String]) -> Option<String> {
    let path = &incident.postmortem.as_ref()?.path;
    let what: Vec<&str> = unknowns.iter().map(|unknown| unknown.split(": ").next().unwrap_or(unknown)).collect();
    (!what.is_empty())
        .then(|| format!("unknown in the postmortem: {}; complete it in {}", what.join(", "), one_line(path)))
}

/// What a lock or an untracked file kept from following when the incident was closed, on the first look of a later run.
fn follow_late(context: &Context<'_>, incident: &Incident) -> Result<Vec<Action>> {
    let git = context.look.git;
    let records = incident.records.as_ref().filter(|records| records.branch.is_none());
    let Some(delivered) = records.and_then(|records| records.commit.as_ref()).filter(|_| context.known.is_first_look())
    else {
        return Ok(Vec::new());
    };
    let head = git.head()?;
    let on_production = head.branch() == Some(incident.production.branch.as_str());
    let Some(head) = head.commit().filter(|_| on_production) else { return Ok(Vec::new()) };
    if git.is_ancestor(delivered, head)? { Ok(Vec::new()) } else { follow_records(context, incident) }
}

/// Brings the work tree here to the delivered records: by a fast-forward where production is checked out, else by
/// removing our draft, whose content is then on production.
pub(super) fn follow_records(context: &Context<'_>, incident: &Incident) -> Result<Vec<Action>> {
    let git = context.look.git;
    let Some(records) = incident.records.as_ref().filter(|records| records.commit.is_some()) else {
        return Ok(Vec::new());
    };
    let tip = production::tip(context.look, &incident.production)?;
    let untracked = git.work_tree_state()?.untracked;
    // git names an untracked folder, not each file in it.
    let is_untracked =
        |path: &str| untracked.iter().any(|name| name == path || (name.ends_with('/') && path.starts_with(name)));
    let (mut lying, mut actions) = (Vec::new(), Vec::new());
    for path in &records.paths {
        let Some(here) = context.look.files.read(path)? else { continue };
        if Some(&here) == git.file_at(&tip, path)?.as_ref() {
            lying.push(path.clone());
        } else if is_untracked(path) && postmortem::is_unedited(incident, &here) {
            // The delivered one was drafted anew, and says all that this one says.
            actions.push(Action::File(FileAction::Remove { path: path.clone(), expected: here }));
        }
    }
    let head = git.head()?;
    if head.branch() == Some(incident.production.branch.as_str()) {
        let follows = if let Some(head) = head.commit() { *head != tip && git.is_ancestor(head, &tip)? } else { false };
        // Somebody committed on it: to merge is theirs.
        if !follows {
            return Ok(Vec::new());
        }
        let (branch, worktree) = (incident.production.branch.clone(), production::top(context));
        actions.push(Action::Git(GitAction::FastForward { branch, worktree, to: tip, stage: lying }));
        return Ok(actions);
    }
    for path in lying.into_iter().filter(|path| is_untracked(path)) {
        let expected = context.look.files.read(&path)?.unwrap_or_default();
        actions.push(Action::File(FileAction::Remove { path, expected }));
    }
    Ok(actions)
}
