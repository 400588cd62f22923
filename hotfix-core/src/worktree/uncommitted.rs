//! What lies beside the fix's commit and would be tested with it: changes that are not committed, and sources and tests that
//! git does not have. What was tested with them is no result of the commit, so nothing ships until they are in it or gone.

use crate::domain::{Incident, ObjectId};
use crate::port::WorkTreeState;
use crate::production;
use crate::workflow::{Action, Code, Context, FileAction, Outcome, Plan, Question, Refusal, Result, Topic, named};

use super::{checkout, counted, preflight};

/// What is not committed here.
#[derive(Debug, Default)]
pub(crate) struct Uncommitted {
    /// Tracked files.
    changed: Vec<String>,
    /// Those of them that are submodules which merely were not updated.
    outdated: Vec<String>,
    /// Untracked ones that count.
    counted: Vec<String>,
    /// Whether others that git does not have lie here, which `git add --all` would take along.
    has_others: bool,
}

/// What a fix is committed with before anything of it is there: its regression test is a new file more often than not.
const ALL: &str = "git add --all && git commit";

impl Uncommitted {
    /// Looks at the work tree.
    pub(crate) fn look(context: &Context<'_>) -> Result<Self> {
        Self::of(context, &context.look.git.work_tree_state()?)
    }

    /// The same, where its state is known.
    pub(crate) fn of(context: &Context<'_>, state: &WorkTreeState) -> Result<Self> {
        let counted = counted::untracked_in(context, state)?;
        let has_others = counted.is_empty() && !state.untracked.is_empty();
        Ok(Self { changed: state.changed.clone(), outdated: state.outdated.clone(), counted, has_others })
    }

    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.counted.is_empty()
    }

    /// The command, and what it is to hold.
    fn command_for_a_fix(&self, command: String) -> String {
        // What lies here may be anything, a password too, so that only a person can say what of it belongs to the fix.
        let what = if self.has_others {
            "the fix; first git add new files, its regression test"
        } else {
            "the fix and its regression test"
        };
        format!("{command}   # {what}")
    }

    fn all(&self) -> Vec<String> {
        let mut all: Vec<String> = self.changed.iter().chain(&self.counted).cloned().collect();
        all.sort();
        all
    }

    /// What brings submodules along, where nothing else is here: committed, they would take the fix's own move back.
    fn update(&self) -> Option<String> {
        let is_all = self.counted.is_empty() && self.changed.iter().all(|path| self.outdated.contains(path));
        preflight::update_submodules(&self.outdated).filter(|_| is_all)
    }

    /// The command that commits it.
    pub(crate) fn command(&self, context: &Context<'_>, incident: &Incident) -> Result<String> {
        if let Some(update) = self.update() {
            return Ok(update);
        }
        let add = format!("git add {}", named::arguments(&self.all()));
        let tip = production::local_branch_tip(context.look, incident)?;
        let has_fix = tip.as_ref().is_some_and(|tip| *tip != incident.base.commit);
        Ok(match &tip {
            // Whoever has not committed anything yet has changed what belongs to the fix.
            _ if self.is_empty() && !self.has_others => ALL.to_owned(),
            _ if self.counted.is_empty() && (self.changed.is_empty() || !has_fix) => "git commit -a".to_owned(),
            // Added to the commit that was forgotten, so that each commit builds; a change may be no part of it.
            Some(tip) if self.changed.is_empty() && can_amend(context, incident, tip)? => {
                format!("{add} && git commit --amend --no-edit")
            }
            _ => format!("{add} && git commit"),
        })
    }

    /// A sentence about it.
    fn text(&self) -> String {
        let all = self.all();
        let (verb, are) = if all.len() == 1 { ("takes", "is") } else { ("take", "are") };
        format!("{} {verb} part in the tests and {are} not committed", named::listed(&all))
    }

    /// Refuses to go on with it; where nothing but files to add is in the way, a person is offered that.
    pub(crate) fn refuse(&self, context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<Option<Plan>> {
        if self.is_empty() {
            return Ok(None);
        }
        let has_fix = *tip != incident.base.commit;
        if self.counted.is_empty() {
            let refusal = preflight::not_committed(&self.changed);
            let command = self.command(context, incident)?;
            if self.update().is_some() {
                return Err(refusal.hint(command));
            }
            let refusal = preflight::update_submodules(&self.outdated).into_iter().fold(refusal, Refusal::hint);
            return Err(match has_fix {
                true => refusal
                    .hint(format!("{command}   # if it is part of the fix"))
                    .hint("git stash   # if not; git stash pop brings it back"),
                false => refusal.hint(command),
            });
        }
        let refusal = Refusal::precondition(Code::NotCommitted, self.text())
            .hint(self.command(context, incident)?)
            // Not `.gitignore`: that would be one more change to commit.
            .hint("no part of the fix? move it away, or name it in .git/info/exclude");
        let is_on_branch = context.look.git.head()?.branch() == Some(incident.branch().as_str());
        // git reads the name from our command line, which has lost bytes that are not UTF-8.
        let is_typed = self.counted.iter().all(|path| !path.contains(char::REPLACEMENT_CHARACTER));
        if !has_fix || !self.changed.is_empty() || !is_on_branch || !is_typed {
            return Err(refusal);
        }
        let paths = self.counted.clone();
        if context.answers.given(Topic::AddFiles) == Some(true) {
            let action = match can_amend(context, incident, tip)? {
                true => Action::File(FileAction::Amend { paths }),
                false => Action::File(FileAction::Commit { message: format!("Add {}", named::listed(&paths)), paths }),
            };
            return Ok(Some(Plan::then_look_again(vec![action])));
        }
        let text = format!("{}. Add to the fix's commit?", self.text());
        Ok(Some(Plan::offer(Question::Confirm { topic: Topic::AddFiles, text }, refusal)))
    }
}

/// Whether the fix's last commit may be made anew: it is the fix's own, no merge, and nobody else has it.
fn can_amend(context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<bool> {
    let git = context.look.git;
    let landings = incident.merged_before.iter().chain(&incident.merged);
    let is_known = landings.map(|landing| &landing.head).chain(incident.pull_request.iter().map(|known| &known.head));
    if *tip == incident.base.commit
        // What was proposed or has landed is known by its id: amended, it would be another fix.
        || is_known.into_iter().any(|head| head == tip)
        || production::contains(context.look, &incident.production, tip)?
        || git.details(tip)?.parents.len() > 1
    {
        return Ok(false);
    }
    let is_pushed = match production::remote_branch_tip(context, incident)? {
        // A commit that others have is not rewritten.
        Some(there) if git.has_commit(&there)? => git.is_ancestor(tip, &there)?,
        Some(there) => there == *tip,
        None => false,
    };
    Ok(!is_pushed)
}

/// Says of what `test` and `guard` found that it holds for what lies here, not for a commit.
pub(crate) fn say(context: &Context<'_>, outcome: &mut Outcome) -> Result<()> {
    let uncommitted = Uncommitted::look(context)?;
    if uncommitted.is_empty() {
        return Ok(());
    }
    outcome.hints.push(format!("{}: this holds for what lies here, and for no commit yet", uncommitted.text()));
    if let Some(incident) = context.incident.filter(|incident| incident.merged.is_none()) {
        outcome.next = Some(uncommitted.command(context, incident)?);
    }
    Ok(())
}

/// The next command where the fix, or a part of it, is to be committed; `None` where all is.
pub(crate) fn next(context: &Context<'_>, incident: &Incident, has_fix: bool) -> Result<Option<String>> {
    // A work tree that cannot be looked at is no reason to say nothing of the incident.
    let state = context.look.git.work_tree_state().unwrap_or_default();
    let uncommitted = Uncommitted::of(context, &state)?;
    if has_fix && uncommitted.is_empty() {
        return Ok(None);
    }
    if let Some(update) = uncommitted.update() {
        return Ok(Some(update));
    }
    if uncommitted.is_empty()
        && let Some(slip) = checkout::strays_of_production(context, incident)?
    {
        return Ok(Some(format!("{}   # {}", slip.pick(), slip.text())));
    }
    let command = uncommitted.command(context, incident)?;
    let why = match (has_fix, uncommitted.counted.is_empty()) {
        (false, _) => return Ok(Some(uncommitted.command_for_a_fix(command))),
        (true, true) => "   # or git stash, if it is no part of the fix",
        (true, false) => "",
    };
    Ok(Some(format!("{command}{why}")))
}

/// The next command where a test said no: what it lacks is committed, and then it ships.
pub(crate) fn next_of_refused(context: &Context<'_>, incident: &Incident, missing: &str) -> Result<String> {
    let state = context.look.git.work_tree_state().unwrap_or_default();
    let command = Uncommitted::of(context, &state)?.command(context, incident)?;
    Ok(format!("{command}   # {missing}; then: {} ship", context.program))
}

/// The next command right after the branch was made, and what comes then.
pub(crate) fn next_of_new(program: &str) -> String {
    // Without a look at what lies here, which takes as long as all else in a large repository; and so short that it stays on one
    // line of a usual terminal.
    format!("git commit -a   # git add new files first; then: {program} ship")
}

/// How a fix is committed, for a sentence.
pub(crate) fn how(context: &Context<'_>, incident: &Incident, state: &WorkTreeState) -> Result<String> {
    let uncommitted = Uncommitted::of(context, state)?;
    let add = if uncommitted.has_others { ", git add its new files" } else { "" };
    Ok(format!("fix the issue{add}, then: {}", uncommitted.command(context, incident)?))
}
