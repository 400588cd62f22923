//! The exit codes, which are part of the contract with scripts.

use std::process::ExitCode;

use crate::port::ErrorKind;

/// The postcondition was observed.
pub const DONE: u8 = 0;
/// A guard, test, proof or lint said no.
pub const CHECK_FAILED: u8 = 1;
/// Bad arguments, input or configuration.
pub const USAGE: u8 = 2;
/// The state of repository or incident does not allow it.
pub const PRECONDITION: u8 = 3;
/// A person must act; the exact next command is printed.
pub const NEEDS_HUMAN: u8 = 4;
/// The remote refused for good.
pub const REFUSED: u8 = 5;
/// Try again later: network, lock, deadline.
pub const RETRY: u8 = 6;
/// A bug.
pub const INTERNAL: u8 = 70;

/// The person answered no, or pressed Ctrl-C (128 and the number of SIGINT).
pub const INTERRUPTED: u8 = 130;

/// The exit code of a kind of refusal.
pub(super) fn code(kind: ErrorKind) -> ExitCode {
    ExitCode::from(number(kind))
}

fn number(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::CheckFailed => CHECK_FAILED,
        ErrorKind::Usage => USAGE,
        ErrorKind::Precondition => PRECONDITION,
        ErrorKind::NeedsHuman => NEEDS_HUMAN,
        ErrorKind::Refused => REFUSED,
        ErrorKind::Retry => RETRY,
        ErrorKind::Internal => INTERNAL,
        ErrorKind::Interrupted => INTERRUPTED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_code() {
        let table: String =
            ErrorKind::ALL.into_iter().map(|kind| format!("{:<2} {}\n", number(kind), kind.key())).collect();
        insta::assert_snapshot!(table, @"
        1  check-failed
        2  usage
        3  precondition
        4  needs-human
        5  refused
        6  retry
        70 internal
        130 interrupted
        ");
    }
}
