//! Everything that is shown through the programs themselves, in one binary.

mod abort;
mod budget;
mod harness;
mod journey;
mod output;
mod places;
mod refusals;
mod setting;
mod sweep;
mod tidy;
