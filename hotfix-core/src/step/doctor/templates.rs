//! Do all documents render? Tried on an incident that nobody had.

use crate::document::{self, Document, Evidence};
use crate::domain::event::{Base, Opened, Production};
use crate::domain::{Event, EventId, EventKind, Fact, Incident, ObjectId, Person, Severity};

use super::{CheckVerdict, Halt, Result, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let now = setup.context.now;
    let incident = rehearsed(setup);
    let evidence = Evidence::default();
    let severities = &setup.context.config.severities;
    // A template that fails would do so at close, at the end of the night.
    for document in Document::ALL {
        if let Err(error) = document.render(&incident, &evidence, severities, now) {
            return Ok(CheckVerdict::failure(format!("{}: {error}", document.name()), "correct the template"));
        }
    }
    for preset in document::PRESETS {
        if let Err(error) = document::postmortem(preset, &incident, &evidence, severities, now) {
            return Ok(CheckVerdict::failure(format!("{}: {error}", preset.name), "correct the template"));
        }
    }
    Ok(CheckVerdict::ok(format!("{} documents render", Document::ALL.len())))
}

fn rehearsed(setup: &Setup<'_>) -> Incident {
    let id = setup.context.new_id;
    let commit: ObjectId = "0".repeat(40).parse().expect("forty digits are an object id");
    let title = "Rehearsal".parse().expect("it says something");
    let slug = "rehearsal".parse().expect("a word is a slug");
    let base = Base { reference: "main".to_owned(), commit };
    let production = Production { branch: crate::domain::BranchName::known("main"), remote: None };
    let opened = Opened::new(title, slug, Severity::Medium, base, production);
    let by = Person { name: "Nobody".to_owned(), email: "nobody@example.com".to_owned() };
    let fact = Fact { at: setup.context.now, by, kind: EventKind::Opened(Box::new(opened)) };
    let event = Event { id: EventId::of(b"rehearsal"), incident: id.clone(), parents: Vec::new(), needs: 0, fact };
    Incident::replay(id, &[event]).expect("an opening makes an incident")
}
