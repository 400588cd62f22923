//! After a test that said no: what the next commit has to bring.

use crate::domain::event::Ending;
use crate::domain::{Incident, ObjectId, Proof, Verdict};
use crate::workflow::{Context, Result};
use crate::worktree::uncommitted;

use super::is_excused_from_proof;

/// What is to be committed where the fix itself is not right.
const CORRECTED: &str = "the corrected fix";
/// The same, where nothing catches the bug.
const A_TEST: &str = "a test of the bug";

/// The next command where the last tests of this tree, or their proof, say no: to ship would ask them once more. `None` where
/// they do not, or where a person's word stands in for them.
pub(in crate::step) fn next(context: &Context<'_>, incident: &Incident, tree: &ObjectId) -> Result<Option<String>> {
    missing(incident, tree).map(|missing| uncommitted::next_of_refused(context, incident, missing)).transpose()
}

/// The same right after `test` said no of what lies here.
pub(super) fn next_here(context: &Context<'_>, incident: &Incident, tree: &ObjectId) -> Result<String> {
    uncommitted::next_of_refused(context, incident, missing(incident, tree).unwrap_or(A_TEST))
}

fn missing(incident: &Incident, tree: &ObjectId) -> Option<&'static str> {
    let run = incident.test_runs.last().filter(|run| run.tree == *tree && incident.waiver("test").is_none())?;
    if run.ending != Ending::Passed {
        return Some(CORRECTED);
    }
    let is_wrong = matches!(proof(incident, tree)?.verdict, Verdict::FailToFail | Verdict::PassToFail);
    Some(if is_wrong { CORRECTED } else { A_TEST })
}

/// The proof of this tree that says no, where no person's word stands in for it.
pub(in crate::step) fn proof<'a>(incident: &'a Incident, tree: &ObjectId) -> Option<&'a Proof> {
    let proof = incident.proofs.last().filter(|proof| proof.tree == *tree && proof.verdict.is_no())?;
    (!is_excused_from_proof(incident, proof.verdict, tree)).then_some(proof)
}
