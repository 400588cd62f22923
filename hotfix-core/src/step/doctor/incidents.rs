//! What is open, and was anything begun without a recorded end?

use super::{Answer, Check, Examination, Halt, Patient, Verdict};

pub(super) const CHECK: Check = Check { id: "incidents", judge };

fn judge(patient: &Patient<'_>) -> Result<Verdict, Halt> {
    let context = patient.context;
    let asked: Vec<_> = context
        .open
        .iter()
        .map(|summary| (&summary.id, patient.ask(Examination::Doubts(summary.id.clone()))))
        .collect();
    for (id, answer) in asked {
        match answer?? {
            Answer::Text(doubts) if !doubts.is_empty() => {
                let what = format!("{id}: how this ended is not known: {doubts}");
                return Ok(Verdict::warning(what, format!("{} ship --incident {id}", context.program)));
            }
            _ => {}
        }
    }
    Ok(match context.open {
        [] => Verdict::ok("none is open"),
        [one] => Verdict::ok(format!("{} is open: {}", one.id, one.title)),
        several => Verdict::ok(format!("{} are open", several.len())),
    })
}
