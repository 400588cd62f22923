//! Mends the record: what leads to the events first, then the events, then what is none.

use crate::domain::{count, one_line};
use crate::ledger::{LedgerAudit, Loss};
use crate::port::{Mended, Salvaged};
use crate::workflow::action::ShareAction;
use crate::workflow::action::query::{Answer, Examination};
use crate::workflow::{Action, Code, Context, Network, Outcome, Plan, Refusal, Result};

pub(super) fn plan(context: &Context<'_>) -> Result<Plan> {
    let damaged = match context.known.answer(&Examination::Objects) {
        None => return Ok(Plan::then_look_again(vec![Action::Examine(Examination::Objects)])),
        Some(Ok(Answer::Text(ids))) => ids.lines().count(),
        // Its refs may name nothing.
        Some(Err(_)) | Some(Ok(_)) => 0,
    };
    let mended = context.known.mended();
    if damaged > 0 && mended.is_none() {
        // Whoever is a remote may have a copy, also one that was made one for this.
        let remotes = if context.network == Network::Offline { Vec::new() } else { context.look.git.remotes()? };
        return Ok(Plan::then_look_again(vec![Action::Share(ShareAction::Mend { count: damaged, remotes })]));
    }
    let left = mended.filter(|mended| !mended.left.is_empty());
    let salvaged = context.known.salvaged();
    if salvaged.is_none() && (left.is_some() || !context.incidents.is_read()) {
        return Ok(Plan::then_look_again(vec![Action::Share(ShareAction::Salvage)]));
    }
    let salvaged = salvaged.unwrap_or_default();
    if let Some(mended) = left.filter(|_| salvaged.is_empty()) {
        return Ok(Plan::finished(incurable(context, mended)));
    }
    let examination = Examination::Audit { remotes: context.look.git.remotes()? };
    let mut audits = Vec::new();
    for answer in context.known.answers(&examination) {
        match answer {
            Ok(Answer::Audit(audit)) => audits.push(audit.as_ref()),
            Ok(_) => {}
            Err(trouble) => return Err(super::unverified(trouble)),
        }
    }
    let [newest, ..] = audits[..] else { return Ok(Plan::then_look_again(vec![Action::Examine(examination)])) };
    let actions = if context.known.has_changed_here() { Vec::new() } else { mending(context, newest) };
    if actions.is_empty() {
        // What was wrong is known from the first look, what still is from the last.
        return Ok(Plan::finished(mended_outcome(context, audits.last().unwrap_or(&newest), newest)));
    }
    let looks_again = Action::Examine(examination);
    Ok(Plan::then_look_again(actions.into_iter().chain([looks_again]).collect()))
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

/// What of a ledger is there again, and what may be lost.
fn put_together(context: &Context<'_>, salvaged: &Salvaged) -> (String, Option<Refusal>) {
    let Salvaged { year, was, tip, events, is_whole, .. } = salvaged;
    let short = |tip: &str| tip.get(..9).unwrap_or(tip).to_owned();
    let was = was.as_deref().map_or_else(String::new, |was| format!(" at {}", short(was)));
    let events = count(*events, "event");
    let text = format!("the ledger of {year} could not be read{was}; put together at {}: {events}\n", short(tip));
    if *is_whole {
        return (text, None);
    }
    let what =
        format!("what was recorded last in the ledger of {year}{was} may be lost, and nobody who was asked has it");
    let program = context.program;
    let refusal = Refusal::check_failed(Code::Ledger, what)
        .hint(format!(
            "git remote add rescue PLACE && {program} sync rescue   # another clone, or a backup, may have it"
        ))
        .hint(format!(
            "to go on without it: {program} ship --accept-damage \"...\"   # why; in each incident that is open"
        ));
    (text, Some(refusal))
}

/// Each tip that holds what is not here is united with what is, so nothing of either goes; and what is no event is taken out.
fn mending(context: &Context<'_>, audit: &LedgerAudit) -> Vec<Action> {
    let here = context.incidents.losses().iter().filter(|loss| loss.is_here());
    let mut tips: Vec<(i16, String)> = here.map(|loss| (loss.year, loss.seen.clone())).collect();
    let ahead = audit.remotes.iter().filter(|(_, _, missing)| *missing > 0);
    tips.extend(ahead.map(|(_, known, _)| (known.year, known.tip.clone())));
    let mut years: Vec<i16> = audit.foreign.iter().map(|(year, _)| *year).collect();
    years.dedup();
    let put_back = (!tips.is_empty()).then_some(ShareAction::PutBack { tips });
    let weed = (!years.is_empty()).then_some(ShareAction::Weed { years });
    put_back.into_iter().chain(weed).map(Action::Share).collect()
}

/// What was wrong, and what still is.
fn mended_outcome(context: &Context<'_>, first: &LedgerAudit, now: &LedgerAudit) -> Outcome {
    let mended = context.known.mended().filter(|mended| mended.mended > 0);
    let mut text = mended.map(whole_again).unwrap_or_default();
    let mut left = None;
    for salvaged in context.known.salvaged().unwrap_or_default() {
        let (told, refusal) = put_together(context, salvaged);
        text.push_str(&told);
        left = left.or(refusal);
    }
    let (here, gone): (Vec<&Loss>, Vec<&Loss>) = context.incidents.losses().iter().partition(|loss| loss.is_here());
    text.extend(here.iter().map(|loss| format!("{}; it is back\n", loss.what())));
    for (remote, _, missing) in first.remotes.iter().filter(|(_, _, missing)| *missing > 0) {
        text.push_str(&format!("{} that {remote} had are here\n", count(*missing, "event")));
    }
    for (year, path) in &first.foreign {
        text.push_str(&format!("taken out of the ledger of {year}, and left in its history: {}\n", one_line(path)));
    }
    let lost = gone.first().map(|loss| Refusal::check_failed(Code::Ledger, loss.what()).hint(loss.way_back()));
    let damaged = now.damage.first().map(|damaged| {
        Refusal::check_failed(Code::Ledger, format!("{}: {}", damaged.id, damaged.why))
            .hint("another clone or a backup may have it: git fetch --no-prune PLACE 'refs/hotfix/*:refs/from/*'")
    });
    let failure = left.or(lost).or(damaged);
    if text.is_empty() && failure.is_none() {
        text = "nothing to repair\n".to_owned();
    }
    Outcome { failure, ..Outcome::text(text) }
}
