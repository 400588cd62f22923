//! The outside, as implementations of the ports: a git repository through gix, libgit2 and the git program.
//!
//! Who does what: gix reads history, libgit2 computes in memory and writes durably, the git program knows the work tree
//! and the user's own set-up (hooks, signing, credentials). No type of theirs leaves this module.

mod git;
#[cfg(feature = "github")]
mod github;
mod local;
mod locked_file;
#[cfg(feature = "workflow")]
mod machine;
mod new_id;
mod stamp;
pub mod system;

pub use git::{GitRepository, Glance, glance};
#[cfg(feature = "github")]
pub use github::GitHubForge;
pub use local::LocalForge;
#[cfg(feature = "workflow")]
pub use machine::Machine;
pub use new_id::new_id;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests work on repositories behind the adapter's back")]
pub(crate) mod tests;
