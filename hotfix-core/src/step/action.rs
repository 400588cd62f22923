//! All that hotfix can do to the world, as data. Plans are made of these, people confirm them, the executor does them.

use std::time::Duration;

use serde::Serialize;

use crate::domain::event::{DeployPart, Suite};
use crate::domain::{EventKind, IncidentId, ObjectId};
use crate::port::{
    Expected, FileEdit, Issue, LayOut, MergeRequest, NewCommit, Proposal, Push, RefUpdate, Standing, SwitchTo,
};

use super::arrival::{LineToLand, TagToMake, carried};
use super::examine::Examination;
use super::forge_action;
use super::prove::ProofRequest;

/// A change to the world, or a question to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Asks the remote for its default branch and some of its refs.
    InspectRemote {
        /// The remote.
        remote: String,
        /// Full ref names.
        refs: Vec<String>,
    },
    /// Asks the outside something, and changes nothing; that there is no answer is an answer.
    Examine(Examination),
    /// Fetches one branch into its remote-tracking ref.
    Fetch {
        /// The remote.
        remote: String,
        /// The branch, without `refs/heads/`.
        branch: String,
    },
    /// Fetches several branches into their remote-tracking refs, and tags.
    FetchLines {
        /// The remote.
        remote: String,
        /// The branches, without `refs/heads/`.
        branches: Vec<String>,
        /// The tags, without `refs/tags/`.
        tags: Vec<String>,
    },
    /// Opens an incident in the ledger.
    Open {
        /// Its id.
        id: IncidentId,
        /// Its first events.
        events: Vec<EventKind>,
    },
    /// Goes on with an incident that is open already.
    Adopt {
        /// Its id.
        id: IncidentId,
    },
    /// Records facts about the incident.
    Record {
        /// What happened.
        events: Vec<EventKind>,
    },
    /// Makes the branch of the fix and checks it out, here or in a work tree of its own.
    CreateBranch {
        /// The branch, without `refs/heads/`.
        branch: String,
        /// Where it starts.
        commit: ObjectId,
        /// The new work tree's path; absent: check it out here.
        worktree: Option<String>,
    },
    /// Checks something out here.
    Switch {
        /// What.
        to: SwitchTo,
    },
    /// Moves a branch that is not checked out, or makes or deletes one, with a compare-and-swap.
    UpdateRef {
        /// The full name.
        name: String,
        /// Its new object; absent: delete it.
        to: Option<ObjectId>,
        /// What it is now; absent: it must not exist.
        from: Option<ObjectId>,
        /// For the reflog.
        why: &'static str,
    },
    /// Moves, makes or deletes refs that are not checked out, in one transaction.
    UpdateRefs {
        /// The refs.
        updates: Vec<RefUpdate>,
        /// For the reflog.
        why: &'static str,
    },
    /// Moves a branch forward in the work tree where it is checked out.
    FastForward {
        /// The branch, without `refs/heads/`.
        branch: String,
        /// The work tree's path.
        worktree: String,
        /// Where to.
        to: ObjectId,
        /// Our own documents lying in that work tree, to be staged first.
        stage: Vec<String>,
    },
    /// Removes a linked work tree that was made for the fix.
    RemoveWorktree {
        /// Its path.
        path: String,
    },
    /// Changes refs on the remote, all or none.
    Push(Push),
    /// Opens or updates the pull request.
    Propose {
        /// What it says.
        proposal: Proposal,
    },
    /// Opens a pull request for the branch that holds the records.
    ProposeRecords {
        /// What it says.
        proposal: Proposal,
    },
    /// Looks where the pull request stands.
    AskPullRequest {
        /// Its number.
        number: u64,
    },
    /// Waits until the pull request stands otherwise.
    AwaitPullRequest {
        /// Its number.
        number: u64,
        /// Where it stood.
        seen: Box<Standing>,
        /// The longest wait.
        limit: Duration,
    },
    /// Merges the pull request at the service that hosts it.
    MergePullRequest {
        /// Its number; absent while it is not open yet.
        number: Option<u64>,
        /// The tested tip of the hotfix branch.
        head: ObjectId,
        /// The branch that it merges into, without `refs/heads/`.
        branch: String,
        /// How; absent in what is only foreseen.
        merge: Option<MergeRequest>,
        /// Where that branch is; absent in what is only foreseen.
        from: Option<ObjectId>,
    },
    /// Lets the service merge the pull request by itself once all is there.
    MergeWhenReady {
        /// What is merged.
        merge: MergeRequest,
        /// Whether through the branch's queue.
        through_queue: bool,
    },
    /// Closes the pull request without merging it.
    ClosePullRequest {
        /// Its number.
        number: u64,
    },
    /// Files a follow-up as an issue.
    FileIssue {
        /// The follow-up's number, counted from 1.
        follow_up: u32,
        /// What the issue says.
        issue: Issue,
    },
    /// Runs tests on the tree that is checked out.
    RunTests {
        /// Which.
        suite: Suite,
        /// What of the suite, for people; absent: all of it.
        part: Option<String>,
        /// The command.
        command: Vec<String>,
        /// The tree that is tested.
        tree: ObjectId,
        /// The affected test files.
        files: Vec<String>,
        /// After this it is ended.
        timeout: Duration,
        /// Whether the result is recorded; not outside an incident.
        record: bool,
    },
    /// Runs the regression tests without the fix and with it.
    Prove(Box<ProofRequest>),
    /// Merges the fix into every line and publishes all of them, or none.
    Land {
        /// The tested tip of the hotfix branch.
        head: ObjectId,
        /// The lines, production first.
        lines: Vec<LineToLand>,
        /// The remote; absent in a repository without one.
        remote: Option<String>,
        /// The annotated tag that is published with them.
        tag: Option<TagToMake>,
    },
    /// Takes the fix to lines beside production, and publishes them at once.
    Carry {
        /// The lines.
        lines: Vec<LineToLand>,
        /// The remote; absent in a repository without one.
        remote: Option<String>,
    },
    /// Proposes the fix for one line that takes no pushes, on a branch of its own.
    ProposeLine {
        /// The line.
        line: LineToLand,
        /// The remote.
        remote: String,
        /// What it says; its head is known once the commit is made.
        proposal: Proposal,
        /// What its branch is on the remote now.
        expected: Expected,
    },
    /// Lays a merge or pick with its conflicts out in a work tree of its own.
    LayOut {
        /// The line it is for.
        line: String,
        /// The new branch, without `refs/heads/`.
        branch: String,
        /// Where it starts.
        start: ObjectId,
        /// The work tree's path.
        path: String,
        /// What is laid out.
        what: LayOut,
    },
    /// Commits what a person settled and staged in such a work tree.
    CommitSettled {
        /// The work tree's path.
        path: String,
    },
    /// Puts a commit on the branch that is checked out in a work tree, which follows.
    Commit {
        /// The branch, without `refs/heads/`.
        branch: String,
        /// The work tree's path.
        worktree: String,
        /// The commit.
        commit: NewCommit,
    },
    /// Runs a part of the deployment; at most once without a person's word.
    Deploy {
        /// Which part.
        part: DeployPart,
        /// The command.
        command: Vec<String>,
        /// The commit to deploy.
        commit: ObjectId,
        /// After this it is ended, unless a person watches.
        timeout: Duration,
    },
    /// Looks whether production works.
    Verify {
        /// How.
        check: Check,
        /// The commit that should run there.
        commit: ObjectId,
        /// After this it counts as failed.
        timeout: Duration,
    },
    /// Writes a file of the work tree.
    WriteFile {
        /// Relative to the top.
        path: String,
        /// What it holds now; absent: it must not exist.
        expected: Option<Vec<u8>>,
        /// What it will hold.
        content: Vec<u8>,
    },
    /// Removes a file of the work tree that we wrote.
    RemoveFile {
        /// Relative to the top.
        path: String,
        /// What it holds.
        expected: Vec<u8>,
    },
    /// Opens the user's editor on a file.
    EditFile {
        /// Relative to the top.
        path: String,
    },
    /// Commits files of the work tree on the branch that is checked out.
    CommitFiles {
        /// Relative to the top.
        paths: Vec<String>,
        /// The message.
        message: String,
    },
    /// Commits the records on the production branch's tip and publishes them.
    DeliverRecords {
        /// The production branch, without `refs/heads/`.
        branch: String,
        /// The remote; absent in a repository without one.
        remote: Option<String>,
        /// The tip they go on.
        parent: ObjectId,
        /// The files.
        edits: Vec<FileEdit>,
        /// The work tree where the branch is checked out, in a repository without a remote.
        checked_out_at: Option<String>,
        /// Our own documents lying in that work tree, to be staged first.
        stage: Vec<String>,
        /// The message.
        message: String,
        /// The branch on the remote that proposes them instead, and where it is now.
        propose_as: Option<RecordsBranch>,
    },
}

/// The branch that proposes records, where they do not go on production directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsBranch {
    /// The branch, without `refs/heads/`.
    pub name: String,
    /// What it is on the remote now.
    pub expected: Expected,
}

/// How production is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// By a command that exits with 0.
    Command(Vec<String>),
    /// By a URL that answers with 2xx.
    Url(String),
}

impl Check {
    /// The command, or the URL as its only word.
    pub fn words(&self) -> Vec<String> {
        match self {
            Self::Command(command) => command.clone(),
            Self::Url(url) => vec![url.clone()],
        }
    }
}

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
            text: crate::domain::one_line(&text),
            branch: None,
            commit: None,
            remote: None,
            command: Vec::new(),
            files: Vec::new(),
            events: Vec::new(),
        }
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

impl Action {
    /// The action as JSON and people see it.
    pub fn view(&self) -> ActionView {
        match self {
            Self::InspectRemote { remote, refs } => {
                let short =
                    |name: &'_ String| name.trim_start_matches("refs/heads/").replacen("refs/tags/", "tags ", 1);
                let shown = refs.iter().filter(|name| !name.ends_with("-into-*")); // Of no use to a person.
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
            Self::ProposeRecords { proposal } => {
                ActionView::new("propose-records", format!("open a pull request for {}", proposal.branch))
                    .branch(&proposal.branch)
                    .commit(&proposal.head)
            }
            Self::AskPullRequest { number } => {
                ActionView::new("inspect-pull-request", format!("look at pull request #{number}"))
            }
            Self::AwaitPullRequest { number, seen, .. } => ActionView::new(
                "await-pull-request",
                format!("wait for pull request #{number}{}", forge_action::awaited(seen)),
            ),
            Self::MergePullRequest { number, head, branch, .. } => {
                let which = number.map_or("the pull request".to_owned(), |number| format!("pull request #{number}"));
                let text = format!("merge {which} ({}) into {branch} on GitHub", head.short());
                ActionView::new("merge-pull-request", text).branch(branch).commit(head)
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
            Self::RunTests { suite, command, files, .. } => {
                let name = match suite {
                    Suite::Affected => "run-tests",
                    Suite::EndToEnd => "run-e2e-tests",
                };
                ActionView::new(name, format!("run {}", shown(command))).command(command).files(files)
            }
            Self::Prove(request) => {
                let base = request.base.short();
                let text = format!("prove that the regression test fails on {base} and passes with the fix");
                ActionView::new("prove", text).commit(&request.base).files(&request.files())
            }
            Self::Carry { lines, remote } => {
                let first = lines.first().map(|line| line.branch.as_str()).unwrap_or_default();
                ActionView::new("carry", carried(lines, remote.as_ref())).branch(first).remote(remote.as_ref())
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

/// A number with its noun.
pub(super) fn count(number: u32, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Events as one line: what the timeline will say.
fn recorded(events: &[EventKind]) -> String {
    if let [EventKind::Guarded(run)] = events {
        return format!("check that the fix is minimal ({}, {})", count(run.files, "file"), count(run.lines, "line"));
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

/// A command as a person would type it.
pub fn shown(command: &[String]) -> String {
    let words: Vec<String> = command.iter().map(|word| crate::domain::one_line(word)).collect();
    shell_words::join(words)
}
