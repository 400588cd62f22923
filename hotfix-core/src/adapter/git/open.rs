//! Finding a repository, and refusing what we would misread.

use std::path::{Path, PathBuf};

use gix::bstr::{BStr, ByteSlice as _};
use gix::odb::pack::cache::lru::MemoryCappedHashmap;
use gix::sec::trust::Mapping;

use crate::domain::ObjectFormat;
use crate::port::{ErrorKind, PortError, RefFormat, Repository, RepositoryFormat};

use super::convert::{failed, lossy};
use super::environment;

/// Enough for the trees and commits that one command looks at more than once.
const OBJECT_CACHE_BYTES: usize = 16 * 1024 * 1024;

/// Enough for the bases that events of one ledger are deltas of; without it each is inflated again for every delta.
const PACK_CACHE_BYTES: usize = 32 * 1024 * 1024;

/// Extensions that change nothing for us, lower-case. git refuses a repository with one that it does not know, because
/// it may mean anything; so do we.
const HARMLESS_EXTENSIONS: [&str; 5] = ["noop", "noop-v1", "preciousobjects", "relativeworktrees", "worktreeconfig"];

/// Finds the repository around `start`.
pub(super) fn discover(start: &Path) -> Result<(gix::Repository, RepositoryFormat), PortError> {
    let doing = || format!("open the git repository at {}", start.display());
    // What gix finds is compared with paths that git prints, which are resolved.
    let start = start.canonicalize().map_err(|error| PortError::new(ErrorKind::Precondition, doing(), error))?;
    let options = options();
    let trust = Mapping { full: options.clone(), reduced: options };
    // As git: a ceiling that does not lie above is passed over.
    let upwards = gix::discover::upwards::Options { match_ceiling_dir_or_error: false, ..Default::default() };
    let found = gix::ThreadSafeRepository::discover_with_environment_overrides_opts(&start, upwards, trust);
    match found {
        Ok(found) => {
            let mut repository = found.to_thread_local();
            let format = format_of(repository.common_dir()).map_err(|why| unsupported(doing(), &why))?;
            repository.object_cache_size_if_unset(OBJECT_CACHE_BYTES);
            // gix sets one by itself only where it may start threads, too.
            repository.objects.set_pack_cache(|| Box::new(MemoryCappedHashmap::new(PACK_CACHE_BYTES)));
            Ok((repository, format))
        }
        // What is not supported may already fail to open; then that is the reason worth telling.
        Err(error) => match likely_common_dir(&start).map(|common_dir| format_of(&common_dir)).transpose() {
            Err(why) => Err(unsupported(doing(), &why)),
            Ok(None) => Err(none_there(&start)),
            Ok(Some(_)) => Err(not_opened(doing(), error)),
        },
    }
}

/// Opens the repository at `place`, wherever the environment leads: a work tree or a git directory.
pub(super) fn exactly(path: &Path) -> Result<(gix::Repository, RepositoryFormat), PortError> {
    let doing = || format!("open the git repository at {}", path.display());
    let repository = gix::open_opts(path, options()).map_err(|error| not_opened(doing(), error))?;
    let format = format_of(repository.common_dir()).map_err(|why| unsupported(doing(), &why))?;
    Ok((repository, format))
}

fn options() -> gix::open::Options {
    gix::open::Options::default().bail_if_untrusted(true).strict_config(false).cli_overrides(environment::settings())
}

/// Where the repository is, as absolute paths without symbolic links.
pub(super) fn layout(repository: &gix::Repository, format: RepositoryFormat) -> Result<Repository, PortError> {
    let absolute = |path: &Path| {
        path.canonicalize()
            .map_err(|error| PortError::new(ErrorKind::Precondition, format!("find {}", path.display()), error))
    };
    Ok(Repository {
        git_dir: absolute(repository.git_dir())?,
        common_dir: absolute(repository.common_dir())?,
        work_tree: repository.workdir().map(absolute).transpose()?,
        is_shallow: repository.is_shallow().map_err(failed("read the list of shallow commits"))?,
        format,
    })
}

/// How the repository keeps refs and objects; the reason where we would not read it as git does.
fn format_of(common_dir: &Path) -> Result<RepositoryFormat, String> {
    let path = common_dir.join("config");
    let mut format = RepositoryFormat::default();
    let Ok(config) = gix::config::File::from_path_no_includes(path, gix::config::Source::Local) else {
        return Ok(format); // Then opening it fails, and says why.
    };
    let version = config.integer("core.repositoryFormatVersion").ok().flatten().unwrap_or_default();
    if version > 1 {
        return Err(format!("its format has version {version}"));
    }
    let sections = config.sections_by_name("extensions").into_iter().flatten();
    for (name, value) in sections.flat_map(|section| {
        section.value_names().map(|name| (lossy(name.as_ref()), section.value(&*name))).collect::<Vec<_>>()
    }) {
        let value = value.map(|value| lossy(value.as_ref())).unwrap_or_default();
        match (name.to_ascii_lowercase().as_str(), value.to_ascii_lowercase().as_str()) {
            ("objectformat", "sha1") => format.objects = ObjectFormat::Sha1,
            ("objectformat", "sha256") => format.objects = ObjectFormat::Sha256,
            ("refstorage", "files") => format.refs = RefFormat::Files,
            // The files are there and say nothing; gix reads and writes them all the same.
            ("refstorage", "reftable") => format.refs = RefFormat::Reftable,
            ("objectformat", _) => return Err(format!("its object format is {value}, which is not known here")),
            ("refstorage", _) => return Err(format!("its refs are stored as {value}, which is not known here")),
            (name, _) if HARMLESS_EXTENSIONS.contains(&name) => {}
            _ => return Err(format!("it has the extension `{name}`, which is not known here")),
        }
    }
    Ok(format)
}

/// There is none: one clause, as git says it.
fn none_there(start: &Path) -> PortError {
    let doing = format!("find a git repository in {} or a folder above it", start.display());
    let hints = vec!["cd into a repository, or name it: -C <folder>".to_owned()];
    PortError { doing, kind: ErrorKind::Precondition, hints, source: None }
}

fn unsupported(doing: String, why: &str) -> PortError {
    PortError::new(ErrorKind::Precondition, doing, why).hint("A newer hotfix may know it: its CHANGELOG says so.")
}

fn not_opened(doing: String, error: gix::Error) -> PortError {
    // gix has no kind of error for it, so its word decides.
    let is_untrusted = error.to_string().contains("unsafe") || error.is_permission_denied();
    let error = PortError::new(ErrorKind::Precondition, doing, error);
    if is_untrusted {
        error.hint("It belongs to another user: `git config --global --add safe.directory <path>` trusts it.")
    } else {
        error.hint("Run this inside a git repository.")
    }
}

/// The common git directory around `start` as far as it can be told without opening it.
fn likely_common_dir(start: &Path) -> Option<PathBuf> {
    let git_dir = match environment::git_dir() {
        Some(git_dir) => git_dir,
        None => gix::discover::upwards(start).ok()?.0.into_repository_and_work_tree_directories().0,
    };
    let common = std::fs::read(git_dir.join("commondir")).ok();
    let common = common.map(|bytes| git_dir.join(gix::path::from_bstr(BStr::new(bytes.trim())).unwrap_or_default()));
    Some(common.unwrap_or(git_dir))
}
