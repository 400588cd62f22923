//! Does git know who commits?

use super::{Check, Halt, Patient, Verdict};

pub(super) const CHECK: Check = Check { id: "identity", judge };

fn judge(patient: &Patient<'_>) -> Result<Verdict, Halt> {
    Ok(match patient.context.look.git.identity() {
        Ok(who) => Verdict::ok(format!("{} <{}>", who.name, who.email)),
        Err(_) => Verdict::failure(
            "git knows no name and address to commit with",
            "git config --global user.name NAME && git config --global user.email ADDRESS",
        ),
    })
}
