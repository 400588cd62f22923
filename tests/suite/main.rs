//! Everything that is shown through the programs themselves, in one binary.

#![cfg(test)]

mod abort;
mod adversarial;
mod answers;
mod architecture;
mod book;
mod budget;
mod carrying;
mod checkout;
mod clones;
mod config;
mod deploy;
mod doctor;
mod drill;
mod early;
mod evidence;
mod faults;
mod forge;
mod github;
mod guard;
mod guard_submodules;
mod harness;
mod help;
mod journey;
mod lines;
mod lints;
mod merged;
mod others;
mod output;
mod places;
mod postmortem;
mod prefix;
mod proof;
mod proof_files;
mod proving;
mod refusals;
mod remotes;
mod schema;
mod setting;
mod shared_target;
mod sweep;
mod uncommitted;
