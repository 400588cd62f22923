//! Shares the record of the incidents with a remote.

use crate::domain::{RefName, count, one_line};
use crate::ledger::{RemoteLoss, Synced};
use crate::port::{FetchRules, fetched_place};
use crate::production::detect::{self, Learnt};
use crate::workflow::action::ShareAction;
use crate::workflow::action::query::{Answer, Examination};
use crate::workflow::{Action, Code, Context, Network, Outcome, Plan, Question, Refusal, Result, Step, Topic, consent};

/// Share the record of the incidents with a remote: take in what it has, give it what it lacks
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Sync {
    /// The remote; that of `[ledger] remote`, or production's, if absent
    #[cfg_attr(feature = "cli", arg(value_name = "REMOTE"))]
    pub remote: Option<String>,
    /// Put events back that the remote had and lost
    #[cfg_attr(feature = "cli", arg(long))]
    pub restore: bool,
    /// Only let `git fetch` bring the remote's ledgers, too, by a refspec in this repository's configuration; of a mirror, let it leave
    /// those here alone
    #[cfg_attr(feature = "cli", arg(long, conflicts_with = "restore"))]
    pub setup: bool,
}

impl Step for Sync {
    step_facts!("sync" about None, only_looks, works_without_rules);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let remote = self.remote(context)?;
        if self.setup {
            return set_up(context, &remote);
        }
        if context.network == Network::Offline {
            return take_in(context, &remote);
        }
        if let Some(synced) = context.known.shared() {
            return Ok(Plan::finished(outcome(context, &remote, synced)));
        }
        let share = Action::Share(ShareAction::Sync { remote: remote.clone(), restores: self.restore });
        if context.network != Network::AsOfLastFetch && !consent::is_given(context.look, context.config, &remote)? {
            if context.answers.given(Topic::Share) != Some(true) {
                return self.ask(context, &remote);
            }
            let remember = Action::Share(ShareAction::Allow { remote });
            return Ok(Plan::then_look_again(vec![remember, share]));
        }
        Ok(Plan::then_look_again(vec![share]))
    }
}

impl Sync {
    /// The remote meant.
    fn remote(&self, context: &Context<'_>) -> Result<String> {
        let remotes = context.look.git.remotes()?;
        let named = self.remote.as_ref().or(context.config.ledger.remote.as_ref());
        if let Some(name) = named {
            if remotes.contains(name) {
                return Ok(name.clone());
            }
            let name = one_line(name);
            let (argument, way) = match self.remote {
                Some(_) => ("REMOTE", "git remote -v   # shows those that there are".to_owned()),
                None => (
                    "`ledger.remote`",
                    format!("git remote add {name} URL   # or name another: {} sync REMOTE", context.program),
                ),
            };
            let message = format!("{argument}: there is no remote {name}");
            return Err(Refusal::usage(Code::NoSuchRemote, message).hint(way));
        }
        let production = detect::likely(context.look, context.config, Learnt::of(context))?;
        production.remote.ok_or_else(|| {
            Refusal::precondition(Code::NoRemote, "there is no remote to share the ledger with")
                .hint("git remote add origin URL")
        })
    }

    /// The first time a person says yes to what others will read.
    fn ask(&self, context: &Context<'_>, remote: &str) -> Result<Plan> {
        let incidents = context.incidents.all().map_err(Refusal::from)?;
        let of_them = "titles, notes, attachments, and the names and addresses of those who recorded them";
        let what = match incidents.len() {
            0 => format!("what is recorded here from now on: {of_them}"),
            number => format!("{} with {of_them}", count(number, "incident")),
        };
        let text = format!(
            "Whoever can read {remote} will read {what}. Share {}?",
            if incidents.is_empty() { "it" } else { "them" }
        );
        let otherwise =
            Refusal::precondition(Code::NotShared, format!("nobody allowed to share the ledger with {remote}"))
                .hint(format!("{} sync {remote}   # in a terminal: asks, once", context.program))
                .hint("git config hotfix.ledger.share true   # your own word, for every remote of this clone");
        Ok(Plan::offer(Question::Confirm { topic: Topic::Share, text }, otherwise))
    }
}

/// Without a network there is what `git fetch` brought.
fn take_in(context: &Context<'_>, remote: &str) -> Result<Plan> {
    if let Some(synced) = context.known.shared() {
        let text = match synced.brought {
            _ if !synced.no_ledgers.is_empty() => return Ok(Plan::finished(outcome(context, remote, synced))),
            0 => format!("what `git fetch` brought of {remote} is here already"),
            brought => format!("{} came by `git fetch` of {remote}", count(brought, "event")),
        };
        return Ok(Plan::finished(Outcome::text(text)));
    }
    if context.look.git.refs_under(&fetched_place(remote))?.is_empty() {
        let message = format!("sync asks {remote}, and --offline says not to");
        return Err(Refusal::precondition(Code::Offline, message));
    }
    Ok(Plan::then_look_again(vec![Action::Share(ShareAction::TakeIn { remote: remote.to_owned() })]))
}

/// Lets `git fetch` bring the ledgers, as far as it can.
fn set_up(context: &Context<'_>, remote: &str) -> Result<Plan> {
    let examination = Examination::FetchRules { remote: remote.to_owned() };
    let rules: Vec<String> = match context.known.answer(&examination) {
        None => return Ok(Plan::then_look_again(vec![Action::Examine(examination)])),
        Some(Ok(Answer::Text(text))) => text.lines().map(str::to_owned).collect(),
        Some(_) => Vec::new(),
    };
    let fetch = FetchRules { remote, rules: &rules };
    let (lacking, misplaced) = (fetch.lacking(), fetch.misplaced());
    let all = [rules.clone(), lacking.clone()].concat();
    let then = FetchRules { remote, rules: &all };
    let mut outcome = Outcome::text(match (then.overwriting(), then.excluding()) {
        (Some(_), _) => format!("`git fetch` leaves the ledger here alone; {} brings what {remote} has", sync(context)),
        (None, Some(rule)) => {
            format!("{rule} keeps ledgers from `git fetch`; {} brings them all the same", sync(context))
        }
        (None, None) => format!(
            "`git fetch` brings the ledgers of {remote}, and `{} sync --offline` takes them in",
            context.program
        ),
    });
    if lacking.is_empty() && misplaced.is_empty() {
        return Ok(Plan::finished(outcome));
    }
    let added = lacking.join(" ");
    outcome.hints.push(match added.as_str() {
        "" => format!("git config --get-all remote.{remote}.fetch   # no longer: {}", misplaced.join(" ")),
        added => format!("git config --get-all remote.{remote}.fetch   # shows what was added: {added}"),
    });
    let set_up = ShareAction::SetUp { remote: remote.to_owned(), rules: lacking, instead_of: misplaced };
    Ok(Plan::then_finish(vec![Action::Share(set_up)], outcome))
}

fn sync(context: &Context<'_>) -> String {
    format!("`{} sync`", context.program)
}

fn outcome(context: &Context<'_>, remote: &str, synced: &Synced) -> Outcome {
    let text = match (synced.brought, synced.sent) {
        (0, 0) => format!("{remote} has what is here"),
        (brought, 0) => format!("{} came from {remote}", count(brought, "event")),
        (0, sent) => format!("{} went to {remote}", count(sent, "event")),
        (brought, sent) => format!("{} came from {remote}, {sent} went there", count(brought, "event")),
    };
    let mut outcome = match synced.losses.first() {
        Some(loss) => Outcome::failed(lost(context, remote, loss)),
        None => {
            let failure = doubtful(context, synced).or_else(|| no_ledger(remote, synced));
            Outcome { failure, ..Outcome::text(text) }
        }
    };
    if outcome.failure.is_some() && !synced.losses.is_empty() {
        outcome
            .hints
            .extend(synced.no_ledgers.iter().map(|other| format!("what {} has now is no ledger", other.place)));
    }
    outcome.hints.extend(synced.on_branches.iter().map(|branch| {
        format!("{remote} takes branches and tags only: the ledger is on {} there", RefName::short_in(branch))
    }));
    outcome
}

/// What came and must not be believed as it is.
fn doubtful(context: &Context<'_>, synced: &Synced) -> Option<Refusal> {
    let damaged = synced.damaged.iter().map(|damaged| format!("{}: {}", damaged.id, damaged.why));
    let strangers = synced.strangers.iter().map(|commit| {
        let short = commit.commit.get(..9).unwrap_or(&commit.commit);
        format!("{short} is signed by {}, for whom nobody here vouches, or falsely", one_line(&commit.signer))
    });
    let odd: Vec<String> = damaged.chain(strangers).collect();
    let named = odd.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
    let more = odd.len().checked_sub(NAMED).filter(|more| *more > 0);
    let more = more.map(|more| format!("; and {more} more")).unwrap_or_default();
    (!odd.is_empty()).then(|| {
        Refusal::new(crate::port::ErrorKind::NeedsHuman, Code::Ledger, format!("{named}{more}"))
            .hint("nothing is lost, and all else can be read")
            .hint(format!("{} ledger verify   # says how all of it is", context.program))
    })
}

/// What stands in a ledger's place; all other years were shared.
fn no_ledger(remote: &str, synced: &Synced) -> Option<Refusal> {
    let places: Vec<&str> = synced.no_ledgers.iter().map(|other| other.place.as_str()).collect();
    let (first, are) = (places.first()?, if places.len() == 1 { "is no ledger" } else { "are no ledgers" });
    let message = format!("{} of {remote} {are}; all other years are shared", places.join(", "));
    let way = format!("git push {remote} :{first}   # takes it away there, if nobody needs it");
    Some(Refusal::precondition(Code::NotShared, message).hint(way))
}

fn lost(context: &Context<'_>, remote: &str, loss: &RemoteLoss) -> Refusal {
    let lost = count(loss.events.len(), "event");
    let short = loss.seen.get(..9).unwrap_or(&loss.seen);
    let mut message = format!("{remote} lost {lost} of the ledger of {}: it was at {short}", loss.year);
    for (incident, event) in loss.events.iter().take(NAMED) {
        message.push_str(&format!("; {incident} {}", event.short()));
    }
    Refusal::new(crate::port::ErrorKind::NeedsHuman, Code::RemoteRewritten, message)
        .hint("nothing is lost here, and nothing was written there")
        .hint(format!("{} sync {remote} --restore   # puts them back there", context.program))
}

/// How many events are named.
const NAMED: usize = 5;
