//! What a git prints on its two streams, read without a thread for each.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};

/// What a pipe gets to be read to its end after the child ended: a hook's own children may keep it open for ever.
const DRAIN: Duration = Duration::from_millis(500);
/// As much is read at once.
const CHUNK: usize = 16 * 1024;

/// A stream of a child, and what came of it.
pub(super) struct ChildPipe {
    /// Absent once it has ended.
    open: Option<File>,
    kept: Vec<u8>,
    /// Not more is kept.
    limit: usize,
    /// Whether people see it as it comes.
    shows: bool,
}

impl ChildPipe {
    pub(super) fn new(pipe: Option<impl Into<OwnedFd>>, limit: usize, shows: bool) -> Self {
        Self { open: pipe.map(|pipe| File::from(pipe.into())), kept: Vec::new(), limit, shows }
    }

    pub(super) fn into_kept(self) -> Vec<u8> {
        self.kept
    }

    /// Reads what is there.
    fn take(&mut self) {
        let mut buffer = [0; CHUNK];
        let read = match self.open.as_mut().map(|pipe| pipe.read(&mut buffer)) {
            Some(Ok(read @ 1..)) => read,
            Some(Err(error)) if error.kind() == std::io::ErrorKind::Interrupted => return,
            _ => {
                self.open = None;
                return;
            }
        };
        let bytes = buffer.get(..read).unwrap_or_default();
        if self.shows {
            let _ = std::io::stderr().write_all(bytes); // Nobody may be watching.
        }
        // Read on beyond what is kept: a full pipe would stop git.
        self.kept.extend_from_slice(bytes.get(..read.min(self.limit - self.kept.len())).unwrap_or_default());
    }
}

/// Whether any of them may bring more.
pub(super) fn are_open(pipes: &[ChildPipe]) -> bool {
    pipes.iter().any(|pipe| pipe.open.is_some())
}

/// Reads what comes first, and waits no longer than `longest` for it; whether anything came.
pub(super) fn read_for(pipes: &mut [ChildPipe], longest: Duration) -> bool {
    let mut open: Vec<&mut ChildPipe> = pipes.iter_mut().filter(|pipe| pipe.open.is_some()).collect();
    let mut polled: Vec<PollFd<'_>> =
        open.iter().filter_map(|pipe| pipe.open.as_ref()).map(|pipe| PollFd::new(pipe, PollFlags::IN)).collect();
    let Ok(longest) = longest.try_into() else { return false };
    // A signal cuts it short, which is what the caller looks for next.
    if !matches!(poll(&mut polled, Some(&longest)), Ok(1..)) {
        return false;
    }
    let ready: Vec<bool> = polled.iter().map(|pipe| !pipe.revents().is_empty()).collect();
    open.iter_mut().zip(ready).filter(|(_, is_ready)| *is_ready).for_each(|(pipe, _)| pipe.take());
    true
}

/// Reads what the child left in them.
pub(super) fn drain(pipes: &mut [ChildPipe]) {
    while are_open(pipes) && read_for(pipes, DRAIN) {}
}
