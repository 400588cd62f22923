//! What is found out once in a run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What several tests need and one of them finds out.
#[derive(Debug)]
pub struct Memory<T>(Mutex<BTreeMap<String, Arc<OnceLock<Arc<T>>>>>);

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Memory<T> {
    /// With nothing in it.
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// What is known by this name; found out by the first who asks.
    pub fn once(&self, name: &str, find: impl FnOnce() -> T) -> Arc<T> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default().clone();
        known.get_or_init(|| Arc::new(find())).clone()
    }
}
