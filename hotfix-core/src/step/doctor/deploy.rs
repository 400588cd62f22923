//! Are the programs there that deploy, migrate, verify and roll back? None of them is run.

use crate::config::{DeployConfig, ProductionCheck};
use crate::domain::CommandLine;

use super::{CheckVerdict, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let deploy = &setup.context.config.deploy;
    let commands = commands(deploy);
    // Looked for and not run: a deployment has no dry run that we know of.
    let missing = setup.missing_programs(commands.iter().copied())?;
    if !missing.is_empty() {
        return Ok(CheckVerdict::failure(missing.join(", "), "install it, or name another one in hotfix.toml"));
    }
    if deploy.command.is_none() {
        return Ok(CheckVerdict::ok("no [deploy] command: ship merges, and somebody else deploys"));
    }
    let mut keys: Vec<&str> = commands.iter().map(|(key, _)| *key).collect();
    keys.extend(matches!(deploy.verify, Some(ProductionCheck::Url(_))).then_some("deploy.verify (a URL)"));
    let there = keys.join(", ");
    if deploy.verify.is_none() {
        return Ok(CheckVerdict::warning(format!("{there}: nothing verifies production"), "set [deploy] verify"));
    }
    if deploy.rollback.is_none() {
        return Ok(CheckVerdict::warning(format!("{there}: nothing rolls back"), "set [deploy] rollback"));
    }
    Ok(CheckVerdict::ok(there))
}

fn commands(deploy: &DeployConfig) -> Vec<(&'static str, &CommandLine)> {
    let verify = match &deploy.verify {
        Some(ProductionCheck::Command(command)) => Some(command),
        Some(ProductionCheck::Url(_)) | None => None,
    };
    [
        ("deploy.command", deploy.command.as_ref()),
        ("deploy.migrate", deploy.migrate.as_ref()),
        ("deploy.verify", verify),
        ("deploy.rollback", deploy.rollback.as_ref()),
    ]
    .into_iter()
    .filter_map(|(key, command)| Some((key, command?)))
    .collect()
}
