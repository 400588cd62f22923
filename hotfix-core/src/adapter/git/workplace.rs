//! Which clone this is: a word of its own beside the caches, chosen once.

use std::io::Write as _;
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
        let path = cache_folder(self).join("clone");
        let clone = read(&path).or_else(|| if names { self.name_clone(&path) } else { None }).unwrap_or_default();
        let host = rustix::system::uname();
        let host = host.nodename().to_string_lossy();
        // The first part: the rest is the network's name.
        Workplace::new(clone, host.split('.').next().unwrap_or_default())
    }

    fn name_clone(&self, path: &Path) -> Option<String> {
        let _sharing = Sharing::begin(&self.reads);
        let folder = path.parent()?;
        std::fs::create_dir_all(folder).ok()?;
        let mut random = [0; LENGTH];
        getrandom::fill(&mut random).ok()?;
        let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut file = tempfile::NamedTempFile::new_in(folder).ok()?;
        file.write_all(name.as_bytes()).ok()?;
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
