//! An exchange of the ledger that nobody asked for. A remote that takes it and never answers is left alone for a while then, so that
//! a night waits for it once, and not with every note.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::ledger::SyncError;
use crate::port::{Clock, ErrorKind, LedgerSettings, Peer, PushError};

/// How long it is left alone.
const LEFT_ALONE: SignedDuration = SignedDuration::from_mins(5);
/// Whoever fails after so long was waited for in vain; that there is no network shows at once.
const LONG: Duration = Duration::from_secs(5);

/// Why the ledger was not shared by itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotShared {
    /// The remote did not answer in time, and is left alone from now on.
    #[error("it does not answer")]
    Silent {
        /// Until when.
        until: Timestamp,
    },
    /// It did not answer a while ago, and was not asked.
    #[error("it did not answer a while ago, and is left alone for some minutes")]
    LeftAlone,
    /// It answered, or there is no way to it.
    #[error(transparent)]
    Failed(#[from] SyncError),
}

/// Whether a remote that did not answer a while ago is asked all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Insistence {
    /// What is recorded can be shared later.
    Patient,
    /// What is about to happen must not happen twice: somebody may have done it since.
    Insists,
}

/// Exchanges the ledger with a remote, unless that is left alone.
pub(crate) fn exchange<T>(
    settings: &dyn LedgerSettings,
    clock: &dyn Clock,
    peer: &Peer<'_>,
    insistence: Insistence,
    exchange: impl FnOnce(&Peer<'_>) -> Result<T, SyncError>,
) -> Result<T, NotShared> {
    if insistence == Insistence::Patient && is_left_alone(settings, peer.remote, clock.now()) {
        return Err(NotShared::LeftAlone);
    }
    let began = Instant::now();
    match exchange(peer) {
        Ok(done) => {
            settings.leave_alone(peer.remote, None);
            Ok(done)
        }
        Err(error) if is_silence(&error) && began.elapsed() >= peer.patience.min(LONG) => {
            let now = clock.now();
            let until = now.checked_add(LEFT_ALONE).unwrap_or(now);
            settings.leave_alone(peer.remote, Some(until));
            Err(NotShared::Silent { until })
        }
        Err(error) => Err(NotShared::Failed(error)),
    }
}

/// Whether nobody answered: who says no, or is busy with others, is there.
fn is_silence(error: &SyncError) -> bool {
    match error {
        SyncError::Port(error) | SyncError::Push(PushError::Port(error)) => error.kind == ErrorKind::Retry,
        SyncError::Ledger(_) | SyncError::Push(_) => false,
    }
}

fn is_left_alone(settings: &dyn LedgerSettings, remote: &str, now: Timestamp) -> bool {
    // What is further away was written by a clock that was wrong, or by nobody.
    settings.left_alone(remote).is_some_and(|until| until > now && until.duration_since(now) <= LEFT_ALONE)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use crate::domain::RefName;
    use crate::ledger::LedgerError;
    use crate::port::PortError;

    use super::*;

    /// What is remembered of the one remote.
    #[derive(Default)]
    struct Memory(Cell<Option<Timestamp>>);

    impl LedgerSettings for Memory {
        fn left_alone(&self, _: &str) -> Option<Timestamp> {
            self.0.get()
        }

        fn leave_alone(&self, _: &str, until: Option<Timestamp>) {
            self.0.set(until);
        }

        fn sign(&self, _: bool) {}

        fn unsigned(&self) -> Option<PortError> {
            None
        }

        fn allow(&self, _: &str) -> Result<(), PortError> {
            Ok(())
        }

        fn fetch_rules(&self, _: &str) -> Vec<String> {
            Vec::new()
        }

        fn add_fetch_rule(&self, _: &str, _: &str) -> Result<(), PortError> {
            Ok(())
        }

        fn remove_fetch_rule(&self, _: &str, _: &str) -> Result<(), PortError> {
            Ok(())
        }

        fn was_told(&self) -> bool {
            false
        }

        fn set_told(&self, _: bool) {}
    }

    struct At(&'static str);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            format!("2026-03-01T{}Z", self.0).parse().unwrap()
        }
    }

    fn nobody_there() -> SyncError {
        PortError::new(ErrorKind::Retry, "ask origin", "git did not finish in time").into()
    }

    /// Exchanges at a time of the clock, with somebody who fails at once; how that was, in a word.
    fn at(memory: &Memory, time: &'static str, patience: Duration) -> &'static str {
        with(memory, time, patience, Insistence::Patient, nobody_there())
    }

    fn with(
        memory: &Memory,
        time: &'static str,
        patience: Duration,
        insistence: Insistence,
        error: SyncError,
    ) -> &'static str {
        let peer = Peer { remote: "origin", may_ask: false, patience };
        match exchange(memory, &At(time), &peer, insistence, |_| Err::<(), _>(error)) {
            Ok(()) => "shared",
            Err(NotShared::Silent { .. }) => "silent",
            Err(NotShared::LeftAlone) => "left alone",
            Err(NotShared::Failed(_)) => "failed",
        }
    }

    #[test]
    fn before_an_effect_it_is_asked_all_the_same() {
        let (memory, no_time) = (Memory::default(), Duration::ZERO);
        assert_eq!(at(&memory, "02:00:00", no_time), "silent");
        assert_eq!(with(&memory, "02:00:01", no_time, Insistence::Insists, nobody_there()), "silent");
        let peer = Peer { remote: "origin", may_ask: false, patience: LONG };
        assert!(exchange(&memory, &At("02:00:02"), &peer, Insistence::Insists, |_| Ok(())).is_ok());
        assert_eq!(memory.0.get(), None, "it answers again");
    }

    #[test]
    fn who_is_busy_or_refuses_is_no_silence() {
        let (memory, no_time) = (Memory::default(), Duration::ZERO);
        assert_eq!(with(&memory, "02:00:00", no_time, Insistence::Patient, LedgerError::Contended.into()), "failed");
        let raced = PushError::Raced { name: RefName::known("refs/hotfix/ledger/2026") };
        assert_eq!(with(&memory, "02:00:00", no_time, Insistence::Patient, raced.into()), "failed");
        assert_eq!(memory.0.get(), None);
    }

    #[test]
    fn who_did_not_answer_is_left_alone_for_five_minutes() {
        let (memory, no_time) = (Memory::default(), Duration::ZERO);
        assert_eq!(at(&memory, "02:00:00", no_time), "silent");
        assert_eq!(memory.0.get(), Some(At("02:05:00").now()));
        assert_eq!(at(&memory, "02:00:00", no_time), "left alone");
        assert_eq!(at(&memory, "02:04:59", no_time), "left alone");
        assert_eq!(at(&memory, "02:05:00", no_time), "silent");
        // A clock that was set back, or a file that says anything.
        assert_eq!(at(&memory, "01:00:00", no_time), "silent");
    }

    #[test]
    fn who_says_no_at_once_is_asked_again() {
        let memory = Memory::default();
        assert_eq!(at(&memory, "02:00:00", LONG), "failed");
        assert_eq!(memory.0.get(), None);
    }

    #[test]
    fn who_answers_is_left_alone_no_more() {
        let memory = Memory(Cell::new(Some(At("01:59:00").now())));
        let peer = Peer { remote: "origin", may_ask: false, patience: LONG };
        assert!(exchange(&memory, &At("02:05:00"), &peer, Insistence::Patient, |_| Ok(())).is_ok());
        assert_eq!(memory.0.get(), None);
    }
}
