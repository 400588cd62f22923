//! Actions as JSON and people see them: a plan, line by line.

use serde::Serialize;

use crate::domain::event::Suite;
use crate::domain::{EventKind, ObjectId, one_line};
use crate::port::{Push, SwitchTo};
use crate::workflow::named;

use super::merge::{TagToMake, carried};
use super::{Action, forge, shown};

/// An action as JSON and people see it: a name and its main values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActionView {
    /// The kind, for example `create-branch`.
    pub action: &'static str,
    /// What it does, one line.
    pub text: String,
    /// The branch or ref it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The commit it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<ObjectId>,
    /// The remote it talks to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// The command it runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The files it writes or tests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// The kinds of events it records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<&'static str>,
}

impl ActionView {
    fn new(action: &'static str, text: String) -> Self {
        Self {
            action,
            text: one_line(&text),
            branch: None,
            commit: None,
            remote: None,
            command: Vec::new(),
            files: Vec::new(),
            events: Vec::new(),
        }
    }

    /// The merge of a pull request, which may not be open yet.
    pub(crate) fn merge_pull_request(
        number: Option<u64>,
        head: &ObjectId,
        branch: &str,
        past_rules: Option<&str>,
    ) -> Self {
        let which = number.map_or("the pull request".to_owned(), |number| format!("pull request #{number}"));
        let past = past_rules.map(|why| format!(", past its rules: {}", one_line(why))).unwrap_or_default();
        let text = format!("merge {which} ({}) into {branch} on GitHub{past}", head.short());
        Self::new("merge-pull-request", text).branch(branch).commit(head)
    }

    /// A tag on what landed, which may have no commit yet.
    pub(crate) fn tag(tag: &TagToMake, commit: Option<&ObjectId>, remote: Option<&String>) -> Self {
        let what = commit.map(|commit| format!("{} ", commit.short())).unwrap_or_default();
        let place = remote.map(|remote| format!(" and push it to {remote}")).unwrap_or_default();
        let view = Self::new("tag", format!("tag {what}{}{place}", tag.name)).remote(remote);
        commit.into_iter().fold(view, Self::commit)
    }

    fn branch(mut self, branch: &str) -> Self {
        self.branch = Some(branch.to_owned());
        self
    }

    fn commit(mut self, commit: &ObjectId) -> Self {
        self.commit = Some(commit.clone());
        self
    }

    fn remote(mut self, remote: Option<&String>) -> Self {
        self.remote = remote.cloned();
        self
    }

    fn command(mut self, command: &[String]) -> Self {
        self.command = command.to_vec();
        self
    }

    fn files<'a>(mut self, files: impl IntoIterator<Item = &'a String>) -> Self {
        self.files = files.into_iter().cloned().collect();
        self
    }

    fn events(mut self, events: &[EventKind]) -> Self {
        self.events = events.iter().map(EventKind::name).collect();
        self
    }
}

impl From<Action> for ActionView {
    fn from(action: Action) -> Self {
        action.view()
    }
}

impl Action {
    /// The action as JSON and people see it.
    pub fn view(&self) -> ActionView {
        match self {
            Self::InspectRemote { remote, refs } => {
                let short =
                    |name: &'_ String| name.trim_start_matches("refs/heads/").replacen("refs/tags/", "tags ", 1);
                // Whether a branch has room, and which were laid out for lines: of no use to a person.
                let is_about_room = |name: &String| match name.strip_suffix("/*") {
                    Some(branch) => refs.iter().any(|other| other == branch),
                    None => refs.iter().any(|other| {
                        other.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/') && rest != "/*")
                    }),
                };
                let shown = refs.iter().filter(|name| !name.ends_with("-into-*") && !is_about_room(name));
                let names: Vec<String> = shown.map(short).collect();
                let names = if names.len() > 2 { names.join(", ") } else { names.join(" and ") };
                ActionView::new("inspect-remote", format!("ask {remote} about {names}")).remote(Some(remote))
            }
            Self::Examine(examination) => ActionView::new("examine", examination.text()),
            Self::Fetch { remote, branch } => {
                ActionView::new("fetch", format!("fetch {branch} from {remote}")).remote(Some(remote)).branch(branch)
            }
            Self::FetchLines { remote, branches, tags } => {
                let names: Vec<&str> = branches.iter().chain(tags).map(String::as_str).collect();
                ActionView::new("fetch", format!("fetch {} from {remote}", names.join(", "))).remote(Some(remote))
            }
            Self::Open { id, events } => ActionView::new("open-incident", format!("open {id}")).events(events),
            Self::Adopt { id } => ActionView::new("adopt-incident", format!("go on with {id}")),
            Self::Record { events } => ActionView::new("record", recorded(events)).events(events),
            Self::CreateBranch { branch, commit, worktree } => {
                let place = worktree.as_ref().map(|path| format!(" in {path}")).unwrap_or_default();
                ActionView::new(
                    "create-branch",
                    format!("create {branch} at {} and switch to it{place}", commit.short()),
                )
                .branch(branch)
                .commit(commit)
            }
            Self::Switch { to } => match to {
                SwitchTo::Branch(name) => ActionView::new("switch", format!("switch to {name}")).branch(name),
                SwitchTo::Commit(commit) => {
                    ActionView::new("switch", format!("switch to {} (detached)", commit.short())).commit(commit)
                }
                SwitchTo::NewBranch { name, commit } => {
                    ActionView::new("switch", format!("create {name} at {} and switch to it", commit.short()))
                        .branch(name)
                        .commit(commit)
                }
            },
            Self::UpdateRef { name, to, .. } => {
                let short = name.strip_prefix("refs/heads/").unwrap_or(name);
                match to {
                    Some(to) => ActionView::new("update-ref", format!("bring {short} to {}", to.short()))
                        .branch(short)
                        .commit(to),
                    None => ActionView::new("delete-branch", format!("delete {short} here")).branch(short),
                }
            }
            Self::UpdateRefs { updates, .. } => {
                let short = |name: &str| name.trim_start_matches("refs/heads/").trim_start_matches("refs/").to_owned();
                let names: Vec<String> = updates.iter().map(|update| short(&update.name)).collect();
                ActionView::new("update-refs", format!("bring {} here up to date", names.join(", ")))
                    .branch(names.first().map(String::as_str).unwrap_or_default())
            }
            Self::FastForward { branch, to, .. } => {
                ActionView::new("fast-forward", format!("fast-forward {branch} to {}", to.short()))
                    .branch(branch)
                    .commit(to)
            }
            Self::RemoveWorktree { path } => ActionView::new("remove-worktree", format!("remove the work tree {path}")),
            Self::Push(push) => view_of_push(push),
            Self::Propose { proposal } => {
                let verb = if proposal.draft { "write the draft pull request" } else { "write the pull request" };
                ActionView::new("open-pull-request", format!("{verb} \"{}\"", proposal.title))
                    .branch(&proposal.branch)
                    .commit(&proposal.head)
            }
            Self::ProposeRecords { proposal, .. } => {
                ActionView::new("propose-records", format!("open a pull request for {}", proposal.branch))
                    .branch(&proposal.branch)
                    .commit(&proposal.head)
            }
            Self::AskPullRequest { number } => {
                ActionView::new("inspect-pull-request", format!("look at pull request #{number}"))
            }
            Self::AwaitPullRequest { number, seen, .. } => ActionView::new(
                "await-pull-request",
                format!("wait for pull request #{number}{}", forge::awaited(seen)),
            ),
            Self::MergePullRequest { merge, branch, past_rules, .. } => {
                ActionView::merge_pull_request(Some(merge.number), &merge.head, branch, past_rules.as_deref())
            }
            Self::MergeWhenReady { merge, through_queue } => {
                let how = if *through_queue { "into the merge queue" } else { "to merge by itself" };
                ActionView::new("merge-when-ready", format!("put pull request #{} {how}", merge.number))
                    .commit(&merge.head)
            }
            Self::ClosePullRequest { number } => {
                ActionView::new("close-pull-request", format!("close pull request #{number}"))
            }
            Self::FileIssue { issue, .. } => {
                ActionView::new("file-issue", format!("file the issue \"{}\"", issue.title))
            }
            Self::RunTests { suite, command, files, ignored, .. } => {
                let name = match suite {
                    Suite::Affected => "run-tests",
                    Suite::EndToEnd => "run-e2e-tests",
                };
                let with = match ignored.as_slice() {
                    [] => String::new(),
                    ignored => format!(", with ignored files: {}", named::listed(ignored)),
                };
                ActionView::new(name, format!("run {}{with}", shown(command))).command(command).files(files)
            }
            Self::Prove(request) => {
                let base = request.base.short();
                let text = format!("prove that the regression test fails on {base} and passes with the fix");
                ActionView::new("prove", text).commit(&request.base).files(&request.files())
            }
            Self::Tag { tag, commit, remote } => ActionView::tag(tag, Some(commit), remote.as_ref()),
            Self::Carry { lines, remote } => {
                let first = lines.first().map(|line| line.branch.as_str()).unwrap_or_default();
                ActionView::new("carry", carried(lines, remote.as_ref())).branch(first).remote(remote.as_ref())
            }
            Self::AskProposal { number, carried } => {
                let text = format!("look at pull request #{number} into {}", carried.line);
                ActionView::new("inspect-pull-request", text).branch(&carried.line)
            }
            Self::ProposeLine { line, remote, proposal, .. } => {
                ActionView::new("propose-line", format!("propose the fix for {} as {}", line.branch, proposal.branch))
                    .branch(&proposal.branch)
                    .remote(Some(remote))
            }
            Self::LayOut { line, branch, path, .. } => {
                ActionView::new("lay-out", format!("lay the conflict with {line} out in {path}")).branch(branch)
            }
            Self::CommitSettled { path } => {
                ActionView::new("commit-settled", format!("commit what was settled in {path}"))
            }
            Self::Commit { branch, commit, .. } => {
                let subject = commit.message.lines().next().unwrap_or_default();
                ActionView::new("commit", format!("commit \"{subject}\" on {branch}")).branch(branch)
            }
            Self::Land { head, lines, remote, tag } => {
                let names: Vec<&str> = lines.iter().map(|line| line.branch.as_str()).collect();
                let what = if lines.len() > 1 || tag.is_some() { "all of it at once" } else { "it" };
                let place = remote.as_ref().map(|remote| format!(" and push {what} to {remote}")).unwrap_or_default();
                let tagged = tag.as_ref().map(|tag| format!(", tag {}", tag.name)).unwrap_or_default();
                ActionView::new("merge", format!("merge {} into {}{tagged}{place}", head.short(), names.join(", ")))
                    .branch(names.first().copied().unwrap_or_default())
                    .commit(head)
                    .remote(remote.as_ref())
            }
            Self::Deploy { part, command, commit, .. } => {
                ActionView::new(part.key(), format!("{}: {}", part.key(), shown(command)))
                    .command(command)
                    .commit(commit)
            }
            Self::Verify { check, commit, .. } => {
                let words = check.words();
                ActionView::new("verify", format!("verify: {}", shown(&words))).command(&words).commit(commit)
            }
            Self::WriteFile { path, .. } => ActionView::new("write-file", format!("write {path}")).files([path]),
            Self::RemoveFile { path, .. } => ActionView::new("remove-file", format!("remove {path}")).files([path]),
            Self::EditFile { path } => {
                ActionView::new("edit-file", format!("open {path} in your editor")).files([path])
            }
            Self::CommitFiles { paths, .. } => {
                ActionView::new("commit-files", format!("commit {}", paths.join(", "))).files(paths)
            }
            Self::Amend { paths } => {
                ActionView::new("amend", format!("add {} to the fix's commit", paths.join(", "))).files(paths)
            }
            Self::DeliverRecords { branch, remote, edits, propose_as, .. } => {
                let place = remote.as_ref().map(|remote| format!(" and push them to {remote}")).unwrap_or_default();
                let branch = propose_as.as_ref().map_or(branch, |records| &records.name);
                ActionView::new("deliver-records", format!("commit the records on {branch}{place}"))
                    .branch(branch)
                    .remote(remote.as_ref())
                    .files(edits.iter().map(|edit| &edit.path))
            }
        }
    }
}

/// Events as one line: what the timeline will say.
fn recorded(events: &[EventKind]) -> String {
    if let [EventKind::Guarded(run)] = events {
        return format!("check that the fix is minimal ({})", run.size());
    }
    let told: Vec<String> = events.iter().filter_map(EventKind::sentence).collect();
    if told.is_empty() {
        return "record what was explained".to_owned();
    }
    format!("record \"{}\"", told.join("; "))
}

fn view_of_push(push: &Push) -> ActionView {
    let Push { remote, updates } = push;
    let names: Vec<&str> = updates.iter().map(|update| update.name.trim_start_matches("refs/heads/")).collect();
    if updates.iter().all(|update| update.to.is_none()) {
        ActionView::new("delete-remote-branch", format!("delete {} on {remote}", names.join(", ")))
    } else {
        ActionView::new("push", format!("push {} to {remote}", names.join(", ")))
    }
    .branch(names.first().copied().unwrap_or_default())
    .remote(Some(remote))
}
