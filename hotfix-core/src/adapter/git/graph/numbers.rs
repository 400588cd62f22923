//! A set of commits by their places in the graph.

use super::Number;

/// A byte for each commit of the graph, up to the last one in the set.
#[derive(Default)]
pub(super) struct Numbers(Vec<bool>);

impl Numbers {
    pub(super) fn has(&self, number: Number) -> bool {
        self.0.get(number).copied().unwrap_or_default()
    }

    /// Adds a commit; whether it is a new one.
    pub(super) fn insert(&mut self, number: Number) -> bool {
        if self.0.len() <= number {
            self.0.resize(number + 1, false);
        }
        self.0.get_mut(number).is_some_and(|has| !std::mem::replace(has, true))
    }

    pub(super) fn remove(&mut self, number: Number) {
        self.0.get_mut(number).into_iter().for_each(|has| *has = false);
    }
}
