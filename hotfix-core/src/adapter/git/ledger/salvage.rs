//! A ledger whose ref, newest commit or trees cannot be read, put together from what is still here: its history, the tips that were
//! seen, and objects that nothing leads to any more. What cannot be read is set aside, and nothing is deleted.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use git2::{ObjectType, Oid, Repository};

use crate::domain::ObjectId;
use crate::port::{Choose, ErrorKind, PortError, Recognize, Salvaged, StoreError, StoreTip, by_system};

use super::mend::SetAside;
use super::remains::{LedgerRemains, SalvageRules, SalvagedEvents};
use super::store::{folder, move_tip, tips_under};
use super::turn::{self, LEDGER, SEEN, cache_folder};
use super::union::nobody;
use super::unread;
use crate::adapter::git::convert::{failed, from_git2, oid};
use crate::adapter::git::{GitRepository, durable, promised};

const DOING: &str = "put the ledger together";

/// Puts together the ledgers that cannot be read; `known` are tips that they had.
pub(super) fn salvage(
    git: &GitRepository,
    known: &[StoreTip],
    choose: &Choose<'_>,
    recognize: &Recognize<'_>,
) -> Result<Vec<Salvaged>, StoreError> {
    let mut seen = known.to_vec();
    seen.extend(turn::tips(git));
    // Only a memory: what it names counts if it can be read.
    seen.extend(tips_under(git, SEEN, DOING).unwrap_or_default());
    let mut salvaged = Vec::new();
    for year in years(git, &seen) {
        let marks = seen.iter().filter(|(of, _)| *of == year).filter_map(|(_, tip)| ObjectId::from_str(tip).ok());
        let marks = marks.map(|tip| oid(&tip).map_err(failed(DOING))).collect::<Result<BTreeSet<Oid>, PortError>>()?;
        salvaged.extend(of_year(git, &marks, &SalvageRules { year, choose, recognize })?);
    }
    Ok(salvaged)
}

/// The years whose ledger has a ref, whatever that holds, or had one.
fn years(git: &GitRepository, seen: &[StoreTip]) -> BTreeSet<i16> {
    let year = |name: &str| if name.len() == 4 { name.parse().ok() } else { None };
    let files = std::fs::read_dir(git.layout.common_dir.join(LEDGER)).into_iter().flatten().flatten();
    let files = files.filter_map(|file| year(file.file_name().to_str()?));
    files.chain(seen.iter().map(|(year, _)| *year)).collect()
}

fn of_year(
    git: &GitRepository,
    marks: &BTreeSet<Oid>,
    rules: &SalvageRules<'_>,
) -> Result<Option<Salvaged>, StoreError> {
    let year = rules.year;
    let place = format!("{LEDGER}{year:04}");
    let named = match git.refs.object_of(git, &place, DOING) {
        Ok(None) => return Ok(None), // That it is gone is known, and how it comes back.
        Ok(named) => named,
        Err(error) if error.source.as_deref().is_some_and(|why| by_system(why).is_some()) => return Err(error.into()),
        Err(_) => None,
    };
    let durable = git.durable()?;
    let repository = &durable.repository;
    let at = named.as_ref().map(oid).transpose().map_err(failed(DOING))?;
    let roots: Vec<&str> = named.iter().map(ObjectId::as_str).collect();
    let read = || look(git, repository, at, marks, rules).map_err(|error| looked(git, error));
    let Some(found) = promised::with_promised(git, &roots, read)? else { return Ok(None) };
    // Before anything is written: libgit2 takes what is damaged for what is there.
    for id in &found.broken {
        SetAside::of(git, *id).map_err(failed(DOING))?;
    }
    let events = found.events.len();
    let (to, is_same) = write(repository, at, &found).map_err(|error| unread::unrecorded(git, DOING, error))?;
    let was = named.as_ref().map(ToString::to_string);
    let salvaged = |is_whole| Salvaged { year, was, tip: to.to_string(), events, is_whole };
    if is_same {
        return Ok(Some(salvaged(true)));
    }
    let expected = match named {
        Some(named) => Some(named),
        None => {
            set_ref_aside(git, &place, year).map_err(failed(DOING))?;
            git.refs.object_of(git, &place, DOING)? // A packed one may come to light.
        }
    };
    drop(durable);
    move_tip(git, year, &from_git2(to), expected, "put together")?;
    // Whoever remembers the tip that was here goes on to where something of it is gone.
    git.memory.recorded.borrow_mut().remove(&year);
    if found.is_whole {
        git.refs.put(git, &format!("{SEEN}{year:04}"), &from_git2(to), "put together")?;
    }
    Ok(Some(salvaged(found.is_whole)))
}

/// What is left of a ledger; `None` where it can be read as it is.
fn look(
    git: &GitRepository,
    repository: &Repository,
    at: Option<Oid>,
    marks: &BTreeSet<Oid>,
    rules: &SalvageRules<'_>,
) -> Result<Option<SalvagedEvents>, git2::Error> {
    let odb = repository.odb()?;
    // What is whole and no commit is none of the ledger.
    let at = at
        .filter(|at| odb.read_header(*at).is_ok_and(|(_, kind)| kind == ObjectType::Commit) || odb.read(*at).is_err());
    let mut remains = LedgerRemains::new(repository, &odb, rules, git.is_partial_clone());
    match at {
        Some(at) if remains.is_whole(at)? => Ok(None),
        at => remains.of_what_is_here().put_together(at, marks).map(Some),
    }
}

fn looked(git: &GitRepository, error: git2::Error) -> PortError {
    let is_promised = git.is_promised(&error);
    let error = PortError::new(if is_promised { ErrorKind::Retry } else { ErrorKind::Internal }, DOING, error);
    if is_promised { error.hint(crate::adapter::git::trouble::UNREACHABLE) } else { error }
}

/// Writes a commit with all that was found, unless the one that was here has that very tree: then the two are the same.
fn write(repository: &Repository, at: Option<Oid>, found: &SalvagedEvents) -> Result<(Oid, bool), git2::Error> {
    // A tree that can be read names events that cannot.
    git2::opts::strict_object_creation(false);
    let mut update = git2::build::TreeUpdateBuilder::new();
    for ((incident, event), blob) in &found.events {
        update.upsert(format!("{}/{event}.json", folder(incident)), *blob, git2::FileMode::Blob);
    }
    let empty = repository.find_tree(repository.treebuilder(None)?.write()?)?;
    let tree = update.create_updated(repository, &empty);
    let commit = tree.and_then(|tree| {
        if let Some(at) = at.filter(|at| repository.find_commit(*at).is_ok_and(|commit| commit.tree_id() == tree)) {
            return Ok((at, true));
        }
        let parents = found.parent.map(|parent| repository.find_commit(parent)).transpose()?;
        let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
        let (by, tree) = (nobody(found.at)?, repository.find_tree(tree)?);
        Ok((durable::commit(repository, [&by, &by], "put together what could be read", &tree, &parents)?, false))
    });
    git2::opts::strict_object_creation(true);
    commit
}

/// A file that holds no name of a commit gets out of the way of git, and is kept.
fn set_ref_aside(git: &GitRepository, place: &str, year: i16) -> std::io::Result<()> {
    let kept = cache_folder(git).join("damaged");
    std::fs::create_dir_all(&kept)?;
    #[expect(clippy::disallowed_methods, reason = "a damaged ref, which names nothing")]
    std::fs::rename(git.layout.common_dir.join(place), kept.join(format!("ledger-{year:04}")))
}
