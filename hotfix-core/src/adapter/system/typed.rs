//! A line that a person types, unless a signal comes first.

use std::io::{self, BufRead as _, Read as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{QueueSelector, tcflush};

use super::interrupt::{self, ProgramGuard};

/// More than a terminal gives for a line.
const MOST_BYTES: u64 = 64 * 1024;

/// What was pasted has come when so long nothing did.
const SETTLED: Duration = Duration::from_millis(30);

/// So often a terminal's queue, some 4 KiB, is emptied at most: a paste of a hundred megabytes is taken for one without an end.
const MOST_FORGOTTEN: usize = 25_000;

/// How often it is looked whether a signal came.
const LOOK: Duration = Duration::from_millis(50);

/// A line from standard input, without its end; `None` when a signal came first, or the input ended: what was typed by half
/// is no answer.
///
/// # Errors
/// When it cannot be read.
pub fn line() -> io::Result<Option<String>> {
    // A signal waits until the question has been left, and something can be said.
    let Ok(_guard) = ProgramGuard::announce(0) else { return Ok(None) };
    let (sender, receiver) = mpsc::channel();
    // A read of a terminal goes on after a signal; that thread is left behind with it.
    thread::Builder::new().name("typed".into()).spawn(move || sender.send(read()))?;
    loop {
        match receiver.recv_timeout(LOOK) {
            Ok(line) => return line,
            Err(RecvTimeoutError::Timeout) if interrupt::received().is_none() => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(None),
        }
    }
}

/// Whether more was typed than was read: the lines of a paste come at once, those that a person types do not.
pub fn has_more() -> bool {
    let Ok(settled) = Timespec::try_from(SETTLED) else { return false };
    let stdin = io::stdin();
    let mut polled = [PollFd::new(&stdin, PollFlags::IN)];
    let is_ready = poll(&mut polled, Some(&settled)).is_ok_and(|ready| ready > 0);
    // What hung up is ready without an end.
    is_ready && polled.iter().all(|stdin| stdin.revents() == PollFlags::IN)
}

/// Forgets what was typed and not read, to the end of a paste.
pub fn forget() {
    for _ in 0..MOST_FORGOTTEN {
        if !has_more() || tcflush(io::stdin(), QueueSelector::IFlush).is_err() {
            return;
        }
    }
}

fn read() -> io::Result<Option<String>> {
    let mut line = Vec::new();
    io::stdin().lock().take(MOST_BYTES).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}
