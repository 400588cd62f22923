//! Is the record shared, and does `git fetch` bring it or spoil it? `clone` and `fetch` bring branches and tags only.

use crate::domain::{RefName, one_line};
use crate::port::{FetchRules, LEDGER_BRANCH, LEDGER_PLACE, tracked_place};
use crate::workflow::action::query::Answer;
use crate::workflow::consent;

use super::{CheckVerdict, Examination, Halt, Setup};

/// What a remote is asked: whether ledgers lie there.
pub(super) fn to_ask() -> impl Iterator<Item = RefName> {
    [LEDGER_PLACE, LEDGER_BRANCH].into_iter().map(|place| RefName::known(format!("{place}*")))
}

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let asked = setup.remote_refs()?;
    let context = setup.context;
    let production = setup.likely_production().ok().and_then(|production| production.remote);
    let Some(remote) = context.config.ledger.remote.clone().or_else(|| production.clone()) else {
        return Ok(CheckVerdict::ok("the record stays here: there is no remote"));
    };
    let is_ledger = |name: &RefName| [LEDGER_PLACE, LEDGER_BRANCH].iter().any(|place| name.starts_with(place));
    let is_asked = production.as_ref() == Some(&remote);
    let is_there = is_asked
        && asked.is_some_and(|asked| asked.is_ok_and(|refs| refs.refs.iter().any(|(name, _)| is_ledger(name))));
    let was_there = !context.look.git.refs_under(&tracked_place(&remote))?.is_empty();
    let is_shared = context.config.ledger.share && consent::is_given(context.look, context.config, &remote)?;
    if context.config.ledger.share {
        if !context.look.git.remotes()?.contains(&remote) {
            let name = one_line(&remote);
            let message =
                format!("the record is shared with nobody: `ledger.remote` is {name}, and there is no such remote");
            return Ok(CheckVerdict::warning(message, format!("git remote add {name} URL")));
        }
        if consent::answer(context.look, context.config, &remote)?.is_none() {
            let message = format!("the record is shared with nobody until you allow {remote} to have it");
            return Ok(CheckVerdict::warning(message, format!("{} sync {remote}", context.program)));
        }
    }
    if !(is_there || was_there || is_shared) {
        return Ok(CheckVerdict::ok("the record is shared with nobody"));
    }
    let rules = match setup.ask(Examination::FetchRules { remote: remote.clone() })? {
        Ok(Answer::Text(text)) => text,
        Ok(_) => String::new(),
        Err(trouble) => return Err(trouble.into()),
    };
    let rules: Vec<String> = rules.lines().map(str::to_owned).collect();
    let fetch = FetchRules { remote: &remote, rules: &rules };
    let fix = format!("{} sync {remote} --setup", context.program);
    Ok(match (fetch.lacking().is_empty(), fetch.overwriting(), fetch.excluding()) {
        (false, Some(rule), _) => {
            CheckVerdict::warning(format!("`git fetch` of {remote} sets the record here back ({rule})"), fix).safely()
        }
        (false, None, _) => {
            let message = format!("{remote} is to share the record, which `git clone` and `git fetch` do not bring");
            CheckVerdict::warning(message, fix).safely()
        }
        (true, Some(_), _) => CheckVerdict::ok(format!("`git fetch` of {remote} leaves the record here alone")),
        (true, None, Some(rule)) => CheckVerdict::ok(format!("`git fetch` of {remote} does not bring it ({rule})")),
        (true, None, None) => CheckVerdict::ok(format!("`git fetch` brings what {remote} has of it")),
    })
}
