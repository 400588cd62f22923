//! Hotfixes on production that never reached a line, by the history alone: for CI, where nothing is recorded.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use crate::domain::event::Production;
use crate::domain::{Carried, CarriedBy, Incident, ObjectId, RefName, matches_pattern, one_line};
use crate::port::{CommitDetails, CommitFilter};
use crate::production::{self, detect};
use crate::release::branch::ReleaseBranch;
use crate::release::commits::{self, Fix, REVERTS};
use crate::release::{branch, presence, unrecorded};
use crate::workflow::{Code, Context, Outcome, Plan, Refusal, Result};

/// How a line begins in the message of a commit that brought a hotfix: our own merges, and the titles of pull requests,
/// which hosting services put into merges and squashes.
const MARKS: [&str; 2] = ["Merge hotfix: ", "[HOTFIX] "];

/// So many commands are named at most.
const MOST_COMMANDS: usize = 3;

/// Looks for them.
pub(super) fn plan(context: &Context<'_>) -> Result<Plan> {
    if context.look.git.repository().is_shallow {
        let message =
            "the history is cut off here (a shallow clone): what never reached a release branch cannot be seen";
        return Err(detect::cut_off(context.look, Refusal::precondition(Code::Shallow, message)));
    }
    let production = match detect::choose(context)? {
        detect::ProductionChoice::First(plan) => return Ok(plan),
        detect::ProductionChoice::Here(production) => production,
    };
    let patterns = branch::patterns(context)?;
    let refs = patterns.iter().map(|name| RefName::of_branch(name));
    let refs = refs.filter(|name| *name != RefName::of_branch(&production.branch)).collect();
    let wanted = |branch: &str| patterns.iter().any(|pattern| matches_pattern(pattern, branch));
    if let Some(actions) = production::still_to_ask_about(context, &production, refs, &wanted)? {
        return Ok(Plan::then_look_again(actions));
    }
    let lines = branch::all(context, &production)?;
    let hotfixes = hotfixes(context, &production, &lines)?;
    let fixes = hotfixes.iter().map(|hotfix| Fix::new(context, &hotfix.incident, &hotfix.head));
    let fixes = fixes.collect::<Result<Vec<_>, _>>()?;
    let mut reverts = Reverts::since(context, &hotfixes)?;
    let (mut text, mut missing, mut commands) = (String::new(), BTreeSet::new(), Vec::new());
    for line in &lines {
        let reverted = reverts.files(line)?;
        for (hotfix, fix) in hotfixes.iter().zip(&fixes) {
            if has(fix, hotfix, line, &reverted)?
                || is_waived(context, &hotfix.landed, line)
                || hotfix.is_reverted(fix)?
            {
                continue;
            }
            missing.insert(&hotfix.landed.id);
            let (id, subject) = (hotfix.landed.id.short(), one_line(hotfix.landed.subject()));
            let _ = writeln!(text, "{} lacks {id} {subject}", line.branch); // Writing to a `String` cannot fail.
            let command = hotfix.command(context, line);
            if commands.len() < MOST_COMMANDS && !commands.contains(&command) {
                commands.push(command);
            }
        }
    }
    if missing.is_empty() {
        return Ok(Plan::finished(Outcome::text("every hotfix on production reached every release branch")));
    }
    // Most lack several branches: a row each.
    let what = if missing.len() == 1 { "1 hotfix".to_owned() } else { format!("{} hotfixes", missing.len()) };
    let message = format!("{what} on {} never reached a release branch", production.display_name());
    let refusal = Refusal::check_failed(Code::Propagation, message);
    let refusal = commands.into_iter().fold(refusal, Refusal::hint);
    Ok(Plan::finished(Outcome { text, ..Outcome::failed(refusal) }))
}

/// Whether a release branch has a hotfix. Of one that it holds, walks and merges tell no more where no revert touched its files.
fn has(fix: &Fix<'_>, hotfix: &Hotfix, line: &ReleaseBranch, reverted: &BTreeSet<String>) -> Result<bool> {
    let is_held = fix.is_in(&line.tip)?;
    let is_held = is_held && (reverted.is_empty() || reverted.is_disjoint(&files_of(fix.context, &hotfix.landed)?));
    Ok(is_held || presence::is_on(fix, line)?)
}

/// A hotfix, by what brought it to production.
struct Hotfix {
    landed: CommitDetails,
    incident: Incident,
    head: ObjectId,
    is_reverted: OnceCell<bool>,
}

impl Hotfix {
    /// Whether production took it out again.
    fn is_reverted(&self, fix: &Fix<'_>) -> Result<bool> {
        let find = || Ok(presence::on_production(fix)?.revert().is_some());
        commits::remembered_once(&self.is_reverted, find).copied()
    }

    /// The command that brings it to a release branch.
    fn command(&self, context: &Context<'_>, line: &ReleaseBranch) -> String {
        if let Some(incident) = branch::incident_named(&self.landed.message) {
            return format!("{} backport --incident {incident}", context.program);
        }
        let mainline = if self.landed.parents.len() > 1 { " --mainline 1" } else { "" };
        let branch = shell_words::quote(&line.branch);
        format!("git switch {branch} && git cherry-pick -x{mainline} {}", self.landed.id.short())
    }
}

/// Those on production that not every release branch holds, or that one may have reverted.
fn hotfixes(context: &Context<'_>, production: &Production, lines: &[ReleaseBranch]) -> Result<Vec<Hotfix>> {
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let tip = production::tip(context.look, production)?;
    let mut bases: BTreeSet<ObjectId> = lines.iter().map(|line| line.tip.clone()).collect();
    for line in lines {
        // What all hold, one of them may have reverted: whatever a commit brought, the one before it lacks.
        for revert in context.look.git.commits(Some(&tip), &line.tip, CommitFilter::Says(REVERTS), usize::MAX)? {
            if let Some(reverted) = commits::reverted_by(context, &revert)? {
                bases.extend(reverted.parents.into_iter().next());
            }
        }
    }
    let bases: Vec<ObjectId> = bases.into_iter().collect();
    let git = context.look.git;
    let mut landed = git.marked(&bases, &tip, &MARKS)?;
    // Where production was fast-forwarded to a branch that had merged it, hotfixes are beside its first parents.
    for merge in landed.beside {
        let Some(head) = merge.parents.last() else { continue };
        let is_known = landed.along.iter().any(|known| known.parents.contains(head));
        // A backport came from a release branch; what it was picked from is on production by itself.
        if !is_known && commits::named_by_pick(&git.details(head)?.message).is_none() {
            landed.along.push(merge);
        }
    }
    // Every release branch began after the first commit.
    let hotfix = |landed: CommitDetails| {
        let incident = unrecorded::incident(production, &landed)?;
        let head = incident.merged.as_ref()?.head.clone();
        Some(Hotfix { landed, incident, head, is_reverted: OnceCell::new() })
    };
    Ok(landed.along.into_iter().filter_map(hotfix).collect())
}

/// The reverts since the oldest of several hotfixes.
struct Reverts<'a> {
    context: &'a Context<'a>,
    since: Option<ObjectId>,
    /// What each changed: most are on several release branches.
    known: HashMap<ObjectId, BTreeSet<String>>,
}

impl<'a> Reverts<'a> {
    fn since(context: &'a Context<'a>, hotfixes: &[Hotfix]) -> Result<Self> {
        let mut since: Option<ObjectId> = None;
        for hotfix in hotfixes {
            let is_older = match &since {
                Some(since) => context.look.git.is_ancestor(&hotfix.landed.id, since)?,
                None => true,
            };
            if is_older {
                since = hotfix.landed.parents.first().cloned();
            }
        }
        Ok(Self { context, since, known: HashMap::new() })
    }

    /// The files that those on a release branch changed.
    fn files(&mut self, line: &ReleaseBranch) -> Result<BTreeSet<String>> {
        let mut files = BTreeSet::new();
        let Some(since) = &self.since else { return Ok(files) };
        let says = CommitFilter::Says(REVERTS);
        for revert in self.context.look.git.commits(Some(since), &line.tip, says, usize::MAX)? {
            if !self.known.contains_key(&revert.id) {
                self.known.insert(revert.id.clone(), files_of(self.context, &revert)?);
            }
            files.extend(self.known.get(&revert.id).into_iter().flatten().cloned());
        }
        Ok(files)
    }
}

/// The files that a commit changed against its first parent, by their names before and after.
fn files_of(context: &Context<'_>, commit: &CommitDetails) -> Result<BTreeSet<String>> {
    let Some(before) = commit.parents.first() else { return Ok(BTreeSet::new()) };
    let changes = context.look.git.changes(before, &commit.id)?.into_iter();
    Ok(changes.flat_map(|change| std::iter::once(change.path).chain(change.renamed_from)).collect())
}

/// Whether the incident that is known here says that the line need not have it.
fn is_waived(context: &Context<'_>, hotfix: &CommitDetails, line: &ReleaseBranch) -> bool {
    let Some(incident) = context.incident else { return false };
    let own = branch::names_incident(&hotfix.message, &incident.id);
    let waived = |carried: &Carried| carried.line == line.branch && carried.by == CarriedBy::Waiver;
    own && incident.carried.iter().any(waived)
}
