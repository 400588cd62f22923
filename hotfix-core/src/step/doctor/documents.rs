//! Can the documents be written, without going through a link?

use super::{CheckVerdict, Examination, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    if setup.context.look.git.repository().work_tree.is_none() {
        return Ok(CheckVerdict::failure("there is no work tree to write them in", "run hotfix in a clone"));
    }
    let documents = &setup.context.config.documents;
    let postmortem = format!("{}/POSTMORTEM.md", documents.postmortem.trim_end_matches('/'));
    let paths = [&postmortem, &documents.status, &documents.tech_debt];
    let mut answers = Vec::new();
    // All in one round: the first that was not asked yet ends the loop below.
    for path in paths {
        answers.push(setup.ask(Examination::Writable(path.clone())));
    }
    for answer in answers {
        if let Err(trouble) = answer? {
            let fix = "make it a plain file or folder that can be written, or set [documents]";
            return Ok(CheckVerdict::failure(trouble.message, trouble.hint.unwrap_or_else(|| fix.to_owned())));
        }
    }
    Ok(CheckVerdict::ok(format!("{}, {}, {}", documents.postmortem, documents.status, documents.tech_debt)))
}
