//! "I have fixed it already": uncommitted work, or commits made on production's branch here, go along to the branch of the
//! fix. What is there decides, not what was recorded: run again, it goes on where it was cut short.

use crate::domain::event::Production;
use crate::domain::{Incident, ObjectId, RefName, count, one_line};
use crate::port::{CommitFilter, WorkTreeState};
use crate::production;
use crate::workflow::{Action, Code, Context, GitAction, Plan, Question, Refusal, Result, Topic};

use super::Open;

/// More commits than anybody made by mistake.
const MANY: usize = 9_999;
/// So many of them are named.
const LISTED: usize = 5;

impl Open {
    /// Whether what is there already is the fix, and goes along.
    pub(super) fn carries(&self, context: &Context<'_>) -> bool {
        let answered = [Topic::Carry, Topic::CarryCommits].map(|topic| context.answers.given(topic));
        self.carry || answered.contains(&Some(true))
    }

    /// Refuses flags that leave work where it is.
    pub(super) fn refuse_to_carry_elsewhere(&self) -> Result<()> {
        let other = [(self.worktree.is_some(), "--worktree"), (self.take_over, "--take-over")];
        match other.into_iter().find(|(is_given, _)| *is_given && self.carry) {
            None => Ok(()),
            Some((_, flag)) => {
                let message = format!("--carry takes what is here along, and {flag} goes elsewhere");
                Err(Refusal::usage(Code::Carry, message).hint("give one of the two"))
            }
        }
    }

    /// Asks whether uncommitted work is the fix, where somebody is there.
    pub(super) fn offer_to_carry(&self, context: &Context<'_>, state: &WorkTreeState) -> Option<Plan> {
        let is_asked = context.answers.given(Topic::Carry).is_some();
        if !context.answers.can_ask || is_asked || self.take_over || !state.conflicted.is_empty() {
            return None;
        }
        let files = named(&state.changed);
        let text = format!("Is the uncommitted work here ({files}) the fix? It goes along to the new branch then.");
        Some(Plan::ask(Question::Confirm { topic: Topic::Carry, text }))
    }

    /// Asks whether commits that production's branch has only here are the fix, where somebody stands on it.
    pub(super) fn offer_commits(&self, context: &Context<'_>, production: &Production) -> Result<Option<Plan>> {
        let is_asked = [Topic::Carry, Topic::CarryCommits].iter().any(|it| context.answers.given(*it).is_some());
        let is_here = context.look.git.head()?.branch() == Some(production.branch.as_str());
        if self.carry || is_asked || !context.answers.can_ask || !is_here || self.wants_worktree(context) {
            return Ok(None);
        }
        let Some(listed) = listed_commits(context, production)? else { return Ok(None) };
        let text = format!(
            "Is what {} has only here the fix? It goes along to the new branch then, and ships.",
            production.branch
        );
        Ok(Some(Plan::ask(Question::Confirm { topic: Topic::CarryCommits, text }).notes(vec![listed])))
    }

    /// The commits that go along, by name: nobody ships what they did not see.
    pub(super) fn carried_commits(&self, context: &Context<'_>, production: &Production) -> Result<Option<String>> {
        if self.carries(context) { listed_commits(context, production) } else { Ok(None) }
    }

    /// Where the branch of the fix starts: at what goes along, else at `base`.
    ///
    /// # Errors
    /// When what is there would not go along; nothing was changed.
    pub(super) fn carried_start(
        &self,
        context: &Context<'_>,
        production: &Production,
        base: &ObjectId,
    ) -> Result<ObjectId> {
        if !self.carries(context) {
            return Ok(base.clone());
        }
        let start = match own_commits(context, production)? {
            Own::Nothing => base.clone(),
            Own::Ahead(tip) if production::tip(context.look, production)? == *base => tip,
            Own::Ahead(_) => {
                let message = format!(
                    "the fix starts at {}, and what {} has here was made on top of more",
                    base.short(),
                    production.branch
                );
                return Err(Refusal::precondition(Code::Carry, message)
                    .hint(format!("{}   # then: git cherry-pick the commits", self.without_carry(context.program))));
            }
            Own::Apart => {
                let (branch, there) = (&production.branch, production.display_name());
                let message = format!("{there} went on since the commits that {branch} has here were made");
                // git begins no rebase over uncommitted work.
                let stash = if context.look.git.has_changes()? { "--autostash " } else { "" };
                return Err(Refusal::precondition(Code::Carry, message).hint(format!(
                    "git rebase {stash}{there} {branch}   # settle what conflicts, then the same command again"
                )));
            }
        };
        self.refuse_overlap(context, &start)?;
        Ok(start)
    }

    /// Refuses uncommitted work that git would not take along, before anything is recorded.
    pub(super) fn refuse_overlap(&self, context: &Context<'_>, to: &ObjectId) -> Result<()> {
        let git = context.look.git;
        let head = git.head()?;
        let Some(head) = head.commit().filter(|head| *head != to) else { return Ok(()) };
        let state = git.work_tree_state()?;
        if state.is_committed() && state.untracked.is_empty() {
            return Ok(());
        }
        // One by one: of an untracked folder only the name is in the state.
        let untracked = git.untracked_files()?;
        let lying = state.changed.iter().chain(&state.conflicted).chain(&untracked);
        let changes = git.changes(head, to)?;
        let moved: Vec<&String> =
            changes.iter().flat_map(|change| std::iter::once(&change.path).chain(&change.renamed_from)).collect();
        let is_met = |path: &str| {
            // A file where a folder is to be, too.
            let is_below =
                |folder: &str, other: &str| other.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
            moved.iter().any(|other| path == *other || is_below(path, other) || is_below(other, path))
        };
        let met: Vec<String> = lying.filter(|path| is_met(path)).cloned().collect();
        if met.is_empty() {
            return Ok(());
        }
        let message = format!(
            "the uncommitted work does not go along: {} is another file where the fix starts ({})",
            named(&met),
            to.short()
        );
        let open = self.without_carry(context.program);
        Err(Refusal::precondition(Code::Carry, message)
            .hint(format!("git stash --include-untracked && {open} && git stash pop   # then settle what conflicts")))
    }

    /// Brings the branch of an incident that is open to the commits that production's branch has only here.
    ///
    /// # Errors
    /// When it has others.
    pub(super) fn catch_up(
        &self,
        context: &Context<'_>,
        incident: &Incident,
        tip: &ObjectId,
    ) -> Result<Option<Action>> {
        let git = context.look.git;
        let Own::Ahead(own) = own_commits(context, &incident.production)? else { return Ok(None) };
        if !self.carries(context) || git.is_ancestor(&own, tip)? {
            return Ok(None);
        }
        let branch = incident.branch();
        if !git.is_ancestor(tip, &own)? || git.head()?.branch() == Some(branch.as_str()) {
            let message = format!("{branch} is not where {} has the commits here", incident.production.branch);
            return Err(Refusal::precondition(Code::Carry, message).hint(format!(
                "git switch {branch} && git merge {}   # then the same command again",
                incident.production.branch
            )));
        }
        self.refuse_overlap(context, &own)?;
        Ok(Some(Action::Git(GitAction::UpdateRef {
            name: RefName::of_branch(&branch),
            to: Some(own),
            from: Some(tip.clone()),
            why: "hotfix: take commits along",
        })))
    }

    /// Brings production's branch here back to the remote's, once the branch of the fix has its commits; a ref keeps them.
    pub(super) fn bring_back(&self, context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<Vec<Action>> {
        let production = &incident.production;
        let Own::Ahead(own) = own_commits(context, production)? else { return Ok(Vec::new()) };
        let git = context.look.git;
        // A ref that moves under a checked-out work tree shows the difference as undone changes.
        let is_free = git.head()?.branch() != Some(production.branch.as_str())
            && production::checked_out_elsewhere(context, &production.branch)?.is_none();
        if !self.carries(context) || !is_free || !git.is_ancestor(&own, tip)? {
            return Ok(Vec::new());
        }
        let update = |name, to, from| {
            Action::Git(GitAction::UpdateRef { name, to: Some(to), from, why: "hotfix: take commits along" })
        };
        let kept = production::carried_ref(incident);
        let before = git.commit_of_ref(&kept)?;
        // First what keeps them, then what lets them go.
        let keep = (before.as_ref() != Some(&own)).then(|| update(kept, own.clone(), before));
        let there = production::tip(context.look, production)?;
        let back = update(RefName::of_branch(&production.branch), there, Some(own));
        Ok(keep.into_iter().chain([back]).collect())
    }

    /// How production's branch here gets back what was taken along.
    pub(super) fn way_back(&self, context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
        let kept = production::carried_ref(incident);
        if !self.carries(context) || context.look.git.commit_of_ref(&kept)?.is_none() {
            return Ok(None);
        }
        let production = &incident.production;
        Ok(Some(format!(
            "git branch -f {} {kept}   # takes it back to the commits that went along; it is where {} is now",
            production.branch,
            production.display_name()
        )))
    }

    fn without_carry(&self, program: &str) -> String {
        Self { carry: false, ..self.clone() }.command(program)
    }
}

/// The commits that production's branch has on top of the remote's, the newest ones by name; `None` where there is none.
fn listed_commits(context: &Context<'_>, production: &Production) -> Result<Option<String>> {
    let Own::Ahead(tip) = own_commits(context, production)? else { return Ok(None) };
    let (git, base) = (context.look.git, production::tip(context.look, production)?);
    let commits = git.commits(Some(&base), &tip, CommitFilter::All, MANY)?;
    let named =
        commits.iter().take(LISTED).map(|commit| format!("  {} {}", commit.id.short(), one_line(commit.subject())));
    let more = commits.len().saturating_sub(LISTED);
    let rest = (more > 0).then(|| format!("  and {more} more"));
    let files = count(git.changes(&base, &tip)?.len(), "file");
    let (branch, there, count) = (&production.branch, production.display_name(), count(commits.len(), "commit"));
    let head = format!("{branch} has {count} here that {there} lacks, in {files}:");
    Ok(Some([head].into_iter().chain(named).chain(rest).collect::<Vec<String>>().join("\n")))
}

/// What production's branch here has that the remote's lacks.
enum Own {
    /// Nothing.
    Nothing,
    /// Commits on top of it, up to this one.
    Ahead(ObjectId),
    /// Commits, and it lacks others.
    Apart,
}

fn own_commits(context: &Context<'_>, production: &Production) -> Result<Own> {
    let git = context.look.git;
    let local = git.commit_of_ref(&RefName::of_branch(&production.branch))?;
    let Some(local) = local.filter(|_| production.remote.is_some()) else { return Ok(Own::Nothing) };
    let there = production::tip(context.look, production)?;
    Ok(match (git.is_ancestor(&local, &there)?, git.is_ancestor(&there, &local)?) {
        (true, _) => Own::Nothing,
        (false, true) => Own::Ahead(local),
        (false, false) => Own::Apart,
    })
}

fn named(paths: &[String]) -> String {
    let shown: Vec<String> = paths.iter().take(3).map(|path| one_line(path)).collect();
    let more = paths.len().saturating_sub(shown.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}
