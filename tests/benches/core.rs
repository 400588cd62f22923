//! What the core does in memory: replay, listing, rendering, escaping, editing. `docs/benchmarks.md` has the figures.
//!
//! `cargo bench -p hotfix-tests`

use std::hint::black_box;

use divan::Bencher;
use hotfix_core::document::records::{StatusEntry, status_file};
use hotfix_core::document::{Evidence, PRESETS, escape, postmortem};
use hotfix_core::domain::event::{Base, Opened, Production};
use hotfix_core::domain::{EventKind, Fact, Incident, IncidentId, Person, Severities, Severity};
use hotfix_core::ledger::{Basis, Ledger, MemoryStore};
use hotfix_core::port::LedgerStore as _;
use jiff::Timestamp;

fn main() {
    divan::main();
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("it is in this century")
}

fn fact(second: i64, kind: EventKind) -> Fact {
    Fact { at: at(second), by: Person { name: "Ada".to_owned(), email: "ada@example.com".to_owned() }, kind }
}

fn opened(number: usize) -> EventKind {
    let title = format!("Login fails for all EU users ({number})").parse().expect("it says something");
    let slug = format!("login-fails-{number}").parse().expect("it is a slug");
    let base = Base {
        reference: "origin/main".to_owned(),
        commit: "ca82a6dff817ec66f44342007202690a93763949".parse().expect("it is an object id"),
    };
    let production = Production { branch: "main".parse().expect("it is a branch"), remote: Some("origin".to_owned()) };
    let mut opened = Opened::new(title, slug, Severity::High, base, production);
    opened.impact = Some("every login answers 500".to_owned());
    opened.scope = Some("all users in the EU".to_owned());
    opened.source = Some("monitoring alert".to_owned());
    EventKind::Opened(Box::new(opened))
}

fn id(number: usize) -> IncidentId {
    let [.., a, b, c, d, e] = u64::try_from(number).expect("it is small").to_be_bytes();
    IncidentId::from_random(2026, [a, b, c, d, e])
}

/// A ledger of one incident with this many notes.
fn noted(notes: i64) -> MemoryStore {
    let store = MemoryStore::new();
    let notes = (1..=notes)
        .map(|second| fact(second, EventKind::Noted { text: format!("step {second}"), happened_at: None }))
        .collect::<Vec<_>>();
    let facts = [vec![fact(0, opened(0))], notes].concat();
    Ledger::new(&store).append(&id(0), Basis::New, &facts).expect("memory takes everything");
    store
}

fn incident(store: &MemoryStore) -> Incident {
    Ledger::new(store).load(&id(0)).expect("it was opened").incident
}

/// Reads, checks, orders and replays 10,000 events of one incident.
#[divan::bench]
fn replay_10_000_events(bencher: Bencher<'_, '_>) {
    let store = noted(9_999);
    bencher.bench(|| incident(&store).timeline.len());
}

/// A ledger of 10,000 incidents.
fn many() -> MemoryStore {
    let store = MemoryStore::new();
    for number in 0..10_000 {
        let facts = [fact(0, opened(number)), fact(9, EventKind::Closed { reason: None })];
        Ledger::new(&store).append(&id(number), Basis::New, &facts).expect("memory takes everything");
    }
    store
}

/// Lists 10,000 incidents whose cache is fresh.
#[divan::bench]
fn list_10_000_incidents_cached(bencher: Bencher<'_, '_>) {
    let store = many();
    Ledger::new(&store).list().expect("it can be read");
    bencher.bench(|| Ledger::new(&store).list().expect("it can be read").incidents.len());
}

/// Lists them when the cache is lost: each is replayed.
#[divan::bench(sample_count = 10)]
fn list_10_000_incidents_uncached(bencher: Bencher<'_, '_>) {
    let store = many();
    bencher
        .with_inputs(|| store.keep_cache("cache-v1", &[]))
        .bench_refs(|()| Ledger::new(&store).list().expect("it can be read").incidents.len());
}

/// Renders the postmortem of an incident with 20 entries in its timeline.
#[divan::bench]
fn render_a_postmortem(bencher: Bencher<'_, '_>) {
    let incident = incident(&noted(20));
    let [preset] = PRESETS;
    bencher.bench(|| {
        postmortem(preset, black_box(&incident), &Evidence::default(), &Severities::default(), at(60))
            .expect("it renders")
            .len()
    });
}

/// 100 KB of prose with a bit of everything that must be escaped.
fn prose_100_kb() -> String {
    let line = "p99 > 5 s & <b>users</b> | @acme sees #12, [link](http://e), `code` and *stars* since 09:41. ";
    line.repeat(100 * 1024 / line.len())
}

/// Escapes 100 KB as one line of prose.
#[divan::bench]
fn escape_100_kb_of_prose(bencher: Bencher<'_, '_>) {
    let text = prose_100_kb();
    bencher.bench(|| escape::prose(black_box(&text)).len());
}

/// Escapes 100 KB that are one word.
#[divan::bench]
fn escape_100_kb_of_one_word(bencher: Bencher<'_, '_>) {
    let text = "A".repeat(100 * 1024);
    bencher.bench(|| escape::prose(black_box(&text)).len());
}

/// Adds an incident to a STATUS.md of 1 MB: 12,000 rows, and sections before and after.
#[divan::bench]
fn edit_a_status_page_of_1_mb(bencher: Bencher<'_, '_>) {
    let row = "| /deploy | 2026-01-05 | deployed | release 1.2.3, everything as planned, PR #12 |\n";
    let table = "## Command History\n\n| Command | Date | Result | Notes |\n| --- | --- | --- | --- |\n";
    let page =
        format!("# Status\n\nWords.\n\n{table}{}\n## Notes\n\nMore words.\n", row.repeat(1024 * 1024 / row.len()));
    let entry = StatusEntry::of(&incident(&noted(1)), false, &Severities::default(), at(60));
    bencher.bench(|| status_file(Some(black_box(page.as_bytes())), &entry).expect("it is a page").len());
}
