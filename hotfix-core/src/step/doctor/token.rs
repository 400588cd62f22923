//! Is there a token for the hosting service, and may it do what a hotfix needs?

use crate::production::fork;

use super::{CheckVerdict, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let abilities = setup.known_abilities("not needed")?;
    let whose = abilities.login.map(|login| format!(" of {login}")).unwrap_or_default();
    let token = format!("the token from {}{whose}", abilities.token_from);
    if !abilities.can_push && is_from_fork(setup) {
        let message = format!("{token} may not push to {}: from the fork it may propose", abilities.repository);
        return Ok(CheckVerdict::warning(message, "have somebody at hand who may merge there; ship then goes on"));
    }
    if !abilities.can_push {
        let message = format!("{token} may not push to {}", abilities.repository);
        return Ok(CheckVerdict::failure(
            message,
            "use one with the rights contents and pull requests (write), or the scope repo",
        ));
    }
    let lacks_repo = abilities.scopes.as_ref().is_some_and(|scopes| {
        // Fine-grained tokens have no scopes; theirs is told by `can_push`.
        !scopes.is_empty() && !scopes.iter().any(|scope| scope == "repo" || scope == "public_repo")
    });
    if lacks_repo {
        let fix = "gh auth refresh --scopes repo, or use a token with the scope repo";
        return Ok(CheckVerdict::failure(format!("{token} has no scope repo"), fix));
    }
    let scopes = abilities.scopes.filter(|scopes| !scopes.is_empty());
    let scopes = scopes.map(|scopes| format!(", scopes {}", scopes.join(", "))).unwrap_or_default();
    Ok(CheckVerdict::ok(format!("{token} may push{scopes}")))
}

/// Whether our branches are in a fork, for which one needs no right to push to the repository itself.
fn is_from_fork(setup: &Setup<'_>) -> bool {
    let any = format!("{}any", setup.context.config.branch.prefix);
    let production = setup.production().ok();
    production.is_some_and(|production| matches!(fork::check(setup.context, &production, &any), Ok(Some(_))))
}
