//! The ledger in a repository: its store, the places it is exchanged with, and what is done where it is damaged.

mod exchange;
mod mend;
mod remains;
mod salvage;
mod seals;
mod settings;
mod signing;
mod store;
mod tree;
mod turn;
mod union;
mod unread;
mod upkeep;

pub(super) use turn::{cache_folder, has_turns};
