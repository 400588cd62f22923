//! Where a change may mean any of many tests: all of them run at once on the base, and those that do not pass are looked at
//! one by one.

use crate::execute::prove::Result;
use crate::proof::{self, Candidate, TestBinary};
use crate::runner;

use super::side::{CargoSide, TestProgram};

/// So few tests are run one by one at once.
const FEW: usize = 12;
/// Not more tests are run one by one where a whole run came to no end.
const MOST: usize = 200;

/// What is left to look at.
pub(super) struct Screened {
    pub(super) candidates: Vec<Candidate>,
    /// How many passed.
    pub(super) passed: u32,
    pub(super) remark: Option<String>,
}

/// Keeps the candidates that do not pass on the base.
pub(super) fn screen(
    base: &CargoSide<'_>,
    programs: &[TestProgram],
    binaries: &[TestBinary],
    all: Vec<Candidate>,
) -> Result<Screened> {
    // Alone from the start: each would be run alone anyway.
    if all.len() <= FEW {
        return Ok(Screened { candidates: all, passed: 0, remark: None });
    }
    let mut screened = Screened { candidates: Vec::new(), passed: 0, remark: None };
    for (index, binary) in binaries.iter().enumerate() {
        let of_binary: Vec<&Candidate> = all.iter().filter(|candidate| candidate.binary == index).collect();
        let program = programs.iter().find(|program| program.binary.id == binary.id);
        let Some(program) = program.filter(|_| !of_binary.is_empty()) else {
            screened.candidates.extend(of_binary.into_iter().take(MOST).cloned());
            continue;
        };
        let (output, is_whole) = base.run_all(program, base.request.timeout)?;
        let (mut left, passed) = proof::sift(of_binary, &runner::results(&output), is_whole);
        screened.passed += passed;
        if left.len() > MOST {
            screened.remark = Some(format!("only {MOST} of the {} tests of {} were run alone", left.len(), binary.id));
            left.truncate(MOST);
        }
        screened.candidates.append(&mut left);
    }
    Ok(screened)
}
