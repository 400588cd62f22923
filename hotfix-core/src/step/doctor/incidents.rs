//! What is open, was anything begun without a recorded end, and can all that is recorded be read?

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
    match damage?? {
        Answer::Text(damage) if !damage.is_empty() => {
            return Ok(CheckVerdict::failure(
                damage,
                "git fsck # says what is damaged; a backup or another clone may have it",
            ));
        }
        _ => {}
    }
    Ok(match context.incidents.open() {
        [] => CheckVerdict::ok("none is open"),
        [one] => CheckVerdict::ok(format!("{} is open: {}", one.id, one.title)),
        several => CheckVerdict::ok(format!("{} are open", several.len())),
    })
}
