//! What was found out outside of an incident, kept beside what was built: the same question on the same tree is answered at once.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::sha256_hex;

use super::Executor;

impl Executor<'_> {
    /// The answer to a question that was asked lately.
    pub(super) fn remembered<A: DeserializeOwned>(&self, question: &impl Serialize) -> Option<A> {
        serde_json::from_slice(&self.act.scratch.kept(&name(question)?)?).ok()
    }

    /// Keeps an answer; that it cannot be kept is no loss.
    pub(super) fn remember(&self, question: &impl Serialize, answer: &impl Serialize) {
        if let (Some(name), Ok(answer)) = (name(question), serde_json::to_vec(answer)) {
            // Outside of an incident there is no ledger to keep it in.
            self.act.scratch.keep(&name, &answer);
        }
    }
}

fn name(question: &impl Serialize) -> Option<String> {
    Some(format!("answers/{}", sha256_hex(&serde_json::to_vec(question).ok()?)))
}
