//! What a git prints on its two streams, read without a thread for each.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};

/// How long is waited for more after the child ended: a hook's own children may keep its pipe open for ever.
const DRAIN: Duration = Duration::from_millis(500);
/// How long is read from it altogether: they may talk for ever, too.
const DRAINED: Duration = Duration::from_secs(3);
/// As much is read at once.
const CHUNK: usize = 16 * 1024;

/// A stream of a child, and what came of it.
pub(super) struct ChildPipe<'r> {
    /// Absent once it has ended.
    open: Option<File>,
    kept: Vec<u8>,
    /// Not more is kept.
    limit: usize,
    /// Who gets it as it comes, and says whether to read on.
    reader: Option<PipeReader<'r>>,
}

/// Somebody who reads what a child prints as it comes, and says whether to read on.
pub(super) type PipeReader<'r> = Box<dyn FnMut(&[u8]) -> bool + 'r>;

impl<'r> ChildPipe<'r> {
    pub(super) fn new(pipe: Option<impl Into<OwnedFd>>, limit: usize, reader: Option<PipeReader<'r>>) -> Self {
        Self { open: pipe.map(|pipe| File::from(pipe.into())), kept: Vec::new(), limit, reader }
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
        if self.reader.as_mut().is_some_and(|reader| !reader(bytes)) {
            self.open = None; // git ends by itself once nobody takes what it writes.
        }
        // Read on beyond what is kept: a full pipe would stop git.
        self.kept.extend_from_slice(bytes.get(..read.min(self.limit - self.kept.len())).unwrap_or_default());
    }
}

/// Whether any of them may bring more.
pub(super) fn are_open(pipes: &[ChildPipe<'_>]) -> bool {
    pipes.iter().any(|pipe| pipe.open.is_some())
}

/// Reads what comes first, and waits no longer than `longest` for it; whether anything came.
pub(super) fn read_for(pipes: &mut [ChildPipe<'_>], longest: Duration) -> bool {
    let mut open: Vec<&mut ChildPipe<'_>> = pipes.iter_mut().filter(|pipe| pipe.open.is_some()).collect();
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
pub(super) fn drain(pipes: &mut [ChildPipe<'_>]) {
    let given_up_at = Instant::now() + DRAINED;
    while are_open(pipes) && Instant::now() < given_up_at && read_for(pipes, DRAIN) {}
}
