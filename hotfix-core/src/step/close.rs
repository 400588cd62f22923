//! Step 8: the records, delivered where they belong, and the end.

use crate::config::Deliver;
use crate::document;
use crate::document::Required;
use crate::document::records::{self, StatusEntry};
use crate::domain::{CarriedBy, EventKind, Incident, Milestone, ObjectId, Status, one_line, sha256_hex};
use crate::port::FileEdit;
use crate::production::{self, unfetched};
use crate::release::cleanup::{self, NextTry};
use crate::release::commits::Fix;
use crate::release::table::Table;
use crate::release::taken_out::TakenOut;
use crate::release::{aftermath, branch, delivery, merge, page, pull_request, table};
use crate::workflow::{
    Action, Code, Context, EditorUse, FileAction, ForgeAction, GitAction, Outcome, Plan, Refusal, Result, Row,
    RowState, Step, refuse_blank,
};
use crate::worktree::{checkout, preflight};

use super::postmortem::{self, asked, edited, tech_debt, told};

/// Write the records and close the incident
///
/// Commits the postmortem (drafted now if it is not written yet), the record and the Command History row of STATUS.md and
/// TECH-DEBT.md on the production branch, pushes them, removes what is left of the branch and prints the summary. The
/// postmortem has to say why it happened, what was broken for users and what keeps it from happening again: in a terminal it
/// asks for that.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Close {
    /// Open the whole postmortem in your editor before it is pushed
    #[cfg_attr(feature = "cli", arg(long))]
    pub edit: bool,
    /// Why it happened, for the postmortem
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub root_cause: Option<String>,
    /// What was broken for users
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub impact: Option<String>,
    /// What keeps it from happening again, or "none because ..."
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub prevention: Option<String>,
    /// Close although a step or an answer is missing, for this reason; the answers are "unknown because TEXT" then
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub reason: Option<String>,
    /// Go on although events of the incident cannot be read; recorded, with which ones
    #[cfg_attr(feature = "cli", arg(long, value_name = "REASON"))]
    pub accept_damage: Option<String>,
}

impl Step for Close {
    step_facts!("close" about Any telling root_cause impact prevention reason accept_damage, drives, needs_every_event, needs_work_tree);

    fn editor(&self) -> Option<EditorUse> {
        let instead = "close --root-cause \"...\" --impact \"...\" --prevention \"...\"";
        self.edit.then_some(EditorUse { argument: "--edit", is_given: true, instead })
    }

    fn accepts_damage(&self) -> Option<&str> {
        self.accept_damage.as_deref()
    }

    /// Each round plans the first of these that is left to do, and the next round looks again:
    ///
    /// 1. refuse a canceled incident; of a closed one, bring the work tree to the records, then print the summary
    /// 2. see what became of pull requests, and where the branches are on the remote
    /// 3. record what landed already
    /// 4. refuse while a step is missing, unless there is a reason
    /// 5. refuse uncommitted changes other than our own documents, and what the remote refused
    /// 6. record what is told for the postmortem, ask for it, and refuse while it does not answer what it has to
    ///    --edit shows it in the editor before
    /// 7. record the postmortem as written
    /// 8. deliver the records: push them, propose them on a branch of their own, or leave them in the work tree
    /// 9. open the pull request of the records, where they are proposed
    /// 10. clean up: the work tree here, the branches, the work tree of the fix's own
    /// 11. record that it is closed
    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        match incident.status {
            Status::Closed => {
                if let Some(plan) = self.told_late(context, incident)? {
                    return Ok(plan);
                }
                let late = follow_late(context, incident)?;
                return if late.is_empty() { self.closed(context, incident) } else { Ok(Plan::then_look_again(late)) };
            }
            Status::Canceled => {
                let message = format!("{}; there is nothing to close", context.over(incident));
                return Err(context
                    .instead_of(incident)
                    .fold(Refusal::precondition(Code::Canceled, message), Refusal::hint));
            }
            Status::Triage | Status::Active | Status::Mitigated | Status::Resolved => {}
        }
        if let Some(actions) = pull_request::still_to_look_at(context, incident)? {
            return Ok(Plan::then_look_again(actions));
        }
        let (branch, records) = (incident.branch(), delivery::records_branch(incident));
        let branches =
            if delivery::proposes(context, incident) { vec![branch.as_str(), &records] } else { vec![branch.as_str()] };
        if let Some(actions) = branch::still_to_ask_with(context, incident, &branches, None)? {
            return Ok(Plan::then_look_again(actions));
        }
        let tip = production::local_branch_tip(context.look, incident)?;
        if let Some(landing) = merge::to_adopt(context, incident, tip.as_ref())? {
            return Ok(Plan::then_look_again(vec![Action::record(vec![EventKind::Merged(landing)])]));
        }
        let is_unseen = merge::is_gone_unseen(context, incident)?;
        let head = table::head(incident, tip.as_ref()).filter(|_| !is_unseen);
        let fix = head.map(|head| Fix::new(context, incident, head)).transpose()?;
        let table = fix.as_ref().map(Table::new).transpose()?;
        self.refuse_missing(context, incident, tip.as_ref(), table.as_ref())?;
        refuse_uncommitted(context, incident)?;
        delivery::refuse_rejected(context, incident)?;
        if incident.records.is_none() {
            let news = told::news(&self.told(), incident)?;
            return if news.is_empty() { self.deliver(context, incident) } else { Ok(record(news)) };
        }
        if let Some(proposal) = delivery::records_to_propose(context, incident)? {
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
        let closed_now = context.known.has_ended();
        let ended = || {
            let at =
                incident.milestones.get(&Milestone::Closed).map(|at| context.reader.second(*at)).unwrap_or_default();
            let by = context.ended_by_another(incident).map(|(who, _)| format!(" by {who}")).unwrap_or_default();
            format!("{} was closed{by} at {at}\n", incident.id)
        };
        // Whoever closed it elsewhere has what landed; here production may not have been fetched since.
        if let Some(landed) = incident.merge_commit().filter(|_| !closed_now)
            && !context.look.git.has_commit(landed)?
        {
            let remote = incident.production.remote.as_deref().map(shell_words::quote).unwrap_or_default();
            let hint = format!("git fetch {remote}   # what landed is not here; then the same command tells more");
            return Ok(Plan::finished(Outcome::text(ended()).hint(hint)));
        }
        let is_taken_out = is_taken_out(context, incident)?;
        let evidence = document::Evidence { is_taken_out, ..postmortem::evidence(context, incident)? };
        let mut text = document::summary(incident, &evidence, &context.config.severities, context.now)
            .map_err(Refusal::from_render)?;
        if !closed_now {
            text = format!("{}\n{text}", ended());
        }
        text.extend(page::records(context, incident)?.map(|url| format!("records: {url}\n")));
        let mut outcome = Outcome::text(text);
        if let Some(branch) = delivery::open_records(context, incident)? {
            let production = incident.production.display_name();
            let link = context.known.url_of_records().map(|url| format!(" at {}", one_line(url))).unwrap_or_default();
            outcome.hints.push(format!("the records are proposed as {branch}{link}: merge it into {production}"));
        }
        let rows = table::rows(context, incident)?;
        let is_open = |line: &str| rows.iter().any(|row| row.line == line && row.state == RowState::Proposed);
        let proposed = incident.carried.iter().filter(|carried| carried.by == CarriedBy::Proposal);
        let proposed = proposed.filter(|carried| is_open(&carried.line));
        outcome.hints.extend(proposed.map(|carried| {
            let proposal = carried.proposal().unwrap_or_default();
            format!("{} gets the fix by {}: see that it is merged", carried.line, one_line(&proposal))
        }));
        if closed_now {
            outcome.hints.extend(cleanup::remote_branch_left(context, incident)?);
        }
        outcome.hints.extend(cleanup::production_left_behind(context, incident)?);
        outcome.hints.extend(cleanup::own_work_tree_left(context, incident)?);
        if self.edit && !closed_now {
            outcome.hints.push(format!(
                "{} postmortem --edit --incident {}   # it is delivered; what you change is yours to commit",
                context.program, incident.id
            ));
        }
        if closed_now {
            outcome.hints.extend(due(context, incident));
            outcome.hints.extend(to_complete(context, incident, &unknowns(context, incident, &evidence)?));
        }
        Ok(Plan::finished(outcome))
    }

    /// What flags tell for the postmortem.
    fn told(&self) -> [(Required, &Option<String>); 3] {
        Required::ALL.map(|required| match required {
            Required::RootCause => (required, &self.root_cause),
            Required::Impact => (required, &self.impact),
            Required::Prevention => (required, &self.prevention),
        })
    }

    /// What flags tell of an incident that is closed: it is recorded, and goes into the delivered postmortem.
    fn told_late(&self, context: &Context<'_>, incident: &Incident) -> Result<Option<Plan>> {
        let told = self.told();
        let news = told::news(&told, incident)?;
        if !news.is_empty() {
            return Ok(Some(record(news)));
        }
        if context.known.has_ended() || told.iter().all(|(_, text)| text.is_none()) {
            return Ok(None);
        }
        let path = postmortem::path(context, incident)?;
        if let Some(plan) = postmortem::redeliver::plan(context, incident, &path)? {
            return Ok(Some(plan));
        }
        let there = postmortem::redeliver::text(context, incident, &path)?;
        let way = format!("paste the text above into {path}, and commit it");
        self.not_taken(context, incident, &path, &there, way)
    }

    /// Fails where the postmortem has a section that somebody wrote, and a flag tells something else.
    fn not_taken(
        &self,
        context: &Context<'_>,
        incident: &Incident,
        path: &str,
        said: &str,
        way: String,
    ) -> Result<Option<Plan>> {
        let told = self.told();
        if told.iter().all(|(_, text)| text.is_none()) {
            return Ok(None);
        }
        let missing = postmortem::complete(context, &postmortem::as_closed(incident), said)?.missing;
        Ok(told::not_taken(&told, &missing, path)
            .map(|(text, refusal)| Plan::finished(Outcome { failure: Some(refusal.hint(way)), ..Outcome::text(text) })))
    }

    /// The delivery of the records: first what the postmortem has to answer, then where it is, then the files, then that they
    /// are where they belong.
    fn deliver(&self, context: &Context<'_>, incident: &Incident) -> Result<Plan> {
        let tip = production::tip(context.look, &incident.production)?;
        let path = postmortem::path(context, incident)?;
        edited::refuse_foreign(context, incident, &path)?;
        let (text, note) = postmortem::text_to_deliver(context, incident, &tip, &path)?;
        let plan = self.deliver_text(context, incident, tip, path, text)?;
        Ok(plan.notes(note.into_iter().collect()))
    }

    fn deliver_text(
        &self,
        context: &Context<'_>,
        incident: &Incident,
        tip: ObjectId,
        path: String,
        text: Vec<u8>,
    ) -> Result<Plan> {
        if self.edit {
            let edited = edited::plan(context, incident, &path, &text)?;
            if let Some(plan) = edited {
                return Ok(plan);
            }
        }
        let said = String::from_utf8_lossy(&text);
        let way =
            format!("put the text above into {path} yourself, or leave the flag out: what is written there counts");
        if let Some(plan) = self.not_taken(context, incident, &path, &said, way)? {
            return Ok(plan);
        }
        let is_open = |asked: &Required| asked.recorded(incident).is_none() && !asked.is_answered_in(&said);
        let open: Vec<Required> = Required::ALL.into_iter().filter(is_open).collect();
        let is_told = self.told().iter().any(|(_, text)| text.is_some());
        let asks = context.answers.can_ask && self.reason.is_none() && !self.edit && !(is_told && open.is_empty());
        let told_now = |asked| self.told().iter().any(|(told, text)| *told == asked && text.is_some());
        if let Some(plan) = asks.then(|| asked::ask(context, incident, &said, told_now)).flatten() {
            return Ok(plan);
        }
        // What was told since goes into the file that lies here, too: another one would keep the work tree from following. With a
        // remote one that nobody edited is taken away first; without one, the branch moves under its work tree at once.
        let is_kept = |lies: &[u8]| incident.production.remote.is_none() || !delivery::is_unedited(incident, lies);
        let lies = context.look.files.read(&path)?;
        let lies = lies.filter(|lies| postmortem::belongs_to(incident, lies) && is_kept(lies) && *lies != text);
        if let Some(lies) = lies.filter(|_| open.is_empty())
            && !delivery::is_as_committed(context, &path)?
        {
            let write = Action::File(FileAction::Write { path, expected: Some(lies), content: text });
            return Ok(Plan::then_look_again(vec![write]));
        }
        match &self.reason {
            _ if open.is_empty() => deliver(context, incident, tip, &path, text),
            Some(reason) => {
                let unknown = format!("unknown because {reason}");
                Ok(record(open.into_iter().map(|asked| told::event(asked, &unknown)).collect()))
            }
            None if self.edit => {
                let again = format!("{} close --edit   # goes on with {}", context.program, one_line(&path));
                Err(unanswered(context, incident, &open).hint(again))
            }
            None => Err(unanswered(context, incident, &open)),
        }
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
            return refuse_blank(reason, Code::Reason, "--reason: say why it may close");
        }
        let own = |command: &str| format!("{} {command}", context.program);
        let lacks = aftermath::lacks(context.config, incident);
        let lacks = lacks.into_iter().map(|lack| (true, lack.text(), lack.command(context, incident)));
        let missing = std::iter::once((!merge::landed(context, incident, tip)?, "the fix is not merged", own("ship")))
            .chain(lacks);
        let rows = table.map_or_else(|| Ok(Vec::new()), Table::rows)?;
        let others = rows.get(1..).unwrap_or_default();
        let (unknown, open): (Vec<&Row>, Vec<&Row>) =
            others.iter().filter(|row| row.is_open()).partition(|row| row.state == RowState::Unknown);
        let lacking: Vec<&str> = open.iter().map(|row| row.line.as_str()).collect();
        let verb = if lacking.len() == 1 { "lacks" } else { "lack" };
        let lacking_lines = format!("{} {verb} the fix", lacking.join(", "));
        let unknown_lines: Vec<&str> = unknown.iter().map(|row| row.line.as_str()).collect();
        let cut_off = format!("whether {} has the fix cannot be told: history is cut off", unknown_lines.join(", "));
        let by = table::next(context, others, incident).unwrap_or_else(|| own("ship"));
        let reverted = rows.first().filter(|row| row.state == RowState::Reverted).and_then(|row| row.commit.as_ref());
        let back = reverted.map(|revert| own(&format!("revert {}", revert.short()))).unwrap_or_default();
        let taken_out = format!("{} took the fix out again", incident.production.display_name());
        let reverted = (reverted.is_some(), taken_out.as_str(), back);
        let missing = missing.chain([
            reverted,
            (!open.is_empty(), lacking_lines.as_str(), by),
            (!unknown.is_empty(), cut_off.as_str(), unfetched::way(context.look, incident)),
        ]);
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
        let refusal = lacking.iter().chain(&unknown_lines).next().map(waive).into_iter().fold(refusal, Refusal::hint);
        let is_its_answer = Required::ALL.into_iter().any(|asked| asked.recorded(incident).is_none());
        let note = if is_its_answer { "   # also of what the postmortem leaves open" } else { "" };
        Err(refusal.hint(format!("or say why it may: {} close --reason \"...\"{note}", context.program)))
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
    if !context.look.git.has_changes()? {
        return Ok(());
    }
    checkout::refuse_unsettled(context)?;
    let own = own_paths(context, incident)?;
    let state = context.look.git.work_tree_state()?;
    let mut foreign = state.changed;
    foreign.retain(|path| !own.contains(path));
    if foreign.is_empty() {
        return Ok(());
    }
    let refusal = preflight::not_committed(&foreign);
    Err(preflight::out_of_the_way(&foreign, &state.outdated).into_iter().fold(refusal, Refusal::hint))
}

fn own_paths(context: &Context<'_>, incident: &Incident) -> Result<Vec<String>> {
    let postmortem = postmortem::path(context, incident)?;
    Ok(match context.config.records {
        Deliver::Push | Deliver::PullRequest => vec![postmortem],
        // Left in the work tree, all our documents are uncommitted until a person commits them.
        Deliver::Leave => all_paths(context, incident, &postmortem),
    })
}

fn record(events: Vec<EventKind>) -> Plan {
    Plan::then_look_again(vec![Action::record(events)])
}

/// The postmortem leaves open what it has to answer.
fn unanswered(context: &Context<'_>, incident: &Incident, open: &[Required]) -> Refusal {
    let what: Vec<&str> = open.iter().map(|asked| asked.what()).collect();
    let message = format!("{} cannot close yet: the postmortem does not say {}", incident.id, what.join(", "));
    let flags: Vec<String> = open
        .iter()
        .map(|asked| match asked {
            Required::Prevention => format!("{} \"none because ...\"", told::flag(*asked)),
            Required::RootCause | Required::Impact => format!("{} \"...\"", told::flag(*asked)),
        })
        .collect();
    Refusal::usage(Code::Unanswered, message)
        .hint(format!("{} close {}", context.program, flags.join(" ")))
        .hint(format!("{} close --reason \"...\"   # why it is not known", context.program))
}

/// First where the postmortem is, then the files, then that they are where they belong.
fn deliver(context: &Context<'_>, incident: &Incident, tip: ObjectId, path: &str, text: Vec<u8>) -> Result<Plan> {
    let digest = sha256_hex(&text);
    let from_tip = |path: &str| -> Result<Option<Vec<u8>>> { Ok(context.look.git.file_at(&tip, path)?) };
    let from_files = |path: &str| -> Result<Option<Vec<u8>>> { Ok(context.look.files.read(path)?) };
    let paths = all_paths(context, incident, path);
    let delivered = |commit| EventKind::RecordsDelivered { commit, paths, branch: None };
    let actions = match context.config.records {
        // Production has them: an earlier run pushed, and was killed before it could say so.
        Deliver::Push | Deliver::PullRequest => match edits(context, incident, path, text, &from_tip)? {
            none if none.is_empty() => vec![Action::record(vec![delivered(Some(tip))])],
            edits => vec![match proposed_before(context, incident, &edits)? {
                Some(event) => Action::record(vec![event]),
                None => {
                    let propose_as = delivery::branch_to_propose(context, incident)?;
                    delivery::commit_and_publish(context, incident, tip, edits, propose_as)?
                }
            }],
        },
        Deliver::Leave => match edits(context, incident, path, text, &from_files)? {
            none if none.is_empty() => vec![Action::record(vec![delivered(None)])],
            edits => delivery::write_here(context, edits)?,
        },
    };
    if incident.postmortem.is_some() {
        return Ok(Plan::then_look_again(actions));
    }
    // The name is recorded before the file is there: a later run must not choose another.
    let written = Action::record(vec![postmortem::written(context, path, digest)]);
    Ok(Plan::then_look_again(vec![written]).ahead(actions))
}

/// The delivery that a run before this one finished without being able to say so.
fn proposed_before(context: &Context<'_>, incident: &Incident, edits: &[FileEdit]) -> Result<Option<EventKind>> {
    let Some(commit) = incident.records_in_doubt.as_ref().filter(|_| delivery::proposes(context, incident)) else {
        return Ok(None);
    };
    let branch = delivery::records_branch(incident);
    if production::remote_tip(context, &incident.production, &branch)?.as_ref() != Some(commit) {
        return Ok(None);
    }
    let paths = edits.iter().map(|edit| edit.path.clone()).collect();
    Ok(Some(EventKind::RecordsDelivered { commit: Some(commit.clone()), paths, branch: Some(branch) }))
}

fn is_taken_out(context: &Context<'_>, incident: &Incident) -> Result<bool> {
    let find = || unfetched::as_far_as_known(TakenOut::find(context, incident, None));
    Ok(incident.merged.is_some() && find()?.is_some())
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
    let (closed, is_taken_out) = (postmortem::as_closed(incident), is_taken_out(context, incident)?);
    let entry = StatusEntry::of(&closed, is_taken_out, &context.config.severities, context.now);
    let status = records::status_file(before(&documents.status)?.as_deref(), &entry)
        .map_err(|error| tech_debt::wrong_file(&documents.status, &error))?;
    edits.push(FileEdit { path: documents.status.clone(), content: status });
    edits.extend(tech_debt::edit(context, incident, before(&documents.tech_debt)?.as_deref())?);
    let mut changed = Vec::new();
    for edit in edits {
        // An edit that changes nothing would make an empty commit at each run.
        if before(&edit.path)?.as_deref() != Some(edit.content.as_slice()) {
            changed.push(edit);
        }
    }
    Ok(changed)
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
    let mut actions = delivery::follow_records(context, incident)?;
    if let Some(table) = table.filter(|_| incident.merged.is_some()) {
        // `follow_records` brings production further than the landing does.
        let follows = |action: &Action| matches!(action, Action::Git(GitAction::FastForward { .. }));
        let landing = cleanup::plan(table, NextTry::Goes)?;
        actions.extend(landing.into_iter().filter(|action| !follows(action)));
    }
    actions.extend(cleanup::remove_own_work_tree(context, incident)?.filter(|_| incident.merged.is_some()));
    Ok(actions)
}

/// What the delivered postmortem says is unknown; what somebody wrote there by hand is known.
fn unknowns(context: &Context<'_>, incident: &Incident, evidence: &document::Evidence) -> Result<Vec<String>> {
    let path = postmortem::path(context, incident)?;
    let said = postmortem::redeliver::text(context, incident, &path).unwrap_or_default();
    let is_by_hand = |unknown: &String| {
        Required::ALL.iter().any(|asked| unknown.starts_with(asked.what()) && asked.is_answered_in(&said))
    };
    Ok(document::unknowns(incident, evidence).into_iter().filter(|unknown| !is_by_hand(unknown)).collect())
}

/// What the delivered postmortem leaves unknown, how that is told, and how it gets there.
fn to_complete(context: &Context<'_>, incident: &Incident, unknowns: &[String]) -> Vec<String> {
    let Some(postmortem) = incident.postmortem.as_ref().filter(|_| !unknowns.is_empty()) else { return Vec::new() };
    let what: Vec<&str> = unknowns.iter().map(|unknown| unknown.split(": ").next().unwrap_or(unknown)).collect();
    let again = format!("{} postmortem --incident {}", context.program, incident.id);
    vec![
        format!("unknown in the postmortem: {}; {} names the commands", what.join(", "), one_line(&postmortem.path)),
        format!("{again}   # after such a command: delivers it again"),
    ]
}

/// What a lock or an untracked file kept from following when the incident was closed, on the first look of a later run.
fn follow_late(context: &Context<'_>, incident: &Incident) -> Result<Vec<Action>> {
    let git = context.look.git;
    let records = incident.records.as_ref().filter(|records| records.branch.is_none());
    // What this run delivered it let follow already; what could not follow is told once.
    let is_over = context.known.has_ended() || context.known.could_not_follow();
    let Some(delivered) = records.and_then(|records| records.commit.as_ref()).filter(|_| !is_over) else {
        return Ok(Vec::new());
    };
    let head = git.head()?;
    let on_production = head.branch() == Some(incident.production.branch.as_str());
    let Some(head) = head.commit().filter(|_| on_production) else { return Ok(Vec::new()) };
    if git.is_ancestor(delivered, head)? { Ok(Vec::new()) } else { delivery::follow_records(context, incident) }
}
