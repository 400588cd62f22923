//! Does the regression test catch the bug? Which part of a change is tests, what the base looks like with that part alone,
//! and which of the tests that were built are meant. Pure: nothing is built or run here.

mod candidates;
mod ending;
mod hunks;
mod manifest;
mod part;
pub mod rust;

pub use candidates::{Candidate, Candidates, TestBinary, candidates, wide};
pub use ending::{EARLY, TestEnd, first_error, of_rust_test, signal_name, symptom};
pub use hunks::{CodeHunk, code_hunks};
pub use part::{Around, RustTests, TestPart, split};
