//! Which remote and branch production is: by configuration, by gh's mark, by the remote's own word. Where two could be
//! meant, a person says which; nobody is shipped to by a guess.

use crate::config::Config;
use crate::domain::event::Production;
use crate::domain::{BranchName, ObjectId, RefName, one_line};
use crate::port::{Look, PortError};
use crate::workflow::action::query::Examination;
use crate::workflow::{
    Action, Answers, Code, Context, GitAction, Known, Network, Plan, Question, Refusal, Result, Topic,
};

use super::hosting;

/// The remote that a fork calls the repository it was made of, by convention.
pub(crate) const UPSTREAM: &str = "upstream";

/// What a run has learnt by now that tells where production is.
#[derive(Debug, Clone, Copy)]
pub struct Learnt<'a> {
    /// What its actions gave.
    pub known: &'a Known,
    /// What the person answered.
    pub answers: Option<&'a Answers>,
    /// Whether remotes may be asked: then what was not asked yet is not judged yet.
    pub network: Network,
}

impl<'a> Learnt<'a> {
    /// Nothing but what is here, as of the last fetch.
    pub fn nothing() -> Self {
        Self { known: Known::nothing(), answers: None, network: Network::AsOfLastFetch }
    }

    /// What the run of this step has learnt.
    pub(crate) fn of(context: &Context<'a>) -> Self {
        Self { known: context.known, answers: Some(context.answers), network: context.network }
    }

    /// The branch that the remote's own HEAD names.
    fn default_branch(self, remote: &str) -> Option<&'a str> {
        self.known.answers_of_remote(remote).next().and_then(|(_, refs)| refs.default_branch.as_deref())
    }

    /// Where the remote has a branch, by its last answer about it: `Some(None)` where it has none.
    fn tip(self, remote: &str, branch: &str) -> Option<Option<&'a ObjectId>> {
        let name = RefName::of_branch(branch);
        self.known.answers_of_remote(remote).find(|(names, _)| names.contains(&name)).map(|(_, refs)| refs.get(&name))
    }

    fn is_gone(self, remote: &str, branch: &str) -> bool {
        self.tip(remote, branch) == Some(None)
    }

    fn is_confirmed(self, topic: Topic) -> bool {
        self.answers.is_some_and(|answers| answers.given(topic) == Some(true))
    }
}

/// Where production is, or why that is not certain.
pub(crate) enum Found {
    Sure(Production),
    Doubt(Box<Doubt>),
}

/// Two could be meant.
pub(crate) struct Doubt {
    /// What it would be without the doubt.
    pub(crate) likely: Production,
    question: Question,
    refusal: Refusal,
}

/// Finds production; refuses where two could be meant.
///
/// # Errors
/// When several remotes or branches could be meant, or none is found.
pub fn detect(look: Look<'_>, config: &Config, learnt: Learnt<'_>) -> Result<Production> {
    match find(look, config, learnt)? {
        Found::Sure(production) => Ok(production),
        Found::Doubt(doubt) => Err(doubt.refusal),
    }
}

/// The same, and what it would be where two could be meant: for reading what is written there about it.
pub fn likely(look: Look<'_>, config: &Config, learnt: Learnt<'_>) -> Result<Production> {
    Ok(match find(look, config, learnt)? {
        Found::Sure(production) => production,
        Found::Doubt(doubt) => doubt.likely,
    })
}

/// Production, or what comes first: a question to a remote or to the person.
pub(crate) enum ProductionChoice {
    First(Plan),
    Here(Production),
}

/// Finds production for a step, which asks where two could be meant and a person is there.
pub(crate) fn choose(context: &Context<'_>) -> Result<ProductionChoice> {
    let learnt = Learnt::of(context);
    if let Some(action) = unasked(context, learnt)? {
        return Ok(ProductionChoice::First(Plan::then_look_again(vec![action])));
    }
    Ok(match find(context.look, context.config, learnt)? {
        Found::Sure(production) => ProductionChoice::Here(production),
        Found::Doubt(doubt) => ProductionChoice::First(Plan::offer(doubt.question, doubt.refusal)),
    })
}

/// What is asked of a remote called `upstream` before another one is taken for production: as of the last fetch it may
/// say nothing new.
fn unasked(context: &Context<'_>, learnt: Learnt<'_>) -> Result<Option<Action>> {
    let git = context.look.git;
    let remotes = git.remotes()?;
    if context.network != Network::Online
        || learnt.is_confirmed(Topic::Remote)
        || !remotes.iter().any(|name| name == UPSTREAM)
        || named_remote(context.look, context.config, &remotes)?.is_some()
    {
        return Ok(None);
    }
    let production = likely(context.look, context.config, learnt)?;
    if production.remote.as_deref() == Some(UPSTREAM) {
        return Ok(None);
    }
    let branch = production.branch;
    let refs = vec![RefName::of_branch(&branch)];
    let question = Examination::Remote { remote: UPSTREAM.to_owned(), refs };
    if context.known.answer(&question).is_none() {
        return Ok(Some(Action::Examine(question)));
    }
    let Some(Some(tip)) = learnt.tip(UPSTREAM, &branch) else { return Ok(None) };
    Ok((!context.known.has_fetched(&branch) && !git.has_commit(tip)?)
        .then(|| Action::Git(GitAction::Fetch { remote: UPSTREAM.to_owned(), branch })))
}

fn find(look: Look<'_>, config: &Config, learnt: Learnt<'_>) -> Result<Found> {
    let remotes = look.git.remotes()?;
    if let Some(remote) = named_remote(look, config, &remotes)? {
        return branch(look, config, Some(&remote), learnt);
    }
    let remote = usual(&remotes)?;
    let found = branch(look, config, remote.as_deref(), learnt)?;
    let likely = match &found {
        Found::Sure(production) => production,
        Found::Doubt(doubt) => &doubt.likely,
    };
    let Some(newer) = newer(look, likely, &remotes, learnt)? else { return Ok(found) };
    if learnt.is_confirmed(Topic::Remote) {
        return branch(look, config, newer.remote.as_deref(), learnt);
    }
    Ok(Found::Doubt(Box::new(which_remote(likely, &newer))))
}

fn which_remote(likely: &Production, newer: &Production) -> Doubt {
    let (theirs, ours) = (newer.display_name(), likely.display_name());
    let named = |production: &Production| production.remote.clone().unwrap_or_default();
    let set = |production: &Production| format!("git config hotfix.production.remote {}", named(production));
    let text = format!("{theirs} is ahead of {ours} and holds all of it. Is production on {}?", named(newer));
    let message = format!("{theirs} is ahead of {ours}: [production] remote has to say which of them production is");
    let refusal = Refusal::usage(Code::WhichRemote, message)
        .hint(format!("{}   # {ours} is a fork of it, or a copy", set(newer)))
        .hint(format!("{}   # production is there all the same", set(likely)));
    Doubt { likely: likely.clone(), question: Question::Confirm { topic: Topic::Remote, text }, refusal }
}

/// Whether a remote was taken for production's though there is one called `upstream`, and nobody said which.
pub(crate) fn may_be_fork(context: &Context<'_>, taken: &str) -> Result<bool> {
    let remotes = context.look.git.remotes()?;
    let has_upstream = taken != UPSTREAM && remotes.iter().any(|name| name == UPSTREAM);
    Ok(has_upstream && named_remote(context.look, context.config, &remotes)?.is_none())
}

/// The remote that was named: in the configuration, else to gh.
fn named_remote(look: Look<'_>, config: &Config, remotes: &[String]) -> Result<Option<String>> {
    if let Some(wanted) = &config.production.remote {
        if !remotes.contains(wanted) {
            return Err(Refusal::precondition(Code::NoSuchRemote, format!("there is no remote `{wanted}`"))
                .hint("git remote add <name> <url>, or fix [production] remote"));
        }
        return Ok(Some(wanted.clone()));
    }
    named_to_gh(look, remotes)
}

/// The remote of the repository that gh takes for the base, by the mark that `gh repo set-default` makes: `base` at its
/// remote, or its `OWNER/NAME` at another one.
fn named_to_gh(look: Look<'_>, remotes: &[String]) -> Result<Option<String>> {
    // gh's own order: the first mark counts.
    let mut ordered: Vec<&String> = remotes.iter().collect();
    let usual = [UPSTREAM, "github", "origin"];
    ordered.sort_by_key(|name| usual.iter().position(|known| name == known).unwrap_or(usual.len()));
    for remote in ordered {
        let Some(mark) = look.git.config(&format!("remote.{remote}.gh-resolved"))? else { continue };
        let mark = mark.trim();
        if mark == "base" {
            return Ok(Some(remote.clone()));
        }
        // It may be written with its host.
        let mut parts = mark.rsplit('/');
        let (Some(name), Some(owner)) = (parts.next(), parts.next()) else { continue };
        for candidate in std::iter::once(remote).chain(remotes) {
            let hosted = hosting::hosted(look, Some(candidate))?.map(|(found, _)| found);
            if hosted.is_some_and(|it| it.owner.eq_ignore_ascii_case(owner) && it.name.eq_ignore_ascii_case(name)) {
                return Ok(Some(candidate.clone()));
            }
        }
        return Err(not_here(look, remote, &one_line(owner), &one_line(name))?);
    }
    Ok(None)
}

/// The refusal where gh knows the base and no remote leads there.
fn not_here(look: Look<'_>, marked: &str, owner: &str, name: &str) -> Result<Refusal, PortError> {
    let url = look.git.config(&format!("remote.{marked}.url"))?.unwrap_or_default();
    let base = url.strip_suffix(".git").unwrap_or(&url);
    // In the person's own way of writing it: by ssh or https, with a port.
    let front = hosting::hosted(look, Some(marked))?
        .and_then(|(own, _)| base.strip_suffix(&format!("{}/{}", own.owner, own.name)).map(str::to_owned));
    let url = front.map_or_else(|| "<url>".to_owned(), |front| format!("{front}{owner}/{name}.git"));
    let message =
        format!("production is in {owner}/{name} (gh says so: remote.{marked}.gh-resolved), and no remote leads there");
    Ok(Refusal::usage(Code::WhichRemote, message)
        .hint(format!("git remote add {UPSTREAM} {} && git fetch {UPSTREAM}", one_line(&url)))
        .hint(format!("git config hotfix.production.remote {marked}   # production is on {marked} all the same")))
}

fn usual(remotes: &[String]) -> Result<Option<String>> {
    match remotes {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        several if several.iter().any(|name| name == "origin") => Ok(Some("origin".to_owned())),
        several => Err(Refusal::precondition(
            Code::WhichRemote,
            format!("production could be on any of the remotes {}", several.join(", ")),
        )
        .hint("git config hotfix.production.remote <name>")),
    }
}

/// Another remote's production branch that holds ours and more: then ours may be a fork that lags.
fn newer(look: Look<'_>, ours: &Production, remotes: &[String], learnt: Learnt<'_>) -> Result<Option<Production>> {
    let Some(own) = ours.remote.as_deref().filter(|_| remotes.len() > 1) else { return Ok(None) };
    // As of the last fetch, every other clone may be ahead of it.
    if learnt.network == Network::Online && learnt.known.answers_of_remote(own).next().is_none() {
        return Ok(None);
    }
    let tip = |remote: &str, branch: &str| match learnt.tip(remote, branch) {
        Some(answer) => Ok(answer.cloned()),
        None => look.git.commit_of_ref(&RefName::tracking(remote, branch)),
    };
    let Some(our_tip) = tip(own, &ours.branch)? else { return Ok(None) };
    let mut others: Vec<&String> = remotes.iter().filter(|name| *name != own).collect();
    // `upstream` first: that is what forks call the repository they were made of.
    others.sort_by_key(|name| *name != UPSTREAM);
    for remote in others {
        let branch = symbolic_head(look, remote)?.map_or_else(|| ours.branch.clone(), BranchName::known);
        let Some(their_tip) = tip(remote, &branch)? else { continue };
        if their_tip != our_tip && look.git.is_ancestor(&our_tip, &their_tip)? {
            return Ok(Some(Production { branch, remote: Some(remote.clone()) }));
        }
    }
    Ok(None)
}

/// The branch that `refs/remotes/<remote>/HEAD` names, where that branch is here.
fn symbolic_head(look: Look<'_>, remote: &str) -> Result<Option<String>, PortError> {
    let prefix = format!("refs/remotes/{remote}/");
    let Some(target) = look.git.symbolic_ref(&RefName::tracking(remote, "HEAD"))? else { return Ok(None) };
    // A pruning fetch takes the branch away and leaves the name.
    let is_here = look.git.commit_of_ref(&target)?.is_some();
    Ok(target.strip_prefix(&prefix).filter(|_| is_here).map(str::to_owned))
}

fn branch(look: Look<'_>, config: &Config, remote: Option<&str>, learnt: Learnt<'_>) -> Result<Found> {
    let production =
        |branch: String| Production { branch: BranchName::known(branch), remote: remote.map(str::to_owned) };
    if let Some(branch) = &config.production.branch {
        return Ok(Found::Sure(production(branch.clone())));
    }
    let is_here = |name: &str| -> Result<bool, PortError> {
        let tracked = match remote {
            // The branch of a renamed default stays here as a tracking ref until somebody prunes.
            Some(remote) if learnt.is_gone(remote, name) => return Ok(false),
            Some(remote) => look.git.commit_of_ref(&RefName::tracking(remote, name))?.is_some(),
            None => false,
        };
        Ok(tracked || look.git.commit_of_ref(&RefName::of_branch(name))?.is_some())
    };
    // The default branch of a repository that follows git-flow is often `develop`.
    if let Some(branch) = look.git.config("gitflow.branch.master")?
        && is_here(&branch)?
    {
        return Ok(Found::Sure(production(branch)));
    }
    if let Some(remote) = remote {
        let here = symbolic_head(look, remote)?.filter(|branch| !learnt.is_gone(remote, branch));
        match (here, learnt.default_branch(remote)) {
            // `<remote>/HEAD` is of the day of the clone: git does not move it when the default branch changes.
            (Some(here), Some(there)) if here != there && !learnt.is_confirmed(Topic::Branch) => {
                return Ok(Found::Doubt(Box::new(which_branch(remote, production(here), there))));
            }
            (_, Some(there)) => return Ok(Found::Sure(production(there.to_owned()))),
            (Some(here), None) => return Ok(Found::Sure(production(here))),
            (None, None) => {}
        }
    }
    // Without a remote nothing but names tells.
    let configured = look.git.config("init.defaultBranch")?;
    for name in configured.into_iter().chain(["main".to_owned(), "master".to_owned()]) {
        if is_here(&name)? {
            return Ok(Found::Sure(production(name)));
        }
    }
    let refusal = Refusal::precondition(Code::NoProductionBranch, "no production branch was found");
    Err(cut_off(look, refusal.hint("git config hotfix.production.branch <name>")))
}

fn which_branch(remote: &str, likely: Production, there: &str) -> Doubt {
    let here = likely.branch.clone();
    let text = format!(
        "{remote}'s default branch is {there} now; {remote}/HEAD here still says {here}. Is {there} production?"
    );
    let message = format!(
        "{remote}'s default branch is {there}, and {remote}/HEAD here still says {here}: [production] branch has to say \
         which of them production is"
    );
    let refusal = Refusal::usage(Code::WhichBranch, message)
        .hint(format!("git remote set-head {remote} --auto   # {there}, as {remote} says"))
        .hint(format!("git config hotfix.production.branch {there}   # or {here}"));
    Doubt { likely, question: Question::Confirm { topic: Topic::Branch, text }, refusal }
}

/// What is said where `<remote>/HEAD` here names another branch than the remote does; `None` where it does not.
pub(crate) fn stale_head(look: Look<'_>, remote: &str, learnt: Learnt<'_>) -> Result<Option<String>, PortError> {
    let prefix = format!("refs/remotes/{remote}/");
    let target = look.git.symbolic_ref(&RefName::tracking(remote, "HEAD"))?;
    let here = target.as_deref().and_then(|target| target.strip_prefix(&prefix));
    Ok(match (here, learnt.default_branch(remote)) {
        (Some(here), Some(there)) if here != there => {
            Some(format!("{remote}'s default branch is {there}, and {remote}/HEAD here still says {here}"))
        }
        _ => None,
    })
}

/// The refusal of what is not here, with the command that brings it where history is cut off. A shallow clone follows the one
/// branch that it was made of, so the others are named too.
pub(crate) fn cut_off(look: Look<'_>, refusal: Refusal) -> Refusal {
    if !look.git.repository().is_shallow {
        return refusal;
    }
    let remotes = look.git.remotes().unwrap_or_default(); // Where they cannot be read, git's usual name is a good guess.
    let remote = if let [only] = remotes.as_slice() { only.as_str() } else { "origin" };
    refusal.hint(format!(
        "git fetch --unshallow {remote} '+refs/heads/*:refs/remotes/{remote}/*'   # history is cut off here (a shallow clone); \
         with actions/checkout: fetch-depth: 0"
    ))
}

#[cfg(test)]
mod tests;
