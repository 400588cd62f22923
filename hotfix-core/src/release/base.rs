//! What production runs, which need not be its branch's tip: the newest tag, or what a command or URL says; and what else
//! would ship.

use crate::config::ProductionCheck;
use crate::domain::event::{Base, Production};
use crate::domain::{EventKind, ObjectId, RefName, one_line};
use crate::port::CommitFilter;
use crate::production::{self, policy};
use crate::workflow::action::query::{Answer, Examination};
use crate::workflow::{Action, Code, Context, Network, Plan, Question, Refusal, Result, Topic};
use crate::worktree::room;

use super::tag;

/// More commits than anybody counts.
const MANY: usize = 9_999;
/// How many of the others are named.
const NAMED: usize = 3;

/// Where a fix starts.
pub(crate) enum Choice {
    /// This comes first.
    First(Plan),
    /// Here.
    At {
        base: Base,
        /// What is recorded of it beside the opening.
        events: Vec<EventKind>,
        notes: Vec<String>,
    },
}

/// What is still to be asked and fetched before production, its tags and `branch` on the remote are certain.
pub(crate) fn still_to_ask(
    context: &Context<'_>,
    production: &Production,
    branch: &str,
) -> Result<Option<Vec<Action>>> {
    let tags = context.config.production.tag.iter().map(|pattern| RefName::of_tag(pattern));
    let refs = std::iter::once(RefName::of_branch(branch)).chain(room::to_ask(branch)).chain(tags).collect();
    production::still_to_ask_about(context, production, refs, &|_| false)
}

/// Chooses the base: what was given, what production runs, or its branch's tip.
///
/// # Errors
/// When what was given names no commit, or nobody can tell what production runs.
pub(crate) fn choose(context: &Context<'_>, production: &Production, given: Option<&str>) -> Result<Choice> {
    let tip = production::tip(context.look, production)?;
    let at_tip = |notes| {
        let base = Base { reference: production.display_name(), commit: tip.clone() };
        Ok(Choice::At { base, events: Vec::new(), notes })
    };
    if let Some(revision) = given {
        let commit =
            context.look.git.commit_of(revision)?.ok_or_else(|| policy::no_such_base(context.look, revision))?;
        let ahead = ahead(context, &commit, &tip)?;
        return at(context, production, revision.to_owned(), commit, &tip, ahead);
    }
    let (reference, commit) = match running(context, production, &tip)? {
        Running::Ask(plan) => return Ok(Choice::First(plan)),
        Running::Branch(notes) => return at_tip(notes),
        Running::At(reference, commit) => (reference, commit),
    };
    let ahead = ahead(context, &commit, &tip)?;
    // More than the fix would ship: nobody decides that by not reading.
    if ahead > 0 {
        match context.answers.given(Topic::Base) {
            None => {
                let text = format!(
                    "{}; start from {reference}, so that the fix ships alone? (no: from {})",
                    is_ahead(production, &reference, ahead),
                    production.display_name()
                );
                return Ok(Choice::First(Plan::ask_or_assume(Question::Confirm { topic: Topic::Base, text })));
            }
            Some(false) => return at_tip(vec![format!("{ahead} more commits ship with the fix")]),
            Some(true) => {}
        }
    }
    at(context, production, reference, commit, &tip, ahead)
}

fn at(
    context: &Context<'_>,
    production: &Production,
    reference: String,
    commit: ObjectId,
    tip: &ObjectId,
    ahead: u32,
) -> Result<Choice> {
    let (mut events, mut notes) = (Vec::new(), Vec::new());
    if ahead > 0 {
        events.push(EventKind::BaseChosen { tip: tip.clone(), ahead });
        let others = context.look.git.commits(Some(&commit), tip, CommitFilter::All, NAMED)?;
        let named: Vec<String> = others.iter().map(|other| one_line(other.subject())).collect();
        let more = if usize::try_from(ahead).is_ok_and(|ahead| ahead > named.len()) { ", ..." } else { "" };
        let (is_ahead, base) = (is_ahead(production, &reference, ahead), one_line(&reference));
        notes.push(format!("{is_ahead}: base = {base}; what ships later: {}{more}", named.join(", ")));
    }
    Ok(Choice::At { base: Base { reference, commit }, events, notes })
}

fn is_ahead(production: &Production, reference: &str, ahead: u32) -> String {
    let plural = if ahead == 1 { "" } else { "s" };
    format!("{} is {ahead} commit{plural} ahead of production ({})", production.branch, one_line(reference))
}

fn ahead(context: &Context<'_>, base: &ObjectId, tip: &ObjectId) -> Result<u32> {
    if base == tip {
        return Ok(0);
    }
    // Not counted on: beyond that the number says nothing, and the walk takes long.
    Ok(u32::try_from(context.look.git.count_between(base, tip, MANY)?).unwrap_or(u32::MAX))
}

/// What production runs.
enum Running {
    Ask(Plan),
    Branch(Vec<String>),
    At(String, ObjectId),
}

fn running(context: &Context<'_>, production: &Production, tip: &ObjectId) -> Result<Running> {
    if let Some(deployed) = &context.config.production.deployed {
        return asked(context, production, deployed);
    }
    let Some(pattern) = &context.config.production.tag else { return Ok(Running::Branch(Vec::new())) };
    for (tag, commit) in tag::releases(context, production, pattern)? {
        // The pattern matches tags of other release branches too, which never ran here.
        if context.look.git.is_ancestor(&commit, tip)? {
            return Ok(Running::At(tag, commit));
        }
    }
    Ok(Running::Branch(vec![format!("no tag {pattern} is on {} yet; it is the base", production.display_name())]))
}

/// What the configured command or URL says.
fn asked(context: &Context<'_>, production: &Production, deployed: &ProductionCheck) -> Result<Running> {
    let question = Examination::Deployed(deployed.clone());
    let cannot_tell = |why: String| {
        Refusal::needs_human(Code::DeployedUnknown, format!("what production runs cannot be told: {why}"))
            .hint(format!("name it: --base <commit or tag>, or --base {}", production.display_name()))
    };
    if context.network == Network::Offline && question.needs_network() {
        return Err(cannot_tell("--offline forbids to ask".to_owned()));
    }
    let text = match context.known.answer(&question) {
        None => return Ok(Running::Ask(Plan::then_look_again(vec![Action::Examine(question)]))),
        Some(Ok(Answer::Text(text))) => text,
        Some(Ok(Answer::Refs(_) | Answer::Abilities(_) | Answer::Audit(_))) => {
            return Err(cannot_tell("it gave no text".to_owned()));
        }
        Some(Err(trouble)) => return Err(cannot_tell(trouble.message.clone())),
    };
    let words = text.split(|character: char| !character.is_ascii_hexdigit());
    // git abbreviates ids to seven digits at least.
    let mut candidates: Vec<&str> = words.filter(|word| (7..=64).contains(&word.len())).collect();
    // A date is hexadecimal too: the longest word is the likeliest id.
    candidates.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in &candidates {
        if let Some(commit) = context.look.git.commit_of(word)? {
            return Ok(Running::At(commit.short().to_owned(), commit));
        }
    }
    Err(match candidates.first() {
        Some(word) => {
            cannot_tell(format!("{word} is no commit here")).hint("git fetch brings it, if a branch holds it")
        }
        None => cannot_tell("the answer holds no commit".to_owned()),
    })
}
