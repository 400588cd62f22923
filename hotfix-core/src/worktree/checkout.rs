//! What is checked out here: the fix, something else, or an operation of git that is not finished. Whatever looks at the
//! work tree asks here first, so that no other tree is taken for the fix.

use crate::domain::event::Landing;
use crate::domain::{Incident, ObjectId, RefName, one_line};
use crate::port::{CommitDetails, Head, Operation, Unfinished};
use crate::production;
use crate::workflow::{Code, Context, Refusal, Result, named};

/// More commits than this on production here are nobody's slip.
const MOST_STRAYS: usize = 20;

/// Whether the fix is checked out here: its branch, or its very commit.
pub(crate) fn is_fix(context: &Context<'_>, incident: &Incident) -> Result<bool> {
    let git = context.look.git;
    let head = git.head()?;
    if head.branch() == Some(incident.branch().as_str()) {
        return Ok(true);
    }
    let Some(commit) = head.commit() else { return Ok(false) };
    let tip = match production::local_branch_tip(context.look, incident)? {
        Some(tip) => Some(tip),
        None => production::remote_branch_tip(context, incident)?,
    };
    if tip.as_ref() == Some(commit) && *commit != incident.base.commit {
        // During a rebase HEAD is detached, and may stand at the tip by chance.
        return Ok(git.operation_in_progress()?.is_none());
    }
    // Once it has landed, production is checked out and its branch is gone.
    let landed = incident.merged.iter().filter_map(Landing::on_production);
    for landed in landed.chain(incident.merged.iter().map(|landing| &landing.head)) {
        if production::is_part_of(context, landed, commit)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The refusal where something else than the fix is checked out here, with the way to it.
pub(crate) fn refuse_elsewhere(context: &Context<'_>, incident: &Incident) -> Result<()> {
    if is_fix(context, incident)? {
        return Ok(());
    }
    Err(if let Some(refusal) = unfinished(context)? { refusal } else { elsewhere(context, incident)? })
}

/// What a look at the work tree is for.
pub(crate) struct Meant<'a> {
    /// With the incident whose fix is checked out.
    pub(crate) context: Context<'a>,
    /// What the person should know about that.
    pub(crate) notes: Vec<String>,
}

impl<'a> Meant<'a> {
    /// The incident's fix; or just what is checked out, where a base to compare with was given and it is not the fix: then
    /// no incident has to do with it.
    ///
    /// # Errors
    /// The refusal where something else is checked out.
    pub(crate) fn of(context: &Context<'a>, has_base: bool) -> Result<Self> {
        let Some(incident) = context.incident else { return Ok(Self { context: *context, notes: Vec::new() }) };
        if has_base && !is_fix(context, incident)? {
            let branch = incident.branch();
            let note = format!("{branch} is not checked out here: nothing is recorded in {}", incident.id);
            return Ok(Self { context: Context { incident: None, ..*context }, notes: vec![note] });
        }
        refuse_elsewhere(context, incident)?;
        Ok(Self { context: *context, notes: Vec::new() })
    }
}

fn elsewhere(context: &Context<'_>, incident: &Incident) -> Result<Refusal> {
    let branch = incident.branch();
    let here = here(context)?;
    let is_known = production::local_branch_tip(context.look, incident)?.is_some()
        || production::remote_branch_tip(context, incident)?.is_some();
    // The way to a branch that is nowhere would lead in a circle.
    if !is_known && incident.branch_created {
        return production::branch_gone(context, incident);
    }
    let gone = gone_work_tree(context, incident)?;
    let fate = gone.as_ref().map(|path| format!(", and its work tree {} is gone", one_line(path))).unwrap_or_default();
    let message = format!("{branch} is not checked out here: {here}{fate}");
    let strays = strays(context, incident)?;
    let Some(slip) = &strays else {
        let refusal = Refusal::precondition(Code::NotCheckedOut, message).hint(way_to(context, incident)?);
        return Ok(if gone.is_some() { refusal.hint(MOVED) } else { refusal });
    };
    let refusal = Refusal::precondition(Code::NotCheckedOut, format!("{message}, and {}", slip.text()));
    let refusal = refusal.hint(format!("{} && {}   # if that is the fix", way_to(context, incident)?, slip.pick()));
    let refusal = slip.take_off(context, incident)?.into_iter().fold(refusal, Refusal::hint);
    Ok(refusal.hint(format!("{}   # if not", way_to(context, incident)?)))
}

/// The next command where the fix is not checked out here, or an operation is not finished; `None` where all is well.
pub(crate) fn way_back(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    // First: git refuses to switch before it is finished. A bisect stands in nobody's way.
    if let Some(operation) = context.look.git.operation_in_progress()?.filter(|it| *it != Operation::Bisect) {
        return Ok(Some(finish(operation)));
    }
    if is_fix(context, incident)? {
        return Ok(None);
    }
    let way = way_to(context, incident)?;
    if let Some(slip) = strays(context, incident)? {
        return Ok(Some(format!("{way} && {}", slip.pick())));
    }
    let is_gone = gone_work_tree(context, incident)?.is_some();
    Ok(Some(if is_gone { format!("{way}   # its work tree is gone; {MOVED}") } else { way }))
}

/// The command that goes where the fix's branch is checked out, or checks it out.
pub(crate) fn way_to(context: &Context<'_>, incident: &Incident) -> Result<String> {
    let switch = format!("git switch {}", incident.branch());
    let Some(worktree) = production::in_another_work_tree(context, &incident.branch())? else { return Ok(switch) };
    let path = worktree.path.to_string_lossy();
    let path = shell_words::quote(&path);
    Ok(match (worktree.is_there, worktree.is_locked) {
        (true, _) => format!("cd {path}"),
        // For git it has the branch checked out until then.
        (false, false) => format!("git worktree prune && {switch}"),
        (false, true) => format!("git worktree unlock {path} && git worktree prune && {switch}"),
    })
}

/// What brings a work tree back that was moved by hand.
const MOVED: &str = "where it was moved: git worktree repair NEW-PLACE";

/// The work tree that has the fix's branch checked out, where its folder is gone.
pub(crate) fn gone_work_tree(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    let worktree = production::in_another_work_tree(context, &incident.branch())?;
    Ok(worktree.filter(|it| !it.is_there).map(|it| it.path.to_string_lossy().into_owned()))
}

/// What is checked out here, a clause: `main is`.
fn here(context: &Context<'_>) -> Result<String> {
    Ok(match context.look.git.head()? {
        Head::Branch { name, .. } | Head::Unborn { name } => format!("{} is", one_line(&name)),
        Head::Detached { commit } => format!("HEAD is detached at {}", commit.short()),
    })
}

/// What is checked out instead of the fix, for a line about its branch: `main`.
pub(crate) fn instead(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    if is_fix(context, incident)? {
        return Ok(None);
    }
    if let Some(worktree) = production::in_another_work_tree(context, &incident.branch())? {
        let fate = if worktree.is_there { "" } else { ", which is gone" };
        return Ok(Some(format!("checked out in {}{fate}", worktree.path.display())));
    }
    Ok(Some(match context.look.git.head()? {
        Head::Branch { name, .. } | Head::Unborn { name } => format!("checked out here: {}", one_line(&name)),
        Head::Detached { commit } => format!("checked out here: {}, detached", commit.short()),
    }))
}

/// Commits that were made on production here, or on no branch, and that neither production on the remote nor the fix has.
pub(crate) struct Strays {
    /// They, oldest first.
    commits: Vec<CommitDetails>,
    /// The branch that holds them; absent where HEAD is detached.
    branch: Option<String>,
    /// What does not hold them: `origin/main`.
    lacking: String,
}

impl Strays {
    /// A clause that names them.
    pub(crate) fn text(&self) -> String {
        let what = match self.commits.as_slice() {
            [only] => {
                let subject = one_line(only.message.lines().next().unwrap_or_default());
                format!("{} \"{subject}\"", only.id.short())
            }
            several => format!("{} commits", several.len()),
        };
        match &self.branch {
            Some(branch) => format!("{branch} holds {what}, not on {}", self.lacking),
            None => format!("no branch holds {what}"),
        }
    }

    /// The command that takes them to the branch that is checked out.
    pub(crate) fn pick(&self) -> String {
        match (self.commits.as_slice(), &self.branch) {
            ([only], _) => format!("git cherry-pick {}", only.id.short()),
            (_, Some(branch)) => format!("git cherry-pick {}..{branch}", self.lacking),
            (several, None) => {
                let last = several.last().map(|commit| commit.id.short()).unwrap_or_default();
                format!("git cherry-pick {}..{last}", self.lacking)
            }
        }
    }

    /// The command that takes them off production here.
    fn take_off(&self, context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
        let Some(branch) = &self.branch else { return Ok(None) };
        // Where the fix has a work tree of its own, production stays checked out here.
        let stays = production::checked_out_elsewhere(context, &incident.branch())?.is_some();
        let top = shell_words::quote(&production::top(context)).into_owned();
        let (lacking, command) = (&self.lacking, format!("git branch --force {branch}"));
        // git moves no checked-out branch by `branch --force`; `reset --keep` refuses to lose changes.
        let command = if stays { format!("git -C {top} reset --keep") } else { command };
        Ok(Some(format!("{command} {lacking}   # takes it off {branch}")))
    }
}

/// The commits that were made here by mistake, where production or no branch is checked out.
fn strays(context: &Context<'_>, incident: &Incident) -> Result<Option<Strays>> {
    match context.look.git.head()? {
        Head::Branch { name, .. } if name == incident.production.branch => strays_of_production(context, incident),
        Head::Detached { commit } => {
            // Detached at the very tip of production, its commits are on that branch all the same.
            let production = context.look.git.commit_of_ref(&RefName::of_branch(&incident.production.branch))?;
            match production.as_ref() == Some(&commit) {
                true => strays_of_production(context, incident),
                false => strays_at(context, incident, &commit, None),
            }
        }
        Head::Branch { .. } | Head::Unborn { .. } => Ok(None),
    }
}

/// The same, of production here, whatever is checked out.
pub(crate) fn strays_of_production(context: &Context<'_>, incident: &Incident) -> Result<Option<Strays>> {
    let branch = incident.production.branch.as_str();
    match context.look.git.commit_of_ref(&RefName::of_branch(branch))? {
        Some(tip) => strays_at(context, incident, &tip, Some(branch)),
        None => Ok(None),
    }
}

fn strays_at(
    context: &Context<'_>,
    incident: &Incident,
    tip: &ObjectId,
    branch: Option<&str>,
) -> Result<Option<Strays>> {
    let git = context.look.git;
    let base = &incident.base.commit;
    // After the landing, production here is expected to hold more than the base.
    if incident.merged.is_some() || tip == base || !production::is_part_of(context, base, tip)? {
        return Ok(None);
    }
    if branch.is_none() && is_on_a_branch(context, tip)? {
        return Ok(None);
    }
    let mut without = vec![base.clone()];
    without.extend(production::local_branch_tip(context.look, incident)?);
    let lacking = match &incident.production.remote {
        Some(_) => {
            without.extend(production::tip(context.look, &incident.production).ok());
            incident.production.display_name()
        }
        None => base.short().to_string(),
    };
    let mut commits = git.own_commits(&without, tip)?;
    // `git cherry-pick` refuses merges, and what they bring is among the others.
    commits.retain(|commit| commit.parents.len() < 2);
    let branch = branch.map(str::to_owned);
    Ok((1..=MOST_STRAYS).contains(&commits.len()).then_some(Strays { commits, branch, lacking }))
}

/// Whether a branch, here or on a remote, is at this commit: then it is not lost, and was not made by mistake.
fn is_on_a_branch(context: &Context<'_>, commit: &ObjectId) -> Result<bool> {
    for prefix in ["refs/heads/", "refs/remotes/", "refs/tags/"] {
        if context.look.git.refs_under(prefix)?.iter().any(|(_, tip)| tip == commit) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The refusal for an operation that git left unfinished here, with what finishes it.
pub(crate) fn unfinished(context: &Context<'_>) -> Result<Option<Refusal>> {
    let git = context.look.git;
    let Some(operation) = git.operation_in_progress()? else { return Ok(None) };
    let message = format!("a {} is under way here, and not finished", operation.name());
    let refusal = |message| Refusal::precondition(Code::Unfinished, message);
    let conflicted = git.work_tree_state()?.conflicted;
    if conflicted.is_empty() || operation == Operation::Bisect {
        return Ok(Some(refusal(message).hint(match give_up(operation) {
            Some(command) => format!("{}   # or {command}", finish(operation)),
            None => finish(operation),
        })));
    }
    let refusal = refusal(format!("{message}: conflicts in {}", named::listed(&conflicted)));
    let add = format!("git add {}", named::arguments(&conflicted));
    let refusal = refusal.hint(format!("settle them, then: {add} && {}", finish(operation)));
    Ok(Some(give_up(operation).into_iter().fold(refusal, |refusal, command| refusal.hint(format!("or {command}")))))
}

/// The same, of an operation that stands in the way of a switch: a bisect does not.
pub(crate) fn unfinished_in_the_way(context: &Context<'_>) -> Result<Option<Refusal>> {
    let is_in_the_way = context.look.git.operation_in_progress()?.is_some_and(|it| it != Operation::Bisect);
    if is_in_the_way { unfinished(context) } else { Ok(None) }
}

/// Refuses to go on in the middle of an operation, or with conflicts that are not settled: git then neither switches nor
/// stashes.
pub(crate) fn refuse_unsettled(context: &Context<'_>) -> Result<()> {
    if let Some(refusal) = unfinished_in_the_way(context)? {
        return Err(refusal);
    }
    let conflicted = context.look.git.work_tree_state()?.conflicted;
    if conflicted.is_empty() {
        return Ok(());
    }
    // `git stash pop` leaves such ones, with no operation that could be given up.
    let message = format!("conflicts are not settled here: {}", named::listed(&conflicted));
    Err(Refusal::precondition(Code::Unfinished, message)
        .hint(format!("settle them, then: git add {}", named::arguments(&conflicted))))
}

/// The command that finishes an operation once its conflicts are settled.
fn finish(operation: Operation) -> String {
    match operation {
        // `git merge --continue` would open an editor.
        Operation::Merge => "git commit --no-edit".to_owned(),
        Operation::Bisect => "git bisect reset".to_owned(),
        Operation::Am => "git am --continue".to_owned(),
        Operation::Rebase | Operation::CherryPick | Operation::Revert => format!("git {} --continue", operation.name()),
    }
}

fn give_up(operation: Operation) -> Option<String> {
    match operation {
        Operation::Bisect => None,
        Operation::Am => Some("git am --abort".to_owned()),
        Operation::Merge | Operation::Rebase | Operation::CherryPick | Operation::Revert => {
            Some(format!("git {} --abort", operation.name()))
        }
    }
}

/// The command that brings the newest production into the branch.
pub(crate) fn fetch_and_merge(context: &Context<'_>, incident: &Incident) -> Result<String> {
    let merge = format!("git fetch && git merge {}", incident.production.display_name());
    let is_here = context.look.git.head()?.branch() == Some(incident.branch().as_str());
    Ok(if is_here { merge } else { format!("{} && {merge}", way_to(context, incident)?) })
}

/// What brings production into the branch where that conflicts: the merge, or what is missing of one that was begun in the
/// work tree where the branch is checked out.
pub(crate) fn merge_production(context: &Context<'_>, incident: &Incident) -> Result<Vec<String>> {
    let production = incident.production.display_name();
    let way = way_to(context, incident)?;
    let underway = match production::checked_out_elsewhere(context, &incident.branch())? {
        // Begun there by this very hint, most often: the same advice once more would start it anew.
        Some(path) => context.look.git.unfinished(std::path::Path::new(&path))?,
        None => Unfinished::Nothing,
    };
    let (finish, ship) = (finish(Operation::Merge), format!("then: {} ship", context.program));
    Ok(match underway {
        Unfinished::Nothing => {
            vec![format!("{way} && git merge {production}"), format!("resolve, commit, then: {} ship", context.program)]
        }
        Unfinished::Settled => vec![format!("{way} && {finish}   # a merge is under way there"), ship],
        Unfinished::Conflicts(files) => {
            let add = format!("git add {}", named::arguments(&files));
            vec![format!("{way}   # a merge is under way there"), format!("{add} && {finish}"), ship]
        }
    })
}
