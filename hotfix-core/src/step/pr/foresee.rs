//! What the pull request will take, told before a person says yes.

use crate::domain::{EventKind, Incident, ObjectId};
use crate::step::guard;
use crate::step::test::{self, Foreseen, ProofState, Request};
use crate::workflow::{Action, ActionView, Code, Context, ProgramAction, Result};
use crate::worktree::checkout;

use super::{NO_REGRESSION_TEST, NOTHING_PROVES, NOTHING_TESTS, PrOptions, no_proof, not_proven, propose, request};

/// What [`super::next`] will do, as far as can be told beforehand, and what it will say is not tested or not proven, or will
/// stop at: a person says yes knowing it.
pub(crate) fn foresee(
    context: &Context<'_>,
    incident: &Incident,
    tip: &ObjectId,
    options: &PrOptions,
) -> Result<(Vec<ActionView>, Vec<String>)> {
    let from = guard::fix_starts_at(context, incident, Some(tip))?;
    let tree = context.look.git.tree_of(tip)?;
    let changes = context.look.git.changes(&from, &tree)?;
    let (mut actions, mut notes) = (Vec::new(), Vec::new());
    if incident.waiver("guard").is_none() && options.no_guard.is_none() {
        let run = guard::inspect(context, incident, &from, &tree)?;
        notes.extend(guard::stop(&run));
        if incident.guard_runs.last() != Some(&run) {
            actions.push(Action::record(vec![EventKind::Guarded(run)]).view());
        }
    }
    let request = request(&from, &tree);
    let mut note = None;
    if incident.waiver("test").is_none() && options.no_test.is_none() {
        let foreseen = foreseen(context, incident, &request)?;
        let mut needs_checkout = !foreseen.runs.is_empty();
        actions.extend(foreseen.runs);
        if !foreseen.has_tests && !test::excused(incident, &tree) {
            note = Some(NOTHING_TESTS.to_owned());
        } else if foreseen.had_no_test && !test::excused(incident, &tree) {
            note = Some(format!("ship stops at the tests: {}", test::no_tests(context.program)));
        } else if !options.no_proof {
            match test::proof_state(context, &request)? {
                ProofState::Act(action @ Action::Program(ProgramAction::Prove(_))) => {
                    needs_checkout = true;
                    actions.push(action.view());
                }
                ProofState::Act(Action::Record(_)) => note = Some(NO_REGRESSION_TEST.to_owned()),
                // A question comes first.
                ProofState::Act(_) => {}
                ProofState::Held(proof) => {
                    let stop = test::not_built(context, &proof).and_then(|outcome| outcome.failure);
                    note = stop.map(|no| format!("ship stops at the proof: {no}")).or(no_proof(proof.verdict));
                }
                ProofState::Unknown => note = Some(NOTHING_PROVES.to_owned()),
            }
        }
        if needs_checkout {
            checkout::refuse_elsewhere(context, incident)?;
        }
    } else {
        note = not_proven(context, incident, &request, options);
    }
    actions.extend(propose(context, incident, tip, &changes, options)?.into_iter().map(ActionView::from));
    notes.extend(note);
    Ok((actions, notes))
}

/// The test runs that this tree will need, as far as can be told beforehand; none where a person's word stands in for missing
/// test files.
fn foreseen(context: &Context<'_>, incident: &Incident, request: &Request) -> Result<Foreseen> {
    match test::foreseen(context, incident, request) {
        Err(refusal) if refusal.code == Code::NoAffectedTests && test::excused(incident, &request.tree) => {
            Ok(Foreseen::default())
        }
        other => other,
    }
}
