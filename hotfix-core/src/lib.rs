//! Incidents, severity and postmortems as types, an append-only ledger inside git, and the hotfix workflow over them.
//!
//! The map, in reading order:
//!
//! 1. [`domain`] says what an incident *is*: events, and what they add up to. No input or output.
//! 2. [`port`] says what is needed of the outside, as traits: git, files, programs, a forge, the time.
//! 3. [`ledger`] keeps events as immutable files under one ref a year, and replays them.
//! 4. `document` renders what people read; `evidence`, `guard`, `runner`, `proof` and `config` are the workflow's
//!    pure parts.
//! 5. `workflow` is the engine, `production`, `worktree` and `release` answer what commands ask of the repository, `step`
//!    has the commands, one a file; `execute` is the only place that acts, and `drive` is the loop that carries a command out.
//! 6. `adapter` is the outside: gix, libgit2, the git program, the file system, processes.
//! 7. `front` is the command line that `git hotfix` and `cargo hotfix` share.
//!
//! Without features only the first three are there: light enough to embed anywhere.

#[cfg(feature = "git")]
pub mod adapter;
#[cfg(feature = "workflow")]
pub mod config;
#[cfg(feature = "documents")]
pub mod document;
pub mod domain;
#[cfg(feature = "workflow")]
pub mod drive;
#[cfg(feature = "workflow")]
pub mod evidence;
#[cfg(feature = "workflow")]
pub mod execute;
#[cfg(feature = "cli")]
pub mod front;
#[cfg(feature = "workflow")]
pub mod guard;
pub mod ledger;
pub mod port;
#[cfg(feature = "workflow")]
pub mod production;
#[cfg(feature = "workflow")]
pub mod proof;
#[cfg(feature = "workflow")]
pub mod release;
#[cfg(feature = "workflow")]
pub mod runner;
#[cfg(feature = "workflow")]
pub mod step;
#[cfg(test)]
mod tests;
#[cfg(feature = "workflow")]
pub mod workflow;
#[cfg(feature = "workflow")]
pub mod worktree;

/// Times, in our types.
pub use jiff;

/// The chapter of the book for people who embed us; its examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/embedding.md")]
struct Embedding;
