//! Can branches be called `hotfix/…`? One called `hotfix` is in their way.

use super::{Check, Halt, Patient, Verdict};

pub(super) const CHECK: Check = Check { id: "namespace", judge };

/// The branch that must not be there.
pub(super) const PREFIX: &str = "hotfix";

fn judge(patient: &Patient<'_>) -> Result<Verdict, Halt> {
    let asked = patient.remote_refs()?;
    if patient.context.look.git.commit_of_ref(&format!("refs/heads/{PREFIX}"))?.is_some() {
        let what = format!("the branch {PREFIX} is in the way of {PREFIX}/<slug>");
        return Ok(Verdict::failure(what, format!("git branch --move {PREFIX} NAME")));
    }
    if let Some(Ok(refs)) = asked
        && refs.branch(PREFIX).is_some()
    {
        let what = format!("the branch {PREFIX} on the remote is in the way of {PREFIX}/<slug>");
        return Ok(Verdict::failure(what, "rename it there"));
    }
    Ok(Verdict::ok(format!("{PREFIX}/<slug> is free")))
}
