//! Many small objects, each read once: the events of a ledger, the messages of a history.

use gix::ObjectId;
use gix::objs::Kind;
use gix::odb::pack::Find as _;
use gix::odb::pack::cache::lru::MemoryCappedHashmap;
use gix::odb::pack::index;

use crate::port::by_system;

use super::GitRepository;
use super::convert::BoxedError;

/// Where objects are read as they lie in a pack, what one is a delta of was read just before. Eight times as much took a twentieth
/// longer: it leaves the processor's own cache.
const PACK_CACHE_BYTES: usize = 128 * 1024;

/// Reads objects past the caches of everything else, which would be full of what nobody asks for again.
pub(super) struct BulkReader {
    /// Opened once somebody asks where an object lies: each is looked through for damage then.
    packs: Option<Vec<index::File>>,
    bases: MemoryCappedHashmap,
    buffer: Vec<u8>,
}

impl BulkReader {
    pub(super) fn new() -> Self {
        Self { packs: None, bases: MemoryCappedHashmap::new(PACK_CACHE_BYTES), buffer: Vec::new() }
    }

    /// Where an object lies in its pack; `None` where it lies alone. It is a hint: what is read in another order is read as well.
    pub(super) fn place(&mut self, git: &GitRepository, id: ObjectId) -> Option<u64> {
        let packs = self.packs.get_or_insert_with(|| opened(git));
        let (at, entry) = packs.iter().enumerate().find_map(|(at, pack)| Some((at, pack.lookup(id)?)))?;
        // What belongs together was mostly packed together.
        packs.swap(0, at);
        packs.first().map(|pack| pack.pack_offset_at_index(entry))
    }

    /// How many bytes an object has, by its beginning; `None` where that cannot be read.
    pub(super) fn length(git: &GitRepository, id: ObjectId) -> Option<u64> {
        git.reads.find_header(id).ok().map(|header| header.size())
    }

    /// The bytes of an object of this kind, none where it is damaged; `None` where it is not here.
    ///
    /// # Errors
    /// When the system does not let it be read: then it may be well.
    pub(super) fn read(&mut self, git: &GitRepository, id: ObjectId, kind: Kind) -> Result<Option<&[u8]>, BoxedError> {
        match (*git.reads.objects).try_find_cached(&id, &mut self.buffer, &mut self.bases) {
            Ok(Some((found, _))) if found.kind == kind => Ok(Some(found.data)),
            Ok(None) => Ok(None),
            Err(error) if by_system(&error).is_some() => Err(error.into()),
            Ok(Some(_)) | Err(_) => Ok(Some(&[])),
        }
    }
}

fn opened(git: &GitRepository) -> Vec<index::File> {
    let folder = git.layout.common_dir.join("objects/pack");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
    let indices = files.filter(|path| path.extension().is_some_and(|extension| extension == "idx"));
    indices.filter_map(|path| index::File::at(path, git.reads.object_hash()).ok()).collect()
}
