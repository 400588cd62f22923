//! A line that a person types, unless a signal comes first.

use std::io::{self, BufRead as _, Read as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::interrupt::{self, ProgramGuard};

/// More than a terminal gives for a line.
const MOST_BYTES: u64 = 64 * 1024;

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

fn read() -> io::Result<Option<String>> {
    let mut line = Vec::new();
    io::stdin().lock().take(MOST_BYTES).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}
