//! Whether git has room for a branch. It keeps branches as files: `hotfix` leaves none for `hotfix/x`, and neither does
//! `hotfix/x/y`.

use crate::domain::RefName;
use crate::domain::event::Production;
use crate::workflow::{Code, Context, Network, Refusal, Result};

/// What takes the place of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The branch in the way, without `refs/heads/`.
    pub(crate) branch: String,
    /// The remote that has it; absent: it is here.
    pub(crate) remote: Option<String>,
}

/// The full names of all that could be in the way of `branch`, to ask a remote about.
pub(crate) fn to_ask(branch: &str) -> Vec<RefName> {
    let above = above(branch).into_iter().map(RefName::of_branch);
    above.chain([RefName::of_branch(&format!("{branch}/*"))]).collect()
}

/// The branches that would be folders of this one: `a` and `a/b` of `a/b/c`.
fn above(branch: &str) -> Vec<&str> {
    branch.match_indices('/').filter_map(|(end, _)| branch.get(..end)).collect()
}

/// The branch among those of the full names `there` that is in the way.
fn among<'a>(branch: &str, there: impl Iterator<Item = &'a RefName>) -> Option<String> {
    let (above, below) = (above(branch), format!("{branch}/"));
    let mut heads = there.filter_map(|name| RefName::branch_in(name));
    heads.find(|name| above.contains(name) || name.starts_with(&below)).map(str::to_owned)
}

/// What is in the way here.
pub(crate) fn taken_here(context: &Context<'_>, branch: &str) -> Result<Option<Taken>> {
    let git = context.look.git;
    for name in above(branch) {
        if git.commit_of_ref(&RefName::of_branch(name))?.is_some() {
            return Ok(Some(Taken { branch: name.to_owned(), remote: None }));
        }
    }
    // A branch is a file, and cannot be a folder for others at once.
    let below = git.branches(&format!("{branch}/"))?.into_iter().next();
    Ok(below.map(|branch| Taken { branch, remote: None }))
}

/// What is in the way on the remote, by what it answered about [`to_ask`].
pub(crate) fn taken_there<'a>(remote: &str, branch: &str, names: impl Iterator<Item = &'a RefName>) -> Option<Taken> {
    among(branch, names).map(|branch| Taken { branch, remote: Some(remote.to_owned()) })
}

/// Refuses a branch that has no room, here or on the remote; where the remote must not be asked, what was fetched of it last
/// is a note.
pub(crate) fn check(context: &Context<'_>, production: &Production, branch: &str) -> Result<Vec<String>> {
    if let Some(taken) = taken_here(context, branch)? {
        return Err(taken.refusal(branch));
    }
    let Some(remote) = &production.remote else { return Ok(Vec::new()) };
    if let Some(refs) = context.inspected().filter(|_| context.network == Network::Online) {
        let names = refs.refs.iter().map(|(name, _)| name);
        return taken_there(remote, branch, names).map_or(Ok(Vec::new()), |taken| Err(taken.refusal(branch)));
    }
    for name in above(branch) {
        if context.look.git.commit_of_ref(&RefName::tracking(remote, name))?.is_some() {
            let taken = Taken { branch: name.to_owned(), remote: Some(remote.clone()) };
            return Ok(vec![format!("{}, as of the last fetch", taken.text(branch))]);
        }
    }
    Ok(Vec::new())
}

impl Taken {
    /// What is in the way, for people.
    pub(crate) fn text(&self, branch: &str) -> String {
        let location = self.remote.as_ref().map(|remote| format!(" on {remote}")).unwrap_or_default();
        format!("the branch {}{location} leaves no room for {branch}", self.branch)
    }

    /// The command that makes room.
    pub(crate) fn fix(&self) -> String {
        let name = &self.branch;
        // Not `x/old`: that would lie below the very name that is to be free.
        let other = name.replace('/', "-");
        match &self.remote {
            Some(remote) => format!(
                "git fetch {remote} {name} && git push {remote} FETCH_HEAD:refs/heads/{other}-old :refs/heads/{name}"
            ),
            None => format!("git branch --move {name} {other}-old"),
        }
    }

    fn refusal(&self, branch: &str) -> Refusal {
        Refusal::needs_human(Code::BranchInTheWay, self.text(branch))
            .hint("git config hotfix.branch.prefix fix/   # other names for hotfixes")
            .hint(format!("{}   # or rename it, where nobody needs it", self.fix()))
    }
}
