//! Is the manual page installed? git looks for it on `--help`, and never starts us.

use super::{Answer, Check, CheckVerdict, Examination, Halt, Patient};

pub(super) const CHECK: Check = Check { id: "man", judge };

fn judge(patient: &Patient<'_>) -> Result<CheckVerdict, Halt> {
    let program = patient.context.program;
    let page = program.replace(' ', "-");
    Ok(match patient.ask(Examination::ManPage(page))? {
        Ok(Answer::Text(place)) => CheckVerdict::ok(place),
        // A warning only: nobody's hotfix fails for want of a page.
        Ok(Answer::Refs(_) | Answer::Abilities(_)) | Err(_) => {
            let what = format!("{program} --help has no manual page; {program} -h always works");
            CheckVerdict::warning(what, format!("{program} man --install"))
        }
    })
}
