//! Is the manual page installed? git looks for it on `--help`, and never starts us.

use super::{Answer, CheckVerdict, Examination, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let program = setup.context.program;
    let page = program.replace(' ', "-");
    Ok(match setup.ask(Examination::ManPage(page))? {
        Ok(Answer::Text(path)) => CheckVerdict::ok(path),
        // A warning only: nobody's hotfix fails for want of a page.
        Ok(Answer::Refs(_) | Answer::Abilities(_) | Answer::Audit(_)) | Err(_) => {
            let what = format!("{program} --help has no manual page; {program} -h always works");
            CheckVerdict::warning(what, format!("{program} man --install"))
        }
    })
}
