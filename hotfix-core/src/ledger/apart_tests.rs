//! What several clones recorded apart: every order in which it may arrive tells the same, and nothing of it is lost.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::{codec, order};
use crate::domain::deployment::{DeployFinished, DeployPart, DeployStarted, Verified};
use crate::domain::event::{
    Base, Ending, FollowUpAdded, Landing, LandingLine, Opened, Person, Production, Triaged, Waiver,
};
use crate::domain::{
    CommandLine, Event, EventKind, Fact, Incident, IncidentId, Milestone, ObjectId, Severity, Status, WayBack, heads_of,
};

/// A clone: the events that it has.
#[derive(Clone)]
struct Replica {
    name: &'static str,
    events: Vec<Event>,
    /// Nobody's clock is right.
    clock: i64,
}

fn id() -> IncidentId {
    IncidentId::from_random(2026, [1; 5])
}

fn commit(number: u8) -> ObjectId {
    format!("{number:02x}{:038}", 0).parse().unwrap()
}

/// Clones that all have an incident, just opened.
fn replicas<const N: usize>(names: [&'static str; N]) -> [Replica; N] {
    let base = Base { reference: "main".to_owned(), commit: commit(0) };
    let production = Production { branch: "main".parse().unwrap(), remote: None };
    let (title, slug) = ("Login fails".parse().unwrap(), "login-fails".parse().unwrap());
    let opened = EventKind::Opened(Box::new(Opened::new(title, slug, Severity::High, base, production)));
    let mut first = Replica { name: "Ada", events: Vec::new(), clock: 1_772_330_400 };
    first.record(opened);
    // Years apart, and the later the clone the earlier its clock.
    let skewed = |(at, name)| Replica { name, events: first.events.clone(), clock: first.clock - 60_000_000 * at };
    let mut at = 0_i64..;
    names.map(|name| skewed((at.next().unwrap(), name)))
}

impl Replica {
    fn record(&mut self, kind: EventKind) {
        let by = Person { name: self.name.to_owned(), email: String::new() };
        let fact = Fact { at: Timestamp::from_second(self.clock).unwrap(), by, kind };
        let (event, _) = codec::encode(&id(), heads_of(&self.events), &fact).unwrap();
        self.events.push(event);
        self.clock += 60;
    }

    fn learn(&mut self, other: &Self) {
        for event in &other.events {
            if !self.events.contains(event) {
                self.events.push(event.clone());
            }
        }
    }

    fn incident(&self) -> Incident {
        Incident::replay(&id(), &order::sort(self.events.clone())).unwrap()
    }

    fn add(&mut self, text: &str) {
        self.record(EventKind::FollowUpAdded(FollowUpAdded::new(text)));
    }

    fn land(&mut self, number: u8) {
        self.record(EventKind::Merged(landing(number)));
    }

    fn close(&mut self) {
        self.record(EventKind::Closed { reason: None });
    }

    fn rate(&mut self, severity: Severity) {
        self.record(EventKind::Triaged(Triaged { severity: Some(severity), ..Triaged::default() }));
    }
}

fn landing(number: u8) -> Landing {
    let line = LandingLine { branch: "main".parse().unwrap(), from: commit(0), to: commit(number + 100) };
    Landing::new(commit(number), vec![line])
}

fn command() -> CommandLine {
    "./deploy".parse().unwrap()
}

fn started() -> EventKind {
    EventKind::DeployStarted(DeployStarted::new(DeployPart::Deploy, command(), commit(101)))
}

fn ended() -> EventKind {
    EventKind::DeployFinished(DeployFinished::new(DeployPart::Deploy, commit(101), Ending::Passed))
}

fn looked(ending: Ending) -> EventKind {
    EventKind::Verified(Verified::new(command(), commit(101), ending))
}

/// What both become once each knows the other.
fn both(one: &mut Replica, other: &mut Replica) -> Incident {
    one.learn(other);
    other.learn(one);
    assert_eq!(one.incident(), other.incident());
    one.incident()
}

fn odd(incident: &Incident) -> Vec<String> {
    incident.anomalies.iter().map(|odd| odd.text.clone()).collect()
}

#[test]
fn a_number_means_the_follow_up_that_its_writer_saw() {
    let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
    for (clone, text) in [(&mut ada, "alert on the queue"), (&mut bob, "test the login")] {
        clone.add(text);
        clone.record(EventKind::FollowUpDone { number: 1, link: Some(text.to_owned()) });
        clone.add("never done");
    }
    let incident = both(&mut ada, &mut bob);
    for known in &incident.follow_ups {
        let is_done = known.added.text != "never done";
        assert_eq!((known.done, known.link.as_ref()), (is_done, is_done.then_some(&known.added.text)));
    }
    assert_eq!(incident.follow_ups.len(), 4);
    assert_eq!(odd(&incident), Vec::<String>::new());
    // Who knows both sees the numbers that both have.
    let third = incident.follow_ups[2].added.text.clone();
    bob.record(EventKind::FollowUpDone { number: 3, link: None });
    assert_eq!(bob.incident().follow_ups.get(2).map(|known| (&known.added.text, known.done)), Some((&third, true)));
}

#[test]
fn two_severities_are_told_until_somebody_says_which() {
    let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
    ada.rate(Severity::Critical);
    bob.rate(Severity::Medium);
    let incident = both(&mut ada, &mut bob);
    let told = odd(&incident).join("\n");
    for part in ["severity critical (Ada)", "severity medium (Bob)"] {
        assert!(told.contains(part), "{told}");
    }
    bob.rate(Severity::Critical);
    let decided = both(&mut ada, &mut bob);
    assert_eq!((decided.severity, decided.anomalies), (Severity::Critical, Vec::new()));
    ada.rate(Severity::Medium);
    bob.rate(Severity::Medium);
    assert_eq!(odd(&both(&mut ada, &mut bob)), Vec::<String>::new());
}

#[test]
fn two_landings_stay_and_are_told() {
    let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
    ada.land(1);
    bob.land(2);
    bob.record(started());
    bob.record(ended());
    let incident = both(&mut ada, &mut bob);
    let landings: BTreeSet<ObjectId> =
        incident.merged_before.iter().chain(&incident.merged).map(|landing| landing.head.clone()).collect();
    assert_eq!(landings, BTreeSet::from([commit(1), commit(2)]));
    let told = odd(&incident).join("\n");
    for part in [commit(101).short(), commit(102).short(), "(Ada)", "(Bob)"] {
        assert!(told.contains(part), "{told}");
    }
    ada.record(looked(Ending::Passed));
    assert_eq!(odd(&both(&mut ada, &mut bob)), Vec::<String>::new());
}

#[test]
fn one_landing_told_by_two_is_deployed_once() {
    let deployed: [fn(&mut Replica); 2] = [
        |clone| {
            clone.record(EventKind::Marked { milestone: Milestone::Deployed, reached_at: clone.incident().opened_at() })
        },
        |clone| [started(), ended()].into_iter().for_each(|event| clone.record(event)),
    ];
    // Whichever comes first in the order of replay.
    for (deployed, lead) in deployed.into_iter().flat_map(|deployed| [0, 4].map(|lead| (deployed, lead))) {
        let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
        (0..lead).for_each(|_| ada.add("more"));
        // She saw it on one release branch more.
        let mut whole = landing(1);
        whole.lines.push(LandingLine { branch: "develop".parse().unwrap(), from: commit(0), to: commit(150) });
        ada.record(EventKind::Merged(whole));
        bob.land(1);
        deployed(&mut bob);
        bob.record(looked(Ending::Passed));
        let incident = both(&mut ada, &mut bob);
        for reached in [Milestone::Deployed, Milestone::Verified] {
            assert!(incident.milestones.contains_key(&reached), "{reached:?} after {lead}");
        }
        assert_eq!(odd(&incident), Vec::<String>::new());
        // Another landing is another thing to deploy.
        ada.land(2);
        assert!(!both(&mut ada, &mut bob).milestones.contains_key(&Milestone::Deployed));
    }
}

#[test]
fn what_one_deployed_does_not_end_the_doubt_of_another() {
    let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
    ada.land(1);
    bob.learn(&ada);
    ada.record(started());
    bob.record(started());
    bob.record(ended());
    bob.record(looked(Ending::Passed));
    let incident = both(&mut ada, &mut bob);
    assert!(incident.deploys.doubt_about(DeployPart::Deploy).is_some());
    assert_eq!(odd(&incident).len(), 1, "{:?}", odd(&incident));
    ada.record(ended());
    let incident = both(&mut ada, &mut bob);
    assert_eq!((incident.deploys.in_doubt, incident.anomalies), (Vec::new(), Vec::new()));
}

#[test]
fn a_landing_in_doubt_outlives_another_that_ended() {
    let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
    ada.record(EventKind::LandingStarted(landing(1)));
    bob.record(EventKind::LandingStarted(landing(2)));
    bob.record(EventKind::LandingAborted { reason: "conflict".to_owned() });
    assert_eq!(both(&mut ada, &mut bob).landing_in_doubt, Some(landing(1)));
    // The same fix landed, whoever pushed it.
    let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
    ada.record(EventKind::LandingStarted(landing(1)));
    bob.record(EventKind::LandingStarted(landing(1)));
    bob.land(1);
    assert_eq!(both(&mut ada, &mut bob).landing_in_doubt, None);
}

#[test]
fn an_end_that_did_not_know_what_was_done_ends_nothing() {
    let canceled = || EventKind::Canceled { reason: Some("false alarm".to_owned()), tip: None };
    let deeds = || [EventKind::Merged(landing(1)), started(), looked(Ending::Failed)];
    for end in [EventKind::Closed { reason: None }, canceled()] {
        for deed in deeds() {
            // Whichever comes first in the order of replay.
            for lead in 0..3 {
                let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
                (0..lead).for_each(|_| ada.add("more"));
                ada.record(end.clone());
                bob.add("one");
                bob.record(deed.clone());
                assert!(!ada.incident().status.is_open());
                let incident = both(&mut ada, &mut bob);
                assert!(incident.status.is_open());
                assert_eq!((incident.milestones.get(&Milestone::Closed), &incident.ended_because), (None, &None));
                let told = odd(&incident);
                assert!(told.len() == 1 && told[0].contains("(Ada)") && told[0].contains("(Bob)"), "{told:?}");
                bob.close();
                let incident = both(&mut ada, &mut bob);
                assert_eq!((incident.status, incident.anomalies), (Status::Closed, Vec::new()));
            }
        }
    }
}

#[test]
fn what_is_advised_of_an_incident_given_up_while_its_fix_landed_can_be_done() {
    let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
    ada.record(EventKind::Canceled { reason: None, tip: None });
    bob.land(1);
    let landed = both(&mut ada.clone(), &mut bob.clone());
    assert!(landed.status.is_open());
    let help: Vec<_> = landed.anomalies.iter().filter_map(|odd| odd.help.as_deref()).collect();
    assert_eq!(help, ["ship   # goes on: what landed cannot be given up"]);
    // Who did not know that it was given up closed it, and knew all that was done.
    bob.close();
    let closed = both(&mut ada, &mut bob);
    assert_eq!(closed.status, Status::Closed);
    let told = odd(&closed);
    assert!(told.len() == 1 && !told[0].contains("stays open"), "{told:?}");
}

#[test]
fn what_changes_nothing_in_the_world_leaves_an_end_alone() {
    let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
    ada.close();
    bob.record(EventKind::Noted { text: "called the bank".to_owned(), happened_at: None });
    bob.close();
    let incident = both(&mut ada, &mut bob);
    assert_eq!((incident.status, incident.anomalies, incident.notes.len()), (Status::Closed, Vec::new(), 1));
}

#[test]
fn an_incident_taken_up_again_while_another_closed_it_stays_open() {
    let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
    ada.close();
    bob.learn(&ada);
    let reopened = || EventKind::Reopened { reason: None };
    bob.record(reopened());
    ada.record(reopened());
    ada.close();
    let incident = both(&mut ada, &mut bob);
    assert_eq!(incident.status, Status::Active);
    assert_eq!(odd(&incident).len(), 1, "{:?}", odd(&incident));
}

#[test]
fn what_was_taken_back_counts_no_more_and_the_numbers_of_others_stay() {
    let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
    ada.add("alert on the queue");
    ada.rate(Severity::Critical);
    bob.learn(&ada);
    let [.., added, rated] = &ada.events[..] else { panic!("two events") };
    let events = vec![added.id.clone(), rated.id.clone()];
    ada.record(EventKind::Retracted { events: events.clone() });
    ada.add("test the login");
    // At once, of what he still knows.
    bob.record(EventKind::FollowUpDone { number: 1, link: None });
    bob.record(EventKind::Retracted { events });
    let incident = both(&mut ada, &mut bob);
    assert_eq!(incident.severity, Severity::High);
    let numbers: Vec<_> =
        incident.follow_ups.iter().map(|owed| (owed.number, owed.added.text.as_str(), owed.done)).collect();
    assert_eq!(numbers, [(2, "test the login", false)]);
    assert_eq!((odd(&incident), incident.next_follow_up()), (Vec::new(), 3));
    let gone: Vec<&str> = incident.taken_back.iter().map(|gone| gone.entry.text.as_str()).collect();
    assert_eq!(gone, ["follow-up: alert on the queue", "re-rated: severity critical"]);
    assert!(incident.timeline.iter().all(|entry| entry.kind != "retracted" && !gone.contains(&entry.text.as_str())));
    bob.record(EventKind::FollowUpDone { number: 2, link: None });
    assert!(both(&mut ada, &mut bob).follow_ups[0].done);
}

#[test]
fn what_was_done_in_the_world_is_taken_back_by_no_word() {
    let [mut ada, _] = replicas(["Ada", "Bob"]);
    ada.land(1);
    ada.record(EventKind::Waived(Waiver::new("guard", "by hand")));
    let before = ada.incident();
    let events = ada.events.iter().map(|event| event.id.clone()).collect();
    ada.record(EventKind::Retracted { events });
    let after = ada.incident();
    assert_eq!((after.status, &after.merged, after.waivers.len()), (before.status, &before.merged, 0));
    let retraction = ada.events.last().unwrap().clone();
    ada.record(EventKind::Retracted { events: vec![retraction.id] });
    assert_eq!(ada.incident().waivers.len(), 0, "it is said again instead");
}

#[test]
fn a_word_that_was_taken_back_decides_nothing() {
    let [mut ada, mut bob] = replicas(["Ada", "Bob"]);
    ada.rate(Severity::Critical);
    bob.rate(Severity::Medium);
    both(&mut ada, &mut bob);
    bob.rate(Severity::Critical);
    assert_eq!(odd(&bob.incident()), Vec::<String>::new());
    let decided = bob.events.last().unwrap().id.clone();
    bob.record(EventKind::Retracted { events: vec![decided] });
    assert_eq!(odd(&bob.incident()).len(), 1);
    let medium = |event: &&Event| matches!(&event.fact.kind, EventKind::Triaged(said) if said.severity == Some(Severity::Medium));
    let medium = bob.events.iter().find(medium).unwrap().id.clone();
    bob.record(EventKind::Retracted { events: vec![medium] });
    let incident = both(&mut ada, &mut bob);
    assert_eq!((incident.severity.clone(), odd(&incident)), (Severity::Critical, Vec::new()));
}

/// What a clone does next.
fn act(replica: &mut Replica, action: u8, number: u8) {
    let text = format!("{} {number}", replica.name);
    match action {
        0 => replica.record(EventKind::Noted { text, happened_at: None }),
        1 => replica.add(&text),
        2 => {
            let known = replica.incident().follow_ups;
            if let Some(owed) = known.get(usize::from(number) % known.len().max(1)) {
                let link = Some(owed.added.text.clone());
                replica.record(EventKind::FollowUpDone { number: owed.number, link });
            }
        }
        3 => replica.rate([Severity::Critical, Severity::High, Severity::Medium][usize::from(number % 3)].clone()),
        4 => replica.record(EventKind::Waived(Waiver::new("guard", text))),
        5 => replica.record(EventKind::LandingStarted(landing(number % 4))),
        6 => replica.land(number % 4),
        7 => replica.record(started()),
        8 => replica.record(ended()),
        9 => replica.record(looked(if number.is_multiple_of(2) { Ending::Passed } else { Ending::Failed })),
        10 => replica.close(),
        11 => replica.record(EventKind::Canceled { reason: None, tip: None }),
        12 => replica.record(EventKind::Reopened { reason: None }),
        13 => {
            let known = replica.events.len();
            let events = vec![replica.events[usize::from(number) % known].id.clone()];
            replica.record(EventKind::Retracted { events });
        }
        _ => {
            let reached_at = Timestamp::from_second(i64::from(number)).unwrap();
            replica.record(EventKind::Marked { milestone: Milestone::Detected, reached_at });
        }
    }
}

proptest! {
    #[test]
    fn any_partition_and_any_delivery_replay_to_the_same_and_lose_nothing(
        steps in prop::collection::vec((0..3_usize, 0..19_u8, any::<u8>()), 1..40),
        keys in prop::collection::vec(any::<u32>(), 64),
    ) {
        let mut replicas = replicas(["Ada", "Bob", "Cy"]);
        for (at, action, number) in steps {
            if action < 15 {
                act(&mut replicas[at], action, number);
            } else {
                let other = replicas[usize::from(number) % 3].clone();
                replicas[at].learn(&other);
            }
        }
        let mut all = replicas[0].clone();
        replicas[1..].iter().for_each(|replica| all.learn(replica));
        let incident = all.incident();
        let mut delivered: Vec<_> = keys.into_iter().zip(all.events.clone()).collect();
        delivered.sort_by_key(|(key, _)| *key);
        let shuffled = Replica { events: delivered.into_iter().map(|(_, event)| event).collect(), ..all.clone() };
        prop_assert_eq!(&shuffled.incident(), &incident);
        let is_retracted = |event: &Event| incident.events.iter().any(|known| known.id == event.id && known.is_retracted);
        let standing: Vec<&Event> = all.events.iter().filter(|event| !is_retracted(event)).collect();
        let count = |is: fn(&EventKind) -> bool| standing.iter().filter(|event| is(&event.fact.kind)).count();
        prop_assert_eq!(incident.notes.len(), count(|kind| matches!(kind, EventKind::Noted { .. })));
        prop_assert_eq!(incident.waivers.len(), count(|kind| matches!(kind, EventKind::Waived(_))));
        prop_assert_eq!(incident.follow_ups.len(), count(|kind| matches!(kind, EventKind::FollowUpAdded(_))));
        // Taken back is what somebody took back, and nothing else.
        let taken_back: BTreeSet<_> = all.events.iter().filter_map(|event| match &event.fact.kind {
            EventKind::Retracted { events } => Some(events.clone()),
            _ => None,
        }).flatten().collect();
        for event in &all.events {
            let may_be = event.fact.kind.way_back() == WayBack::Retraction;
            prop_assert_eq!(is_retracted(event), may_be && taken_back.contains(&event.id));
        }
        for event in standing {
            match &event.fact.kind {
                EventKind::FollowUpDone { link: Some(text), .. } => {
                    let gone = |event: &Event| matches!(&event.fact.kind, EventKind::FollowUpAdded(added) if added.text == *text);
                    if all.events.iter().any(|event| gone(event) && is_retracted(event)) {
                        continue;
                    }
                    let is_it = |owed: &&crate::domain::incident::FollowUp| owed.done && owed.added.text == *text;
                    prop_assert!(incident.follow_ups.iter().any(|owed| is_it(&owed)), "{}", text);
                }
                EventKind::Merged(landing) => {
                    let mut known = incident.merged_before.iter().chain(&incident.merged);
                    prop_assert!(known.any(|known| known.head == landing.head));
                }
                _ => {}
            }
        }
    }
}
