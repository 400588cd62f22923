//! Mends the record: what leads to the events first, then the events, then what is none.

use crate::domain::count;
use crate::ledger::{LedgerAudit, Loss};
use crate::port::Mended;
use crate::workflow::action::ShareAction;
use crate::workflow::action::query::{Answer, Examination};
use crate::workflow::{Action, Code, Context, Network, Outcome, Plan, Refusal, Result};

pub(super) fn plan(context: &Context<'_>) -> Result<Plan> {
    let damaged = match context.known.answer(&Examination::Objects) {
        None => return Ok(Plan::then_look_again(vec![Action::Examine(Examination::Objects)])),
        Some(Ok(Answer::Text(ids))) => ids.lines().count(),
        Some(Err(trouble)) => return Err(super::unverified(trouble)),
        Some(Ok(_)) => 0,
    };
    let mended = context.known.mended();
    if damaged > 0 && mended.is_none() {
        // Whoever is a remote may have a copy, also one that was made one for this.
        let remotes = if context.network == Network::Offline { Vec::new() } else { context.look.git.remotes()? };
        return Ok(Plan::then_look_again(vec![Action::Share(ShareAction::Mend { count: damaged, remotes })]));
    }
    if let Some(mended) = mended.filter(|mended| !mended.left.is_empty()) {
        return Ok(Plan::finished(incurable(context, mended)));
    }
    let examination = Examination::Audit { remotes: context.look.git.remotes()? };
    match context.known.answer(&examination) {
        None => Ok(Plan::then_look_again(vec![Action::Examine(examination)])),
        Some(Ok(Answer::Audit(audit))) => Ok(mend(context, audit)),
        Some(Err(trouble)) => Err(super::unverified(trouble)),
        Some(Ok(_)) => Ok(Plan::finished(Outcome::default())),
    }
}

fn whole_again(mended: &Mended) -> String {
    format!("whole again: {}\n", count(mended.mended, "object"))
}

/// Nobody who was asked has all that is damaged.
fn incurable(context: &Context<'_>, mended: &Mended) -> Outcome {
    let text = if mended.mended > 0 { whole_again(mended) } else { String::new() };
    let first = mended.left.first().map(String::as_str).unwrap_or_default();
    let why = format!(
        "damaged, and nobody who was asked has it: {} of the ledger ({first})",
        count(mended.left.len(), "object")
    );
    let refusal = mended
        .unasked
        .iter()
        .fold(Refusal::check_failed(Code::Ledger, why), |refusal, reason| refusal.hint(format!("not asked: {reason}")));
    let way = format!(
        "git remote add rescue PLACE && {} ledger repair   # another clone, or a backup, is asked too",
        context.program
    );
    Outcome { failure: Some(refusal.hint(way)), ..Outcome::text(text) }
}

/// Each tip that holds what is not here is united with what is, so nothing of either goes; and what is no event is taken out.
fn mend(context: &Context<'_>, audit: &LedgerAudit) -> Plan {
    let (here, gone): (Vec<&Loss>, Vec<&Loss>) = context.incidents.losses().iter().partition(|loss| loss.is_here());
    let mut tips: Vec<(i16, String)> = here.iter().map(|loss| (loss.year, loss.seen.clone())).collect();
    let mut text = context.known.mended().map(whole_again).unwrap_or_default();
    text.extend(here.iter().map(|loss| format!("{}; it is back\n", loss.what())));
    for (remote, known, missing) in audit.remotes.iter().filter(|(_, _, missing)| *missing > 0) {
        text.push_str(&format!("{} that {remote} had are here\n", count(*missing, "event")));
        tips.push((known.year, known.tip.clone()));
    }
    let mut years: Vec<i16> = audit.foreign.iter().map(|(year, _)| *year).collect();
    years.dedup();
    for (year, path) in &audit.foreign {
        text.push_str(&format!(
            "taken out of the ledger of {year}, and left in its history: {}\n",
            crate::domain::one_line(path)
        ));
    }
    let left = gone.first().map(|loss| (loss.what(), loss.way_back())).or_else(|| {
        let damaged = audit.damage.first()?;
        let what = format!("{}: {}", damaged.id, damaged.why);
        let way = "another clone or a backup may have it: git fetch --no-prune PLACE 'refs/hotfix/*:refs/from/*'";
        Some((what, way.to_owned()))
    });
    let mut actions = Vec::new();
    if !tips.is_empty() {
        actions.push(Action::Share(ShareAction::PutBack { tips }));
    }
    if !years.is_empty() {
        actions.push(Action::Share(ShareAction::Weed { years }));
    }
    let mut outcome = Outcome::text(text);
    match left {
        Some((what, way)) => outcome.failure = Some(Refusal::check_failed(Code::Ledger, what).hint(way)),
        None if outcome.text.is_empty() => outcome.text = "nothing to repair\n".to_owned(),
        None => {}
    }
    if actions.is_empty() { Plan::finished(outcome) } else { Plan::then_finish(actions, outcome) }
}
