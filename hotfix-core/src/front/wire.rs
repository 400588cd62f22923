//! Where the ports get their adapters; the only file of the front that names any.

use std::path::{Path, PathBuf};

pub(super) use crate::adapter::Machine;
pub(super) use crate::adapter::glance;
pub(super) use crate::adapter::system::{Actor, COLUMNS, Sealed};
use crate::adapter::system::{SystemClock, WorkTreeFiles, browser, environment, interrupt, manual, typed, zone};
use crate::port::Clock as _;
use crate::workflow::Refusal;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Where this program's manual pages go: beside it if that can be written, else for this person alone; `None` without a
/// home.
pub(super) fn man_folder() -> Option<PathBuf> {
    manual::folder()
}

/// The files below the deepest folder of `folder` that is there, and the way from it to `folder`.
pub(super) fn files_below(folder: &Path) -> Result<(WorkTreeFiles, PathBuf), Refusal> {
    let (top, below) = manual::deepest_there(folder)?;
    Ok((WorkTreeFiles::new(top), below))
}

/// The values of our environment that nothing we write may hold.
pub(super) fn secrets() -> Vec<String> {
    environment::secrets()
}

/// How wide the environment says that the screen is.
pub(super) fn told_columns() -> Option<usize> {
    environment::variable(COLUMNS).and_then(|columns| columns.parse().ok())
}

/// The zone of the clocks of whoever reads.
pub(super) fn zone(is_utc: bool) -> TimeZone {
    if is_utc { TimeZone::UTC } else { zone::local() }
}

/// Now.
pub(super) fn now() -> Timestamp {
    SystemClock.now()
}

/// Ends children before us when a signal comes.
pub(super) fn install_interrupt() {
    // Without a handler the default action ends us; children in their own groups then notice by their closed pipes.
    let _ = interrupt::install(|signal| leave(signal.exit_code()));
}

/// A line that the person types; `None` when that person went away.
pub(super) fn typed_line() -> Option<String> {
    // A terminal that cannot be read is gone, too.
    typed::line().ok().flatten()
}

/// Whether the person typed more than the line that was read, such as the rest of a paste.
pub(super) fn typed_more() -> bool {
    typed::has_more()
}

/// Forgets what was typed before it was asked for.
pub(super) fn forget_typed() {
    typed::forget();
}

/// Shows an address in the person's browser; whether something showed it.
pub(super) fn browse(address: &str) -> bool {
    browser::show(address)
}

/// The exit code of the signal that came, if one came.
pub(super) fn interrupted() -> Option<u8> {
    interrupt::received().map(interrupt::Signal::exit_code)
}

#[expect(clippy::exit, reason = "a signal ends the process from the thread that waits for it")]
fn leave(code: u8) {
    // The main thread may be waiting for a child. What it leaves half done the next run finishes.
    std::process::exit(i32::from(code));
}
