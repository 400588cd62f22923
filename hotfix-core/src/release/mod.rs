//! Release branches: which there are, which of them have the fix, and how it gets there.

pub(crate) mod aftermath;
pub(crate) mod base;
pub(crate) mod branch;
pub(crate) mod cleanup;
pub(crate) mod commits;
pub(crate) mod conflict;
pub(crate) mod delivery;
pub(crate) mod exact_revert;
pub mod hosted_merge;
pub(crate) mod merge;
pub(crate) mod page;
pub(crate) mod presence;
pub(crate) mod preview;
pub(crate) mod propagate;
pub(crate) mod pull_request;
pub(crate) mod pull_request_text;
pub(crate) mod resolved;
pub(crate) mod revert;
pub(crate) mod rewritten;
pub(crate) mod table;
pub(crate) mod tag;
pub(crate) mod taken_out;
pub(crate) mod unrecorded;
pub(crate) mod untold;

pub use hosted_merge::ForgeOptions;
