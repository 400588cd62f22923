//! The ledger and remotes: by the git program, which has the person's credentials; nothing of the repository runs.

use std::str::FromStr as _;

use gix::objs::Kind;
use gix::objs::tree::EntryMode;

use crate::domain::{EventId, IncidentId, ObjectId, RefName};
use crate::port::{
    Choose, Expected, LEDGER_BRANCH, LEDGER_PLACE, LedgerExchange, LedgerUpdate, Peer, PortError, Push, PushError,
    RefUpdate, RefsWrite as _, RemoteLedger, Stays, StoreError, StoreTip, fetched_place, tracked_place,
};

use super::store::{differing, entries, hex, move_tip, root};
use super::tree::{FOLDER, is_ours};
use super::{union, unread};
use crate::adapter::git::child::GitRun;
use crate::adapter::git::convert::{failed, from_git2, oid};
use crate::adapter::git::{GitRepository, answers, promised, push};

/// Where ledgers lie on a remote, and below what they are remembered here. Some hosts take branches only.
const PLACES: [(&str, &str); 2] = [(LEDGER_PLACE, ""), (LEDGER_BRANCH, "branch/")];

impl LedgerExchange for GitRepository {
    fn ask(&self, peer: &Peer<'_>) -> Result<Vec<RemoteLedger>, PortError> {
        let patterns = PLACES.map(|(place, _)| RefName::known(format!("{place}*")));
        let run =
            GitRun::new(format!("ask {} for its ledgers", peer.remote), ["ls-remote", "--end-of-options", peer.remote])
                .arguments(patterns.iter().map(RefName::as_str))
                .reading();
        let answer = self.output(&timed(run, peer))?;
        let refs = answers::remote_refs(&answer, &patterns).refs;
        let mut ledgers: Vec<RemoteLedger> = refs
            .into_iter()
            .filter_map(|(place, tip)| {
                let year = PLACES.iter().find_map(|(prefix, _)| year_of(place.as_str().strip_prefix(prefix)?))?;
                Some(RemoteLedger { year, place, tip: tip.to_string() })
            })
            .collect();
        ledgers.sort();
        Ok(ledgers)
    }

    fn fetch(&self, peer: &Peer<'_>, ledgers: &[RemoteLedger]) -> Result<(), PortError> {
        let run = GitRun::new(format!("fetch the ledgers of {}", peer.remote), ["fetch", "--no-tags", "--no-prune"])
            // A filter, once used, makes a partial clone of a full one for good; in a partial clone events are needed whole.
            .arguments(["--no-filter", "--no-write-fetch-head", "--no-recurse-submodules", "--quiet"])
            // Whatever the remote's own refspec is (a mirror's, or one with `+`): our refs are moved by us.
            .arguments(["--refmap=", "--end-of-options", peer.remote])
            .arguments(ledgers.iter().map(|ledger| ledger.place.as_str()))
            .elsewhere();
        self.output(&timed(run, peer)).map(drop)
    }

    fn is_ledger(&self, tip: &str) -> Result<bool, PortError> {
        let read = || -> gix::Result<bool> {
            if self.reads.find_object(hex(self, tip)?)?.kind != Kind::Commit {
                return Ok(false);
            }
            let top = root(self, tip)?;
            for (_, shard) in
                entries(self, top, EntryMode::is_tree)?.iter().filter(|(name, _)| is_ours(0, name, FOLDER))
            {
                let incidents = entries(self, *shard, EntryMode::is_tree)?;
                if incidents.iter().any(|(name, _)| is_ours(1, name, FOLDER)) {
                    return Ok(true);
                }
            }
            Ok(entries(self, top, |_| true)?.is_empty())
        };
        let read = || read().map_err(|error| unread::error(self, "look at a ledger that was fetched", error));
        promised::with_promised(self, &[tip], read)
    }

    fn push(&self, peer: &Peer<'_>, updates: &[LedgerUpdate]) -> Result<(), PushError> {
        let updates = updates.iter().map(|update| {
            let expected = update.expected.as_deref().map_or(Ok(Expected::Absent), |tip| tip.parse().map(Expected::At));
            let to: ObjectId = update.to.parse().map_err(failed("push the ledger"))?;
            let expected = expected.map_err(failed("push the ledger"))?;
            Ok(RefUpdate { name: update.place.clone(), to: Some(to), expected })
        });
        let push = Push { remote: peer.remote.to_owned(), updates: updates.collect::<Result<_, PortError>>()? };
        // The setting of a mirror's remote rules refspecs out.
        let mirror = format!("remote.{}.mirror=false", peer.remote);
        let run = GitRun::new(
            format!("push the ledger to {}", peer.remote),
            ["-c", &mirror, "push", "--porcelain", "--no-verify"],
        )
        .arguments(["--no-follow-tags", "--no-signed", "--recurse-submodules=no"])
        .arguments(push.updates.iter().map(push::lease))
        .arguments(["--end-of-options", peer.remote])
        .arguments(push.updates.iter().map(push::refspec))
        .elsewhere();
        push::answered(self, &push, &timed(run, peer))
    }

    fn tracked(&self, remote: &str) -> Result<Vec<RemoteLedger>, PortError> {
        ledgers_below(self, &tracked_place(remote), &format!("list the ledgers of {remote}"))
    }

    fn fetched(&self, remote: &str) -> Result<Vec<RemoteLedger>, PortError> {
        ledgers_below(self, &fetched_place(remote), &format!("list the ledgers that came from {remote}"))
    }

    fn track(&self, remote: &str, ledger: &RemoteLedger) -> Result<(), PortError> {
        let below = PLACES.iter().find_map(|(place, below)| {
            let year = ledger.place.as_str().strip_prefix(place)?;
            Some(format!("{below}{year}"))
        });
        let Some(below) = below else { return Ok(()) };
        let doing = format!("remember what {remote} has");
        let name = RefName::known(format!("{}{below}", tracked_place(remote)));
        let to: ObjectId = ledger.tip.parse().map_err(failed(&doing))?;
        let expected = self.refs.object_of(self, &name, &doing)?.map_or(Expected::Absent, Expected::At);
        self.update_refs(&[RefUpdate { name, to: Some(to), expected }], "synced")
    }

    fn missing(
        &self,
        tip: Option<&str>,
        of: &str,
        choose: &Choose<'_>,
    ) -> Result<Vec<(IncidentId, EventId)>, PortError> {
        let roots: Vec<&str> = tip.into_iter().chain([of]).collect();
        let read = || missing(self, tip, of, choose).map_err(|error| unread::error(self, "compare two ledgers", error));
        promised::with_promised(self, &roots, read)
    }

    fn unite(
        &self,
        year: i16,
        expected: Option<&str>,
        theirs: &str,
        choose: &Choose<'_>,
    ) -> Result<StoreTip, StoreError> {
        let parse = |tip: &str| tip.parse::<ObjectId>().map_err(|_| StoreError::Moved { year });
        let roots: Vec<&str> = expected.into_iter().chain([theirs]).collect();
        let (ours, theirs) = (expected.map(parse).transpose()?, parse(theirs)?);
        // What is not here would be taken for lost, and the other side's believed.
        promised::fetch(self, &roots)?;
        let durable = self.durable()?;
        let repository = &durable.repository;
        let united = || union::unite(repository, ours.as_ref().map(oid).transpose()?, oid(&theirs)?, choose);
        let tip = united().map_err(|error| unread::unrecorded(self, "unite two ledgers", error))?;
        let tip = from_git2(tip);
        if ours.as_ref() == Some(&tip) {
            return Ok((year, tip.to_string()));
        }
        drop(durable);
        Ok((year, move_tip(self, year, &tip, ours, "synced")?))
    }
}

/// The events under `of` that are not under `tip`, or are something worse there.
fn missing(
    git: &GitRepository,
    tip: Option<&str>,
    of: &str,
    choose: &Choose<'_>,
) -> gix::Result<Vec<(IncidentId, EventId)>> {
    let mut missing = Vec::new();
    let tip = tip.map(|tip| root(git, tip)).transpose()?;
    for (_, shard, there) in differing(git, tip, Some(root(git, of)?), EntryMode::is_tree)? {
        for (incident, folder, there) in differing(git, shard, there, EntryMode::is_tree)? {
            let Ok(incident) = IncidentId::from_str(&incident) else { continue };
            for (name, here, there) in differing(git, folder, there, EntryMode::is_blob)? {
                let Some(Ok(event)) = name.strip_suffix(".json").map(EventId::from_str) else { continue };
                let Some(there) = there else { continue };
                let is_worse = || -> gix::Result<bool> {
                    let Some(here) = here else { return Ok(true) };
                    let bytes = |id| git.reads.try_find_object(id).map(|found| found.map(|blob| blob.data.clone()));
                    let [here, there] = [bytes(here)?, bytes(there)?].map(Option::unwrap_or_default);
                    Ok(matches!(choose(&incident, &event, &here, &there), Stays::Second | Stays::SecondOnly))
                };
                if is_worse()? {
                    missing.push((incident.clone(), event));
                }
            }
        }
    }
    Ok(missing)
}

/// How long it may take, and whether anybody can be asked meanwhile.
pub(super) fn timed(run: GitRun, peer: &Peer<'_>) -> GitRun {
    if peer.may_ask { run.talking() } else { run.talking_alone().within_time(peer.patience) }
}

/// The ledgers that are remembered below a prefix, with their places on the remote.
fn ledgers_below(git: &GitRepository, folder: &str, doing: &str) -> Result<Vec<RemoteLedger>, PortError> {
    let mut ledgers = Vec::new();
    for (name, tip) in git.refs.objects_under(git, folder, doing)? {
        let Some(rest) = name.strip_prefix(folder) else { continue };
        let known = PLACES.iter().rev().find_map(|(place, below)| {
            let year = rest.strip_prefix(below)?;
            Some((year_of(year)?, RefName::known(format!("{place}{year}"))))
        });
        ledgers.extend(known.map(|(year, place)| RemoteLedger { year, place, tip: tip.to_string() }));
    }
    ledgers.sort();
    Ok(ledgers)
}

fn year_of(text: &str) -> Option<i16> {
    text.parse().ok().filter(|_| text.len() == 4)
}
