//! What a change sets submodules to, and whether anybody else can have it. Their repositories are read where they lie:
//! no remote is asked, and no program is started.

use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice as _;
use gix::diff::tree_with_rewrites::Change;

use crate::domain::ObjectId;
use crate::port::{ContentRead as _, HistoryRead as _, PortError, Publication, RepositoryRead as _, SubmoduleCommit};

use super::GitRepository;
use super::convert::{from_gix, lossy, to_gix};
use super::{diff, push};

pub(super) fn changed(git: &GitRepository, from: &ObjectId, to: &ObjectId) -> Result<Vec<SubmoduleCommit>, PortError> {
    let read = || -> gix::Result<Vec<(String, gix::ObjectId)>> {
        let tree = |id: &ObjectId| -> gix::Result<_> {
            git.reads.find_object(to_gix(git, id).map_err(gix::Error::from_error)?)?.peel_to_tree()
        };
        // A submodule has no content to be similar: to look for renames costs and finds none.
        let changes = diff::differing(&git.reads, &tree(from)?, &tree(to)?, None)?;
        Ok(changes.into_iter().filter_map(set).collect())
    };
    let doing = || format!("compare the submodules of {} and {}", from.short(), to.short());
    let fetching = ["diff-tree", "-r", from.as_str(), to.as_str()];
    let mut set = git.with_missing_fetched(&fetching, || read().map_err(|error| git.unreadable(doing(), error)))?;
    if set.is_empty() {
        return Ok(Vec::new());
    }
    set.sort();
    let names = git.file_at(to, ".gitmodules")?.unwrap_or_default();
    Ok(set.into_iter().map(|(path, commit)| looked_up(git, path, commit, &names)).collect())
}

/// Whether what is checked out of a submodule is merely older than the commit that is recorded for it: nobody's work would be
/// lost by an update.
pub(super) fn is_outdated(git: &GitRepository, path: &str, recorded: &ObjectId) -> bool {
    let look = || -> Option<bool> {
        let submodule = GitRepository::at(&git.layout.work_tree.as_ref()?.join(path)).ok()?;
        let here = submodule.head().ok()?.commit()?.clone();
        if submodule.has_commit(recorded).ok()? {
            return submodule.is_ancestor(&here, recorded).ok();
        }
        // It is to be fetched first; what is here is safe where others have it.
        let here = to_gix(&submodule, &here).ok()?;
        Some(publication(&submodule, here).ok()? == Publication::Published)
    };
    look().unwrap_or(false)
}

/// The first of its repositories that has the commit tells; one where it is published settles it.
fn looked_up(git: &GitRepository, path: String, commit: gix::ObjectId, gitmodules: &[u8]) -> SubmoduleCommit {
    let mut told = SubmoduleCommit {
        commit: from_gix(&commit),
        git_dir: None,
        remote: None,
        publication: Publication::NoRepository,
        path,
    };
    for (path, is_checked_out) in repositories_of(git, &told.path, gitmodules) {
        let (publication, remote) = match GitRepository::at(&path) {
            Ok(repository) => {
                let publication = publication(&repository, commit).unwrap_or(Publication::Unreadable);
                (publication, remote(&repository.reads))
            }
            Err(_) => (Publication::Unreadable, None),
        };
        if publication == Publication::Published || weight(publication) > weight(told.publication) {
            told.git_dir = (!is_checked_out).then(|| shown(git, &path));
            (told.publication, told.remote) = (publication, remote);
        }
    }
    // The push will publish it first: the person has set that.
    if told.publication == Publication::OnlyHere && push::brings_submodules(git) {
        told.publication = Publication::ComesAlong;
    }
    told
}

/// Where its repositories may be: what is checked out at its path, and what git keeps by its name for this work tree,
/// the main one and the linked ones; each with whether it is the one at its path.
fn repositories_of(git: &GitRepository, path: &str, gitmodules: &[u8]) -> Vec<(PathBuf, bool)> {
    let layout = &git.layout;
    // Another clone may lie at its path, with commits that git's own copy lacks.
    let checked_out = layout.work_tree.as_ref().map(|top| top.join(path)).filter(|it| it.join(".git").exists());
    let mut repositories: Vec<(PathBuf, bool)> = checked_out.into_iter().map(|path| (path, true)).collect();
    let Some(name) = name_of(path, gitmodules) else { return repositories };
    let linked = std::fs::read_dir(layout.common_dir.join("worktrees")).into_iter().flatten().flatten();
    let git_dirs = [layout.git_dir.clone(), layout.common_dir.clone()];
    let git_dirs = git_dirs.into_iter().chain(linked.map(|entry| entry.path()));
    let kept = git_dirs.map(|git_dir| git_dir.join("modules").join(&name)).filter(|it| it.join("HEAD").exists());
    repositories.extend(kept.map(|path| (path, false)));
    repositories
}

fn shown(git: &GitRepository, path: &Path) -> String {
    let top = git.layout.work_tree.as_deref();
    top.and_then(|top| path.strip_prefix(top).ok()).unwrap_or(path).to_string_lossy().into_owned()
}

/// The path and commit of a submodule that a change sets.
fn set(change: Change) -> Option<(String, gix::ObjectId)> {
    let (path, mode, commit) = match change {
        Change::Addition { location, entry_mode, id, .. } | Change::Modification { location, entry_mode, id, .. } => {
            (location, entry_mode, id)
        }
        Change::Deletion { .. } | Change::Rewrite { .. } => return None, // Renames are not followed here.
    };
    mode.is_commit().then(|| (lossy(&path), commit))
}

/// The name that `.gitmodules` gives the submodule at a path. It leads to a folder, so as in git none leads out of it.
fn name_of(path: &str, gitmodules: &[u8]) -> Option<String> {
    let source = gix::config::file::Metadata::from(gix::config::Source::Worktree);
    let file = gix::config::File::from_bytes_no_includes(gitmodules, source, Default::default()).ok()?;
    let sections = file.sections_by_name("submodule")?;
    let mut named =
        sections.filter(|section| section.value("path").is_some_and(|value| value.as_bytes() == path.as_bytes()));
    let name = lossy(named.next()?.header().subsection_name()?);
    let leads_out = Path::new(&name).components().any(|part| !matches!(part, std::path::Component::Normal(_)));
    (!name.is_empty() && !leads_out).then_some(name)
}

fn publication(submodule: &GitRepository, commit: gix::ObjectId) -> gix::Result<Publication> {
    let repository = &submodule.reads;
    if repository.try_find_header(commit)?.is_none_or(|header| header.kind() != gix::objs::Kind::Commit) {
        return Ok(Publication::Absent);
    }
    let cut_off = repository.shallow_commits()?;
    // Where history was cut off, a remote cut it: it has what it sent.
    if cut_off.as_ref().is_some_and(|commits| commits.iter().any(|cut| *cut == commit)) {
        return Ok(Publication::Published);
    }
    let mut tips = Vec::new();
    for prefix in ["refs/remotes/", "refs/tags/"] {
        for (_, tip) in submodule.refs_under(prefix).map_err(gix::Error::from_error)? {
            tips.push(to_gix(submodule, &tip).map_err(gix::Error::from_error)?);
        }
    }
    if tips.contains(&commit) {
        return Ok(Publication::Published);
    }
    // What a tracking ref holds was on the remote once; no remote is asked here.
    let is_below = !tips.is_empty() && repository.merge_bases_many(commit, &tips)?.iter().any(|base| *base == commit);
    Ok(match (is_below, cut_off) {
        (true, _) => Publication::Published,
        (false, Some(_)) => Publication::CutOff,
        (false, None) => Publication::OnlyHere,
    })
}

fn remote(repository: &gix::Repository) -> Option<String> {
    let names: Vec<String> = repository.remote_names().iter().map(|name| lossy(name.as_ref())).collect();
    names.iter().find(|name| *name == "origin").or(names.first()).cloned()
}

/// How much an answer tells.
fn weight(publication: Publication) -> u8 {
    match publication {
        Publication::NoRepository => 0,
        Publication::Unreadable => 1,
        Publication::Absent => 2,
        Publication::CutOff => 3,
        Publication::OnlyHere | Publication::ComesAlong => 4,
        Publication::Published => 5,
    }
}
