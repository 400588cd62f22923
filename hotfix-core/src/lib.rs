//! Incidents, severity and postmortems as types, and an append-only ledger inside git.
pub mod domain;
pub mod port;
