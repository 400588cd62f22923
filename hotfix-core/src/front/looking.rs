//! Says that it is looking, where a look at the repository takes its time: at a long history, at many release branches.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::ProgressBar;

/// Nobody wonders before.
const PATIENCE: Duration = Duration::from_secs(1);

/// A look that is under way, until this is dropped.
#[must_use = "it is over once this is dropped"]
pub(super) struct Looking {
    is_over: Option<Sender<()>>,
    shown_by: Option<JoinHandle<()>>,
}

impl Looking {
    pub(super) fn begin(show: fn() -> ProgressBar) -> Self {
        let (is_over, end) = channel();
        let wait = move || {
            if end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let shown = show();
                // Nothing is ever sent: it waits until the other end is dropped.
                let _ = end.recv();
                shown.finish_and_clear();
            }
        };
        // Without a thread nothing is shown, and the look goes on.
        let shown_by = thread::Builder::new().name("looking".into()).spawn(wait).ok();
        Self { is_over: Some(is_over), shown_by }
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        drop(self.is_over.take());
        // What is printed next must find the line cleared.
        if let Some(thread) = self.shown_by.take() {
            drop(thread.join());
        }
    }
}
