//! Step 6, its second half: deploy, migrate, and roll back. Each runs at most once without a person's word.

use crate::domain::deployment::DeployInDoubt;
use crate::domain::event::{DeployFinished, DeployPart, DeployStarted, Ending, Waiver};
use crate::domain::{CommandLine, EventKind, Incident, Milestone, ObjectId, Printable, RefName};
use crate::production;
use crate::release::{aftermath, cleanup, commits, untold};
use crate::workflow::{
    Action, Code, Context, Outcome, Plan, ProgramAction, Question, Refusal, Result, Step, Topic, named,
};
use crate::worktree::{checkout, preflight};

/// Deploy the merged fix, and run its migrations
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Deploy {
    /// Use this command once instead of `[deploy] command`; recorded as an exception
    #[cfg_attr(feature = "cli", arg(long, value_name = "COMMAND", conflicts_with = "rollback"))]
    pub deploy_command: Option<String>,
    /// Deploy again, although it was deployed, failed, or nobody knows how it ended
    #[cfg_attr(feature = "cli", arg(long))]
    pub again: bool,
    /// Run `[deploy] rollback` instead: bring production back to what it was
    #[cfg_attr(feature = "cli", arg(long))]
    pub rollback: bool,
    /// Go on although events of the incident cannot be read; recorded, with which ones
    #[cfg_attr(feature = "cli", arg(long, value_name = "REASON"))]
    pub accept_damage: Option<String>,
}

/// What is to be deployed, and how.
#[derive(Debug, Clone, Default)]
pub(super) struct DeployRequest {
    /// Instead of the configured command.
    pub(super) command: Option<CommandLine>,
    /// Although it was tried before.
    pub(super) again: bool,
}

impl Step for Deploy {
    step_facts!("deploy" about Any telling accept_damage, drives, follows_rules, needs_every_event, needs_work_tree);

    fn accepts_damage(&self) -> Option<&str> {
        self.accept_damage.as_deref()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        if !incident.status.is_open() {
            return context.nothing_to("deploy", incident).map(Plan::finished);
        }
        if incident.merged.is_none() {
            return Err(Refusal::precondition(Code::NotMerged, format!("{} is not merged yet", incident.branch()))
                .hint(format!("{} ship", context.program)));
        }
        if self.rollback {
            return roll_back(context, incident, self.again);
        }
        let command = self.deploy_command.as_deref().map(|text| command_line(text, "--deploy-command")).transpose()?;
        if let Some(command) = &command
            && let Some(waive) = overridden(context, incident, "deploy-command", command)
        {
            return Ok(Plan::then_look_again(vec![waive]));
        }
        if command.is_none() && context.config.deploy.command.is_none() {
            return Err(Refusal::precondition(Code::NoDeployCommand, "hotfix.toml has no [deploy] command")
                .hint(format!("{} deploy --deploy-command \"...\"", context.program))
                .hint(format!("deployed by hand? {} mark deployed", context.program)));
        }
        match next(context, incident, &DeployRequest { command, again: self.again })? {
            Some(plan) => Ok(plan),
            None => {
                let at = incident
                    .milestones
                    .get(&Milestone::Deployed)
                    .map(|at| context.reader.second(*at))
                    .unwrap_or_default();
                let outcome = Outcome::text(format!("deployed at {at}"));
                Ok(Plan::finished(outcome.next(aftermath::next(context, incident)?)))
            }
        }
    }
}

/// What is still missing of deployment and migration; `None` when nothing is, or none is configured.
pub(super) fn next(context: &Context<'_>, incident: &Incident, wanted: &DeployRequest) -> Result<Option<Plan>> {
    let Some(commit) = incident.released_commit() else { return Ok(None) };
    let command = wanted.command.clone().or_else(|| context.config.deploy.command.clone());
    let failed_before = |part| incident.deploys.last_of(part, commit).is_some_and(|last| last.ending != Ending::Passed);
    // Without a configured command a migration may still be left over from `--deploy-command`.
    if command.is_none()
        && !failed_before(DeployPart::Migrate)
        && incident.deploys.doubt_about(DeployPart::Migrate).is_none()
    {
        return Ok(None);
    }
    // `--again` is one word for one run; the next round must not deploy once more.
    let again = wanted.again && !context.known.has_deployed_or_verified();
    let is_the_one = incident.deploys.last_of(DeployPart::Rollback, commit).is_some();
    // A rollback belongs to the commit that was rolled back, not to the incident.
    if incident.is_rolled_back() && is_the_one && !again {
        let empty = cleanup::empty_next_try(context, incident)?;
        let empty = empty.map(|branch| format!(", and {branch} holds nothing to ship yet")).unwrap_or_default();
        return Err(Refusal::needs_human(Code::RolledBack, format!("this deployment was rolled back{empty}"))
            .hint(aftermath::better_fix(context, incident)?)
            .hint(format!("{} deploy --again   # the same fix once more", context.program)));
    }
    // Where only the migration is in doubt, that is what runs again.
    let only_migration = incident.deploys.doubt_about(DeployPart::Migrate).is_some()
        && incident.deploys.doubt_about(DeployPart::Deploy).is_none();
    if let Some(command) = &command
        && let Some(plan) = part(context, incident, DeployPart::Deploy, command, commit, again && !only_migration)?
    {
        return Ok(Some(plan));
    }
    match migration(context, incident)? {
        Some(command) => part(context, incident, DeployPart::Migrate, &command, commit, again),
        None => Ok(None),
    }
}

/// What [`next`] will do after the merge.
pub(super) fn foresee(context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<Vec<Action>> {
    let Some(command) = context.config.deploy.command.clone() else { return Ok(Vec::new()) };
    let mut ahead = vec![action(context, DeployPart::Deploy, &command, tip)];
    let changed = context.look.git.changes(&incident.base.commit, tip)?;
    if let Some(command) = context.config.deploy.migrate.as_ref().filter(|_| touches_migrations(context, &changed)) {
        ahead.push(action(context, DeployPart::Migrate, command, tip));
    }
    Ok(ahead)
}

fn part(
    context: &Context<'_>,
    incident: &Incident,
    part: DeployPart,
    command: &CommandLine,
    commit: &ObjectId,
    again: bool,
) -> Result<Option<Plan>> {
    let last = incident.deploys.last_of(part, commit);
    // A person's word that it was deployed by hand counts.
    let marked = part == DeployPart::Deploy && incident.milestones.contains_key(&Milestone::Deployed);
    let passed = marked || last.is_some_and(|last| last.ending == Ending::Passed);
    if passed && !again {
        return Ok(None);
    }
    // What nobody can read any more may have told that it was done.
    if incident.deploys.may_be_lost && !again {
        let message = format!("events of {} are lost, and may have told that it was deployed", incident.id);
        let refusal = Refusal::needs_human(Code::DeployInDoubt, message);
        return Err(after_unknown_end(part, context.program).into_iter().fold(refusal, Refusal::hint));
    }
    // It may have done everything but tell us.
    if let Some(doubt) = incident.deploys.doubt_about(part).filter(|_| !again) {
        return Err(in_doubt(doubt, context.program));
    }
    if part == DeployPart::Deploy
        && last.is_none()
        && !again
        && let Some(place) = untold::landed_elsewhere(context, incident)?
    {
        let message = format!("the fix landed from {place}; whether it was deployed from there is not known");
        let refusal = Refusal::needs_human(Code::DeployInDoubt, message);
        return Err(after_unknown_end(part, context.program).into_iter().fold(refusal, Refusal::hint));
    }
    // A failure of an earlier run does not stop this one: it is what was fixed meanwhile.
    if let Some(failed) = last.filter(|last| context.known.has_deployed(part) && last.ending != Ending::Passed) {
        let how = how_it_ended(failed.ending, failed.exit_code).unwrap_or("did not finish".to_owned());
        let again = if part == DeployPart::Migrate { "deploy   # runs the migration again" } else { "deploy --again" };
        let refusal = Refusal::check_failed(Code::Deploy, format!("{}: `{}` {how}", part.key(), command))
            .hint(format!("fix it, then: {} {again}", context.program))
            .hint(rollback_hint(context));
        return ended_badly(context, incident, failed, refusal).map(Some);
    }
    // A deployment script is taken from the work tree, and may deploy what lies there.
    refuse_elsewhere(context, incident, commit)?;
    confirmed(context, incident, Topic::Plan, action(context, part, command, commit)).map(Some)
}

/// How a command ended that did not do what it should; `None` where nothing tells.
pub(super) fn how_it_ended(ending: Ending, exit_code: Option<i32>) -> Option<String> {
    match (ending, exit_code) {
        (Ending::TimedOut, _) => Some("did not end in time".to_owned()),
        (Ending::Passed | Ending::Failed, Some(code)) => Some(format!("exited with {code}")),
        (Ending::Passed | Ending::Failed, None) => None,
    }
}

fn ended_badly(context: &Context<'_>, incident: &Incident, failed: &DeployFinished, why: Refusal) -> Result<Plan> {
    let lines = Printable::new(&failed.output).tail(40, 8 * 1024).to_string();
    let outcome = Outcome { failure: Some(why), ..Outcome::text(lines) };
    Ok(Plan::finished(outcome.next(aftermath::next(context, incident)?)))
}

/// The action, once the person has said yes.
fn confirmed(context: &Context<'_>, incident: &Incident, topic: Topic, action: Action) -> Result<Plan> {
    match context.answers.about(topic) {
        None => {
            let text = format!("Run `{}` for {}?", action.view().command, incident.id);
            Ok(Plan::ask(Question::Confirm { topic, text }).ahead(vec![action]))
        }
        Some(false) => Ok(Plan::finished(Outcome::declined())),
        Some(true) => Ok(Plan::then_look_again(vec![action])),
    }
}

fn action(context: &Context<'_>, part: DeployPart, command: &CommandLine, commit: &ObjectId) -> Action {
    Action::Program(ProgramAction::Deploy {
        part,
        command: command.clone(),
        commit: commit.clone(),
        timeout: context.config.deploy.timeout,
    })
}

/// The refusal when an attempt started and nobody knows how it ended.
fn in_doubt(doubt: &DeployInDoubt, program: &str) -> Refusal {
    let DeployStarted { part, command, .. } = &doubt.started;
    let what = match &doubt.interrupted {
        Some(interrupted) => format!("is not known: {}", interrupted.reason),
        None => "was not recorded".to_owned(),
    };
    let message = format!("{} started (`{command}`), and how it ended {what}", part.key());
    let refusal = Refusal::needs_human(Code::DeployInDoubt, message);
    after_unknown_end(*part, program).into_iter().fold(refusal, Refusal::hint)
}

/// What a person can do where nobody knows how a part of the deployment ended.
pub(crate) fn after_unknown_end(part: DeployPart, program: &str) -> Vec<String> {
    let look = |what, word| format!("look at production; if {what}: {program} mark {word}");
    let again = |flags| format!("to run it again: {program} deploy {flags}");
    match part {
        DeployPart::Deploy => vec![look("the fix is there", "deployed"), again("--again")],
        DeployPart::Migrate => vec![look("the fix is there, and migrated", "deployed"), again("--again")],
        DeployPart::Rollback => vec![
            look("it is back to what it was", "rolled-back"),
            format!("if the fix is still there: {program} mark deployed"),
            again("--rollback --again"),
        ],
    }
}

/// The migration command, where the fix touches migrations.
fn migration(context: &Context<'_>, incident: &Incident) -> Result<Option<CommandLine>> {
    let (Some(command), Some(merged)) = (&context.config.deploy.migrate, &incident.merged) else { return Ok(None) };
    let (from, to) = commits::extent(context, incident, merged)?;
    let changes = context.look.git.changes(from, to)?;
    Ok(touches_migrations(context, &changes).then(|| command.clone()))
}

fn touches_migrations(context: &Context<'_>, changes: &[crate::port::Change]) -> bool {
    let paths = &context.config.deploy.migrate_paths;
    // Without paths a migration is never known to be needless.
    paths.is_empty() || changes.iter().any(|change| paths.is_match(&change.path))
}

/// Brings production back, after a word of the person; `again` is their word that an earlier attempt in doubt is repeated.
pub(super) fn roll_back(context: &Context<'_>, incident: &Incident, again: bool) -> Result<Plan> {
    let Some(commit) = incident.released_commit() else {
        return Ok(Plan::finished(Outcome::text("nothing was deployed")));
    };
    if incident.is_rolled_back() {
        let outcome = Outcome::text("production was rolled back");
        return Ok(Plan::finished(outcome.next(aftermath::next(context, incident)?)));
    }
    let Some(command) = &context.config.deploy.rollback else {
        return Err(Refusal::precondition(Code::NoRollbackCommand, "hotfix.toml has no [deploy] rollback")
            .hint(format!("roll back by hand, then: {} mark rolled-back", context.program)));
    };
    let last = incident.deploys.last_of(DeployPart::Rollback, commit);
    // As in `part`: what an earlier run failed at is run again, not told again.
    if let Some(failed) =
        last.filter(|last| context.known.has_deployed(DeployPart::Rollback) && last.ending != Ending::Passed)
    {
        let how = how_it_ended(failed.ending, failed.exit_code).unwrap_or("did not finish".to_owned());
        let message = format!("the rollback `{}` {how}; production is in an unknown state", command);
        let refusal = Refusal::needs_human(Code::Rollback, message)
            .hint(format!("fix it, then: {} deploy --rollback", context.program))
            .hint(format!("{} verify   # is production well all the same?", context.program));
        return ended_badly(context, incident, failed, refusal);
    }
    // `again` is their word for one run, as in `next`.
    let again = again && !context.known.has_deployed(DeployPart::Rollback);
    if let Some(doubt) = incident.deploys.doubt_about(DeployPart::Rollback).filter(|_| !again) {
        return Err(in_doubt(doubt, context.program));
    }
    confirmed(context, incident, Topic::Rollback, action(context, DeployPart::Rollback, command, commit))
}

pub(super) fn rollback_hint(context: &Context<'_>) -> String {
    match context.config.deploy.rollback {
        Some(_) => format!("{} deploy --rollback brings production back to what it was", context.program),
        None => "hotfix.toml has no [deploy] rollback; roll back by hand if users still feel it".to_owned(),
    }
}

/// Records that another command than the configured one is used; `None` when that is recorded.
pub(super) fn overridden(
    context: &Context<'_>,
    incident: &Incident,
    check: &str,
    command: &CommandLine,
) -> Option<Action> {
    // Everybody reads the waiver, and a command may hold a secret.
    let reason = context.redactor.redact(&format!("used once: {}", command)).text;
    let waiver = Waiver::new(check, reason);
    (incident.waiver(check) != Some(&waiver)).then(|| Action::record(vec![EventKind::Waived(waiver)]))
}

/// A command typed on the command line: a JSON array, or words as a shell splits them.
pub(super) fn command_line(text: &str, flag: &str) -> Result<CommandLine> {
    text.parse().map_err(|error| Refusal::usage(Code::Command, format!("{flag}: {error}")))
}

/// The command that checks the merged commit out: git refuses a branch that another work tree has.
fn checkout_of_merged(context: &Context<'_>, incident: &Incident, commit: &ObjectId) -> Result<String> {
    let (git, branch) = (context.look.git, &incident.production.branch);
    let local = git.commit_of_ref(&RefName::of_branch(branch))?;
    let holds = local.map_or(Ok(false), |local| git.is_ancestor(commit, &local))?;
    let is_free = production::checked_out_at(context, branch)?.is_none();
    Ok(match holds && is_free {
        true => format!("git switch {branch}"),
        false => format!("git switch --detach {}", commit.short()),
    })
}

/// Refuses to run a deployment from another tree than the merged one, which `ship` leaves checked out.
fn refuse_elsewhere(context: &Context<'_>, incident: &Incident, commit: &ObjectId) -> Result<()> {
    // In the middle of a merge there is another tree here, and nobody can switch.
    if let Some(refusal) = checkout::unfinished_in_the_way(context)? {
        return Err(refusal);
    }
    let head = context.look.git.head()?;
    let here = if let Some(head) = head.commit() { context.look.git.is_ancestor(commit, head)? } else { false };
    if let Some(head) = head.commit().filter(|_| here) {
        return refuse_outdated(context, incident, head);
    }
    let message = format!("the merged commit {} is not checked out here", commit.short());
    Err(Refusal::precondition(Code::NotCheckedOut, message).hint(checkout_of_merged(context, incident, commit)?))
}

/// Refuses to deploy where a submodule lies here as it was before the incident: the switch that brought the fix left it alone.
fn refuse_outdated(context: &Context<'_>, incident: &Incident, head: &ObjectId) -> Result<()> {
    let (git, base) = (context.look.git, &incident.base.commit);
    // Most repositories have none, and a look at the work tree takes long in a large one.
    if git.file_at(head, ".gitmodules")?.is_none() || !git.has_commit(base)? {
        return Ok(());
    }
    let mut outdated = git.work_tree_state()?.outdated;
    if !outdated.is_empty() {
        // One that nobody has moved since is as it was when all was well.
        let moved = git.submodule_commits(base, head)?;
        outdated.retain(|path| moved.iter().any(|submodule| submodule.path == *path));
    }
    let Some(update) = preflight::update_submodules(&outdated) else { return Ok(()) };
    let message = format!("not at the commit that is to be deployed: {}", named::listed(&outdated));
    Err(Refusal::precondition(Code::NotCheckedOut, message).hint(format!("{update}   # then the same command again")))
}
