//! What git's log of a ref tells; by the git program, which reads it in every format of refs.

use crate::domain::{ObjectId, RefName};
use crate::port::PortError;

use super::GitRepository;
use super::child::GitRun;
use super::convert::lossy;

/// Whether the ref was at a commit; `None` where no log of it is kept. A ref that is not here was nowhere.
pub(super) fn was_at(git: &GitRepository, name: &RefName, commit: &ObjectId) -> Result<Option<bool>, PortError> {
    if git.refs.commit_of_ref(git, name)?.is_none() {
        return Ok(Some(false));
    }
    let run = GitRun::new(format!("read where {name} was"), ["rev-list", "--walk-reflogs", name.as_str(), "--"]);
    let places = lossy(&git.output(&run.reading())?);
    Ok((!places.is_empty()).then(|| places.lines().any(|place| place == commit.as_str())))
}
