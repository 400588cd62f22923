//! Incidents, severity and postmortems as types, and an append-only ledger inside git.
#[cfg(feature = "git")]
pub mod adapter;
pub mod domain;
pub mod port;
