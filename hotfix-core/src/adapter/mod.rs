//! The outside, as implementations of the ports: a git repository through gix, libgit2 and the git program.
//!
//! Who does what: gix reads history, libgit2 computes in memory and writes durably, the git program knows the work tree
//! and the user's own set-up (hooks, signing, credentials). No type of theirs leaves this module.

mod git;
mod git_answers;
mod git_cli;
mod git_cli_child;
mod git_diff;
mod git_environment;
mod git_history;
mod git_hook_files;
mod git_hooks;
mod git_landing;
mod git_large;
mod git_lines;
mod git_meetings;
mod git_merge_tree;
mod git_open;
mod git_push;
mod git_push_answer;
mod git_read;
mod git_scratch;
mod git_ssh;
mod git_submodules;
mod git_trees;
mod git_trouble;
mod git_write;
#[cfg(feature = "github")]
mod github;
mod local;
mod store;
pub mod system;

pub use git::GitRepository;
#[cfg(feature = "github")]
pub use github::GitHubForge;
pub use local::LocalForge;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests work on repositories behind the adapter's back")]
mod tests;
