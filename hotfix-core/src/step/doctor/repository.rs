//! Can a fix be made in this repository? Formats that are not known are refused when it is opened.

use crate::domain::ObjectFormat;
use crate::port::{RefFormat, RepositoryFormat};

use super::{CheckVerdict, Halt, Setup};

/// How a condition of `includeIf` begins that depends on the branch.
const BY_BRANCH: &str = "onbranch:";
/// Where git notes what stands for another object.
const REPLACED: &str = "refs/replace/";

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let git = setup.context.look.git;
    let Some(top) = &git.repository().work_tree else {
        return Ok(CheckVerdict::failure("a bare repository has no work tree", "run hotfix in a clone of it"));
    };
    if git.head()?.commit().is_none() {
        return Ok(CheckVerdict::failure("it has no commit yet", "commit or fetch what production runs"));
    }
    if let Some(operation) = git.operation_in_progress()? {
        let what = format!("a {} is unfinished", operation.name());
        return Ok(CheckVerdict::warning(what, "finish it, or open with --worktree"));
    }
    // Whether a branch has the fix is a question about all of its history.
    if git.repository().is_shallow {
        return Ok(CheckVerdict::warning("history is cut off (a shallow clone)", "git fetch --unshallow"));
    }
    if git.repository().format.refs == RefFormat::Reftable {
        if git.config_subsections("includeIf").iter().any(|condition| condition.starts_with(BY_BRANCH)) {
            let what = "refs are in reftable, where settings that are included by branch (includeIf \"onbranch:...\") reach git and not hotfix";
            return Ok(CheckVerdict::warning(
                what,
                "set what a hotfix needs (user.name, user.email) for the whole repository",
            ));
        }
        if let Some((name, _)) = git.refs_under(REPLACED)?.first() {
            let what = format!("refs are in reftable, where hotfix reads replaced objects as they were ({name})");
            return Ok(CheckVerdict::warning(
                what,
                "take a replacement back by git replace -d, where the fix builds on one",
            ));
        }
    }
    Ok(CheckVerdict::ok(format!("{}{}", top.display(), unusual(git.repository().format))))
}

/// How the repository keeps refs and objects, where that is not as nearly all do.
fn unusual(format: RepositoryFormat) -> String {
    let mut told = Vec::new();
    if format.refs != RefFormat::default() {
        told.push(format!("refs: {}", format.refs.name()));
    }
    if format.objects != ObjectFormat::default() {
        told.push(format!("objects: {}", format.objects.name()));
    }
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}
