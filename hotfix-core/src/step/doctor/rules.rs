//! What does the hosting service demand of those who change production?

use crate::domain::count;

use super::{CheckVerdict, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let abilities = setup.known_abilities("none: no hosting service is asked")?;
    let production = setup.production()?.branch;
    let rules = abilities.rules;
    if !rules.protected {
        return Ok(CheckVerdict::ok(format!("{production} is not protected")));
    }
    let checks = match rules.checks.as_slice() {
        [] => None,
        [only] => Some(format!("the check {only}")),
        names => Some(format!("the checks {}", names.join(", "))),
    };
    let approvals = rules.approvals.filter(|needed| *needed > 0).map(|needed| count(needed, "approval"));
    let strict = rules.strict.then(|| "to be up to date".to_owned());
    let queue = rules.queue.then(|| "the merge queue".to_owned());
    let wants: Vec<String> = [checks, approvals, strict, queue].into_iter().flatten().collect();
    let text = match wants.as_slice() {
        [] => format!("{production} is protected"),
        wants => format!("{production} demands {}", wants.join(", ")),
    };
    if rules.silent.is_empty() {
        return Ok(CheckVerdict::ok(text));
    }
    let prefix = &setup.context.config.branch.prefix;
    Ok(CheckVerdict::warning(
        format!("{text}; never reported there: {}", rules.silent.join(", ")),
        // GitHub shows such a pull request as waiting, for ever.
        format!("a required check that does not run blocks every hotfix: let it run for {prefix}** and {production}"),
    ))
}
