//! The written form of an event, version 1: canonical JSON that stays readable for ever.
//!
//! Canonical, so that one event has one sequence of bytes and one id; whatever else a JSON parser would tolerate (duplicate
//! keys, floats) is damage.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::{Event, EventId, EventKind, Fact, IncidentId, Person};

use super::canonical;

/// The version written today. Newer ones are kept and shown as unknown.
const VERSION: u64 = 1;

/// Why a stored event cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The store has no bytes for it.
    #[error("its object is lost or damaged, or longer than an event can be")]
    Lost,
    /// Its bytes are not those it was stored with.
    #[error("its bytes have the id {actual}")]
    Altered {
        /// The id that its bytes have.
        actual: EventId,
    },
    /// It is not canonical JSON.
    #[error("it is not canonical JSON")]
    NotCanonical,
    /// It lacks something, or holds something that cannot be.
    #[error("it cannot be read: {why}")]
    Unreadable {
        /// What the parser said.
        why: String,
    },
    /// It is stored under another incident than it names.
    #[error("it belongs to {named}")]
    Misplaced {
        /// The incident it names.
        named: IncidentId,
    },
    /// Another event names it as its parent, but it is not here.
    #[error("it is missing")]
    Missing,
}

/// A stored event that cannot be used. It is left out of every view and hides nothing else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {id}: {why}")]
pub struct Damaged {
    /// The id it should have, which is its file's name.
    pub id: EventId,
    /// What is wrong with it.
    pub why: Damage,
}

/// An event that has no written form.
#[derive(Debug, thiserror::Error)]
#[error("failed to write a `{kind}` event: {source}")]
pub struct Unwritable {
    /// Its kind.
    pub kind: &'static str,
    /// Why.
    pub source: serde_json::Error,
}

/// What surrounds the data of every kind. `data` is absent where the kind says it all.
#[derive(Serialize)]
struct Envelope {
    at: Timestamp,
    by: Person,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    incident: IncidentId,
    kind: String,
    parents: Vec<EventId>,
    v: u64,
}

/// An [`Envelope`] as it is read: what the data is, its kind tells.
#[derive(Deserialize)]
struct ReadEnvelope<'b> {
    at: Timestamp,
    by: Person,
    #[serde(borrow, default)]
    data: Option<&'b RawValue>,
    incident: IncidentId,
    #[serde(borrow)]
    kind: &'b RawValue,
    parents: Vec<EventId>,
    v: u64,
}

/// The event that `fact` becomes after `parents`, and its stored bytes.
///
/// # Errors
/// When it is of an unknown kind: those are kept as bytes, never written.
pub fn encode(incident: &IncidentId, parents: Vec<EventId>, fact: &Fact) -> Result<(Event, Vec<u8>), Unwritable> {
    let bytes = write(incident, &parents, fact).map_err(|source| Unwritable { kind: fact.kind.name(), source })?;
    let event = Event { id: EventId::of(&bytes), incident: incident.clone(), parents, fact: fact.clone() };
    Ok((event, bytes))
}

/// Reads the event that is stored under `incident` and `id`.
///
/// # Errors
/// When it is damaged. An unknown kind or a newer version is not damage.
pub fn decode(incident: &IncidentId, id: &EventId, bytes: &[u8]) -> Result<Event, Damaged> {
    read(incident, id, bytes).map_err(|why| Damaged { id: id.clone(), why })
}

fn write(incident: &IncidentId, parents: &[EventId], fact: &Fact) -> Result<Vec<u8>, serde_json::Error> {
    let mut kind = serde_json::to_value(&fact.kind)?;
    let envelope = Envelope {
        at: fact.at,
        by: fact.by.clone(),
        data: kind.get_mut("data").map(Value::take),
        incident: incident.clone(),
        kind: fact.kind.name().to_owned(),
        parents: parents.to_vec(),
        v: VERSION,
    };
    canonical::write(serde_json::to_value(envelope)?)
}

fn read(incident: &IncidentId, id: &EventId, bytes: &[u8]) -> Result<Event, Damage> {
    if bytes.is_empty() {
        return Err(Damage::Lost);
    }
    let actual = EventId::of(bytes);
    if actual != *id {
        return Err(Damage::Altered { actual });
    }
    if !canonical::is_written(bytes) {
        let json: Result<Value, _> = serde_json::from_slice(bytes);
        return Err(json.map_or_else(unreadable, |_| Damage::NotCanonical));
    }
    let envelope: ReadEnvelope<'_> = serde_json::from_slice(bytes).map_err(unreadable)?;
    if envelope.incident != *incident {
        return Err(Damage::Misplaced { named: envelope.incident });
    }
    let kind = kind_of(&envelope).map_err(unreadable)?;
    let fact = Fact { at: envelope.at, by: envelope.by, kind };
    Ok(Event { id: actual, incident: envelope.incident, parents: envelope.parents, fact })
}

fn kind_of(envelope: &ReadEnvelope<'_>) -> Result<EventKind, serde_json::Error> {
    let kind = envelope.kind.get();
    // A colleague's newer version must not make our list fail.
    if envelope.v > VERSION {
        return Ok(EventKind::Unknown { kind: serde_json::from_str(kind)? });
    }
    // The tag before the content: the other way round serde would have to keep the content until it knows the tag.
    let tagged = match envelope.data {
        Some(data) => format!("{{\"kind\":{kind},\"data\":{data}}}"),
        None => format!("{{\"kind\":{kind}}}"),
    };
    serde_json::from_str(&tagged).or_else(|error| {
        let kind: String = serde_json::from_str(kind)?;
        if is_known(&kind) { Err(error) } else { Ok(EventKind::Unknown { kind }) }
    })
}

/// Whether this version has such a kind: then it is its data that the parser complains about.
fn is_known(kind: &str) -> bool {
    EventKind::NAMES.contains(&kind)
}

#[expect(clippy::needless_pass_by_value, reason = "it is a `map_err` function")]
fn unreadable(error: serde_json::Error) -> Damage {
    Damage::Unreadable { why: error.to_string() }
}

#[cfg(test)]
mod tests;
