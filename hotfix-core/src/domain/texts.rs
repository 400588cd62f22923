//! Which texts of an event came from people, programs and servers: those in which secrets are masked, and which can be
//! forgotten.

use super::EventKind;

impl EventKind {
    /// The command of the event, one argument an element.
    pub fn command_mut(&mut self) -> Option<&mut [String]> {
        match self {
            // Commands apart: a flag there names the secret in the next word.
            EventKind::Tested(run) => Some(&mut run.command),
            EventKind::Proved(proof) => Some(&mut proof.arguments),
            EventKind::DeployStarted(started) => Some(&mut started.command),
            EventKind::Verified(verified) => Some(&mut verified.command),
            _ => None,
        }
    }

    /// The free texts of the event. A new kind, or a new field, is listed here or has a reason not to be.
    pub fn free_texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            EventKind::Opened(opened) => {
                let triage = [&mut opened.impact, &mut opened.scope, &mut opened.source];
                std::iter::once(opened.title.given_mut()).chain(triage.into_iter().flatten()).collect()
            }
            EventKind::Triaged(triaged) => {
                [&mut triaged.impact, &mut triaged.scope, &mut triaged.source].into_iter().flatten().collect()
            }
            EventKind::Noted { text, .. } | EventKind::Explained { text, .. } | EventKind::SmokeTested { text, .. } => {
                vec![text]
            }
            EventKind::EvidenceAttached(attachment) => vec![&mut attachment.name, &mut attachment.text],
            EventKind::Tested(run) => std::iter::once(&mut run.output).chain(&mut run.unfinished).collect(),
            EventKind::Proved(proof) => {
                let symptoms = proof.tests.iter_mut().filter_map(|test| test.symptom.as_mut());
                symptoms.chain(&mut proof.remarks).collect()
            }
            EventKind::TestDeferred { reason, .. }
            | EventKind::LandingAborted { reason }
            | EventKind::DamageAccepted { reason, .. } => vec![reason],
            EventKind::Waived(waiver) => vec![&mut waiver.reason],
            EventKind::LandingStarted(landing) | EventKind::Merged(landing) => landing.past_rules.iter_mut().collect(),
            EventKind::PullRequestOpened(pull_request) => {
                [&mut pull_request.title, &mut pull_request.body].into_iter().chain(&mut pull_request.url).collect()
            }
            EventKind::DeployFinished(finished) => vec![&mut finished.output],
            EventKind::DeployInterrupted(interrupted) => vec![&mut interrupted.reason, &mut interrupted.output],
            EventKind::Verified(verified) => vec![&mut verified.output],
            EventKind::FollowUpAdded(added) => std::iter::once(&mut added.text).chain(&mut added.owner).collect(),
            EventKind::IssueFiled { url, .. } => vec![url],
            EventKind::FollowUpDone { link, .. } => link.iter_mut().collect(),
            EventKind::Closed { reason } | EventKind::Canceled { reason, .. } | EventKind::Reopened { reason } => {
                reason.iter_mut().collect()
            }
            EventKind::Carried(carried) => carried.reason.iter_mut().chain(&mut carried.url).collect(),
            // Our own words, ids, and paths and names that git has already.
            EventKind::BranchCreated { .. }
            | EventKind::BaseChosen { .. }
            | EventKind::ProductionMoved { .. }
            | EventKind::CarryStarted(_)
            | EventKind::Marked { .. }
            | EventKind::Guarded(_)
            | EventKind::PullRequestClosed
            | EventKind::Tagged(_)
            | EventKind::DeployStarted(_)
            | EventKind::PostmortemWritten { .. }
            | EventKind::RecordsStarted { .. }
            | EventKind::RecordsDelivered { .. }
            | EventKind::Retracted { .. }
            | EventKind::Claimed(_)
            | EventKind::Unknown { .. } => Vec::new(),
        }
    }

    /// The event with these words in place of every text and every command that it holds. What the incident's state
    /// depends on stays.
    #[must_use]
    pub fn without_texts(mut self, instead: &str) -> Self {
        let blank = |text: &mut String| instead.clone_into(text);
        self.free_texts_mut().into_iter().for_each(blank);
        self.command_mut().into_iter().flatten().for_each(blank);
        self
    }
}
