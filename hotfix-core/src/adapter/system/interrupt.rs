//! SIGINT, SIGTERM, SIGHUP and SIGQUIT: the program that runs is ended first, then we.
//!
//! Signals reach a thread of their own, which only takes note; whoever waits for a child sees the note, ends the child
//! and everything it started, and returns an error. A checkout of git is ended by the second signal only. The front is
//! called last, and decides how we end.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program has to end after it was asked to, before it is killed.
pub const GRACE: Duration = Duration::from_secs(10);

/// How long our own thread may take to note a signal that others were sent with us.
const NOTED_WITHIN: Duration = Duration::from_millis(200);

/// The signal that came first; 0 before one came.
// Atomics: whoever waits for a child looks at these fifty times a second, and must not block.
static FIRST: AtomicI32 = AtomicI32::new(0);
/// How many came.
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// How many programs run.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
/// How many of them a first signal does not end.
static PATIENT: AtomicUsize = AtomicUsize::new(0);

/// A signal that ends us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone.
    HangUp,
    /// SIGQUIT: Ctrl-\.
    Quit,
}

impl Signal {
    const ALL: [Self; 4] = [Self::Interrupt, Self::Terminate, Self::HangUp, Self::Quit];

    /// What a shell reports for it: 130, 143, 129, 131.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::HangUp => 129,
            Self::Quit => 131,
        }
    }

    fn number(self) -> i32 {
        i32::from(self.exit_code()) - 128
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::HangUp => "SIGHUP",
            Self::Quit => "SIGQUIT",
        })
    }
}

/// We are to end; nothing more is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted by {0}")]
pub struct Interrupted(pub Signal);

/// The signal that came, if one came.
pub fn received() -> Option<Signal> {
    let number = FIRST.load(Ordering::SeqCst);
    Signal::ALL.into_iter().find(|signal| signal.number() == number)
}

/// The signal that came, where a program has ended so. One that shares our terminal gets Ctrl-C as we do, and may be gone
/// before our thread took note.
pub(crate) fn received_with(ended: ExitStatus) -> Option<Signal> {
    noted_with(ended, received)
}

fn noted_with(ended: ExitStatus, mut noted: impl FnMut() -> Option<Signal>) -> Option<Signal> {
    let number = ended.signal().or_else(|| ended.code()?.checked_sub(128));
    let is_signaled = Signal::ALL.into_iter().any(|signal| Some(signal.number()) == number);
    let given_up_at = Instant::now() + NOTED_WITHIN;
    loop {
        let signal = noted();
        if signal.is_some() || !is_signaled || Instant::now() >= given_up_at {
            return signal;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// The same, once more than so many came.
pub(crate) fn received_after(patience: usize) -> Option<Signal> {
    received().filter(|_| COUNT.load(Ordering::SeqCst) > patience)
}

/// Whether a second signal came: somebody is out of patience.
pub(crate) fn is_urgent() -> bool {
    received_after(1).is_some()
}

/// A program runs for as long as this lives; signals wait for its end.
#[derive(Debug)]
#[must_use = "hold it while the program runs"]
pub(crate) struct ProgramGuard {
    is_patient: bool,
}

impl ProgramGuard {
    /// Announces a program, before it is started, that goes on for so many signals.
    pub(crate) fn announce(patience: usize) -> Result<Self, Interrupted> {
        let running = Self { is_patient: patience > 0 };
        RUNNING.fetch_add(1, Ordering::SeqCst);
        PATIENT.fetch_add(patience.min(1), Ordering::SeqCst);
        // Counted first, then looked: a signal in between either waits for us or stops us here.
        received().map_or(Ok(running), |signal| Err(Interrupted(signal)))
    }

    /// Announces a program that runs for a moment, also after a signal.
    pub(crate) fn after_all() -> Self {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        PATIENT.fetch_add(1, Ordering::SeqCst);
        Self { is_patient: true }
    }
}

impl Drop for ProgramGuard {
    fn drop(&mut self) {
        PATIENT.fetch_sub(usize::from(self.is_patient), Ordering::SeqCst);
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(feature = "workflow")]
pub use handler::install;

#[cfg(feature = "workflow")]
mod handler {
    use std::io;
    use std::sync::Arc;

    use super::{COUNT, Duration, FIRST, GRACE, Instant, Ordering, PATIENT, RUNNING, Signal, is_urgent, thread};

    /// SIGXFSZ: a file would grow past a limit.
    const SIZE_LIMIT: i32 = signal_hook::consts::SIGXFSZ;
    /// How long our own thread has to report an ended program and to leave by itself.
    const UNWIND: Duration = Duration::from_secs(2);

    /// Takes SIGINT, SIGTERM, SIGHUP and SIGQUIT. When one comes, programs that run are ended by whoever waits for them, and
    /// `end` is called, from another thread, with the first signal: at once when none runs, else when they have ended
    /// and 2 more seconds have passed without our exit. `end` is expected to exit; call it once a process.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn install(end: impl Fn(Signal) + Send + Sync + 'static) -> io::Result<()> {
        // Past a limit of file size a write is then refused, which is told, instead of ending us.
        signal_hook::flag::register(SIZE_LIMIT, Arc::default())?;
        // Not `ctrlc`: it cannot tell SIGINT (130) from SIGTERM (143).
        let mut signals = signal_hook::iterator::Signals::new(Signal::ALL.map(Signal::number))?;
        let end = Arc::new(end);
        thread::Builder::new().name("signals".into()).spawn(move || {
            for number in signals.forever() {
                let Some(signal) = Signal::ALL.into_iter().find(|signal| signal.number() == number) else { continue };
                COUNT.fetch_add(1, Ordering::SeqCst);
                if FIRST.compare_exchange(0, number, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                    let end = Arc::clone(&end);
                    // Apart, so that this thread goes on counting: a second Ctrl-C cuts the wait short.
                    thread::spawn(move || {
                        wait_for_programs();
                        end(signal);
                    });
                }
            }
        })?;
        Ok(())
    }

    fn wait_for_programs() {
        if RUNNING.load(Ordering::SeqCst) == 0 {
            return;
        }
        // Whoever waits for the child kills it after the grace; this is only for the case that it does not.
        let mut killed_by = Instant::now() + GRACE + UNWIND;
        while RUNNING.load(Ordering::SeqCst) > 0 && Instant::now() < killed_by {
            thread::sleep(Duration::from_millis(10));
            if PATIENT.load(Ordering::SeqCst) > 0 && !is_urgent() {
                killed_by = Instant::now() + GRACE + UNWIND; // A checkout takes the time that it takes.
            }
        }
        // Whoever waited reports what was ended, and usually exits before this is over.
        thread::sleep(UNWIND);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of a program that ended with this wait status, where the signal is noted at the third look, and the looks.
    fn told_of(status: i32) -> (Option<Signal>, usize) {
        let mut looks = 0;
        let signal = noted_with(ExitStatus::from_raw(status), || {
            looks += 1;
            (looks > 2).then_some(Signal::Interrupt)
        });
        (signal, looks)
    }

    #[test]
    fn a_signal_that_ended_the_program_first_is_waited_for() {
        // By SIGINT itself, and as a shell says it.
        assert_eq!(told_of(2), (Some(Signal::Interrupt), 3));
        assert_eq!(told_of(130 << 8), (Some(Signal::Interrupt), 3));
        // All else is no word of a signal to us.
        for other in [0, 1 << 8, 9, 137 << 8] {
            assert_eq!(told_of(other), (None, 1), "{other}");
        }
    }

    #[test]
    fn a_signal_that_was_for_the_program_alone_is_not_waited_for_long() {
        assert_eq!(noted_with(ExitStatus::from_raw(2), || None), None);
    }
}
