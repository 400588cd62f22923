//! The order in which events are replayed: parents first, then by depth, then by id. Clocks have no say.

use crate::domain::{Event, EventId};

use super::codec::{Damage, Damaged};

/// Sorts `events` for replay; the result does not depend on the order they come in.
///
/// A parent that is not here is treated as if the event did not name it. Events that name each other in a circle, which
/// content hashes rule out, come last.
pub fn sort(events: Vec<Event>) -> Vec<Event> {
    let depths = depths(&events);
    let mut sorted: Vec<(usize, Event)> = depths.into_iter().zip(events).collect();
    // Clocks of two machines differ; parents and ids do not.
    sorted.sort_by(|(left, one), (right, other)| left.cmp(right).then_with(|| one.id.cmp(&other.id)));
    sorted.into_iter().map(|(_, event)| event).collect()
}

/// The parents that neither `events` nor `damaged` hold, sorted.
pub fn missing_parents(events: &[Event], damaged: &[Damaged]) -> Vec<Damaged> {
    let mut here: Vec<&EventId> = events.iter().map(|event| &event.id).collect();
    here.extend(damaged.iter().map(|damaged| &damaged.id));
    here.sort_unstable();
    let parents = events.iter().flat_map(|event| &event.parents);
    let mut missing: Vec<&EventId> = parents.filter(|parent| here.binary_search(parent).is_err()).collect();
    missing.sort();
    missing.dedup();
    missing.into_iter().map(|id| Damaged { id: id.clone(), why: Damage::Missing }).collect()
}

/// The length of the longest chain of parents below each event, found by taking events whose parents are all done.
fn depths(events: &[Event]) -> Vec<usize> {
    // Ids differ in their first digits: to search among them sorted is faster than to hash all of each.
    let mut positions: Vec<(&EventId, usize)> = events.iter().zip(0..).map(|(event, at)| (&event.id, at)).collect();
    positions.sort_unstable();
    let position = |id: &EventId| {
        let found = positions.binary_search_by_key(&id, |(known, _)| known).ok()?;
        positions.get(found).map(|(_, at)| *at)
    };
    let mut waiting_for = Vec::with_capacity(events.len());
    let mut children = vec![Vec::new(); events.len()];
    for (at, event) in events.iter().enumerate() {
        let mut parents: Vec<usize> = event.parents.iter().filter_map(position).collect();
        parents.sort_unstable();
        parents.dedup();
        waiting_for.push(parents.len());
        for parent in parents {
            children.get_mut(parent).into_iter().for_each(|children| children.push(at));
        }
    }
    let mut depths = vec![usize::MAX; events.len()];
    let mut ready: Vec<usize> = (0..).zip(&waiting_for).filter(|(_, left)| **left == 0).map(|(at, _)| at).collect();
    let mut depth = 0;
    while !ready.is_empty() {
        let mut next = Vec::new();
        for at in ready {
            depths.get_mut(at).into_iter().for_each(|of| *of = depth);
            for child in children.get(at).into_iter().flatten().copied() {
                if let Some(left) = waiting_for.get_mut(child) {
                    *left -= 1;
                    if *left == 0 {
                        next.push(child);
                    }
                }
            }
        }
        ready = next;
        depth += 1;
    }
    depths
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{EventKind, Fact, IncidentId, Person};
    use crate::ledger::codec;

    /// Events with random parents among the earlier ones, all at one instant.
    fn history(parents: &[Vec<usize>]) -> Vec<Event> {
        let incident = IncidentId::from_random(2026, [1; 5]);
        let mut events: Vec<Event> = Vec::new();
        for (place, chosen) in parents.iter().enumerate() {
            let kind = EventKind::Noted { text: place.to_string(), happened_at: None };
            let by = Person { name: "A".to_owned(), email: String::new() };
            let ids = chosen.iter().filter_map(|at| events.get(*at % (place + 1))).map(|event| event.id.clone());
            let ids = ids.collect();
            events.push(codec::encode(&incident, ids, &Fact { at: jiff::Timestamp::UNIX_EPOCH, by, kind }).unwrap().0);
        }
        events
    }

    #[test]
    fn a_missing_parent_is_told_and_tolerated() {
        let [root, child] = <[Event; 2]>::try_from(history(&[vec![], vec![0]])).unwrap();
        assert_eq!(sort(vec![child.clone()]), std::slice::from_ref(&child));
        let missing = missing_parents(std::slice::from_ref(&child), &[]);
        assert_eq!(missing, [Damaged { id: root.id.clone(), why: Damage::Missing }]);
        assert_eq!(missing_parents(&[root, child], &[]), []);
    }

    proptest! {
        #[test]
        fn any_insertion_order_gives_the_same_replay(
            parents in prop::collection::vec(prop::collection::vec(any::<usize>(), 0..3), 1..20),
            keys in prop::collection::vec(any::<u32>(), 20),
        ) {
            let events = history(&parents);
            let mut shuffled: Vec<_> = keys.into_iter().zip(events.clone()).collect();
            shuffled.sort_by_key(|(key, _)| *key);
            let sorted = sort(shuffled.into_iter().map(|(_, event)| event).collect());
            prop_assert_eq!(&sorted, &sort(events));
            for (place, event) in sorted.iter().enumerate() {
                prop_assert!(event.parents.iter().all(|parent| sorted[..place].iter().any(|one| one.id == *parent)));
            }
        }
    }
}
