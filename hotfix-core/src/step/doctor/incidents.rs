//! What is open, was anything begun without a recorded end, and can all that is recorded be read?

use crate::domain::event::Production;
use crate::production::no_remote::NoRemote;

use super::{Answer, CheckVerdict, Examination, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let context = setup.context;
    if let Some(loss) = context.incidents.losses().first() {
        return Ok(CheckVerdict::failure(loss.what(), loss.way_back()));
    }
    let damage = setup.ask(Examination::Damage);
    let open = context.incidents.open();
    let asked: Vec<_> =
        open.iter().map(|summary| (&summary.id, setup.ask(Examination::Doubts(summary.id.clone())))).collect();
    // First: what is in doubt may only seem so, for want of the event that says how it ended.
    match damage?? {
        Answer::Text(damage) if !damage.is_empty() => {
            let fix =
                format!("{} ledger repair # brings back what is still here, or what a remote has", context.program);
            return Ok(CheckVerdict::failure(damage, fix));
        }
        _ => {}
    }
    for (id, answer) in asked {
        match answer?? {
            Answer::Text(doubts) if !doubts.is_empty() => {
                let what = format!("{id}: how this ended is not known: {doubts}");
                // Ship looks at the world and adopts or asks; nothing is repeated by itself.
                return Ok(CheckVerdict::warning(what, format!("{} ship --incident {id}", context.program)));
            }
            _ => {}
        }
    }
    for summary in context.incidents.open() {
        let (branch, remote) = (summary.production_branch.clone(), summary.production_remote.clone());
        if let Some(gone) = NoRemote::look(context.look, &Production { branch, remote })? {
            return Ok(CheckVerdict::failure(format!("{}: {}", summary.id, gone.said), gone.way));
        }
    }
    Ok(match context.incidents.open() {
        [] => CheckVerdict::ok("none is open"),
        [one] => CheckVerdict::ok(format!("{} is open: {}", one.id, one.title)),
        several => CheckVerdict::ok(format!("{} are open", several.len())),
    })
}
