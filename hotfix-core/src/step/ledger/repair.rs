//! Puts back what the record had, as far as it is still to be found here.

use crate::ledger::{LedgerAudit, Loss};
use crate::workflow::action::ShareAction;
use crate::workflow::action::query::{Answer, Examination};
use crate::workflow::{Action, Code, Context, Outcome, Plan, Refusal, Result};

pub(super) fn plan(context: &Context<'_>) -> Result<Plan> {
    let examination = Examination::Audit { remotes: context.look.git.remotes()? };
    match context.known.answer(&examination) {
        None => Ok(Plan::then_look_again(vec![Action::Examine(examination)])),
        Some(Ok(Answer::Audit(audit))) => Ok(mend(context, audit)),
        Some(Err(trouble)) => Err(super::unverified(trouble)),
        Some(Ok(_)) => Ok(Plan::finished(Outcome::default())),
    }
}

/// Each tip that holds what is not here is united with what is: nothing of either goes.
fn mend(context: &Context<'_>, audit: &LedgerAudit) -> Plan {
    let (here, gone): (Vec<&Loss>, Vec<&Loss>) = context.incidents.losses().iter().partition(|loss| loss.is_here());
    let mut tips: Vec<(i16, String)> = here.iter().map(|loss| (loss.year, loss.seen.clone())).collect();
    let mut text: String = here.iter().map(|loss| format!("{}; it is back\n", loss.what())).collect();
    for (remote, known, missing) in audit.remotes.iter().filter(|(_, _, missing)| *missing > 0) {
        text.push_str(&format!("{} that {remote} had are here\n", crate::domain::count(*missing, "event")));
        tips.push((known.year, known.tip.clone()));
    }
    let left = gone.first().map(|loss| (loss.what(), loss.way_back())).or_else(|| {
        let damaged = audit.damage.first()?;
        let what = format!("{}: {}", damaged.id, damaged.why);
        Some((
            what,
            "another clone or a backup may have it: git fetch --no-prune PLACE 'refs/hotfix/*:refs/from/*'".to_owned(),
        ))
    });
    let mut outcome = Outcome::text(text);
    match left {
        Some((what, way)) => outcome.failure = Some(Refusal::check_failed(Code::Ledger, what).hint(way)),
        None if tips.is_empty() => outcome.text = "nothing to repair\n".to_owned(),
        None => {}
    }
    match tips.is_empty() {
        true => Plan::finished(outcome),
        false => Plan::then_finish(vec![Action::Share(ShareAction::PutBack { tips })], outcome),
    }
}
