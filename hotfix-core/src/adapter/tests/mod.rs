//! The adapter against real repositories, made by the git program.

mod cut_switch;
mod formats;
mod ledger;
mod lines;
mod opening;
mod reading;
mod remotes;
pub(crate) mod sandbox;
mod scratch;
#[cfg(feature = "workflow")]
mod seen;
pub(crate) mod template;
mod work_tree;
mod writing;
