//! Everything that is shown through the programs themselves, in one binary.

#![cfg(test)]

mod abort;
mod budget;
mod config;
mod deploy;
mod drill;
mod guard;
mod harness;
mod journey;
mod others;
mod output;
mod places;
mod refusals;
mod setting;
mod sweep;
mod tidy;
