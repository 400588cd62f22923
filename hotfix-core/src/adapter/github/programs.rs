//! What programs of this machine tell of the way to GitHub: its token, its proxy.

use std::time::Duration;

use crate::domain::event::Ending;
use crate::port::{Invocation, Processes};

/// How long a program may take.
const DEADLINE: Duration = Duration::from_secs(15);

/// What a program says, if it ends well. It cannot ask anybody.
pub(super) fn told(processes: &dyn Processes, command: &[&str], stdin: Option<String>) -> Option<String> {
    let silence =
        // A credential helper that opens a window would hang a run that nobody looks at.
        [("GIT_TERMINAL_PROMPT", "0"), ("GIT_ASKPASS", "true"), ("SSH_ASKPASS", "true"), ("GCM_INTERACTIVE", "never")];
    let finished = processes.run(&Invocation {
        environment: silence.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        stdin: stdin.map(String::into_bytes),
        // gh writes notices on stderr; they must not become part of a token.
        apart: true,
        ..Invocation::new(command.iter().map(|&word| word.to_owned()).collect::<Vec<_>>(), DEADLINE)
    });
    let finished = finished.ok().filter(|finished| finished.ending == Ending::Passed)?;
    String::from_utf8(finished.stdout).ok()
}
