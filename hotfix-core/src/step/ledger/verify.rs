//! Says how the record is: signatures, events, refs, remotes.

use crate::ledger::LedgerAudit;
use crate::port::{ErrorKind, Seal};
use crate::step::doctor;
use crate::workflow::action::query::{Answer, Examination};
use crate::workflow::{Action, Code, Context, Diagnosis, Health, Outcome, Plan, Refusal, Result};

/// How many commits are named.
const NAMED: usize = 5;

pub(super) fn plan(context: &Context<'_>) -> Result<Plan> {
    let remotes = context.look.git.remotes()?;
    let examination = Examination::Audit { remotes };
    match context.known.answer(&examination) {
        None => Ok(Plan::then_look_again(vec![Action::Examine(examination)])),
        Some(Ok(Answer::Audit(audit))) => Ok(Plan::finished(outcome(context, audit))),
        Some(Err(trouble)) => Err(super::unverified(trouble)),
        Some(Ok(_)) => Ok(Plan::finished(Outcome::default())),
    }
}

fn outcome(context: &Context<'_>, audit: &LedgerAudit) -> Outcome {
    let mut checks = vec![signatures(audit), events(context, audit), refs(context, audit)];
    checks.extend(remotes(context, audit));
    let asks_a_person = checks.iter().any(|check| check.state == Health::Failure && check.check != "events");
    let failures = checks.iter().filter(|check| check.state == Health::Failure).count();
    let mut outcome = Outcome::text(checks.iter().map(doctor::line).collect::<String>());
    outcome.report.checks = Some(checks);
    if failures > 0 {
        let message = "the ledger is not as it was recorded";
        outcome.failure = Some(match asks_a_person {
            true => Refusal::new(ErrorKind::NeedsHuman, Code::Ledger, message),
            false => Refusal::check_failed(Code::Ledger, message),
        });
    }
    outcome
}

/// Unsigned commits are no fault: nobody has to sign.
fn signatures(audit: &LedgerAudit) -> Diagnosis {
    let count = |seal| audit.count(seal);
    let mut message = format!(
        "{} signed, {} unsigned, {} bad",
        count(Seal::Good) + count(Seal::RanOut),
        count(Seal::Absent),
        count(Seal::Bad)
    );
    let others = [
        (Seal::RanOut, "of the signed by a key that ran out"),
        (Seal::Stranger, "by a stranger's key"),
        (Seal::Unchecked, "that cannot be checked"),
    ];
    for (seal, words) in others.into_iter().filter(|(seal, _)| count(*seal) > 0) {
        message.push_str(&format!(", {} {words}", count(seal)));
    }
    let odd = |seal: Seal| matches!(seal, Seal::Bad | Seal::Stranger | Seal::RanOut);
    for commit in audit.commits.iter().filter(|commit| odd(commit.seal)).take(NAMED) {
        message.push_str(&format!("; {} by {}", commit.commit.get(..9).unwrap_or_default(), commit.signer));
    }
    let (state, fix) = if count(Seal::Bad) + count(Seal::Stranger) > 0 {
        (Health::Failure, Some("git log --show-signature COMMIT # who signed it; ask them, before you believe it"))
    } else if count(Seal::Unchecked) > 0 {
        (Health::Warning, Some("git config gpg.ssh.allowedSignersFile FILE"))
    } else if count(Seal::RanOut) > 0 {
        (Health::Warning, None)
    } else {
        (Health::Ok, None)
    };
    diagnosis("signatures", state, message, fix.map(str::to_owned))
}

fn events(context: &Context<'_>, audit: &LedgerAudit) -> Diagnosis {
    if let Some(damaged) = audit.damage.first() {
        let more = audit.damage.len() - 1;
        let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
        let fix = format!("{} ledger repair # brings back what a remote still has", context.program);
        let message = format!("{}: {}{more}", damaged.id, damaged.why);
        return diagnosis("events", Health::Failure, message, Some(fix));
    }
    match audit.foreign.first() {
        Some((year, path)) => {
            let more = audit.foreign.len() - 1;
            let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
            let message = format!("the ledger of {year} holds what is no event: {path}{more}");
            diagnosis(
                "events",
                Health::Warning,
                message,
                Some(format!("{} ledger repair # takes it out", context.program)),
            )
        }
        None => diagnosis("events", Health::Ok, "all can be read, under their own ids".to_owned(), None),
    }
}

fn refs(context: &Context<'_>, audit: &LedgerAudit) -> Diagnosis {
    match context.incidents.losses() {
        [] => {
            let commits = crate::domain::count(audit.commits.len(), "commit");
            diagnosis("refs", Health::Ok, format!("{commits}, and nothing went back"), None)
        }
        [loss, ..] if loss.is_here() => {
            diagnosis("refs", Health::Failure, loss.what(), Some(format!("{} ledger repair", context.program)))
        }
        [loss, ..] => diagnosis("refs", Health::Failure, loss.what(), Some(loss.way_back())),
    }
}

/// The last tip seen of each remote.
fn remotes<'a>(context: &'a Context<'_>, audit: &'a LedgerAudit) -> impl Iterator<Item = Diagnosis> + 'a {
    audit.remotes.iter().map(|(remote, known, missing)| {
        let tip = known.tip.get(..9).unwrap_or(&known.tip);
        let message = format!("{remote} had {} at {tip}", known.place);
        if *missing == 0 {
            return diagnosis("remote", Health::Ok, message, None);
        }
        let lacks = format!("{message}, with {} not here", crate::domain::count(*missing, "event"));
        diagnosis("remote", Health::Failure, lacks, Some(format!("{} sync {remote}", context.program)))
    })
}

fn diagnosis(check: &'static str, state: Health, message: String, fix: Option<String>) -> Diagnosis {
    Diagnosis { check, state, message: crate::domain::one_line(&message), fix }
}
