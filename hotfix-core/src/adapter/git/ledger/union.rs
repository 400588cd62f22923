//! Two ledgers become one: all files of both. Trees and commits come out the same wherever that is done, so that replicas meet
//! in one commit.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use crate::domain::{EventId, IncidentId};
use crate::port::{Choose, Stays};

use super::tree::{LEVELS, is_ours};
use crate::adapter::git::durable;

/// Who makes the commits that unite two ledgers: nobody in particular, or they would differ.
const NOBODY: (&str, &str) = ("hotfix", "hotfix@localhost");

/// What a commit is that unites two.
pub(super) fn unite(
    repository: &git2::Repository,
    ours: Option<git2::Oid>,
    theirs: git2::Oid,
    choose: &Choose<'_>,
) -> Result<git2::Oid, git2::Error> {
    let Some(ours) = ours.filter(|ours| *ours != theirs) else { return Ok(theirs) };
    let [one, other] = [repository.find_commit(ours)?, repository.find_commit(theirs)?];
    let mut union = Union { repository, choose, one_remembers: false, other_remembers: false };
    let tree = union.trees(&mut Vec::new(), one.tree_id(), other.tree_id())?;
    let (is_ours, is_theirs) = (tree == one.tree_id(), tree == other.tree_id());
    let [ours_remembers, theirs_remembers] = [union.one_remembers, union.other_remembers];
    let is_ancestor = |old: git2::Oid, new: git2::Oid| repository.graph_descendant_of(new, old);
    if is_ours && (theirs_remembers || is_ancestor(theirs, ours)?) {
        return Ok(ours);
    }
    if is_theirs && (ours_remembers || is_ancestor(ours, theirs)?) {
        return Ok(theirs);
    }
    if is_ours && is_theirs && one.parent_count().min(other.parent_count()) == 0 {
        // One of them leaves behind what was forgotten; a commit with both as its parents would lead there again.
        return Ok(match (one.parent_count(), other.parent_count()) {
            (0, 0) => ours.min(theirs),
            (0, _) => ours,
            _ => theirs,
        });
    }
    let at = one.time().seconds().max(other.time().seconds());
    let by = nobody(at)?;
    // From the commit of one that still holds what the other has forgotten one would get to that.
    let parents = [(&one, ours_remembers), (&other, theirs_remembers)].into_iter();
    let mut parents: Vec<&git2::Commit<'_>> =
        parents.filter(|(_, remembers)| !remembers).map(|(side, _)| side).collect();
    parents.sort_by_key(|commit| commit.id());
    durable::commit(repository, [&by, &by], "unite two ledgers", &repository.find_tree(tree)?, &parents)
}

/// Nobody in particular, at a time.
pub(super) fn nobody(at: i64) -> Result<git2::Signature<'static>, git2::Error> {
    git2::Signature::new(NOBODY.0, NOBODY.1, &git2::Time::new(at, 0))
}

struct Union<'u> {
    repository: &'u git2::Repository,
    choose: &'u Choose<'u>,
    /// Whether the first one holds what the other has forgotten.
    one_remembers: bool,
    /// Whether the other one holds what the first has forgotten.
    other_remembers: bool,
}

/// What is stored under a name: its mode and its object.
type UnionEntry = (i32, git2::Oid);

impl Union<'_> {
    /// The tree that holds what two hold.
    fn trees(&mut self, path: &mut Vec<String>, one: git2::Oid, other: git2::Oid) -> Result<git2::Oid, git2::Error> {
        if one == other {
            return Ok(one);
        }
        let [first, second] = [self.repository.find_tree(one)?, self.repository.find_tree(other)?];
        let mut entries: BTreeMap<Vec<u8>, (Option<UnionEntry>, Option<UnionEntry>)> = BTreeMap::new();
        // What is no event does not spread.
        let depth = path.len();
        let is_ours = |entry: &git2::TreeEntry<'_>| {
            is_ours(depth, &String::from_utf8_lossy(entry.name_bytes()), entry.filemode_raw().unsigned_abs())
        };
        for entry in first.iter().filter(is_ours) {
            entries.entry(entry.name_bytes().to_vec()).or_default().0 = Some((entry.filemode_raw(), entry.id()));
        }
        for entry in second.iter().filter(is_ours) {
            entries.entry(entry.name_bytes().to_vec()).or_default().1 = Some((entry.filemode_raw(), entry.id()));
        }
        let mut builder = self.repository.treebuilder(None)?;
        for (name, entry) in entries {
            let kept = match entry {
                (Some(one), Some(other)) if one != other => self.entry(path, &name, one, other)?,
                (Some(one), _) => one,
                (None, Some(other)) => other,
                (None, None) => continue,
            };
            builder.insert(name, kept.1, kept.0)?;
        }
        builder.write()
    }

    /// What stays of two; both are folders, or both are files of an event.
    fn entry(
        &mut self,
        path: &mut Vec<String>,
        name: &[u8],
        one: UnionEntry,
        other: UnionEntry,
    ) -> Result<UnionEntry, git2::Error> {
        let text = String::from_utf8_lossy(name).into_owned();
        if path.len() < LEVELS {
            path.push(text);
            let tree = self.trees(path, one.1, other.1);
            path.pop();
            return Ok((one.0, tree?));
        }
        let incident = path.last().and_then(|incident| IncidentId::from_str(incident).ok());
        let event = text.strip_suffix(".json").and_then(|event| EventId::from_str(event).ok());
        match incident.zip(event) {
            Some((incident, event)) => self.event(&incident, &event, one, other),
            None => Ok(one.max(other)),
        }
    }

    fn event(
        &mut self,
        incident: &IncidentId,
        event: &EventId,
        one: UnionEntry,
        other: UnionEntry,
    ) -> Result<UnionEntry, git2::Error> {
        if one.1 == other.1 {
            return Ok(one.min(other)); // One of them may be run, which says nothing.
        }
        let kept = (self.choose)(incident, event, &self.bytes(one)?, &self.bytes(other)?);
        self.one_remembers |= kept == Stays::SecondOnly;
        self.other_remembers |= kept == Stays::FirstOnly;
        Ok(match kept {
            Stays::First | Stays::FirstOnly => one,
            Stays::Second | Stays::SecondOnly => other,
        })
    }

    /// The bytes of a file; what is not here is worth as much as none.
    fn bytes(&self, (_, id): UnionEntry) -> Result<Vec<u8>, git2::Error> {
        match self.repository.find_blob(id) {
            Ok(blob) => Ok(blob.content().to_vec()),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A side's events: which incident, which event, and how it stands there.
    type Side = BTreeMap<(u8, u8), u8>;

    /// What is forgotten stays so, what is garbled goes; two who forgot one event are settled by their words.
    fn choose(_: &IncidentId, _: &EventId, first: &[u8], second: &[u8]) -> Stays {
        let worth = |bytes: &[u8]| match bytes.first() {
            Some(b'f') => 2,
            Some(b'w') => 1,
            _ => 0,
        };
        let is_first = (worth(first), first) >= (worth(second), second);
        match (is_first, worth(first).max(worth(second)) == 2 && worth(first) != worth(second)) {
            (true, false) => Stays::First,
            (false, false) => Stays::Second,
            (true, true) => Stays::FirstOnly,
            (false, true) => Stays::SecondOnly,
        }
    }

    fn commit(repository: &git2::Repository, side: &Side, parent: Option<git2::Oid>) -> git2::Oid {
        let mut update = git2::build::TreeUpdateBuilder::new();
        for ((incident, event), state) in side {
            let id = IncidentId::from_random(2026, [*incident; 5]);
            let name = EventId::of(&[*event]);
            let bytes = ["whole", "forgotten by ada", "forgotten by bob", "garbled"][usize::from(*state)];
            let blob = repository.blob(bytes.as_bytes()).unwrap();
            update.upsert(format!("{incident:02x}/{id}/{name}.json"), blob, git2::FileMode::Blob);
        }
        let empty = repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let tree = repository.find_tree(update.create_updated(repository, &empty).unwrap()).unwrap();
        let by =
            git2::Signature::new("Ada", "ada@example.com", &git2::Time::new(1_000 + side.len() as i64, 0)).unwrap();
        let parent = parent.map(|parent| repository.find_commit(parent).unwrap());
        let parents: Vec<_> = parent.iter().collect();
        durable::commit(repository, [&by, &by], "side", &tree, &parents).unwrap()
    }

    fn side() -> impl Strategy<Value = Side> {
        prop::collection::btree_map((0..2_u8, 0..4_u8), 0..4_u8, 0..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))] // Each writes some forty objects.
        #[test]
        fn whoever_unites_and_in_whatever_order_comes_to_the_same(a in side(), b in side(), c in side(), shared in any::<bool>()) {
            let folder = tempfile::tempdir().unwrap();
            let repository = git2::Repository::init_bare(folder.path()).unwrap();
            let base = shared.then(|| commit(&repository, &Side::from([((0, 0), 0)]), None));
            let [a, b, c] = [a, b, c].map(|side| commit(&repository, &side, base));
            let unite = |one, other| unite(&repository, Some(one), other, &choose).unwrap();
            let tree = |commit| repository.find_commit(commit).unwrap().tree_id();
            prop_assert_eq!(unite(a, b), unite(b, a));
            prop_assert_eq!(tree(unite(unite(a, b), c)), tree(unite(a, unite(b, c))));
            prop_assert_eq!(unite(a, a), a);
            prop_assert_eq!(unite(unite(a, b), a), unite(a, b), "it holds that already");
            prop_assert_eq!(unite(b, unite(a, b)), unite(a, b), "it moves there");
        }
    }
}
