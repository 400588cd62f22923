//! How what we ran ended.

use serde::{Deserialize, Serialize};

/// How a program that we ran ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It exited with 0.
    Passed,
    /// It exited with another code, or a signal ended it.
    Failed,
    /// It ran past its deadline and was ended by us.
    TimedOut,
}
