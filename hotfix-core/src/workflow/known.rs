//! What a run has learnt from its own actions: the answers to the questions that plans ask about it.

use crate::domain::event::{DeployPart, Ending, TestRun};
use crate::domain::{ObjectId, Proof, RefName};
use crate::ledger::{Imported, Synced};
use crate::port::{Mended, PullRequestStatus, Rejection, RemoteRefs, Salvaged};
use crate::runner::TestResult;

use super::Done;
use super::action::query::{Answer, Examination, QueryError};
use super::remote_view::RemoteView;

/// An address that says no is asked again once: it may be another one that we look at.
const TRIES: usize = 2;

/// What a run has learnt so far, in order. Plans ask questions of it and never search it: what an action's result means for
/// later rounds is decided here, once.
#[derive(Debug, Clone, Default)]
pub struct Known {
    learnt: Vec<Done>,
}

/// What the hosting service said last, where that was about the pull request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PullRequestNews<'a> {
    Status(&'a PullRequestStatus),
    NotYet(&'a str),
    Queued,
}

/// What a kind of result holds, as a closure that finds it.
macro_rules! of {
    ($kind:pat $(if $guard:expr)? => $what:expr) => {
        |done| match done {
            $kind $(if $guard)? => Some($what),
            _ => None,
        }
    };
}

/// A run that has done nothing yet.
static NOTHING: Known = Known { learnt: Vec::new() };

impl Known {
    /// What a run knows that has done nothing yet.
    pub fn nothing() -> &'static Self {
        &NOTHING
    }

    /// Learns what an action gave.
    pub fn learn(&mut self, done: Done) {
        // As if the run began only then: a step does not look twice for the first time.
        if done != Done::TakenBack {
            self.learnt.push(done);
        }
    }

    fn newest(&self) -> impl Iterator<Item = &Done> {
        self.learnt.iter().rev()
    }

    fn did(&self, is_it: impl Fn(&Done) -> bool) -> bool {
        self.learnt.iter().any(is_it)
    }

    fn each<'a, T: 'a>(&'a self, pick: impl Fn(&'a Done) -> Option<T>) -> impl DoubleEndedIterator<Item = T> {
        self.learnt.iter().filter_map(pick)
    }

    /// Whether nothing was done yet. What is slow, or is to be said once, belongs into this round.
    pub fn is_first_look(&self) -> bool {
        self.learnt.is_empty()
    }

    /// Whether the run has only asked the outside: then all that it shows was known before.
    pub fn has_only_asked(&self) -> bool {
        self.learnt.iter().all(|done| matches!(done, Done::Examined { .. }))
    }

    /// Whether the work tree is as it was when it was read: no program of the project ran since.
    pub fn is_work_tree_unchanged(&self) -> bool {
        // In a large work tree `git status` is most of the time that shipping takes.
        let is_ours = |done: &Done| {
            matches!(done, Done::Recorded | Done::Over | Done::ChangedHere | Done::Pushed { .. } | Done::Proposed)
        };
        self.learnt.last().is_some_and(is_ours)
    }

    /// What came of reading events back.
    pub fn imported(&self) -> Option<&Imported> {
        self.newest().find_map(of!(Done::Imported(imported) => imported))
    }

    /// What came of sharing the ledger.
    pub fn shared(&self) -> Option<&Synced> {
        self.newest().find_map(of!(Done::Shared(synced) => synced))
    }

    /// What came of looking for damaged objects.
    pub fn mended(&self) -> Option<&Mended> {
        self.newest().find_map(of!(Done::Mended(mended) => mended))
    }

    /// What came of putting ledgers together.
    pub fn salvaged(&self) -> Option<&[Salvaged]> {
        self.newest().find_map(of!(Done::Salvaged(salvaged) => salvaged.as_slice()))
    }

    /// Whether refs, work trees or files were changed here.
    pub fn has_changed_here(&self) -> bool {
        // The second round finds nothing left to do, and the run has still done it.
        self.learnt.contains(&Done::ChangedHere)
    }

    /// Whether this run closed or canceled the incident.
    pub fn has_ended(&self) -> bool {
        self.learnt.contains(&Done::Over)
    }

    /// Whether this run opened the incident, or took up an open one.
    pub fn has_incident(&self) -> bool {
        // `HEAD` and branches may have moved with that.
        self.did(|done| matches!(done, Done::Incident(_)))
    }

    /// What `remote`, or any where `None`, said last of its refs.
    pub fn inspected(&self, remote: Option<&str>) -> Option<&RemoteRefs> {
        self.newest()
            .find_map(of!(Done::Inspected { remote: at, refs, .. } if remote.is_none_or(|own| own == at) => refs))
    }

    /// All that `remote` said of its refs, the newest first, each with the refs that it was asked about.
    pub fn answers_of_remote(&self, remote: &str) -> impl Iterator<Item = (&[RefName], &RemoteRefs)> {
        // An examination counts, too: `doctor` and the search for production ask by one.
        self.newest().filter_map(move |done| match done {
            Done::Inspected { remote: asked, asked: names, refs } if asked == remote => Some((names.as_slice(), refs)),
            Done::Examined {
                examination: Examination::Remote { remote: asked, refs: names },
                answer: Ok(Answer::Refs(refs)),
            } if asked == remote => Some((names.as_slice(), refs)),
            _ => None,
        })
    }

    /// What is known now of `remote`, or of any where `None`: its last answer, and what was pushed since.
    pub(crate) fn remote(&self, remote: Option<&str>) -> RemoteView {
        RemoteView::of(&self.learnt, remote)
    }

    /// Whether the remote that was asked last was asked about this ref and does not have it.
    pub fn is_gone(&self, name: &RefName) -> bool {
        // Only the last answer counts: what was said of the ref before is old.
        let last = self.newest().find_map(of!(Done::Inspected { asked, refs, .. } => (asked, refs)));
        last.is_some_and(|(asked, refs)| asked.iter().any(|asked| asked == name) && refs.get(name).is_none())
    }

    /// What the outside answered to this question; `None` where it was not asked yet.
    pub fn answer(&self, question: &Examination) -> Option<&Result<Answer, QueryError>> {
        // What was answered before a remedy may be otherwise now.
        let mut since = self.newest().take_while(|done| !matches!(done, Done::Remedied { .. }));
        since.find_map(of!(Done::Examined { examination, answer } if examination == question => answer))
    }

    /// All that the outside answered to this question, the newest first.
    pub fn answers<'a>(&'a self, question: &'a Examination) -> impl Iterator<Item = &'a Result<Answer, QueryError>> {
        self.newest().filter_map(move |done| match done {
            Done::Examined { examination, answer } if examination == question => Some(answer),
            _ => None,
        })
    }

    /// Whether a remedy of the doctor's was run.
    pub fn has_remedied(&self) -> bool {
        self.did(|done| matches!(done, Done::Remedied { .. }))
    }

    /// Whether this branch was fetched.
    pub fn has_fetched(&self, branch: &str) -> bool {
        // A fetch that did not bring what was expected is not tried again.
        self.did(|done| is_fetch_of(done, branch))
    }

    /// Whether it was fetched since the pull request was read.
    pub fn has_fetched_since_look(&self, branch: &str) -> bool {
        // What an earlier fetch brought is older than what the service says.
        self.newest().take_while(|done| !is_look(done)).any(|done| is_fetch_of(done, branch))
    }

    /// Whether this run put the ref there itself, all at once with others.
    pub fn has_landed_ref(&self, name: &RefName) -> bool {
        // Such a ref need not be fetched.
        let is_it =
            |done: &Done| matches!(done, Done::Landed { refs, .. } if refs.iter().any(|(known, _)| known == name));
        self.did(is_it)
    }

    /// Whether the fix landed in this run, by a push or at the service.
    pub fn has_landed(&self) -> bool {
        // A failure after that has to say so: who reads it must not ship again.
        self.did(|done| matches!(done, Done::Landed { .. } | Done::MergedThere))
    }

    /// Whether a file was shown in an editor.
    pub fn has_edited(&self) -> bool {
        self.learnt.contains(&Done::Edited)
    }

    /// What was written in an editor.
    pub fn composed(&self) -> Option<&str> {
        self.each(of!(Done::Composed(text) => text.as_str())).next_back()
    }

    /// Whether something was published.
    pub fn has_published(&self) -> bool {
        // What is delivered again has to follow here then.
        self.did(|done| matches!(done, Done::Pushed { .. } | Done::Landed { .. }))
    }

    /// Whether a branch was pushed to this commit.
    pub fn has_pushed(&self, commit: &ObjectId) -> bool {
        // The push opened or updated its pull request: there is no news of it yet.
        self.did(|done| matches!(done, Done::Pushed { to, .. } if to == commit))
    }

    /// What remotes said no to, oldest first.
    pub fn rejections(&self) -> impl DoubleEndedIterator<Item = &Rejection> {
        self.each(of!(Done::Rejected(no) => no))
    }

    /// The no that stands, to a push of this ref. One of several addresses is asked once more.
    pub fn rejected(&self, name: &RefName) -> Option<&Rejection> {
        let about = || self.rejections().filter(|no| no.name == *name);
        about().find(|no| no.address.is_none()).or_else(|| about().nth(TRIES - 1))
    }

    /// The refs that somebody moved while we pushed, oldest first: how often decides when to give up.
    pub fn races(&self) -> Vec<&str> {
        let learnt = self.learnt.iter();
        learnt
            .filter_map(|done| {
                if let Done::Raced { name } = done {
                    Some(name.as_ref().map_or("the incident", RefName::as_str))
                } else {
                    None
                }
            })
            .collect()
    }

    /// How often a push of this ref lost a race that nobody won: the next look finds it where we had expected it. A branch that
    /// is hidden from pushes, or fetched from a replica that lags, does that for ever.
    pub fn races_that_nobody_won(&self, name: &RefName) -> usize {
        // What a hosting service says of a race is about its merge, and not about what may be pushed.
        if self.did(|done| matches!(done, Done::PullRequestStatus(_))) {
            return 0;
        }
        let is_unchanged = |(at, done): &(usize, &Done)| {
            let (before, after) = self.learnt.split_at(*at);
            let seen = after.iter().find_map(|done| match done {
                Done::Inspected { remote, refs, .. } => refs.get(name).map(|seen| (remote, seen)),
                _ => None,
            });
            let expected = |remote: &str| RemoteView::of(before, Some(remote)).refs.get(name).cloned();
            matches!(done, Done::Raced { name: raced } if raced.as_ref() == Some(name))
                && seen.is_some_and(|(remote, seen)| expected(remote).as_ref() == Some(seen))
        };
        self.learnt.iter().enumerate().filter(is_unchanged).count()
    }

    /// Whether a work tree could not follow its branch.
    pub fn could_not_follow(&self) -> bool {
        // That is said once, and stops nothing.
        self.did(|done| matches!(done, Done::CouldNotFollow { .. }))
    }

    /// The status of the pull request, as it was seen last.
    pub fn status_of_pull_request(&self) -> Option<&PullRequestStatus> {
        self.newest().find_map(status)
    }

    /// How often the pull request was read.
    pub fn looks_at_pull_request(&self) -> usize {
        // GitHub computes `mergeable` only once it is asked, so a few reads in a row are normal.
        self.learnt.iter().filter(|done| is_look(done)).count()
    }

    /// What the last action said of the pull request.
    pub(crate) fn pull_request_news(&self) -> Option<PullRequestNews<'_>> {
        // Anything else done since makes its status old.
        match self.learnt.last()? {
            Done::NotYet { reason } => Some(PullRequestNews::NotYet(reason)),
            Done::Queued => Some(PullRequestNews::Queued),
            other => status(other).map(PullRequestNews::Status),
        }
    }

    /// Whether the last action polled the pull request in vain.
    pub fn has_waited_in_vain(&self) -> bool {
        // To poll again would never end.
        matches!(self.learnt.last(), Some(Done::Unchanged(_)))
    }

    /// Whether this run left the merge to the service.
    pub fn is_queued(&self) -> bool {
        self.learnt.contains(&Done::Queued)
    }

    /// Whether the pull request was brought up to date.
    pub fn has_proposed(&self) -> bool {
        // Once a run: reviewers would be asked again each time.
        self.learnt.contains(&Done::Proposed)
    }

    /// Whether the pull request for this release branch was read.
    pub fn has_seen_proposal_for(&self, branch: &str) -> bool {
        // Its fate is recorded then.
        self.did(|done| matches!(done, Done::ProposalSeen { line } if line == branch))
    }

    /// Whether the records were proposed.
    pub fn has_proposed_records(&self) -> bool {
        // Once a run: the service finds the pull request again.
        self.did(|done| matches!(done, Done::RecordsProposed { .. }))
    }

    /// Where the records can be read that this run proposed.
    pub fn url_of_records(&self) -> Option<&str> {
        self.each(of!(Done::RecordsProposed { url } => url.as_deref())).flatten().next()
    }

    /// The test runs of this run, oldest first.
    pub fn tested(&self) -> impl DoubleEndedIterator<Item = &TestRun> {
        // The record would not do: `test` without an incident records nothing.
        self.each(of!(Done::Tested { run, .. } => run.as_ref()))
    }

    /// The tests of these runs one by one, where the runner tells.
    pub fn test_results(&self) -> impl Iterator<Item = &TestResult> {
        let learnt = self.learnt.iter();
        learnt.filter_map(|done| if let Done::Tested { results, .. } = done { Some(results) } else { None }).flatten()
    }

    /// The proofs of this run, oldest first. They need not be recorded either.
    pub fn proofs(&self) -> impl DoubleEndedIterator<Item = &Proof> {
        self.each(of!(Done::Proved(proof) => proof.as_ref()))
    }

    /// Whether a part of the deployment or a verification ended in this run.
    pub fn has_deployed_or_verified(&self) -> bool {
        self.did(|done| matches!(done, Done::Ended(..)))
    }

    /// Whether this part of the deployment ended in this run.
    pub fn has_deployed(&self, part: DeployPart) -> bool {
        // What an earlier run came to is no answer: `--again` would tell its failure without running anything.
        self.did(|done| matches!(done, Done::Ended(Some(ran), _) if *ran == part))
    }

    /// How the verifications of this run ended, oldest first.
    pub fn verifications(&self) -> impl DoubleEndedIterator<Item = Ending> {
        self.each(of!(Done::Ended(None, ending) => *ending))
    }
}

impl FromIterator<Done> for Known {
    fn from_iter<I: IntoIterator<Item = Done>>(learnt: I) -> Self {
        Self { learnt: learnt.into_iter().collect() }
    }
}

fn is_fetch_of(done: &Done, branch: &str) -> bool {
    matches!(done, Done::Fetched { branches } if branches.iter().any(|fetched| fetched == branch))
}

fn is_look(done: &Done) -> bool {
    status(done).is_some()
}

fn status(done: &Done) -> Option<&PullRequestStatus> {
    match done {
        Done::PullRequestStatus(status) | Done::Unchanged(status) => Some(status),
        _ => None,
    }
}
