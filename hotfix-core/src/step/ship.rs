//! Step 6: whatever is missing before it, then merge, deploy, verify; rollback when production does not come back.

use crate::domain::event::Ending;
use crate::domain::{EventKind, Incident, Milestone, ObjectId, Printable, one_line};

use super::deploy::{self, Wanted};
use super::forge_land::{self, ForgeOptions};
use super::pr::{self, PrOptions};
use super::{
    Action, Context, Done, Network, Outcome, Plan, Question, Refusal, Step, Topic, land, production, time, verify,
};

/// A production branch that keeps moving is tried this often.
const RACES: usize = 3;

/// Merge the fix into production, deploy it and verify it
///
/// Runs whatever is missing before it (guard, tests, pull request) and asks once, for the whole plan. Merges exactly the
/// tested commit; deletes the branch once production on the remote contains it. Run again, it finishes what was interrupted.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Ship {
    /// Merge only; deploy and verify later with their own commands
    #[cfg_attr(feature = "cli", arg(long))]
    pub skip_deploy: bool,
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
    fn texts(&mut self) -> Vec<&mut String> {
        self.options.texts().into_iter().chain(&mut self.forge.reason).collect()
    }

    fn accepts_ended(&self) -> bool {
        true
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan, Refusal> {
        let incident = context.incident()?;
        if !incident.status.is_open() {
            return Ok(Plan::finished(Outcome::nothing_to("ship", incident)));
        }
        refuse_offline(context, incident)?;
        if let Some(actions) = production::still_to_ask(context, &incident.production, &[&incident.branch()])? {
            return Ok(Plan::then_look_again(actions));
        }
        let tip = production::local_branch_tip(context.look, incident)?;
        if let Some(landing) = land::to_adopt(context, incident, tip.as_ref())? {
            let note =
                format!("{} is on {} already; recorded", landing.head.short(), incident.production.display_name());
            let record = Action::Record { events: vec![EventKind::Merged(landing)] };
            return Ok(Plan::then_look_again(vec![record]).notes(vec![note]));
        }
        if self.abort {
            return Ok(forget_landing(context, incident));
        }
        if land::landed(context, incident, tip.as_ref())? {
            return self.after_landing(context, incident);
        }
        if let Some(plan) = forge_land::adopt(context, incident, tip.as_ref())? {
            return Ok(plan);
        }
        let tip = tip.ok_or_else(|| land::branch_gone(incident, context.program))?;
        self.until_landing(context, incident, &tip)
    }
}

impl Ship {
    fn until_landing(&self, context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<Plan, Refusal> {
        rejected(context, incident)?;
        land::refuse_unready(context, incident, tip)?;
        if let Some(landing) = land::landed_otherwise(context, incident, tip)? {
            let production = incident.production.display_name();
            let note = format!("all that {} changes is on {production} already; recorded", incident.branch());
            let record = Action::Record { events: vec![EventKind::Merged(landing)] };
            return Ok(Plan::then_look_again(vec![record]).notes(vec![note]));
        }
        let landing = land::land(context, incident, tip)?;
        let confirmed = context.answers.about(Topic::Plan);
        if context.network == Network::AsOfLastFetch || confirmed.is_none() {
            let mut ahead = pr::foresee(context, incident, tip, &self.options)?;
            ahead.push(forge_land::foresee(context, incident, landing)?);
            ahead.extend(land::foresee(context, incident, tip)?);
            ahead.extend(self.deployment_ahead(context, incident, tip)?);
            return Ok(Plan::ask(question(incident, context)).ahead(ahead));
        }
        if confirmed == Some(false) {
            return Ok(Plan::finished(Outcome::stopped()));
        }
        match pr::next(context, incident, tip, &self.options)? {
            Some(plan) => Ok(plan),
            None => forge_land::next(context, incident, landing, &self.forge),
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

    fn after_landing(&self, context: &Context<'_>, incident: &Incident) -> Result<Plan, Refusal> {
        forge_land::refuse_unseen(context, incident)?;
        let tidy = land::tidy_up(context, incident)?;
        if !tidy.is_empty() {
            return Ok(Plan::then_look_again(tidy));
        }
        if self.skip_deploy {
            let outcome = merged(context, incident).hint("not deployed: --skip-deploy");
            return Ok(Plan::finished(outcome.next(format!("{} deploy", context.program))));
        }
        if let Some(plan) = verify::after_failure(context, incident)? {
            return Ok(plan);
        }
        if let Some(plan) = deploy::next(context, incident, &Wanted::default())? {
            return Ok(plan);
        }
        if let Some(plan) = verify::next(context, incident) {
            return Ok(plan);
        }
        Ok(Plan::finished(shipped(context, incident)))
    }
}

/// With a remote, landing needs it.
fn refuse_offline(context: &Context<'_>, incident: &Incident) -> Result<(), Refusal> {
    match (&incident.production.remote, context.network) {
        (Some(remote), Network::Offline) => {
            Err(Refusal::precondition("offline", format!("shipping needs {remote}, and --offline forbids to ask it"))
                .hint(format!("{} ship", context.program)))
        }
        _ => Ok(()),
    }
}

/// Stops when the remote said no, or when production moved too often.
fn rejected(context: &Context<'_>, incident: &Incident) -> Result<(), Refusal> {
    let races = context.done.iter().filter(|done| matches!(done, Done::Raced { .. })).count();
    if races >= RACES {
        return Err(Refusal::new(
            super::RefusalKind::Retry,
            "raced",
            format!(
                "{} moved {races} times while the fix was landing; nothing was changed",
                incident.production.display_name()
            ),
        )
        .hint(format!("{} ship", context.program)));
    }
    let Some((name, reason)) = context.done.iter().find_map(|done| match done {
        Done::Rejected { name, reason } => Some((name, reason)),
        _ => None,
    }) else {
        return Ok(());
    };
    let branch = name.trim_start_matches("refs/heads/");
    Err(Refusal::new(
        super::RefusalKind::Refused,
        "rejected",
        format!("the remote refused the push to {branch}, and nothing was changed: {reason}"),
    )
    .hint(format!(
        "{branch} may be protected: {} is pushed, merge it there, then: {} ship",
        incident.branch(),
        context.program
    )))
}

fn question(incident: &Incident, context: &Context<'_>) -> Question {
    let deploys = context.config.deploy.command.is_some();
    let what = if deploys { "Merge and deploy" } else { "Merge" };
    let text = format!("{what} {} to {}?", incident.branch(), incident.production.display_name());
    Question::Confirm { topic: Topic::Plan, text }
}

fn forget_landing(context: &Context<'_>, incident: &Incident) -> Plan {
    if incident.merged.is_some() {
        let text = format!("{} has landed; there is no landing to forget", incident.branch());
        return Plan::finished(Outcome::text(text).next(format!("{} status", context.program)));
    }
    if incident.landing_in_doubt.is_none() {
        return Plan::finished(Outcome::text("no landing is under way"));
    }
    let event = EventKind::LandingAborted { reason: "ship --abort".to_owned() };
    let outcome = Outcome::text("the landing is forgotten; incident and branch are as they were");
    Plan::then_finish(vec![Action::Record { events: vec![event] }], outcome.next(format!("{} ship", context.program)))
}

fn merged(context: &Context<'_>, incident: &Incident) -> Outcome {
    let commit = incident.merge_commit().map(ObjectId::short).unwrap_or_default();
    let number = incident.pull_request.as_ref().and_then(|pull_request| pull_request.number);
    let number = number.map(|number| format!(" (PR #{number})")).unwrap_or_default();
    let text = format!(
        "merged {} into {} as {commit}{number}\n",
        one_line(&incident.branch()),
        one_line(&incident.production.display_name())
    );
    Outcome::text(text).next(format!("{} close", context.program))
}

/// The last line that each part of the deployment printed.
fn last_words(incident: &Incident) -> Vec<String> {
    let parts = incident.deploys.iter().filter(|deploy| Some(&deploy.commit) == incident.merge_commit());
    let words = parts.map(|deploy| (deploy.part.key(), Printable::new(&deploy.output).tail(1, 200).one_line()));
    words.filter(|(_, line)| !line.as_str().is_empty()).map(|(part, line)| format!("  {part}: {line}\n")).collect()
}

fn shipped(context: &Context<'_>, incident: &Incident) -> Outcome {
    let mut outcome = merged(context, incident);
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
    outcome
}
