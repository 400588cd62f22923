//! The user's work tree: what lies in it, and whether that is the fix.

pub(crate) mod checkout;
pub(crate) mod counted;
mod documents;
mod ignored;
pub(crate) mod kept;
pub(crate) mod preflight;
pub(crate) mod room;
pub(crate) mod uncommitted;
