//! Is the manual page installed? git looks for it on `--help`, and never starts us.

use super::{Answer, CheckVerdict, Examination, Halt, QueryError, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let program = setup.context.program;
    let page = program.replace(' ', "-");
    let without = format!("{program} --help has no manual page; {program} -h always works");
    Ok(match setup.ask(Examination::ManPage(page))? {
        Ok(Answer::Text(path)) => CheckVerdict::ok(path),
        // Warnings only: nobody's hotfix fails for want of a page. One that is installed where man does not look says how it is
        // found; to install it again would change nothing.
        Err(QueryError { message, hint: Some(hint), .. }) => {
            CheckVerdict::warning(format!("{program} --help: {message}; {program} -h always works"), hint)
        }
        Ok(Answer::Refs(_) | Answer::Abilities(_) | Answer::Audit(_)) | Err(_) => {
            CheckVerdict::warning(without, format!("{program} man --install")).safely()
        }
    })
}
