//! Does the regression test catch the bug? Which part of a change is tests, what the base looks like with that part alone,
//! which of the tests that were built are meant, and what
//! their runs say. Pure: nothing is built or run here.

mod candidates;
mod ending;
pub(crate) mod example;
mod file_report;
mod hunks;
mod manifest;
mod part;
pub mod rust;
mod targets;
mod trial;

pub(crate) use candidates::sift;
pub use candidates::{Candidate, Candidates, TestBinary, candidates, wide};
pub use ending::{EARLY, TestEnd, first_error, of_rust_test, signal_name, symptom};
pub(crate) use file_report::{FileReport, ended_early, has_failed, not_run, trials};
pub use hunks::{CodeHunk, code_hunks};
pub use part::{Around, RustTests, TestPart, split};
pub(crate) use targets::{Groups, add_missing, all_targets, groups};
pub(crate) use trial::{RUNS, Trial, patience, proof_of};
