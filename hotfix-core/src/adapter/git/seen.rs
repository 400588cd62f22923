//! What was seen of the work tree: in a large one each look takes longer than all the rest of a command.

use std::cell::{Cell, RefCell};

use crate::adapter::stamp::{Stamp, StampedAt};
use crate::domain::ObjectId;
use crate::port::WorkTreeState;

/// One look at the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WorkTreeLook {
    pub(super) state: WorkTreeState,
    /// Files and folders that are ignored, where git was asked for them.
    pub(super) ignored: Option<Vec<String>>,
}

/// The last look, for as long as it holds.
#[derive(Default)]
pub(super) struct Seen {
    /// Absent where looks are not kept: others change the work tree behind our back.
    pub(super) stamp: Option<Stamp>,
    /// With the commit that it was compared with.
    last: RefCell<Option<(StampedAt, Option<ObjectId>, WorkTreeLook)>>,
    clean: Cell<Option<StampedAt>>,
}

impl Seen {
    /// The last look, where nothing has changed since and HEAD is at the same commit.
    pub(super) fn look(&self, head: Option<&ObjectId>) -> Option<WorkTreeLook> {
        let now = self.stamp.as_ref()?.now();
        let last = self.last.borrow();
        let (_, _, look) = last.as_ref().filter(|(at, of, _)| *at == now && of.as_ref() == head)?;
        Some(look.clone())
    }

    /// Whether it is known without a look that all is committed: git keeps it so wherever it moves to.
    pub(super) fn is_clean(&self) -> bool {
        let now = self.stamp.as_ref().map(Stamp::now);
        self.clean.get().zip(now).is_some_and(|(at, now)| at.is_undisturbed(now))
    }

    pub(super) fn keep(&self, head: Option<ObjectId>, look: &WorkTreeLook) {
        let Some(now) = self.stamp.as_ref().map(Stamp::now) else { return };
        self.clean.set(look.state.is_committed().then_some(now));
        self.last.replace(Some((now, head, look.clone())));
    }
}
