//! The outside, as implementations of the ports: a git repository through gix, libgit2 and the git program.
//!
//! Who does what: gix reads history, libgit2 computes in memory and writes durably, the git program knows the work tree
//! and the user's own set-up (hooks, signing, credentials). No type of theirs leaves this module.

mod git;
mod git_answers;
mod git_child;
mod git_cli;
mod git_config;
mod git_diff;
mod git_open;
mod git_read;
mod git_trouble;
mod git_write;
mod store;

pub use git::GitRepository;

#[cfg(test)]
mod tests;
