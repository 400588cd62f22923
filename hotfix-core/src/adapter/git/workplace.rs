//! Which clone this is: a word of its own beside the caches, chosen once. A copy of the folder is another clone, although the
//! word came along: what stands beside it tells where it was chosen.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::domain::Workplace;

use super::GitRepository;
use super::ledger::cache_folder;
use super::shared::Sharing;

/// In bytes; in hexadecimal digits it is twice as long.
const LENGTH: usize = 8;

impl GitRepository {
    /// This clone on this machine; where it has no name it gets one, if it may.
    pub(in crate::adapter) fn workplace(&self, names: bool) -> Workplace {
        let host = rustix::system::uname();
        let host = host.nodename().to_string_lossy();
        // The first part: the rest is the network's name.
        let host = host.split('.').next().unwrap_or_default();
        Workplace::new(self.clone_name(host, names).unwrap_or_default(), host)
    }

    fn clone_name(&self, host: &str, names: bool) -> Option<String> {
        let folder = cache_folder(self);
        let (path, place) = (folder.join("clone"), folder.join("clone-at"));
        let known = read(&path);
        if known.is_none() && !names {
            return None;
        }
        let chosen = std::fs::read_to_string(&place).ok().and_then(|text| NamePlace::read(&text));
        let is_copy = |here: &NamePlace| chosen.as_ref().is_some_and(|chosen| here.is_copy_of(chosen));
        let here = NamePlace::of(&path, host);
        let is_copied = known.is_some() && here.as_ref().is_some_and(is_copy);
        let name = match known.filter(|_| !is_copied) {
            Some(name) => Some(name),
            None if names => self.name_clone(&path, is_copied),
            None => None,
        };
        if names && let Some(now) = NamePlace::of(&path, host).filter(|now| chosen.as_ref() != Some(now)) {
            let _sharing = Sharing::begin(&self.reads);
            // What cannot be written tells no copy, and the name counts as before.
            drop(written(&folder, &now.text()).map(|file| file.persist(&place)));
        }
        name
    }

    fn name_clone(&self, path: &Path, replaces: bool) -> Option<String> {
        let _sharing = Sharing::begin(&self.reads);
        let folder = path.parent()?;
        std::fs::create_dir_all(folder).ok()?;
        let mut random = [0; LENGTH];
        getrandom::fill(&mut random).ok()?;
        let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let file = written(folder, &name)?;
        if replaces {
            return file.persist(path).ok().map(|_| name);
        }
        // Of two commands at once the first one's word counts.
        match file.persist_noclobber(path) {
            Ok(_) => Some(name),
            Err(_) => read(path),
        }
    }
}

fn read(path: &Path) -> Option<String> {
    let name = std::fs::read_to_string(path).ok()?;
    let is_name = name.len() == 2 * LENGTH && name.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_name.then_some(name)
}

fn written(folder: &Path, text: &str) -> Option<tempfile::NamedTempFile> {
    let mut file = tempfile::NamedTempFile::new_in(folder).ok()?;
    file.write_all(text.as_bytes()).ok()?;
    Some(file)
}

/// Where the name of a clone lies.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NamePlace {
    /// The number of the file in its file system.
    file: u64,
    host: String,
    path: String,
}

impl NamePlace {
    fn of(path: &Path, host: &str) -> Option<Self> {
        let file = std::fs::metadata(path).ok()?.ino();
        let path = path.canonicalize().ok()?.to_string_lossy().into_owned();
        Some(Self { file, host: host.to_owned(), path })
    }

    fn text(&self) -> String {
        format!("{}\n{}\n{}", self.file, self.host, self.path)
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '\n');
        let file = parts.next()?.parse().ok()?;
        Some(Self { file, host: parts.next()?.to_owned(), path: parts.next()?.to_owned() })
    }

    /// A folder that is moved keeps its files, and one that a backup brings back has its place. A machine may get another name,
    /// and some file systems number their files anew each time they are mounted: neither alone makes another clone.
    fn is_copy_of(&self, chosen: &Self) -> bool {
        self.file != chosen.file && (self.host != chosen.host || self.path != chosen.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::tests::sandbox::{Clone, Sandbox};

    fn name(clone: &Clone, names: bool) -> String {
        clone.open().workplace(names).clone
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the folders are of the test's own")]
    fn a_copy_is_another_clone_and_what_was_moved_is_the_same() {
        let sandbox = Sandbox::new();
        let (ada, bob) = (sandbox.repository("ada"), sandbox.repository("bob"));
        let hers = name(&ada, true);
        assert_eq!(name(&ada, true), hers);
        assert_eq!(name(&bob, false), "", "who only looks chooses none");
        // All that `cp -r` copies of it.
        let folder = |clone: &Clone| clone.path.join(".git/hotfix");
        std::fs::create_dir_all(folder(&bob)).unwrap();
        for file in ["clone", "clone-at"] {
            std::fs::copy(folder(&ada).join(file), folder(&bob).join(file)).unwrap();
        }
        assert_eq!(name(&bob, false), "", "it is not hers, and who only looks chooses none");
        let his = name(&bob, true);
        assert!(his.len() == 2 * LENGTH && his != hers, "{his}");
        assert_eq!((name(&bob, false), name(&bob, true)), (his.clone(), his.clone()));
        std::fs::rename(&bob.path, sandbox.path("moved")).unwrap();
        let moved = sandbox.at("moved");
        assert_eq!((name(&moved, false), name(&moved, true)), (his.clone(), his));
        assert_eq!(name(&ada, true), hers, "where it was copied from it stays");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the folders are of the test's own")]
    fn a_name_from_before_counts_and_is_watched_from_then_on() {
        let sandbox = Sandbox::new();
        let ada = sandbox.repository("ada");
        let hers = name(&ada, true);
        let place = ada.path.join(".git/hotfix/clone-at");
        for torn in ["", "12", "12\nhost"] {
            std::fs::write(&place, torn).unwrap();
            assert_eq!(name(&ada, false), hers, "{torn:?}");
            assert_eq!(std::fs::read_to_string(&place).unwrap(), torn, "who only looks writes nothing");
            assert_eq!(name(&ada, true), hers, "{torn:?}");
            assert!(NamePlace::read(&std::fs::read_to_string(&place).unwrap()).is_some(), "{torn:?}");
        }
    }

    #[test]
    fn neither_another_name_nor_another_number_alone_is_a_copy() {
        let chosen = NamePlace { file: 7, host: "vm".to_owned(), path: "/shop/.git/hotfix/clone".to_owned() };
        let renamed = NamePlace { host: "laptop".to_owned(), ..chosen.clone() };
        let moved = NamePlace { path: "/work/shop/.git/hotfix/clone".to_owned(), ..chosen.clone() };
        let mounted = NamePlace { file: 8, ..chosen.clone() };
        for same in [&chosen, &renamed, &moved, &mounted] {
            assert!(!same.is_copy_of(&chosen), "{same:?}");
        }
        for copy in [NamePlace { file: 8, ..renamed.clone() }, NamePlace { file: 8, ..moved.clone() }] {
            assert!(copy.is_copy_of(&chosen), "{copy:?}");
        }
        assert_eq!(NamePlace::read(&chosen.text()), Some(chosen));
    }
}
