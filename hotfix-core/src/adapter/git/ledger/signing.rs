//! Signed commits of the ledger, by what the person has set up for commits. git's own program signs; it asks nobody, and has little
//! time: a fix does not wait for a passphrase.

use std::time::Duration;

use crate::domain::ObjectId;
use crate::port::PortError;

use crate::adapter::git::GitRepository;
use crate::adapter::git::child::GitRun;
use crate::adapter::git::convert::{lossy, object_id};

/// How long a signature may take: who has to touch a key can, and who looks away does not stop the night.
const PATIENCE: Duration = Duration::from_secs(5);

/// A commit of this tree, signed; `None` where it is not to be, or could not be: why that is so is kept.
pub(super) fn commit(
    git: &GitRepository,
    by: &git2::Signature<'_>,
    message: &str,
    tree: git2::Oid,
    parents: &[&git2::Commit<'_>],
) -> Option<ObjectId> {
    if !git.memory.signs.get() || git.memory.unsigned.borrow().is_some() {
        return None;
    }
    let signed = run(git, by, message, tree, parents);
    signed.map_err(|error| git.memory.unsigned.replace(Some(Some(error)))).ok()
}

fn run(
    git: &GitRepository,
    by: &git2::Signature<'_>,
    message: &str,
    tree: git2::Oid,
    parents: &[&git2::Commit<'_>],
) -> Result<ObjectId, PortError> {
    let doing = "sign what is recorded";
    let at = format!("@{} +0000", by.when().seconds());
    let [name, email] = [by.name_bytes(), by.email_bytes()].map(lossy);
    let mut run = GitRun::new(doing, ["-c", "i18n.commitEncoding=UTF-8", "commit-tree", "-S", "-F", "-"])
        .reading_bytes(message.as_bytes().to_vec())
        .elsewhere()
        .unattended()
        .within_time(PATIENCE);
    for who in ["AUTHOR", "COMMITTER"] {
        run = run
            .variable(format!("GIT_{who}_NAME"), &name)
            .variable(format!("GIT_{who}_EMAIL"), &email)
            .variable(format!("GIT_{who}_DATE"), &at);
    }
    for parent in parents {
        run = run.arguments(["-p".to_owned(), parent.id().to_string()]);
    }
    object_id(&git.output(&run.arguments([tree.to_string()]))?, doing)
}
