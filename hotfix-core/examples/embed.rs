//! Another tool embeds the core: it opens a repository's ledger, opens an incident in it, replays it and renders the
//! postmortem.
//!
//! `cargo run -p hotfix-core --features documents,git --example embed -- path/to/repository`

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;

use hotfix_core::adapter::GitRepository;
use hotfix_core::document::{self, Evidence};
use hotfix_core::domain::event::{Base, Opened, Production};
use hotfix_core::domain::{EventKind, Fact, IncidentId, Milestone, Severities, Severity, Slug};
use hotfix_core::ledger::{Basis, Ledger};
use hotfix_core::port::{ConfigRead as _, RepositoryRead as _};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let repository = GitRepository::open(&path)?;
    let ledger = Ledger::new(&repository);

    // `adapter::new_id` makes ids; here id and time are fixed, so running it twice finds the same incident.
    let opened_at = "2026-03-01T02:10:00Z".parse()?;
    let id = IncidentId::from_random(2026, *b"embed");
    let by = repository.identity()?;
    let fact = |kind| Fact { at: opened_at, by: by.clone(), kind };

    if ledger.load(&id).is_err() {
        let commit = repository.head()?.commit().cloned().ok_or("the repository has no commit")?;
        let title = "Checkout total ignores the coupon";
        let slug = Slug::from_title(title).ok_or("the title has no letter")?;
        let base = Base { reference: "main".to_owned(), commit };
        let production = Production { branch: "main".parse()?, remote: None };
        let mut opened = Opened::new(title.parse()?, slug, Severity::High, base, production);
        opened.impact = Some("customers pay too much".to_owned());
        opened.scope = Some("all orders with a coupon since 02:00".to_owned());
        opened.source = Some("support chat bot".to_owned());
        let started = EventKind::Marked { milestone: Milestone::Started, reached_at: "2026-03-01T02:00:00Z".parse()? };
        ledger.append(&id, Basis::New, &[fact(EventKind::Opened(Box::new(opened))), fact(started)])?;
    }

    let incident = ledger.load(&id)?.incident;
    let preset = document::preset("default").ok_or("the default preset is gone")?;
    let postmortem = document::postmortem(preset, &incident, &Evidence::default(), &Severities::default(), opened_at)?;
    std::io::stdout().write_all(postmortem.as_bytes())?;
    Ok(())
}
