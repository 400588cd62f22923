//! The ledger shared with a remote.

use crate::port::StoreTip;

use super::ActionView;

/// What is done to share the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShareAction {
    /// Remembers that the person lets a remote have it.
    Allow {
        /// The remote.
        remote: String,
    },
    /// Takes in what a remote has, and gives it what it lacks.
    Sync {
        /// The remote.
        remote: String,
        /// Whether it gets back what it had and lost.
        restores: bool,
    },
    /// Takes in what the last `git fetch` brought.
    TakeIn {
        /// The remote.
        remote: String,
    },
    /// Sets up what `git fetch` does with the ledgers of a remote.
    SetUp {
        /// The remote.
        remote: String,
        /// The refspecs that are added.
        rules: Vec<String>,
        /// Those that they replace.
        instead_of: Vec<String>,
    },
    /// Brings damaged objects of the ledgers back.
    Mend {
        /// How many.
        count: usize,
        /// The remotes that are asked for them.
        remotes: Vec<String>,
    },
    /// Puts together the ledgers that cannot be read, from all that is still here.
    Salvage,
    /// Takes out of the ledgers of these years what is no event.
    Weed {
        /// The years.
        years: Vec<i16>,
    },
    /// Puts back into the ledgers here what they had at these tips.
    PutBack {
        /// The years and the tips.
        tips: Vec<StoreTip>,
    },
}

impl ShareAction {
    pub(super) fn view(&self) -> ActionView {
        match self {
            Self::Allow { remote } => {
                ActionView::new("allow-sharing", format!("remember that {remote} may have the ledger"))
                    .remote(Some(remote))
                    .bookkeeping()
                    .recording_nothing()
            }
            Self::TakeIn { remote } => {
                ActionView::new("take-in", format!("take in what `git fetch` brought of {remote}")).recording_nothing()
            }
            Self::SetUp { remote, rules, instead_of } => {
                let replaced = match instead_of.as_slice() {
                    [] => String::new(),
                    replaced => format!(", instead of {}", replaced.join(" ")),
                };
                let text = format!("add to remote.{remote}.fetch: {}{replaced}", rules.join(" "));
                ActionView::new("set-up-fetch", text).recording_nothing()
            }
            Self::Mend { count, remotes } => {
                let from = if remotes.is_empty() { String::new() } else { format!(", also at {}", remotes.join(", ")) };
                let what = crate::domain::count(*count, "damaged object");
                let view = ActionView::new("mend-ledger", format!("look for {what} of the ledger{from}"));
                let view = if remotes.is_empty() { view } else { view.slow() };
                view.recording_nothing()
            }
            Self::Salvage => {
                ActionView::new("salvage-ledger", "put together what cannot be read of the ledger".to_owned())
                    .recording_nothing()
            }
            Self::Weed { years } => {
                let years: Vec<String> = years.iter().map(i16::to_string).collect();
                ActionView::new(
                    "weed-ledger",
                    format!("take what is no event out of the ledger of {}", years.join(", ")),
                )
                .recording_nothing()
            }
            Self::PutBack { tips } => {
                let years: Vec<String> = tips.iter().map(|(year, _)| year.to_string()).collect();
                ActionView::new("put-back", format!("put back what the ledger of {} had", years.join(", ")))
                    .recording_nothing()
            }
            Self::Sync { remote, .. } => ActionView::new("share-ledger", format!("share the ledger with {remote}"))
                .remote(Some(remote))
                .slow()
                .recording_nothing(),
        }
    }
}
