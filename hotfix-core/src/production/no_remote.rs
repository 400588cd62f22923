//! Production on a remote that is none here: it was renamed or removed since the incident was opened, or is called otherwise in
//! this clone.

use crate::domain::event::Production;
use crate::domain::one_line;
use crate::port::{Look, PortError};
use crate::workflow::{Code, Refusal};

/// That it is none, and how it becomes one again.
pub(crate) struct NoRemote {
    /// What is said, a clause.
    pub(crate) said: String,
    /// The command that makes it one.
    pub(crate) way: String,
}

impl NoRemote {
    /// `None` where production's remote is here, or it has none.
    pub(crate) fn look(look: Look<'_>, production: &Production) -> Result<Option<Self>, PortError> {
        let Some(remote) = &production.remote else { return Ok(None) };
        let remotes = look.git.remotes()?;
        if remotes.contains(remote) {
            return Ok(None);
        }
        let quoted = shell_words::quote(remote);
        let way = match remotes.as_slice() {
            [only] => format!("git remote rename {} {quoted}", shell_words::quote(only)),
            _ => format!("git remote add {quoted} URL"),
        };
        let said = format!("production is on {}, which is no remote here", one_line(remote));
        Ok(Some(Self { said, way }))
    }

    /// The refusal of what needs it.
    pub(crate) fn refusal(self) -> Refusal {
        Refusal::precondition(Code::NoSuchRemote, self.said).hint(self.way)
    }

    /// The same as a next command.
    pub(crate) fn next(&self) -> String {
        format!("{}   # {}", self.way, self.said)
    }
}
