//! Everything that is shown through the programs themselves, in one binary.

#![cfg(test)]

mod abort;
mod adversarial;
mod budget;
mod deploy;
mod drill;
mod faults;
mod harness;
mod journey;
mod others;
mod output;
mod places;
mod refusals;
mod setting;
mod sweep;
mod tidy;
