//! The commit that a revision names, by git's own word: where gix cannot tell.

use std::str::FromStr as _;

use crate::adapter::git::GitRepository;
use crate::adapter::git::child::GitRun;
use crate::adapter::git::convert::lossy;
use crate::domain::ObjectId;
use crate::port::{ErrorKind, PortError};

/// What is to be done about digits that several objects begin with.
pub(super) const TELL_MORE: &str = "Give more of its digits, or the full name of the branch or tag.";

pub(super) fn by_git(git: &GitRepository, revision: &str) -> Result<Option<ObjectId>, PortError> {
    if revision.is_empty() || revision.contains('\0') {
        return Ok(None);
    }
    let doing = format!("find the commit `{revision}`");
    let named = format!("{revision}^{{commit}}");
    let run = GitRun::new(&doing, ["rev-parse", "--verify", "--end-of-options", &named]).reading();
    let answer = git.program.run(&run)?;
    if answer.status.success() {
        return Ok(ObjectId::from_str(lossy(&answer.stdout).trim_end()).ok());
    }
    match lossy(&answer.stderr) {
        said if said.contains("is ambiguous") => {
            Err(PortError::new(ErrorKind::Precondition, doing, said.trim()).hint(TELL_MORE))
        }
        _ => Ok(None),
    }
}
