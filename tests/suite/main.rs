//! Everything that is shown through the programs themselves, in one binary.

mod harness;
mod tidy;
