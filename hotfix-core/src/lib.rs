//! Incidents, severity and postmortems as types, and an append-only ledger inside git.
#[cfg(feature = "git")]
pub mod adapter;
pub mod domain;
pub mod ledger;
pub mod port;

#[cfg(feature = "workflow")]
pub mod config;
#[cfg(feature = "documents")]
pub mod document;
#[cfg(feature = "workflow")]
pub mod guard;
#[cfg(feature = "workflow")]
pub mod runner;
