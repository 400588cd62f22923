//! All that hotfix can do to the world, as data. Plans are made of these, people confirm them, the executor does them.

pub(crate) mod forge;
pub mod merge;
pub mod proof;
pub mod view;

use std::time::Duration;

use crate::domain::event::{DeployPart, Suite};
use crate::domain::{Carried, EventKind, IncidentId, ObjectId};
use crate::port::{
    Expected, FileEdit, Issue, LayOut, MergeRequest, NewCommit, Proposal, Push, RefUpdate, Standing, SwitchTo,
};

use super::action::merge::{LineToLand, TagToMake};
use super::action::proof::ProofRequest;
use super::query::Examination;

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
        /// Whether the incident ends without it too: its branch is pushed.
        may_fail: bool,
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
        /// What ends it.
        until: Until,
    },
    /// Merges the pull request at the service that hosts it.
    MergePullRequest {
        /// What is merged, and how.
        merge: MergeRequest,
        /// The branch that it merges into, without `refs/heads/`.
        branch: String,
        /// Where that branch is.
        from: ObjectId,
        /// Why the rules of that branch are passed over, where they are.
        past_rules: Option<String>,
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
        /// Ignored files that take part.
        ignored: Vec<String>,
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
    /// Tags what landed elsewhere, and publishes the tag.
    Tag {
        /// The tag.
        tag: TagToMake,
        /// What it names.
        commit: ObjectId,
        /// The remote; absent in a repository without one.
        remote: Option<String>,
    },
    /// Takes the fix to lines beside production, and publishes them at once.
    Carry {
        /// The lines.
        lines: Vec<LineToLand>,
        /// The remote; absent in a repository without one.
        remote: Option<String>,
    },
    /// Looks what became of the pull request for a line, and records it.
    AskProposal {
        /// Its number.
        number: u64,
        /// What is recorded of it.
        carried: Carried,
    },
    /// Proposes the fix for one line, on a branch of its own.
    ProposeLine {
        /// The line.
        line: LineToLand,
        /// The remote.
        remote: String,
        /// What it says; its head is known once the commit is made.
        proposal: Box<Proposal>,
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
    /// Adds files of the work tree to the last commit of the branch that is checked out.
    Amend {
        /// Relative to the top.
        paths: Vec<String>,
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

/// What ends a wait for a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Any change, or so much time.
    Change(Duration),
    /// That waiting is over: it can merge, or no waiting helps. Or so much time without any change.
    Decision(Duration),
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

/// A number with its noun.
pub(crate) fn count(number: u32, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// A command as a person would type it.
pub fn shown(command: &[String]) -> String {
    let words: Vec<String> = command.iter().map(|word| crate::domain::one_line(word)).collect();
    shell_words::join(words)
}
