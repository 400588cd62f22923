//! What production still lacks of the released fix: the one answer for `status`, the next command and `close`.

use crate::config::Config;
use crate::domain::event::{DeployPart, Ending, Verified};
use crate::domain::{Incident, Milestone};
use crate::production;
use crate::release::merge;
use crate::workflow::{Context, Result};
use crate::worktree::checkout;
use crate::worktree::uncommitted::Uncommitted;

/// Something that production still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// The fix was taken back.
    RolledBack,
    /// The rollback was tried, and failed.
    Rollback,
    /// The fix is not deployed, or that failed.
    Deployment,
    /// A migration failed.
    Migration,
    /// Nobody recorded how this part ended.
    End(DeployPart),
    /// Nobody looked whether production works.
    Look,
    /// Production was looked at, and does not work.
    Health,
}

impl Lack {
    /// What is lacking, to be said after "cannot close yet".
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::RolledBack => "the fix was rolled back",
            Self::Rollback => "the rollback failed",
            Self::Deployment => "the fix is not deployed",
            Self::Migration => "the migration failed",
            Self::End(DeployPart::Deploy) => "how the deployment ended was not recorded",
            Self::End(DeployPart::Migrate) => "how the migration ended was not recorded",
            Self::End(DeployPart::Rollback) => "how the rollback ended was not recorded",
            Self::Look => "production is not verified",
            Self::Health => "the verification failed",
        }
    }

    /// The command that gives it to production.
    pub(crate) fn command(self, context: &Context<'_>, incident: &Incident) -> String {
        let own = |command: &str| format!("{} {command}", context.program);
        match self {
            Self::RolledBack => own("deploy --again   # the same fix once more"),
            Self::Rollback | Self::End(DeployPart::Rollback) => own("deploy --rollback"),
            Self::Deployment if context.config.deploy.command.is_none() => own("deploy --deploy-command \"...\""),
            Self::Deployment | Self::Migration | Self::End(DeployPart::Deploy | DeployPart::Migrate) => own("deploy"),
            Self::Look | Self::Health => verify_again(context, incident),
        }
    }
}

/// What production lacks, the first thing first; nothing where the rules want nothing and nothing failed.
pub(crate) fn lacks(config: &Config, incident: &Incident) -> Vec<Lack> {
    let deploy = &config.deploy;
    let reached = |milestone| incident.milestones.contains_key(&milestone);
    let (deployed, resolved) = (reached(Milestone::Deployed), reached(Milestone::Resolved));
    let parts = [DeployPart::Deploy, DeployPart::Migrate, DeployPart::Rollback];
    // Begun is more than not deployed: production may have it.
    let is_begun = incident.deploys.doubt_about(DeployPart::Deploy).is_some();
    let doubts = parts.into_iter().filter(|part| incident.deploys.doubt_about(*part).is_some()).map(Lack::End);
    // What was deployed is gone: neither a look at it nor its migration counts any more.
    if incident.is_rolled_back() {
        return std::iter::once(Lack::RolledBack).chain(doubts).collect();
    }
    let failed_look = failed_look(incident);
    // A look at what ran before this deployment says nothing of it.
    let is_ill = failed_look.is_some() && !incident.deployed_since_look;
    let brought = [
        (
            !deployed && !is_begun && (deploy.command.is_some() || failed(incident, DeployPart::Deploy)),
            Lack::Deployment,
        ),
        (failed(incident, DeployPart::Migrate), Lack::Migration),
    ];
    let seen = [
        (!resolved && has_failed_rollback(incident), Lack::Rollback),
        (!resolved && is_ill, Lack::Health),
        (!resolved && !is_ill && (deploy.verify.is_some() || failed_look.is_some()), Lack::Look),
    ];
    let lacking = |(lacks, what): (bool, Lack)| lacks.then_some(what);
    // The first is the next command, so they come in the order in which they are made good.
    brought.into_iter().filter_map(lacking).chain(doubts).chain(seen.into_iter().filter_map(lacking)).collect()
}

/// The next command to type once the fix has landed.
pub(crate) fn next(context: &Context<'_>, incident: &Incident) -> Result<String> {
    let own = |command: &str| format!("{} {command}", context.program);
    let tip = production::local_branch_tip(context.look, incident)?;
    if !merge::landed(context, incident, tip.as_ref())? {
        return Ok(own("ship"));
    }
    Ok(match lacks(context.config, incident).first() {
        None => own("close"),
        Some(Lack::RolledBack) => better_fix(context, incident)?,
        Some(Lack::Rollback | Lack::End(DeployPart::Rollback)) => verify_again(context, incident),
        // Production does not work now: back first, and look for the reason then.
        Some(Lack::Health) if context.config.deploy.rollback.is_some() => own("deploy --rollback"),
        Some(Lack::Deployment) if context.config.deploy.command.is_none() => {
            Lack::Deployment.command(context, incident)
        }
        Some(lack @ (Lack::Look | Lack::Health)) => lack.command(context, incident),
        Some(Lack::End(_)) => {
            own(&format!("mark deployed   # if production has the fix; else: {}", own("deploy --again")))
        }
        Some(Lack::Deployment | Lack::Migration) => own("ship"),
    })
}

/// The next command of an incident that was taken up again after its fix had landed: a better fix, or none.
pub(crate) fn after_reopening(context: &Context<'_>, incident: &Incident) -> Result<String> {
    let tip = production::local_branch_tip(context.look, incident)?;
    if !merge::landed(context, incident, tip.as_ref())? {
        return next(context, incident);
    }
    let (fix, end) = (better_fix(context, incident)?, next(context, incident)?);
    Ok(if fix == end { fix } else { format!("{fix}; if none is needed: {end}") })
}

/// The command with which a better fix begins: its branch went when the first one landed.
pub(crate) fn better_fix(context: &Context<'_>, incident: &Incident) -> Result<String> {
    let branch = incident.branch();
    let then = format!("# a better fix; commit it, then: {} ship", context.program);
    if production::local_branch_tip(context.look, incident)?.is_some() {
        let is_here = context.look.git.head()?.branch() == Some(branch.as_str());
        let commit = if is_here {
            Uncommitted::look(context)?.command(context, incident)?
        } else {
            checkout::way_to(context, incident)?
        };
        return Ok(format!("{commit}   {then}"));
    }
    let head = context.look.git.head()?;
    let start = incident.merge_commit().filter(|merge| head.commit() != Some(merge));
    let start = start.map(|merge| format!(" {}", merge.short())).unwrap_or_default();
    Ok(format!("git switch -c {branch}{start}   {then}"))
}

/// The command that looks at production again as it was looked at last.
fn verify_again(context: &Context<'_>, incident: &Incident) -> String {
    let used_once = failed_look(incident).filter(|_| context.config.deploy.verify.is_none());
    let flag = used_once.map(|look| format!(" --verify-command {}", shell_words::quote(&look.command.to_string())));
    format!("{} verify{}", context.program, flag.unwrap_or_default())
}

/// The last look at what was released, where production did not work.
fn failed_look(incident: &Incident) -> Option<&Verified> {
    let released = incident.released_commit()?;
    let last = incident.verifications.iter().rev().find(|look| look.commit == *released)?;
    (last.ending != Ending::Passed).then_some(last)
}

/// Whether the last attempt at `part` of what was released failed.
fn failed(incident: &Incident, part: DeployPart) -> bool {
    let last = incident.released_commit().and_then(|commit| incident.deploys.last_of(part, commit));
    last.is_some_and(|last| last.ending != Ending::Passed)
}

/// Whether the last thing done to production was a rollback that failed.
fn has_failed_rollback(incident: &Incident) -> bool {
    incident.deploys.ended.last().is_some_and(|last| last.part == DeployPart::Rollback)
        && failed(incident, DeployPart::Rollback)
}
