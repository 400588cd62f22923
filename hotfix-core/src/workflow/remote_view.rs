//! What a run knows of a remote: its last answer, and what was pushed since.

use crate::domain::{ObjectId, RefName};
use crate::port::RemoteRefs;

use super::Done;

/// What a run knows of a remote.
#[derive(Debug, Default)]
pub(crate) struct RemoteView {
    /// The refs that it was asked about, full names.
    pub(crate) asked: Vec<RefName>,
    /// Those that it has.
    pub(crate) refs: RemoteRefs,
    /// Whether something was fetched since it was asked, and since the fix landed there.
    pub(crate) fetched: bool,
}

impl RemoteView {
    /// Of this remote; of any where it is not known.
    pub(super) fn of(learnt: &[Done], remote: Option<&str>) -> Self {
        let mut view = Self::default();
        // Once a push moved what it should not have, no answer is believed without another look.
        let mut is_odd = false;
        for done in learnt {
            match done {
                Done::Inspected { remote: other, .. } if remote.is_some_and(|remote| remote != other) => {}
                Done::Inspected { asked, refs, .. } => {
                    view = Self { asked: asked.clone(), refs: refs.clone(), fetched: false }
                }
                Done::Fetched { .. } => view.fetched = true,
                Done::Pushed { name, to } => view.set(name, Some(to)),
                // It moved in part, and only a look tells what is where.
                Done::Rejected(no) if !no.moved.is_empty() => {
                    is_odd = true;
                    view = Self::default();
                }
                Done::Landed { .. } if is_odd => view = Self::default(),
                Done::Landed { refs, deleted } => {
                    refs.iter().for_each(|(name, to)| view.set(name, Some(to)));
                    deleted.iter().for_each(|name| view.set(name, None));
                    // Where no fetch rule covers a branch, its tracking ref stays behind what was pushed.
                    view.fetched = false;
                }
                Done::Deleted { name } => view.set(name, None),
                // Somebody else moved a ref: no value seen before may be expected any longer.
                Done::Raced { .. } | Done::MergedThere => view = Self::default(),
                _ => {}
            }
        }
        view
    }

    fn set(&mut self, name: &RefName, to: Option<&ObjectId>) {
        self.refs.refs.retain(|(known, _)| known != name);
        self.refs.refs.extend(to.map(|to| (name.clone(), to.clone())));
    }
}
