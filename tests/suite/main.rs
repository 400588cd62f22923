//! Everything that is shown through the programs themselves, in one binary.

mod budget;
mod harness;
mod journey;
mod refusals;
mod setting;
mod sweep;
mod tidy;
