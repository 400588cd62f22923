//! Which service hosts the repository, does it answer, and how does it merge?

use crate::production::hosting;

use super::{CheckVerdict, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let production = setup.known_production()?;
    let context = setup.context;
    let Some(hosted) = hosting::find(context.look, context.config, production.remote.as_deref())? else {
        let none = "no hosting service: pull requests are kept in the ledger";
        return Ok(match hosting::likely(context.look, context.config, production.remote.as_deref())? {
            // Taken for no service, ship would push to production past its pull requests.
            Some((host, service)) => CheckVerdict::warning(
                format!("{none}, though {host} looks like {}", service.name()),
                "git config hotfix.forge.kind github   # or local",
            ),
            None => CheckVerdict::ok(none),
        });
    };
    if !setup.may_use_network() {
        let message = format!("{} was not asked (--offline)", hosted.host);
        return Ok(CheckVerdict::warning(message, "run it again with a network"));
    }
    let abilities = match setup.abilities()? {
        Some(answer) => answer?,
        None => return Ok(CheckVerdict::warning("not asked", "run it again")),
    };
    if abilities.archived {
        let message = format!("{} is archived: it takes no changes", abilities.repository);
        return Ok(CheckVerdict::failure(message, "unarchive it in its settings"));
    }
    let methods: Vec<&str> = abilities.methods.iter().map(|method| method.key()).collect();
    let auto = if abilities.auto_merge { ", auto-merge allowed" } else { "" };
    let text = format!("{} at {}: merges by {}{auto}", abilities.repository, hosted.host, methods.join(", "));
    Ok(if methods.is_empty() {
        let message = format!("{} allows no way of merging", abilities.repository);
        CheckVerdict::failure(message, "allow merge commits in its settings")
    } else {
        CheckVerdict::ok(text)
    })
}
