//! Step 6: whatever is missing before it, then merge, deploy, verify; rollback when production does not come back.

use crate::domain::event::Ending;
use crate::domain::{EventKind, Incident, Milestone, ObjectId, Printable, RefName, one_line};
use crate::production;
use crate::production::push_result;
use crate::release::commits::Fix;
use crate::release::conflict::MergeConflict;
use crate::release::hosted_merge::ForgeOptions;
use crate::release::preview::{self, Preview, Strategy};
use crate::release::table::Table;
use crate::release::{branch, cleanup, conflict, hosted_merge, merge, presence, propagate, pull_request, table, tag};
use crate::workflow::action::merge::LineToLand;
use crate::workflow::action::query::Examination;
use crate::workflow::{
    Action, ActionView, Code, Context, IncidentNeed, Network, Outcome, Plan, Question, Refusal, RowState, Step, Topic,
    time,
};

use super::deploy::DeployRequest;
use super::pr::PrOptions;
use super::{deploy, doctor, pr, verify};

/// Merge the fix into production and every release line, deploy it and verify it
///
/// Runs whatever is missing before it (guard, tests, pull request) and asks once, for the whole plan. Merges exactly the
/// tested commit into all lines at once, or into none; deletes the branch once production on the remote contains it. Run
/// again, it finishes what was interrupted.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Ship {
    /// Merge only; deploy and verify later with their own commands
    #[cfg_attr(feature = "cli", arg(long))]
    pub skip_deploy: bool,
    /// Tag the release with this name instead of the configured one
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub tag: Option<String>,
    /// The tag's annotation, verbatim
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub message: Option<String>,
    /// Lay a conflict with a line out in a work tree of its own, to be settled
    #[cfg_attr(feature = "cli", arg(long))]
    pub resolve: bool,
    /// Forget a landing that met a conflict or an interruption; incident and branch stay
    #[cfg_attr(feature = "cli", arg(long))]
    pub abort: bool,
    /// How it lands at a hosting service
    #[cfg_attr(feature = "cli", command(flatten))]
    pub forge: ForgeOptions,
    /// What the pull request says
    #[cfg_attr(feature = "cli", command(flatten))]
    pub options: PrOptions,
}

impl Step for Ship {
    fn name(&self) -> &'static str {
        "ship"
    }

    fn incident(&self) -> IncidentNeed {
        IncidentNeed::Any
    }

    fn follows_rules(&self) -> bool {
        true
    }

    fn lands(&self) -> bool {
        true
    }

    fn texts(&mut self) -> Vec<&mut String> {
        let reason = &mut self.forge.reason;
        self.message.iter_mut().chain(self.options.texts()).chain(reason).collect()
    }

    fn decides_merges(&self) -> bool {
        true
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan, Refusal> {
        let incident = context.incident()?;
        if !incident.status.is_open() {
            return Ok(Plan::finished(Outcome::nothing_to("ship", incident)));
        }
        hosted_merge::refuse_blank(&self.forge)?;
        refuse_offline(context, incident)?;
        if let Some(actions) = pull_request::still_to_look_at(context, incident)? {
            return Ok(Plan::then_look_again(actions));
        }
        if let Some(actions) = branch::still_to_ask(context, incident, self.tag.as_deref())? {
            return Ok(Plan::then_look_again(actions));
        }
        let tip = production::local_branch_tip(context.look, incident)?;
        if let Some(landing) = merge::to_adopt(context, incident, tip.as_ref())? {
            let note =
                format!("{} is on {} already; recorded", landing.head.short(), incident.production.display_name());
            let record = Action::record(hosted_merge::landed(incident, landing));
            return Ok(Plan::then_look_again(vec![record]).notes(vec![note]));
        }
        if self.abort {
            return forget_landing(context, incident);
        }
        if let Some(plan) = bring_back(context, incident, tip.as_ref())? {
            return Ok(plan);
        }
        if merge::landed(context, incident, tip.as_ref())? {
            return self.after_landing(context, incident);
        }
        if let Some(plan) = hosted_merge::adopt(context, incident, tip.as_ref())? {
            return Ok(plan);
        }
        let Some(tip) = tip else {
            return merge::take_over(context, incident)?
                .map_or_else(|| Err(production::branch_gone(context, incident)?), Ok);
        };
        self.until_landing(context, incident, &tip)
    }
}

impl Ship {
    fn until_landing(&self, context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<Plan, Refusal> {
        push_result::refuse_rejected(context, incident)?;
        hosted_merge::refuse_retargeted(context, incident)?;
        if let Some(offer) = merge::refuse_unready(context, incident, tip)? {
            return Ok(offer);
        }
        let fix = Fix::new(context, incident, tip);
        if let Some(landing) = merge::by_other_commits(&fix)? {
            let production = incident.production.display_name();
            let note = format!("all that {} changes is on {production} already; recorded", incident.branch());
            let record = Action::record(hosted_merge::landed(incident, landing));
            return Ok(Plan::then_look_again(vec![record]).notes(vec![note]));
        }
        let table = Table::new(&fix)?;
        let (others, conflicts) = landing_together(&fix, &table)?;
        if !conflicts.is_empty() {
            return conflict::plan(&fix, &conflicts, self.resolve, "ship");
        }
        let tag = tag::wanted(context, incident, self.tag.as_deref(), self.message.as_deref())?;
        let signs_tag = tag.is_some();
        let landing = merge::land(context, incident, tip, others, tag)?;
        let confirmed = context.answers.about(Topic::Plan);
        if context.network == Network::AsOfLastFetch || confirmed.is_none() {
            let mut ahead: Vec<ActionView> = Vec::new();
            ahead.extend(pr::foresee(context, incident, tip, &self.options)?.into_iter().map(ActionView::from));
            ahead.extend(hosted_merge::foresee(context, incident, &landing)?);
            ahead.extend(cleanup::foresee(context, incident, tip)?.into_iter().map(ActionView::from));
            ahead.extend(self.deployment_ahead(context, incident, tip)?.into_iter().map(ActionView::from));
            return Ok(Plan::ask(question(incident, context)).ahead(ahead).notes(undecided(&fix, &table)?));
        }
        if confirmed == Some(false) {
            return Ok(Plan::finished(Outcome::declined()));
        }
        if let Some(plan) = rehearse_signing(context, signs_tag)? {
            return Ok(plan);
        }
        let told = hosted_merge::as_told(context, incident, &self.forge);
        match pr::next(context, told.as_ref().unwrap_or(incident), tip, &self.options)? {
            Some(plan) => Ok(plan),
            None => hosted_merge::next(context, incident, landing, &self.forge),
        }
    }

    fn deployment_ahead(
        &self,
        context: &Context<'_>,
        incident: &Incident,
        tip: &ObjectId,
    ) -> Result<Vec<Action>, Refusal> {
        if self.skip_deploy {
            return Ok(Vec::new());
        }
        let mut ahead = deploy::foresee(context, incident, tip)?;
        ahead.extend(verify::action(context.config, None, tip));
        Ok(ahead)
    }

    /// What comes once production has the fix, whoever merged it there: first the lines that still lack it, by pushes.
    fn after_landing(&self, context: &Context<'_>, incident: &Incident) -> Result<Plan, Refusal> {
        hosted_merge::refuse_unseen(context, incident)?;
        refuse_reverted(context, incident)?;
        if let Some(action) = tag::after_landing(context, incident, self.tag.as_deref(), self.message.as_deref())? {
            return Ok(Plan::then_look_again(vec![action]));
        }
        if let Some(landing) = &incident.merged {
            let fix = Fix::new(context, incident, &landing.head);
            if let Some(plan) = propagate::merges(&fix, &Table::new(&fix)?, self.resolve)? {
                return Ok(plan);
            }
        }
        if let Some((fetch, names)) = branch::stale_aliases(context, incident)? {
            let production = incident.production.display_name();
            let note = format!("{} on the remote is {production} by another name, and has the fix", names.join(", "));
            return Ok(Plan::then_look_again(vec![fetch]).notes(vec![note]));
        }
        let tidy = cleanup::plan(context, incident)?;
        if !tidy.is_empty() {
            return Ok(Plan::then_look_again(tidy));
        }
        if self.skip_deploy {
            let outcome = merged(context, incident)?.hint("not deployed: --skip-deploy");
            return Ok(Plan::finished(outcome.next(format!("{} deploy", context.program))));
        }
        if let Some(plan) = verify::after_failure(context, incident)? {
            return Ok(plan);
        }
        if let Some(plan) = deploy::next(context, incident, &DeployRequest::default())? {
            return Ok(plan);
        }
        if let Some(plan) = verify::next(context, incident) {
            return Ok(plan);
        }
        Ok(Plan::finished(shipped(context, incident)?))
    }
}

/// The release branches that land together with production, and those that conflict. One that was refused in this run goes by
/// a proposal of its own, once production has the fix.
fn landing_together(fix: &Fix<'_>, table: &Table<'_>) -> Result<(Vec<LineToLand>, Vec<MergeConflict>), Refusal> {
    let (mut others, mut conflicts) = (Vec::new(), Vec::new());
    for entry in table.others.iter().filter(|entry| !entry.is_settled_elsewhere()) {
        let branch = &entry.branch;
        if production::refuses_pushes(fix.context, &branch.branch) || entry.strategy()? == Strategy::CherryPick {
            continue;
        }
        match entry.preview()? {
            Preview::There => {}
            Preview::Clean(arrival) => {
                others.push(branch::to_land(fix.context, &fix.incident.production, branch, arrival.clone())?);
            }
            // A mere look starts no program, and where one decides a conflict is a guess.
            Preview::Conflict(_) if entry.is_undecided()? => {}
            Preview::Conflict(places) => conflicts.push(MergeConflict {
                branch: branch.clone(),
                strategy: Strategy::Merge,
                places: places.clone(),
            }),
        }
    }
    Ok((others, conflicts))
}

/// Notes of the branches whose merge only git can make, which a dry run does not start.
fn undecided(fix: &Fix<'_>, table: &Table<'_>) -> Result<Vec<String>, Refusal> {
    let mut notes = Vec::new();
    for entry in std::iter::once(&table.production).chain(&table.others) {
        if preview::awaits_git(fix, &entry.branch, Strategy::Merge)? {
            let branch = one_line(&entry.branch.branch);
            notes.push(format!(
                "{branch}: decided at ship, by git: a folder was renamed, or attributes say how a file merges"
            ));
        }
    }
    Ok(notes)
}

/// With a remote, landing needs it.
fn refuse_offline(context: &Context<'_>, incident: &Incident) -> Result<(), Refusal> {
    match (&incident.production.remote, context.network) {
        (Some(remote), Network::Offline) => Err(Refusal::precondition(
            Code::Offline,
            format!("shipping needs {remote}, and --offline forbids to ask it"),
        )
        .hint(format!("{} ship", context.program))),
        _ => Ok(()),
    }
}

fn question(incident: &Incident, context: &Context<'_>) -> Question {
    let deploys = context.config.deploy.command.is_some();
    let what = if deploys { "Merge and deploy" } else { "Merge" };
    let text = format!("{what} {} to {}?", incident.branch(), incident.production.display_name());
    Question::Confirm { topic: Topic::Plan, text }
}

/// Brings a fix back on its branch that somebody took out of production again, where the branch went on since: to ship it
/// means to have it back. Without new work, who took it out may have had a reason.
fn bring_back(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<Option<Plan>, Refusal> {
    let landed = incident.merged.as_ref().map(|landing| &landing.head);
    let Some(tip) = tip.filter(|tip| landed != Some(tip)) else { return Ok(None) };
    let Some((action, revert)) = crate::release::revert::bringing_back(context, incident, tip)? else {
        return Ok(None);
    };
    let production = incident.production.display_name();
    let what = format!("{production} took the fix out again by {}", revert.short());
    Ok(Some(match context.answers.about(Topic::BringBack) {
        Some(true) if context.network != Network::AsOfLastFetch => {
            Plan::then_look_again(vec![action]).notes(vec![format!("{what}: it is brought back")])
        }
        Some(false) => Plan::finished(Outcome::declined()),
        Some(true) | None => {
            let text = format!("{what}, and merging its branch once more brings nothing. Take that back?");
            Plan::ask(Question::Confirm { topic: Topic::BringBack, text }).ahead(vec![action])
        }
    }))
}

/// Refuses to go on with a fix that somebody took out of production again, where its branch is gone.
fn refuse_reverted(context: &Context<'_>, incident: &Incident) -> Result<(), Refusal> {
    let presence = presence::of_landing(context, incident)?;
    let Some(revert) = presence.revert() else { return Ok(()) };
    let production = incident.production.display_name();
    let message = format!("the fix was taken out of {production} again by {}", revert.short());
    Err(Refusal::needs_human(
        Code::Reverted,
        format!("{message}; merging its branch once more would not bring it back"),
    )
    .hint(format!("{} revert {}   # brings it back", context.program, revert.short()))
    .hint(format!("{} close --reason \"reverted\"   # it stays out", context.program)))
}

/// Signs a throw-away commit before anything is tested or moved, where commits or tags are signed here.
fn rehearse_signing(context: &Context<'_>, tags: bool) -> Result<Option<Plan>, Refusal> {
    if !doctor::signing_is_wanted(context, tags)? {
        return Ok(None);
    }
    match context.known.answer(&Examination::Signing) {
        None => Ok(Some(Plan::then_look_again(vec![Action::Examine(Examination::Signing)]))),
        Some(Ok(_)) => Ok(None),
        Some(Err(trouble)) => {
            let message = format!("signing does not work, and nothing was changed: {}", trouble.message);
            Err(Refusal::precondition(Code::Signing, message)
                .hint(format!("{} doctor   # tries it with a throw-away commit", context.program)))
        }
    }
}

fn forget_landing(context: &Context<'_>, incident: &Incident) -> Result<Plan, Refusal> {
    if incident.merged.is_some() {
        let text = format!("{} has landed; there is no landing to forget", incident.branch());
        return Ok(Plan::finished(Outcome::text(text).next(format!("{} status", context.program))));
    }
    let cleared = conflict::clear(context, incident, true)?;
    if !cleared.is_empty() {
        return Ok(Plan::then_look_again(cleared));
    }
    if incident.landing_in_doubt.is_none() && !context.known.has_changed_here() {
        return Ok(Plan::finished(Outcome::text("no landing is under way")));
    }
    let event = EventKind::LandingAborted { reason: "ship --abort".to_owned() };
    let outcome = Outcome::text("the landing is forgotten; incident and branch are as they were");
    let record = vec![Action::record(vec![event])];
    Ok(Plan::then_finish(record, outcome.next(format!("{} ship", context.program))))
}

fn merged(context: &Context<'_>, incident: &Incident) -> Result<Outcome, Refusal> {
    let commit = incident.merge_commit().map(ObjectId::short).unwrap_or_default();
    let number = incident.pull_request.as_ref().and_then(|pull_request| pull_request.number);
    let number = number.map(|number| format!(" (PR #{number})")).unwrap_or_default();
    let tag = incident.merged.as_ref().and_then(|landing| landing.tag.as_ref());
    let tag = tag.map(|tag| format!(", tagged {}", one_line(&tag.name))).unwrap_or_default();
    let mut text = format!(
        "merged {} into {} as {commit}{number}{tag}\n",
        one_line(&incident.branch()),
        one_line(&incident.production.display_name())
    );
    let rows = table::rows(context, incident)?;
    let others = rows.get(1..).unwrap_or_default();
    text.push_str(&table::text(others));
    let next = table::next(others, incident).unwrap_or("close");
    let mut outcome = Outcome::text(text).next(format!("{} {next}", context.program));
    for row in others.iter().filter(|row| row.state == RowState::Landed) {
        let (git, name) = (context.look.git, RefName::of_branch(&row.line).to_string());
        let behind = match (git.commit_of_ref(&name)?, &row.commit) {
            (Some(local), Some(landed)) => local != *landed && git.is_ancestor(&local, landed)?,
            _ => false,
        };
        if behind
            && incident.production.remote.is_some()
            && let Some(place) = production::checked_out_at(context, &row.line)?
        {
            let place = shell_words::quote(&place).into_owned();
            outcome.hints.push(format!("{} is checked out: git -C {place} pull --ff-only brings it along", row.line));
        }
    }
    outcome.hints.extend(cleanup::production_left_behind(context, incident)?);
    if cleanup::own_work_tree(context, incident)?.is_some_and(|path| path == production::top(context)) {
        outcome.hints.extend(cleanup::own_work_tree_left(context, incident)?);
    }
    outcome.report.lines = (!others.is_empty()).then_some(rows);
    Ok(outcome)
}

/// The last line that each part of the deployment printed.
fn last_words(incident: &Incident) -> Vec<String> {
    let parts = incident.deploys.iter().filter(|deploy| Some(&deploy.commit) == incident.released_commit());
    let words = parts.map(|deploy| (deploy.part.key(), Printable::new(&deploy.output).tail(1, 200).one_line()));
    words.filter(|(_, line)| !line.as_str().is_empty()).map(|(part, line)| format!("  {part}: {line}\n")).collect()
}

fn shipped(context: &Context<'_>, incident: &Incident) -> Result<Outcome, Refusal> {
    let mut outcome = merged(context, incident)?;
    let deployed = incident.milestones.get(&Milestone::Deployed);
    match (&context.config.deploy.command, deployed) {
        (_, Some(at)) => {
            outcome.text.push_str(&format!("deployed at {}\n", time::human(*at)));
            outcome.text.extend(last_words(incident));
        }
        (None, None) => outcome.hints.push("not deployed: hotfix.toml has no [deploy] command".to_owned()),
        (Some(_), None) => {}
    }
    match incident.verifications.last() {
        Some(verified) if verified.ending == Ending::Passed => outcome.text.push_str("production verified\n"),
        _ if deployed.is_some() => {
            outcome.hints.push(format!("not verified: when production is well, {} mark resolved", context.program));
        }
        _ => {}
    }
    Ok(outcome)
}
