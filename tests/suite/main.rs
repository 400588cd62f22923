//! Everything that is shown through the programs themselves, in one binary.

#![cfg(test)]

mod abort;
mod adversarial;
mod answers;
mod architecture;
mod backports;
mod book;
mod budget;
mod checkout;
mod circles;
mod clones;
mod concurrency;
mod config;
mod deploy;
mod doctor;
mod drill;
mod early;
mod ended;
mod environments;
mod evidence;
mod faults;
mod fixtures;
mod forge;
mod github;
mod guard;
mod guard_submodules;
mod harness;
mod help;
mod journey;
mod lines;
mod lints;
mod meanwhile;
mod merged;
mod output;
mod postmortem;
mod prefix;
mod proof;
mod proof_cli;
mod proof_files;
mod refusals;
mod remotes;
mod schema;
mod shared_target;
mod sweep;
mod uncommitted;
