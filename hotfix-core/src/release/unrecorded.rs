//! Hotfixes of which nothing is recorded here: what the history of production tells of one, put as the incident that it was, so that
//! it is asked about as any other is.

use jiff::Timestamp;

use crate::domain::event::{Base, Event, Fact, Landing, LandingLine, Opened, Person, Production};
use crate::domain::{EventId, EventKind, Incident, IncidentId, Severity, Slug};
use crate::port::CommitDetails;

/// The incident whose fix `landed` brought to production: a merge the branch that it merged, any other commit itself. `None` where
/// nothing came before that commit.
pub(crate) fn incident(production: &Production, landed: &CommitDetails) -> Option<Incident> {
    let before = landed.parents.first()?;
    let head = match landed.parents.as_slice() {
        [_, head] => head,
        _ => &landed.id,
    };
    let name = landed.id.short();
    let base = Base { reference: production.branch.to_string(), commit: before.clone() };
    let opened = Opened::new(name.parse().ok()?, Slug::from_title(name)?, Severity::High, base, production.clone());
    let line = LandingLine { branch: production.branch.clone(), from: before.clone(), to: landed.id.clone() };
    let landing = Landing::new(head.clone(), vec![line]);

    let id = IncidentId::from_random(1970, [0; 5]);
    let event = |name: &str, parents: &[EventId], kind: EventKind| {
        let by = Person { name: landed.author.name.clone(), email: landed.author.email.clone() };
        let fact = Fact { at: Timestamp::default(), by, kind };
        Event { id: EventId::of(name.as_bytes()), incident: id.clone(), parents: parents.to_vec(), needs: 0, fact }
    };
    let first = event("opened", &[], EventKind::Opened(Box::new(opened)));
    let second = event("merged", std::slice::from_ref(&first.id), EventKind::Merged(landing));
    Incident::outline(&id, &[first, second]).ok()
}
