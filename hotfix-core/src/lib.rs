//! Incidents, severity and postmortems as types, and an append-only ledger inside git.
pub mod domain;
pub mod port;

#[cfg(feature = "workflow")]
pub mod config;
#[cfg(feature = "documents")]
pub mod document;
#[cfg(feature = "workflow")]
pub mod guard;
#[cfg(feature = "workflow")]
pub mod runner;
