//! The scratch folder in the user's cache: one place for each commit and toolchain that something is built of.

use std::ffi::OsStr;
use std::fs::{self, TryLockError};
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::adapter::locked_file::LockedFile;
use crate::domain::sha256_hex;
use crate::port::{ErrorKind, PortError, ScratchFolder, ScratchFolders};

use super::environment;

/// Places that nobody used for so long are removed.
const STALE: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// Answers hold for so long: what git does not know, such as the toolchain, may change meanwhile.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);
/// No more places than this are kept for a repository.
// Cargo fills gigabytes a place, and the next hotfix starts from another base anyway.
const MOST_PLACES: usize = 4;
/// No more runs than this build the same thing at once.
const MOST_AT_ONCE: usize = 16;
/// No more is read of a file that something built left behind, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;
/// No more links are followed one after the other.
const LINKS: u8 = 40;
/// The file whose lock says that a place is in use; its time says since when not.
const LOCK: &str = "in-use";

/// The scratch folder of one repository.
#[derive(Debug, Clone)]
pub struct CacheFolder {
    root: PathBuf,
}

impl CacheFolder {
    /// The folder for the repository whose shared git directory is `common_dir`.
    pub fn of(common_dir: &Path) -> Self {
        let absolute = |name| environment::variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
        let cache = cache.unwrap_or_else(std::env::temp_dir);
        // All work trees of a repository share what was built of its base.
        let name = sha256_hex(common_dir.as_os_str().as_encoded_bytes());
        Self { root: cache.join("hotfix").join(name.get(..16).unwrap_or(&name)) }
    }

    /// Removes places that nobody needs any more, except `current`.
    fn prune(&self, current: &Path) {
        let Ok(entries) = fs::read_dir(&self.root) else { return };
        let mut places: Vec<(SystemTime, PathBuf)> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let used = fs::metadata(path.join(LOCK)).and_then(|lock| lock.modified()).ok()?;
                Some((used, path))
            })
            .filter(|(_, path)| path != current)
            .collect();
        places.sort();
        // The newest first, so that the count below spares those.
        places.reverse();
        for (place, (used, path)) in places.iter().enumerate() {
            let is_stale = used.elapsed().is_ok_and(|age| age > STALE);
            // The lock tells: another run may be building there right now.
            if (is_stale || place + 2 > MOST_PLACES) && is_free(path) {
                remove_all(path);
            }
        }
    }
}

impl ScratchFolders for CacheFolder {
    fn claim(&self, key: &str) -> Result<ScratchFolder, PortError> {
        // Two runs at once would build into each other's folder; and to wait for one that was stopped is to wait for ever.
        for number in 1..=MOST_AT_ONCE {
            let folder = self.root.join(if number == 1 { key.to_owned() } else { format!("{key}-{number}") });
            let failed = failed("make a place to build in", &folder);
            fs::create_dir_all(&folder).map_err(&failed)?;
            let lock = open_lock(&folder).map_err(&failed)?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            let _ = lock.set_modified(now()); // Only tells which place is the oldest.
            self.prune(&folder);
            return Ok(ScratchFolder::new(&folder, Some(lock)));
        }
        let doing = format!("find a free place to build in at {}", self.root.display());
        let hint = "They may have been stopped with Ctrl-Z: `jobs` in their terminals tells.";
        Err(PortError::new(ErrorKind::Retry, doing, format!("{MOST_AT_ONCE} other runs use those there are"))
            .hint(hint))
    }

    fn seed(&self, place: &ScratchFolder, from: &Path, own: &[String]) -> Result<(), PortError> {
        let Some(profile) = from.file_name() else { return Ok(()) };
        let to = place.target.join(profile);
        // No such folder means that Cargo has built nothing there, or lays it out in a new way.
        if to.exists() || !from.join(".fingerprint").is_dir() {
            return Ok(());
        }
        // A run that is killed while copying must not leave what Cargo takes for whole.
        let half = place.target.join(format!("{}.part", profile.to_string_lossy()));
        remove_all(&half);
        let copied = copy_foreign(from, &half, own).and_then(|()| rename(&half, &to));
        copied.map_err(failed("copy what is built already", &to))
    }

    fn provide(&self, place: &ScratchFolder, path: &str, content: &[u8]) -> Result<(), PortError> {
        let to = place.tree.join(path);
        let written = || -> io::Result<()> {
            // Also a dangling link counts as there.
            if to.symlink_metadata().is_ok() {
                return Ok(());
            }
            fs::create_dir_all(to.parent().unwrap_or(&to))?;
            write(&to, content)
        };
        written().map_err(failed("write a file to build with", &to))
    }

    fn link(&self, place: &ScratchFolder, path: &str, to: &Path) -> Result<bool, PortError> {
        let (from, to) = (place.tree.join(path), to.join(path));
        if !to.exists() {
            return Ok(false);
        }
        // Where a submodule belongs git leaves an empty folder. No other folder can be removed so.
        if from.symlink_metadata().is_ok() && fs::remove_dir(&from).is_err() {
            return Ok(true);
        }
        let linked =
            fs::create_dir_all(from.parent().unwrap_or(&from)).and_then(|()| std::os::unix::fs::symlink(&to, &from));
        linked.map(|()| true).map_err(failed("link to what is there", &from))
    }

    fn lint_capper(&self) -> Result<PathBuf, PortError> {
        let path = self.root.join("cap-lints");
        // The person's own wrapper (sccache, clippy) goes on to run inside of ours.
        let wrapper = environment::variable("RUSTC_WORKSPACE_WRAPPER").filter(|wrapper| !wrapper.is_empty());
        let wrapper = wrapper.map(|wrapper| format!("'{}' ", wrapper.replace('\'', r"'\''"))).unwrap_or_default();
        // The compiler takes this option once only.
        let script = format!(
            "#!/bin/sh\nfor word; do case $word in --cap-lints*) exec {wrapper}\"$@\";; esac; done\nexec {wrapper}\"$@\" --cap-lints warn\n"
        );
        let part = self.root.join("cap-lints.part");
        let written = write(&part, script.as_bytes())
            // Renamed last: Cargo of another run may be starting the old one this moment.
            .and_then(|()| fs::set_permissions(&part, fs::Permissions::from_mode(0o755)))
            .and_then(|()| rename(&part, &path));
        written.map_err(failed("write the wrapper of the compiler", &path)).map(|()| path.clone())
    }

    fn lies_in(&self, path: &Path, folder: &Path) -> bool {
        // Compared by text, `/tmp` and `/private/tmp` are two folders on a Mac.
        resolved(path, LINKS).starts_with(resolved(folder, LINKS))
    }

    fn kept(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.root.join(name);
        let is_fresh = fs::metadata(&path)
            .and_then(|file| file.modified())
            .is_ok_and(|written| written.elapsed().is_ok_and(|age| age < FRESH));
        if is_fresh { self.built(&path) } else { None }
    }

    fn keep(&self, name: &str, content: &[u8]) {
        let path = self.root.join(name);
        let part = self.root.join(format!("{name}.part"));
        let _ = fs::create_dir_all(path.parent().unwrap_or(&path));
        // A cache that cannot be written costs time and nothing else.
        let _ = write(&part, content).and_then(|()| rename(&part, &path));
    }

    fn program(&self, name: &str, text: &str) -> Option<PathBuf> {
        let is_there = || fs::read(self.root.join(name)).is_ok_and(|there| there == text.as_bytes());
        if !is_there() {
            self.keep(name, text.as_bytes());
        }
        // Compared after it was written: a full disk may have cut it.
        is_there().then(|| self.root.join(name))
    }

    fn built(&self, path: &Path) -> Option<Vec<u8>> {
        let file = fs::File::open(path).ok()?;
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= LARGEST).then_some(bytes)
    }
}

fn failed<'p>(doing: &str, path: &'p Path) -> impl Fn(io::Error) -> PortError + use<'p> {
    let doing = format!("{doing} at {}", path.display());
    move |error| {
        PortError::new(ErrorKind::Precondition, doing.clone(), error)
            .hint("Set XDG_CACHE_HOME to a folder that can be written.")
    }
}

/// What Cargo keeps of foreign packages: what was compiled (`deps`), how it was (`.fingerprint`), what their build scripts
/// left (`build`). All of a package bears its name, and the same hash everywhere.
fn copy_foreign(from: &Path, to: &Path, own: &[String]) -> io::Result<()> {
    for folder in [".fingerprint", "build", "deps"] {
        let Ok(entries) = fs::read_dir(from.join(folder)) else { continue };
        fs::create_dir_all(to.join(folder))?;
        for entry in entries {
            let entry = entry?;
            if is_foreign(&entry.file_name(), own) {
                copy(&entry.path(), &to.join(folder).join(entry.file_name()))?;
            }
        }
    }
    Ok(())
}

/// Whether `libserde-0123456789abcdef.rlib`, `serde-0123456789abcdef` and the like belong to no package of ours.
fn is_foreign(name: &OsStr, own: &[String]) -> bool {
    let Some(name) = name.to_str() else { return false };
    let stem = name.split('.').next().unwrap_or(name);
    let Some((package, hash)) = stem.rsplit_once('-') else { return false };
    // What bears no hash is of the workspace itself, and must be built anew.
    let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let same = |own: &String, name: &str| own.replace('-', "_") == name.replace('-', "_");
    let is_own = own
        .iter()
        .any(|own| same(own, package) || package.strip_prefix("lib").is_some_and(|package| same(own, package)));
    is_hash && !is_own
}

/// Copies a file or folder with its times, by which Cargo goes.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let kind = fs::symlink_metadata(from)?;
    if kind.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if !kind.is_file() {
        return Ok(());
    }
    #[expect(clippy::disallowed_methods, reason = "from the user's target folder to our own")]
    fs::copy(from, to)?;
    // A newer time would make Cargo build all of it again.
    fs::File::open(to)?.set_modified(kind.modified()?)
}

/// Where a path leads, also where its end is not there yet.
fn resolved(path: &Path, links: u8) -> PathBuf {
    if let Ok(there) = fs::canonicalize(path) {
        return there;
    }
    match (fs::read_link(path), path.parent(), path.file_name()) {
        // A link to what is not there yet: `canonicalize` gives up on it.
        (Ok(link), Some(parent), _) if links > 0 => resolved(&parent.join(link), links - 1),
        (_, Some(parent), Some(name)) if links > 0 => resolved(parent, links - 1).join(name),
        _ => path.to_owned(),
    }
}

fn open_lock(folder: &Path) -> io::Result<fs::File> {
    #[expect(clippy::disallowed_methods, reason = "a lock of our own in the cache")]
    fs::OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK))
}

fn is_free(folder: &Path) -> bool {
    open_lock(folder).is_ok_and(|lock| LockedFile::try_lock(lock).is_ok())
}

#[expect(clippy::disallowed_methods, reason = "only tells which place is the oldest")]
fn now() -> SystemTime {
    SystemTime::now()
}

#[expect(clippy::disallowed_methods, reason = "a file of our own in the cache, which may be lost at any time")]
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    fs::write(path, content)
}

#[expect(clippy::disallowed_methods, reason = "files of our own in the cache, which may be lost at any time")]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// What cannot be removed stays for the next time.
#[expect(clippy::disallowed_methods, reason = "folders that only we write")]
fn remove_all(path: &Path) {
    let _ = fs::remove_dir_all(path);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, CacheFolder) {
        let cache = tempfile::tempdir().unwrap();
        let root = cache.path().join("hotfix/repository");
        (cache, CacheFolder { root })
    }

    #[test]
    fn only_foreign_packages_are_copied() {
        let own = ["shop".to_owned(), "shop-core".to_owned(), "checkout_test".to_owned()];
        let foreign = |name: &str| is_foreign(OsStr::new(name), &own);
        assert!(foreign("libserde-0123456789abcdef.rlib") && foreign("serde-0123456789abcdef"));
        assert!(foreign("serde_json-0123456789abcdef.d") && foreign("liblibc-0123456789abcdef.rmeta"));
        for name in [
            "shop-0123456789abcdef",
            "libshop_core-0123456789abcdef.rlib",
            "shop-core-0123456789abcdef",
            "checkout_test-0123456789abcdef.d",
            "shop",
            "CACHEDIR.TAG",
        ] {
            assert!(!foreign(name), "{name}");
        }
    }

    #[test]
    fn what_is_seeded_keeps_its_times_and_is_seeded_once() {
        let (cache, scratch) = folder();
        let target = cache.path().join("target/debug");
        for folder in [".fingerprint/serde-0123456789abcdef", "deps", ".fingerprint/shop-0123456789abcdef"] {
            fs::create_dir_all(target.join(folder)).unwrap();
        }
        let built = target.join("deps/libserde-0123456789abcdef.rlib");
        write(&built, b"rlib").unwrap();
        write(&target.join(".fingerprint/shop-0123456789abcdef/lib"), b"x").unwrap();
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        fs::File::open(&built).unwrap().set_modified(old).unwrap();
        let place = scratch.claim("base").unwrap();
        scratch.seed(&place, &target, &["shop".to_owned()]).unwrap();
        let copied = place.target.join("debug/deps/libserde-0123456789abcdef.rlib");
        assert_eq!(fs::metadata(&copied).unwrap().modified().unwrap(), old);
        assert!(place.target.join("debug/.fingerprint/serde-0123456789abcdef").is_dir());
        assert!(!place.target.join("debug/.fingerprint/shop-0123456789abcdef").exists());
        write(&copied, b"newer").unwrap();
        scratch.seed(&place, &target, &[]).unwrap();
        assert_eq!(fs::read(&copied).unwrap(), b"newer");
    }

    #[test]
    fn few_places_are_kept_and_none_that_is_in_use() {
        let (_cache, scratch) = folder();
        let held = scratch.claim("first").unwrap();
        for key in ["second", "third", "fourth", "fifth", "sixth"] {
            drop(scratch.claim(key).unwrap());
        }
        let mut names: Vec<_> = fs::read_dir(&scratch.root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert!(held.folder().is_dir() && names.contains(&"sixth".into()), "{names:?}");
        assert!(names.len() <= MOST_PLACES + 1, "{names:?}");
    }

    #[test]
    fn a_place_in_use_is_left_alone_and_nobody_waits() {
        let (_cache, scratch) = folder();
        let held = scratch.claim("base").unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let other = scratch.clone();
        std::thread::spawn(move || tell.send(other.claim("base").unwrap()));
        let other = told.recv_timeout(Duration::from_secs(20)).expect("it does not wait");
        assert_ne!(held.folder(), other.folder());
        let first = held.folder().to_owned();
        drop(held);
        assert_eq!(scratch.claim("base").unwrap().folder(), first);
        let all: Vec<_> = (1..MOST_AT_ONCE).map(|_| scratch.claim("base").unwrap()).collect();
        let error = scratch.claim("base").unwrap_err();
        assert_eq!((all.len(), error.kind), (MOST_AT_ONCE - 1, ErrorKind::Retry));
    }

    #[test]
    fn links_are_followed_to_where_they_lead() {
        let (cache, scratch) = folder();
        let (tree, shared) = (cache.path().join("tree"), cache.path().join("shared"));
        fs::create_dir(&tree).unwrap();
        let lies_in = |path: &Path| scratch.lies_in(path, &tree);
        assert!(lies_in(&tree.join("target")) && lies_in(&tree.join("target/debug")) && !lies_in(&shared));
        assert!(!lies_in(&cache.path().join("tree-too/target")));
        std::os::unix::fs::symlink("../shared/new", tree.join("target")).unwrap();
        assert!(!lies_in(&tree.join("target")), "it leads out before it is made");
        fs::create_dir_all(shared.join("new")).unwrap();
        assert!(!lies_in(&tree.join("target/debug")));
        std::os::unix::fs::symlink(&tree, cache.path().join("other-name")).unwrap();
        assert!(
            lies_in(&cache.path().join("other-name/out")) && scratch.lies_in(&tree, &cache.path().join("other-name"))
        );
    }

    #[test]
    fn what_is_there_is_not_written_over() {
        let (cache, scratch) = folder();
        let place = scratch.claim("base").unwrap();
        scratch.provide(&place, "a/Cargo.lock", b"ours").unwrap();
        scratch.provide(&place, "a/Cargo.lock", b"other").unwrap();
        assert_eq!(fs::read(place.tree.join("a/Cargo.lock")).unwrap(), b"ours");
        fs::create_dir(cache.path().join("node_modules")).unwrap();
        assert!(scratch.link(&place, "node_modules", cache.path()).unwrap());
        assert!(scratch.link(&place, "node_modules", cache.path()).unwrap());
        assert!(!scratch.link(&place, "absent", cache.path()).unwrap());
        assert!(place.tree.join("node_modules").is_dir());
    }
}
