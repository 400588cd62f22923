//! Step 6: whatever is missing before it, then merge, deploy, verify; rollback when production does not come back.

mod printed;

use jiff::Timestamp;

use crate::document;
use crate::domain::event::{Ending, Landing};
use crate::domain::{EventKind, Incident, Milestone, ObjectId, RefName, one_line};
use crate::production::{self, hosting, push_result};
use crate::release::cleanup::{self, NextTry};
use crate::release::commits::Fix;
use crate::release::conflict::MergeConflict;
use crate::release::hosted_merge::ForgeOptions;
use crate::release::preview::{self, Preview, Strategy};
use crate::release::table::Table;
use crate::release::taken_out::TakenOut;
use crate::release::{aftermath, branch, conflict, hosted_merge, merge, page, propagate, pull_request, table, tag};
use crate::workflow::action::merge::LineToLand;
use crate::workflow::action::query::Examination;
use crate::workflow::{
    Action, ActionView, Code, Context, Network, Outcome, Plan, Question, Refusal, Result, RowState, Step, Topic,
};

use super::deploy::DeployRequest;
use super::pr::PrOptions;
use super::{deploy, doctor, pr, verify};

/// Merge the fix into production and every release branch, deploy it and verify it
///
/// Runs whatever is missing before it (guard, tests, pull request) and asks once, for the whole plan. Merges exactly the
/// tested commit into all of them at once, or into none; deletes the branch once production on the remote contains it. Run
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
    /// Lay a conflict with a release branch out in a work tree of its own, to be settled
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
    /// Go on although events of the incident cannot be read; recorded, with which ones
    #[cfg_attr(feature = "cli", arg(long, value_name = "REASON"))]
    pub accept_damage: Option<String>,
}

impl Step for Ship {
    step_facts!("ship" about Any, drives, follows_rules, needs_every_event, lands, decides_merges, needs_work_tree);

    fn wants_page(&self) -> bool {
        self.options.web
    }

    fn texts(&mut self) -> Vec<&mut String> {
        let reason = &mut self.forge.reason;
        self.message.iter_mut().chain(self.options.texts()).chain(reason).chain(&mut self.accept_damage).collect()
    }

    fn accepts_damage(&self) -> Option<&str> {
        self.accept_damage.as_deref()
    }

    /// Each round plans the first of these that is left to do, with what is certain to follow, and the next round looks again:
    ///
    /// 1. see what became of pull requests, and where the branches are on the remote
    /// 2. record what landed already
    /// 3. forget a landing, with `--abort`
    /// 4. bring back a fix that was taken out of production, where its branch went on
    ///
    /// Until production has the fix:
    ///
    /// 5. record what a hosting service merged
    /// 6. take the branch over from the remote
    /// 7. refuse what cannot land, or offer to commit it
    /// 8. record what landed by other commits
    /// 9. settle conflicts with release branches
    /// 10. ask, once for all that follows
    /// 11. rehearse signing
    /// 12. check, test and propose
    /// 13. merge into production and into the release branches that take a merge
    ///
    /// Once production has it:
    ///
    /// 14. refuse a fix that is not to be seen there, or was taken out
    /// 15. tag
    /// 16. merge into the release branches that still lack it
    /// 17. fetch other names of production
    /// 18. clean up
    /// 19. stop, with `--skip-deploy`
    /// 20. deploy, or say what a failed look at production asks for
    /// 21. verify
    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        if !incident.status.is_open() {
            return context.nothing_to("ship", incident).map(Plan::finished);
        }
        hosted_merge::refuse_blank(&self.forge)?;
        refuse_offline(context, incident)?;
        let tip = production::local_branch_tip(context.look, incident)?;
        let shipping = Shipping { ship: self, context, incident, tip: tip.as_ref(), table: None };
        if let Some(plan) = shipping.first_of(&Shipping::FIRST)? {
            return Ok(plan);
        }
        let landing = incident.merged.as_ref().map(|landing| &landing.head);
        let landed = if merge::landed(context, incident, tip.as_ref())? { landing } else { None };
        let fix = landed.or(tip.as_ref()).map(|head| Fix::new(context, incident, head)).transpose()?;
        // Once for all parts: what a branch has costs merges in memory to find out.
        let table = fix.as_ref().map(Table::new).transpose()?;
        let shipping = Shipping { table: table.as_ref(), ..shipping };
        if landed.is_some() {
            let plan = shipping.first_of(&Shipping::ONCE_LANDED)?;
            return plan.map_or_else(|| Ok(Plan::finished(shipping.shipped()?)), Ok);
        }
        if let Some(plan) = shipping.first_of(&Shipping::UNTIL_LANDED)? { Ok(plan) } else { shipping.land() }
    }
}

/// One plan of `ship`, and what it is about.
struct Shipping<'a> {
    ship: &'a Ship,
    context: &'a Context<'a>,
    incident: &'a Incident,
    /// The tip of the branch of the fix, where it is here.
    tip: Option<&'a ObjectId>,
    /// The release branches, once it is certain where they are.
    table: Option<&'a Table<'a>>,
}

/// A part of the order: what it plans, or nothing where it has nothing to do.
type ShipPart<'a> = fn(&Shipping<'a>) -> Result<Option<Plan>>;

impl<'a> Shipping<'a> {
    /// 1 to 4.
    const FIRST: [ShipPart<'a>; 4] = [Self::look, Self::record_landed, Self::forget, Self::bring_back];
    /// 5 to 8; 9 to 13 are [`Self::land`].
    const UNTIL_LANDED: [ShipPart<'a>; 4] =
        [Self::record_hosted, Self::take_over, Self::refuse_unready, Self::record_other_commits];
    /// 14 to 21.
    const ONCE_LANDED: [ShipPart<'a>; 8] = [
        Self::refuse_gone,
        Self::tag,
        Self::propagate,
        Self::fetch_aliases,
        Self::clean_up,
        Self::skip_deploy,
        Self::deploy,
        Self::verify,
    ];

    fn first_of(&self, parts: &[ShipPart<'a>]) -> Result<Option<Plan>> {
        for part in parts {
            if let Some(plan) = part(self)? {
                return Ok(Some(plan));
            }
        }
        Ok(None)
    }

    fn look(&self) -> Result<Option<Plan>> {
        let (context, incident) = (self.context, self.incident);
        let actions = match pull_request::still_to_look_at(context, incident)? {
            Some(actions) => Some(actions),
            None => branch::still_to_ask(context, incident, self.ship.tag.as_deref())?,
        };
        Ok(actions.map(Plan::then_look_again))
    }

    fn record_landed(&self) -> Result<Option<Plan>> {
        let (context, incident) = (self.context, self.incident);
        let Some(landing) = merge::to_adopt(context, incident, self.tip)? else { return Ok(None) };
        let note = format!("{} is on {} already; recorded", landing.head.short(), incident.production.display_name());
        Ok(Some(self.record(landing, note)))
    }

    fn record(&self, landing: Landing, note: String) -> Plan {
        let record = Action::record(hosted_merge::landed(self.incident, landing));
        Plan::then_look_again(vec![record]).notes(vec![note])
    }

    fn forget(&self) -> Result<Option<Plan>> {
        self.ship.abort.then(|| forget_landing(self.context, self.incident)).transpose()
    }

    fn bring_back(&self) -> Result<Option<Plan>> {
        bring_back(self.context, self.incident, self.tip)
    }

    fn record_hosted(&self) -> Result<Option<Plan>> {
        hosted_merge::adopt(self.context, self.incident, self.tip)
    }

    fn take_over(&self) -> Result<Option<Plan>> {
        if self.tip.is_some() {
            return Ok(None);
        }
        match merge::take_over(self.context, self.incident)? {
            Some(plan) => Ok(Some(plan)),
            None => Err(production::branch_gone(self.context, self.incident)?),
        }
    }

    fn refuse_unready(&self) -> Result<Option<Plan>> {
        push_result::refuse_rejected(self.context, self.incident)?;
        hosted_merge::refuse_retargeted(self.context, self.incident)?;
        self.tip.map_or(Ok(None), |tip| merge::refuse_unready(self.context, self.incident, tip))
    }

    fn record_other_commits(&self) -> Result<Option<Plan>> {
        let Some(table) = self.table else { return Ok(None) };
        let Some(landing) = merge::by_other_commits(table)? else { return Ok(None) };
        let production = self.incident.production.display_name();
        let is = if table.production.presence()?.revert().is_some() { "was" } else { "is" };
        let note = format!("all that {} changes {is} on {production} already; recorded", self.incident.branch());
        Ok(Some(self.record(landing, note)))
    }

    /// 9 to 13.
    fn land(&self) -> Result<Plan> {
        let (context, incident, ship) = (self.context, self.incident, self.ship);
        let (Some(tip), Some(table)) = (self.tip, self.table) else {
            return Err(production::branch_gone(context, incident)?);
        };
        let (others, conflicts) = landing_together(table)?;
        if !conflicts.is_empty() {
            return conflict::plan(table.fix, &conflicts, ship.resolve, "ship");
        }
        let tag = tag::wanted(context, incident, ship.tag.as_deref(), ship.message.as_deref())?;
        let signs_tag = tag.is_some();
        let landing = merge::land(context, incident, tip, others, tag)?;
        let confirmed = context.answers.about(Topic::Plan);
        // A dry run ends at the plan, also with `--yes`.
        if context.network == Network::AsOfLastFetch || confirmed.is_none() {
            if context.network != Network::AsOfLastFetch
                && let Some(ask) = pr::ask_for_tests(context, incident, tip, &ship.options)?
            {
                return Ok(ask);
            }
            let mut ahead: Vec<ActionView> = Vec::new();
            let (proposing, said) = pr::foresee(context, incident, tip, &ship.options)?;
            ahead.extend(proposing);
            ahead.extend(hosted_merge::foresee(context, incident, &landing)?);
            ahead.extend(cleanup::foresee(table, tip, &landing)?);
            ahead.extend(self.deployment_ahead(tip)?.into_iter().map(ActionView::from));
            let notes = undecided(table)?.into_iter().chain(said).collect();
            return Ok(Plan::ask(question(incident, context)).ahead(ahead).notes(notes));
        }
        if confirmed == Some(false) {
            return Ok(Plan::finished(Outcome::declined()));
        }
        // Before tests and pushes: a locked key would stop the landing half-way.
        if let Some(plan) = rehearse_signing(context, signs_tag)? {
            return Ok(plan);
        }
        let past_rules = hosted_merge::past_rules(context, incident, &ship.forge);
        match pr::next(context, past_rules.as_ref().unwrap_or(incident), tip, &ship.options)? {
            Some(plan) if pr::proposes(&plan) => {
                // Where nobody has to be asked about the pull request, it is in the ledger and nowhere else.
                let is_hosted = hosting::of(context, incident)?.is_some();
                let land = || hosted_merge::next(context, incident, landing, &ship.forge).map(Some);
                if is_hosted {
                    return Ok(plan);
                }
                cleanup::along_with_landing(context, pr::together(context, plan, land, |_| true))
            }
            Some(plan) => Ok(plan),
            None => {
                let not_proven = pr::unproven(context, incident, tip, &ship.options)?;
                let plan = hosted_merge::next(context, incident, landing, &ship.forge)?;
                Ok(plan.notes(not_proven.into_iter().collect()))
            }
        }
    }

    fn deployment_ahead(&self, tip: &ObjectId) -> Result<Vec<Action>> {
        if self.ship.skip_deploy {
            return Ok(Vec::new());
        }
        let mut ahead = deploy::foresee(self.context, self.incident, tip)?;
        ahead.extend(verify::action(self.context.config, None, tip));
        Ok(ahead)
    }

    fn refuse_gone(&self) -> Result<Option<Plan>> {
        hosted_merge::refuse_unseen(self.context, self.incident)?;
        self.refuse_reverted()?;
        Ok(None)
    }

    fn tag(&self) -> Result<Option<Plan>> {
        let (name, message) = (self.ship.tag.as_deref(), self.ship.message.as_deref());
        let action = tag::after_landing(self.context, self.incident, name, message)?;
        Ok(action.map(|action| Plan::then_look_again(vec![action])))
    }

    fn propagate(&self) -> Result<Option<Plan>> {
        self.table.map_or(Ok(None), |table| propagate::merges(table, self.ship.resolve))
    }

    fn fetch_aliases(&self) -> Result<Option<Plan>> {
        let Some((fetch, names)) = branch::stale_aliases(self.context, self.incident)? else { return Ok(None) };
        let production = self.incident.production.display_name();
        let note = format!("{} on the remote is {production} by another name, and has the fix", names.join(", "));
        Ok(Some(Plan::then_look_again(vec![fetch]).notes(vec![note])))
    }

    fn clean_up(&self) -> Result<Option<Plan>> {
        let actions = self.table.map_or_else(|| Ok(Vec::new()), |table| cleanup::plan(table, NextTry::Stays))?;
        Ok((!actions.is_empty()).then(|| Plan::then_look_again(actions)))
    }

    fn skip_deploy(&self) -> Result<Option<Plan>> {
        if !self.ship.skip_deploy {
            return Ok(None);
        }
        let outcome = self.merged()?.hint("not deployed: --skip-deploy");
        Ok(Some(Plan::finished(outcome.next(format!("{} deploy", self.context.program)))))
    }

    fn deploy(&self) -> Result<Option<Plan>> {
        // The rollback is offered first; `verify` would only run the same check again.
        match verify::after_failure(self.context, self.incident)? {
            Some(plan) => Ok(Some(plan)),
            None => deploy::next(self.context, self.incident, &DeployRequest::default()),
        }
    }

    fn verify(&self) -> Result<Option<Plan>> {
        Ok(verify::next(self.context, self.incident))
    }

    /// Refuses to go on with a fix that somebody took out of production again, where its branch is gone.
    fn refuse_reverted(&self) -> Result<()> {
        let Some(table) = self.table else { return Ok(()) };
        let Some(taken_out) = TakenOut::of(table.fix, table.production.presence()?)? else { return Ok(()) };
        Err(Refusal::needs_human(Code::Reverted, taken_out.text())
            .hint(taken_out.command(self.context.program))
            .hint(format!("{} close --reason \"reverted\"   # it stays out", self.context.program)))
    }

    fn merged(&self) -> Result<Outcome> {
        let (context, incident) = (self.context, self.incident);
        let commit = incident.merge_commit().map(ObjectId::short).unwrap_or_default();
        let number = incident.pull_request.as_ref().and_then(|pull_request| pull_request.number);
        let number = number.map(|number| format!(" (PR #{number})")).unwrap_or_default();
        let tag = incident.merged.as_ref().and_then(|landing| landing.tag.as_ref());
        let tag = tag.map(|tag| format!(", tagged {}", one_line(&tag.name))).unwrap_or_default();
        let (branch, production) = (one_line(&incident.branch()), one_line(&incident.production.display_name()));
        let mut text = format!("merged {branch} into {production} as {commit}{number}{tag}\n");
        let rows = self.table.map_or_else(|| Ok(Vec::new()), Table::rows)?;
        let others = rows.get(1..).unwrap_or_default();
        text.push_str(&table::text(others));
        text.extend(page::pull_request(incident).map(|url| format!("pull request: {url}\n")));
        let next = table::next(context, others, incident).unwrap_or_else(|| format!("{} close", context.program));
        let mut outcome = Outcome::text(text).next(next);
        for row in others.iter().filter(|row| row.state == RowState::Landed) {
            let (git, name) = (context.look.git, RefName::of_branch(&row.line));
            let behind = match (git.commit_of_ref(&name)?, &row.commit) {
                (Some(local), Some(landed)) => local != *landed && git.is_ancestor(&local, landed)?,
                _ => false,
            };
            if behind
                && incident.production.remote.is_some()
                && let Some(path) = production::checked_out_at(context, &row.line)?
            {
                let path = shell_words::quote(&path).into_owned();
                outcome
                    .hints
                    .push(format!("{} is checked out: git -C {path} pull --ff-only brings it along", row.line));
            }
        }
        if let Some(branch) = cleanup::empty_next_try(context, incident)? {
            outcome.hints.push(format!("{branch} stays, and holds nothing to ship yet"));
            outcome.next = Some(aftermath::after_reopening(context, incident)?);
        }
        outcome.hints.extend(cleanup::remote_branch_left(context, incident)?);
        outcome.hints.extend(cleanup::production_left_behind(context, incident)?);
        if cleanup::own_work_tree(context, incident)?.is_some_and(|path| path == production::top(context)) {
            outcome.hints.extend(cleanup::own_work_tree_left(context, incident)?);
        }
        outcome.report.lines = (!others.is_empty()).then_some(rows);
        Ok(outcome)
    }

    fn shipped(&self) -> Result<Outcome> {
        let (context, incident) = (self.context, self.incident);
        let mut outcome = self.merged()?;
        let deployed = incident.milestones.get(&Milestone::Deployed);
        match (&context.config.deploy.command, deployed) {
            (_, Some(at)) => {
                outcome.text.push_str(&format!("deployed at {}\n", context.reader.second(*at)));
                outcome.text.push_str(&printed::by_deployment(incident));
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
        if let Some(driver) = incident.driver.as_ref().filter(|driver| driver.workplace != *context.workplace) {
            outcome.text.push_str(&format!("shipped by {} from {}\n", driver.name, one_line(&driver.workplace.host)));
        }
        outcome.text.extend(times(incident));
        Ok(outcome)
    }
}

/// How long it took: from opening to what was seen last of production, and for users as far as that is known.
fn times(incident: &Incident) -> Option<String> {
    let reached = |milestone| incident.milestones.get(&milestone).map(|at| (milestone, *at));
    let (last, at) = [Milestone::Verified, Milestone::Deployed, Milestone::Merged].into_iter().find_map(reached)?;
    let between = |from: Timestamp| document::duration(at.as_second().saturating_sub(from.as_second()).max(0));
    let felt = reached(Milestone::Started).filter(|_| last == Milestone::Verified);
    let felt = felt.map(|(_, from)| format!("; users felt it for {}", between(from))).unwrap_or_default();
    Some(format!("open to {last}: {}{felt}\n", between(incident.opened_at())))
}

/// The release branches that land together with production, and those that conflict. One that was refused in this run goes by
/// a proposal of its own, once production has the fix.
fn landing_together(table: &Table<'_>) -> Result<(Vec<LineToLand>, Vec<MergeConflict>)> {
    let (fix, mut others, mut conflicts) = (table.fix, Vec::new(), Vec::new());
    for entry in table.others.iter().filter(|entry| !entry.is_settled_elsewhere()) {
        let branch = &entry.branch;
        if production::refuses_pushes(fix.context, &branch.branch)
            || entry.is_unknown()
            || entry.strategy()? == Strategy::CherryPick
        {
            continue;
        }
        match entry.preview()? {
            Preview::There => {}
            Preview::Clean(arrival) => {
                others.push(branch::to_land(fix.context, &fix.incident.production, branch, arrival.clone())?);
            }
            // A mere look starts no program, and where one decides a conflict is a guess.
            Preview::Conflict(_) if entry.is_undecided()? => {}
            Preview::Conflict(found) => conflicts.push(MergeConflict {
                branch: branch.clone(),
                strategy: Strategy::Merge,
                conflicts: found.clone(),
            }),
        }
    }
    Ok((others, conflicts))
}

/// Notes of the branches whose merge only git can make, which a dry run does not start.
fn undecided(table: &Table<'_>) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for entry in std::iter::once(&table.production).chain(&table.others) {
        if preview::awaits_git(table.fix, &entry.branch, Strategy::Merge)? {
            let branch = one_line(&entry.branch.branch);
            notes.push(format!(
                "{branch}: decided at ship, by git: a folder was renamed, many files were, or attributes say how a file merges"
            ));
        }
    }
    Ok(notes)
}

/// With a remote, landing needs it.
fn refuse_offline(context: &Context<'_>, incident: &Incident) -> Result<()> {
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
    let what = if deploys { " and deploy it" } else { "" };
    let text = format!("Merge {} into {}{what}?", incident.branch(), incident.production.display_name());
    Question::Confirm { topic: Topic::Plan, text }
}

/// Brings a fix back on its branch that somebody took out of production again, where the branch went on since: to ship it
/// means to have it back. Without new work, who took it out may have had a reason.
fn bring_back(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<Option<Plan>> {
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

/// Signs a throw-away commit before anything is tested or moved, where commits or tags are signed here.
fn rehearse_signing(context: &Context<'_>, tags: bool) -> Result<Option<Plan>> {
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

fn forget_landing(context: &Context<'_>, incident: &Incident) -> Result<Plan> {
    if incident.merged.is_some() {
        let text = format!("{} has landed; there is no landing to forget", incident.branch());
        return Ok(Plan::finished(Outcome::text(text).next(format!("{} status", context.program))));
    }
    let branches = branch::all(context, &incident.production)?;
    let cleared = conflict::clear(context, incident, branches.iter(), true)?;
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
