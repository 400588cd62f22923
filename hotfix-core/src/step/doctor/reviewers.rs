//! Is there anybody who can approve a hotfix, where production demands approvals?

use crate::domain::count;

use super::{CheckVerdict, Halt, Setup};

/// How many are named.
const NAMED: usize = 5;

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let abilities = setup.known_abilities("not needed")?;
    let rules = abilities.rules;
    let needed = match rules.approvals {
        None if rules.protected => {
            return Ok(CheckVerdict::ok("whether approvals are needed is not told to this token"));
        }
        None | Some(0) => return Ok(CheckVerdict::ok("no approval is needed")),
        Some(needed) => needed,
    };
    let owners = if rules.code_owners { ", an owner of the code that changes among them" } else { "" };
    let wants = format!("{} needed{owners}", count(needed, "approval"));
    let Some(approvers) = abilities.approvers else {
        return Ok(CheckVerdict::ok(format!("{wants}; who may give them is not told to this token")));
    };
    // Nobody approves what is their own, so the token's owner is not counted.
    if approvers.len() < usize::try_from(needed).unwrap_or(usize::MAX) {
        let whose = abilities.login.map(|login| format!(" beside {login}")).unwrap_or_default();
        let people = count(approvers.len(), "person").replace("persons", "people");
        let message = format!("{wants}, and {people} may write{whose}");
        return Ok(CheckVerdict::failure(
            message,
            "invite reviewers who may write, or have somebody at hand who may use ship --admin",
        ));
    }
    let more = approvers.len().saturating_sub(NAMED);
    let names = approvers.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Ok(CheckVerdict::ok(format!("{wants}; may approve: {names}{more}")))
}
