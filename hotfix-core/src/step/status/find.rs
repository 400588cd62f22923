//! Which incidents are meant by what was in them: words, files, people.

use crate::domain::{Event, Incident};
use crate::ledger::{Loaded, Summary};
use crate::workflow::Context;

/// What is looked for in each incident; nothing means every one.
pub(super) struct Sought<'a> {
    words: Option<String>,
    path: Option<&'a str>,
    person: Option<String>,
}

impl<'a> Sought<'a> {
    pub(super) fn by(words: Option<&str>, path: Option<&'a str>, person: Option<&str>) -> Self {
        let lower = |text: &str| text.trim().to_lowercase();
        let path = path.map(|path| path.trim_start_matches("./").trim_end_matches('/'));
        Self { words: words.map(lower), path, person: person.map(lower) }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.words.is_none() && self.path.is_none() && self.person.is_none()
    }

    /// Whether an incident has it. One that cannot be read has nothing that could be found.
    pub(super) fn is_in(&self, context: &Context<'_>, summary: &Summary) -> bool {
        if self.is_nothing() {
            return true;
        }
        let Ok(Loaded { incident, events, .. }) = context.incidents.load(&summary.id) else { return false };
        // Both are in the order of replay.
        let standing = || events.iter().zip(&incident.events).filter(|(_, known)| !known.is_retracted);
        self.words.as_ref().is_none_or(|words| standing().any(|(event, _)| holds(event, words)))
            && self.person.as_ref().is_none_or(|person| events.iter().any(|event| is_by(event, person)))
            && self.path.is_none_or(|path| touched(context, &incident).iter().any(|file| is_below(file, path)))
    }
}

/// Whether people, programs or servers wrote these words, whatever their case.
fn holds(event: &Event, words: &str) -> bool {
    let mut kind = event.fact.kind.clone();
    kind.free_texts_mut().into_iter().any(|text| text.to_lowercase().contains(words))
}

fn is_by(event: &Event, person: &str) -> bool {
    [&event.fact.by.name, &event.fact.by.email].iter().any(|known| known.to_lowercase().contains(person))
}

fn is_below(file: &str, path: &str) -> bool {
    file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The files that an incident was about, as far as their commits are here: those that its fixes changed, and those that its
/// stack traces name.
pub(crate) fn touched(context: &Context<'_>, incident: &Incident) -> Vec<String> {
    let landings = incident.merged.iter().chain(&incident.merged_before).map(|landing| &landing.head);
    let proposed = incident.pull_request.iter().map(|pull_request| &pull_request.head);
    let changes =
        landings.chain(proposed).filter_map(|head| context.look.git.changes(&incident.base.commit, head).ok());
    let mut files: Vec<String> = changes.flatten().map(|change| change.path).collect();
    let frames = incident.attachments.iter().flat_map(|attachment| &attachment.frames);
    files.extend(frames.map(|frame| frame.file.clone()));
    files.sort();
    files.dedup();
    files
}
