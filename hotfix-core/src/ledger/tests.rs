//! The ledger over a store in memory.

use crate::domain::event::{Base, Opened, Origin, Production};
use crate::domain::{EventId, EventKind, Fact, IncidentId, ObjectId, Person, Severity, Visibility};

use super::*;

fn fact(kind: EventKind) -> Fact {
    let by = Person { name: "Ada".to_owned(), email: "ada@example.com".to_owned() };
    Fact { at: "2026-03-01T02:00:00Z".parse().unwrap(), by, kind }
}

fn note(text: &str) -> Fact {
    fact(EventKind::Noted { text: text.to_owned(), happened_at: None })
}

fn opened(title: &str) -> Fact {
    opened_on(title, None)
}

fn opened_on(title: &str, branch: Option<&str>) -> Fact {
    let commit: ObjectId = "ca82a6dff817ec66f44342007202690a93763949".parse().unwrap();
    fact(EventKind::Opened(Box::new(Opened {
        title: title.parse().unwrap(),
        slug: "login-fails".parse().unwrap(),
        branch: branch.map(|branch| branch.parse().unwrap()),
        severity: Severity::High,
        impact: None,
        scope: None,
        source: None,
        visibility: Visibility::Open,
        base: Base { reference: "main".to_owned(), commit },
        production: Production { branch: "main".parse().unwrap(), remote: None },
        policy: None,
        origin: Origin::Branch("main".parse().unwrap()),
    })))
}

fn id(number: u8) -> IncidentId {
    IncidentId::from_random(2026, [0, 0, 0, 0, number])
}

fn with_incident(store: &MemoryStore) -> (Ledger<'_>, IncidentId) {
    let ledger = Ledger::new(store);
    ledger.append(&id(1), Basis::New, &[opened("Login fails")]).unwrap();
    (ledger, id(1))
}

/// Stores bytes as an event of the incident, as a faulty disk or a hand might.
fn smuggle(store: &MemoryStore, id: &IncidentId, event: &EventId, bytes: &[u8]) {
    let (_, tip) = store.tips().unwrap().remove(0);
    let events = [(event.clone(), bytes.to_vec())];
    store.append(id, Some(&tip), &events, "", jiff::Timestamp::UNIX_EPOCH).unwrap();
}

#[test]
fn facts_of_one_append_are_a_chain_in_one_step() {
    let store = MemoryStore::new();
    let ledger = Ledger::new(&store);
    let events = ledger.append(&id(1), Basis::New, &[opened("Login fails"), note("a"), note("b")]).unwrap();
    assert_eq!(store.tips().unwrap(), [(2026, "1".to_owned())]);
    let loaded = ledger.load(&id(1)).unwrap();
    assert_eq!(loaded.events, events);
    assert_eq!(events[2].parents, [events[1].id.clone()]);
    assert_eq!(loaded.incident.heads, [events[2].id.clone()]);
    assert_eq!(loaded.incident.notes.len(), 2);
}

#[test]
fn no_facts_leave_no_trace() {
    let store = MemoryStore::new();
    assert_eq!(Ledger::new(&store).append(&id(1), Basis::New, &[]).unwrap(), []);
    assert_eq!(store.tips().unwrap(), []);
}

#[test]
fn sixteen_writers_lose_nothing() {
    let store = MemoryStore::new();
    let (ledger, id) = with_incident(&store);
    std::thread::scope(|scope| {
        for writer in 0..16 {
            let (store, id) = (&store, &id);
            scope.spawn(move || Ledger::new(store).append(id, Basis::Any, &[note(&writer.to_string())]).unwrap());
        }
    });
    let loaded = ledger.load(&id).unwrap();
    assert_eq!(loaded.incident.notes.len(), 16);
    assert_eq!(loaded.incident.heads.len(), 1, "each saw the one before it");
}

#[test]
fn what_was_seen_must_still_hold_for_heads_and_not_for_any() {
    let store = MemoryStore::new();
    let (ledger, id) = with_incident(&store);
    let seen = ledger.load(&id).unwrap().incident.heads;
    ledger.append(&id, Basis::Any, &[note("somebody else")]).unwrap();
    let late = ledger.append(&id, Basis::Heads(&seen), &[note("late")]);
    assert!(matches!(late, Err(LedgerError::Moved { .. })), "{late:?}");
    ledger.append(&id, Basis::Any, &[note("late")]).unwrap();
    let texts: Vec<String> = ledger.load(&id).unwrap().incident.notes.into_iter().map(|note| note.text).collect();
    assert_eq!(texts, ["somebody else", "late"]);
}

#[test]
fn another_incident_moving_is_no_conflict() {
    let store = MemoryStore::new();
    let (ledger, one) = with_incident(&store);
    let seen = ledger.load(&one).unwrap().incident.heads;
    ledger.append(&id(2), Basis::New, &[opened("Search fails")]).unwrap();
    assert!(ledger.append(&one, Basis::Heads(&seen), &[note("still fine")]).is_ok());
}

#[test]
fn an_incident_is_new_once_and_must_exist_for_the_rest() {
    let store = MemoryStore::new();
    let (ledger, one) = with_incident(&store);
    assert!(matches!(ledger.append(&one, Basis::New, &[opened("x")]), Err(LedgerError::Moved { .. })));
    assert!(matches!(ledger.append(&id(2), Basis::Any, &[note("x")]), Err(LedgerError::Unknown { .. })));
    assert!(matches!(ledger.load(&id(2)), Err(LedgerError::Unknown { .. })));
}

#[test]
fn a_store_that_keeps_moving_is_given_up_on() {
    struct Restless(MemoryStore);
    impl LedgerStore for Restless {
        fn tips(&self) -> Result<Vec<(i16, String)>, PortError> {
            self.0.tips()
        }
        fn incidents(&self, year: i16, tip: &str) -> Result<Vec<(IncidentId, String)>, PortError> {
            self.0.incidents(year, tip)
        }
        fn revision(&self, tip: &str, id: &IncidentId) -> Result<Option<String>, PortError> {
            self.0.revision(tip, id)
        }
        fn events(&self, id: &IncidentId, revision: &str) -> Result<Vec<StoredEvent>, PortError> {
            self.0.events(id, revision)
        }
        fn append(
            &self,
            id: &IncidentId,
            _: Option<&str>,
            _: &[(EventId, Vec<u8>)],
            _: &str,
            _: jiff::Timestamp,
        ) -> Result<String, crate::port::StoreError> {
            Err(crate::port::StoreError::Moved { year: id.year() })
        }
        fn replace(
            &self,
            id: &IncidentId,
            _: &str,
            _: (&EventId, &[u8]),
            _: &str,
            _: jiff::Timestamp,
        ) -> Result<String, crate::port::StoreError> {
            Err(crate::port::StoreError::Moved { year: id.year() })
        }
    }
    let store = Restless(MemoryStore::new());
    let result = Ledger::new(&store).append(&id(1), Basis::New, &[opened("x")]);
    assert!(matches!(result, Err(LedgerError::Contended)), "{result:?}");
}

#[test]
fn what_is_forgotten_leaves_the_rest_as_it_was() {
    let store = MemoryStore::new();
    let (ledger, id) = with_incident(&store);
    let noted = ledger.append(&id, Basis::Any, &[note("the token is tok-1"), note("restarted")]).unwrap();
    let before = ledger.load(&id).unwrap();
    let forgotten =
        Forgotten { at: before.events[0].fact.at, by: before.events[0].fact.by.clone(), reason: "a token".into() };
    ledger.forget(&id, &noted[0].id, &forgotten).unwrap();
    let after = ledger.load(&id).unwrap();
    assert_eq!(after.damaged, []);
    assert_eq!(after.incident.heads, before.incident.heads);
    let texts = |loaded: &Loaded| loaded.incident.notes.iter().map(|note| note.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&before), ["the token is tok-1", "restarted"]);
    assert_eq!(texts(&after), ["(forgotten: a token)", "restarted"]);
    let revision = ledger.revision(&id).unwrap();
    ledger.forget(&id, &noted[0].id, &Forgotten { reason: "again".into(), ..forgotten.clone() }).unwrap();
    assert_eq!(ledger.revision(&id).unwrap(), revision, "once is enough");
    let nothing = ledger.forget(&id, &EventId::of(b"nothing"), &forgotten);
    assert!(matches!(nothing, Err(LedgerError::Unknown { .. })), "{nothing:?}");
    // The opening too: of what it says only the texts go.
    ledger.forget(&id, &before.events[0].id, &forgotten).unwrap();
    let opened = ledger.load(&id).unwrap().incident;
    assert_eq!((opened.title.to_string().as_str(), opened.slug.as_str()), ("(forgotten: a token)", "login-fails"));
    assert_eq!(ledger.list().unwrap().incidents[0].title, opened.title, "the caches too");
}

#[test]
fn an_event_that_needs_a_newer_reader_is_told() {
    let store = MemoryStore::new();
    let (ledger, id) = with_incident(&store);
    assert_eq!(ledger.load(&id).unwrap().incident.newer, None);
    let line = |needs: &str, v: u8| {
        format!(
            "{{\"at\":\"2026-03-01T02:00:00Z\",\"by\":{{\"email\":\"\",\"name\":\"A\"}},\"incident\":\"{id}\",\
             \"kind\":\"of-tomorrow\",{needs}\"parents\":[],\"v\":{v}}}\n"
        )
    };
    for (needs, v, newer) in [("", 1, None), ("\"needs\":2,", 1, None), ("\"needs\":3,", 1, Some(3)), ("", 9, None)] {
        let store = MemoryStore::new();
        let (ledger, id) = with_incident(&store);
        let bytes = line(needs, v).into_bytes();
        smuggle(&store, &id, &EventId::of(&bytes), &bytes);
        let loaded = ledger.load(&id).unwrap();
        assert_eq!((loaded.incident.newer, loaded.damaged), (newer, Vec::new()), "{needs} {v}");
    }
}

#[test]
fn a_damaged_event_hides_nothing_else() {
    let store = MemoryStore::new();
    let (ledger, id) = with_incident(&store);
    let bytes = codec::encode(&id, Vec::new(), &note("flipped")).unwrap().1;
    let event = EventId::of(&bytes);
    smuggle(&store, &id, &event, &bytes[1..]);
    let loaded = ledger.load(&id).unwrap();
    assert_eq!(loaded.incident.title.as_given(), "Login fails");
    assert_eq!(loaded.damaged.len(), 1);
    assert_eq!(loaded.damaged[0].id, event);
    let listing = ledger.list().unwrap();
    assert_eq!((listing.incidents.len(), listing.damaged.len()), (1, 1));
    assert!(ledger.append(&id, Basis::Heads(&loaded.incident.heads), &[note("goes on")]).is_ok());
}

#[test]
fn an_incident_without_its_opening_is_listed_as_damaged() {
    let store = MemoryStore::new();
    let (ledger, one) = with_incident(&store);
    let bytes = codec::encode(&id(2), Vec::new(), &note("orphan")).unwrap().1;
    smuggle(&store, &id(2), &EventId::of(&bytes), &bytes);
    let listing = ledger.list().unwrap();
    assert_eq!(listing.incidents.iter().map(|summary| &summary.id).collect::<Vec<_>>(), [&one]);
    assert_eq!(listing.damaged[0].id, id(2));
    assert!(matches!(ledger.load(&id(2)), Err(LedgerError::NeverOpened(_))));
}

#[test]
fn lists_the_newest_first() {
    let store = MemoryStore::new();
    let ledger = Ledger::new(&store);
    for (number, at) in [(1, "2026-03-01T02:00:00Z"), (2, "2026-03-03T02:00:00Z"), (3, "2026-03-02T02:00:00Z")] {
        let fact = Fact { at: at.parse().unwrap(), ..opened("x") };
        ledger.append(&id(number), Basis::New, &[fact]).unwrap();
    }
    let ids: Vec<IncidentId> = ledger.list().unwrap().incidents.into_iter().map(|summary| summary.id).collect();
    assert_eq!(ids, [id(2), id(3), id(1)]);
}

#[cfg(feature = "git")]
mod cached {
    use super::*;

    const LIST: &str = "cache-v1";

    #[test]
    fn a_cached_list_is_the_list() {
        let store = MemoryStore::new();
        let (ledger, one) = with_incident(&store);
        ledger.append(&id(2), Basis::New, &[opened("Search fails")]).unwrap();
        let first = ledger.list().unwrap();
        assert!(store.cached(LIST).is_some());
        assert_eq!(ledger.list().unwrap(), first);
        ledger.append(&one, Basis::Any, &[fact(EventKind::Closed { reason: None })]).unwrap();
        let after = ledger.list().unwrap();
        let closed = after.incidents.iter().find(|summary| summary.id == one).unwrap();
        assert_eq!(closed.status, crate::domain::Status::Closed);
        assert_eq!(after.incidents.len(), 2);
    }

    #[test]
    fn a_corrupt_or_foreign_cache_is_rebuilt() {
        let store = MemoryStore::new();
        let (ledger, _) = with_incident(&store);
        let right = ledger.list().unwrap();
        let good = store.cached(LIST).unwrap();
        for at in [0, 20, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            store.keep_cache(LIST, &bad);
            assert_eq!(ledger.list().unwrap(), right);
            assert_eq!(store.cached(LIST).unwrap(), good, "it is mended on the way");
        }
        store.keep_cache(LIST, b"");
        assert_eq!(ledger.list().unwrap(), right);
    }

    #[test]
    fn what_is_unchanged_is_not_replayed() {
        let store = MemoryStore::new();
        let (ledger, one) = with_incident(&store);
        ledger.list().unwrap();
        let mut kept = cache::decode::<cache::Cache>(&store.cached(LIST).unwrap());
        kept.years[0].rows[0].summary.as_mut().unwrap().title = "from the cache".parse().unwrap();
        store.keep_cache(LIST, &cache::encode(&kept).unwrap());
        ledger.append(&id(2), Basis::New, &[opened("Search fails")]).unwrap();
        let titles = |listing: Listing| -> Vec<String> {
            listing.incidents.into_iter().map(|summary| summary.title.to_string()).collect()
        };
        assert_eq!(titles(ledger.list().unwrap()), ["from the cache", "Search fails"]);
        ledger.append(&one, Basis::Any, &[note("changed")]).unwrap();
        assert_eq!(titles(ledger.list().unwrap()), ["Login fails", "Search fails"]);
    }
    /// What [`Incidents`] tells, which must be what all incidents tell.
    fn told(incidents: &Incidents<'_>) -> String {
        let title = |summary: &Summary| format!("{} {}", summary.id, summary.title);
        let open: Vec<String> = incidents.open().iter().map(title).collect();
        let branches: Vec<&str> = incidents.other_branches().collect();
        format!("{open:?} {:?} {branches:?} {:?}", incidents.newest().map(title), incidents.damaged())
    }

    proptest::proptest! {
        #[test]
        fn what_is_kept_of_the_incidents_is_what_all_of_them_say(steps in proptest::collection::vec((0..4_u8, 0..5_u8, 0..3_u8), 1..25)) {
            let store = MemoryStore::new();
            let ledger = Ledger::new(&store);
            for (step, number, day) in steps {
                let year = if number == 4 { 2027 } else { 2026 };
                let id = IncidentId::from_random(year, [number; 5]);
                let at = format!("{year}-03-0{}T02:00:00Z", day + 1).parse().unwrap();
                let title = format!("Login {number} fails");
                let _ = match step {
                    0 => ledger.append(&id, Basis::New, &[Fact { at, ..opened_on(&title, (day == 2).then_some("fix-login")) }]),
                    1 => ledger.append(&id, Basis::Any, &[Fact { at, ..fact(EventKind::Closed { reason: None }) }]),
                    2 => ledger.append(&id, Basis::Any, &[Fact { at, ..note("restarted") }]),
                    _ => {
                        let bytes = codec::encode(&id, Vec::new(), &note("flipped")).unwrap().1;
                        let tip = ledger.tip(year).unwrap();
                        let _ = store.append(&id, tip.as_deref(), &[(EventId::of(&bytes), bytes[1..].to_vec())], "", at);
                        Ok(Vec::new())
                    }
                };
                let kept = ledger.incidents().unwrap();
                let listing = ledger.list().unwrap();
                let mut anew = Incidents::from(listing.incidents);
                anew.overview.damaged = listing.damaged;
                proptest::prop_assert_eq!(told(&kept), told(&anew));
            }
        }
    }

    #[test]
    fn closed_incidents_are_read_when_they_are_asked_for() {
        let store = MemoryStore::new();
        let (ledger, one) = with_incident(&store);
        ledger.append(&one, Basis::Any, &[fact(EventKind::Closed { reason: None })]).unwrap();
        ledger.incidents().unwrap();
        store.keep_cache(LIST, b"");
        let incidents = ledger.incidents().unwrap();
        assert_eq!((incidents.open().len(), incidents.newest().map(|newest| &newest.id)), (0, Some(&one)));
        assert_eq!(store.cached(LIST), Some(Vec::new()), "it was not needed");
        assert_eq!(incidents.all().unwrap().len(), 1);
        assert_ne!(store.cached(LIST), Some(Vec::new()));
    }
}
