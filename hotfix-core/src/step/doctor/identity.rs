//! Does git know who commits?

use super::{CheckVerdict, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    Ok(match setup.context.look.git.identity() {
        Ok(who) => CheckVerdict::ok(format!("{} <{}>", who.name, who.email)),
        // git would refuse the first commit, in the middle of the night.
        Err(_) => CheckVerdict::failure(
            "git knows no name and address to commit with",
            "git config --global user.name NAME && git config --global user.email ADDRESS",
        ),
    })
}
