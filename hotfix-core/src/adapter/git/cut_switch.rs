//! What a switch that was cut short left in a work tree, and how it is taken back: git had written some of the files, and
//! neither the index nor HEAD. Whose a path is, [`SwitchedPath`] says; here is what it says so by.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::{ErrorKind as IoErrorKind, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gix::bstr::ByteSlice as _;
use gix::objs::tree::{EntryKind, EntryMode};

use crate::domain::ObjectId;
use crate::port::{CutSwitch, IndexSide, Lies, PortError, SwitchRepair, SwitchedPath};

use super::GitRepository;
use super::child::GitRun;
use super::convert::{failed, to_gix};
use super::diff;
use super::switch_intent::{SwitchIntent, SwitchPlace, Written};

/// Larger files are compared by git, which need not hold them as a whole.
const MAX_READ_BYTES: u64 = 16 * 1024 * 1024;

/// A file as a commit or the index has it; absent where it has none.
type Side = Option<(EntryMode, gix::ObjectId)>;

/// A path in which the two commits differ.
struct DifferingPath {
    path: PathBuf,
    before: Side,
    after: Side,
}

/// What a cut switch left, with all that is needed to take it back.
struct Remains {
    intent: SwitchIntent,
    ours: Vec<(DifferingPath, SwitchedPath)>,
}

impl SwitchRepair for GitRepository {
    fn take_back(&self) -> Result<(), PortError> {
        take_back(self, &SwitchPlace::of(self, None)?)
    }

    fn is_cut(&self, worktree: &Path) -> Result<bool, PortError> {
        Ok(look(self, &SwitchPlace::of(self, Some(worktree))?)?.is_some())
    }
}

/// What a cut switch left in a work tree; one that left nothing is forgotten.
pub(super) fn look(git: &GitRepository, place: &SwitchPlace) -> Result<Option<CutSwitch>, PortError> {
    let remains = find(git, place)?;
    Ok(remains.map(|Remains { intent, ours }| CutSwitch { to: intent.written.to.clone(), paths: ours.len() }))
}

/// Takes it back: each path gets what the commit that was left has there.
pub(super) fn take_back(git: &GitRepository, place: &SwitchPlace) -> Result<(), PortError> {
    let Some(Remains { mut intent, ours }) = find(git, place)? else { return Ok(()) };
    let doing = format!("take back the switch to {}", intent.written.to.short());
    git.program.stamp.disturbed();
    // First: on a full disk this makes room for the rest.
    for (file, _) in ours.iter().filter(|(_, seen)| seen.lies == Lies::Brought) {
        #[expect(clippy::disallowed_methods, reason = "it was just found to be what git brought")]
        std::fs::remove_file(place.top.join(&file.path)).map_err(failed(&doing))?;
        remove_empty_folders(&place.top, &file.path);
    }
    intent.take_back()?;
    let run = |arguments: &[&str], input| {
        git.output(&GitRun::new(&doing, arguments).within(place.folder()).reading_bytes(input)).map(drop)
    };
    let staged: Vec<u8> = ours.iter().filter_map(|(file, seen)| index_line(file, *seen)).flatten().collect();
    if !staged.is_empty() {
        run(&["update-index", "-z", "--index-info"], staged)?;
    }
    let missing = ours.iter().filter(|(file, seen)| seen.was_there && is_free(&place.top, &file.path));
    let missing = missing.flat_map(|(file, _)| [file.path.as_os_str().as_bytes(), b"\0"].concat()).collect::<Vec<_>>();
    if !missing.is_empty() {
        // Without `--force` it writes over nothing that somebody puts there meanwhile.
        run(&["checkout-index", "--quiet", "-z", "--stdin"], missing)?;
    }
    intent.done(git);
    Ok(())
}

fn find(git: &GitRepository, place: &SwitchPlace) -> Result<Option<Remains>, PortError> {
    let Some(intent) = SwitchIntent::left(place)? else { return Ok(None) };
    let Written { from, to, .. } = &intent.written;
    let are_here = git.reads.has_object(to_gix(git, from)?) && git.reads.has_object(to_gix(git, to)?);
    // Where it is at the target, git got there.
    let Some(head) = place.head(git)?.filter(|head| head != to && are_here) else {
        intent.done(git);
        return Ok(None);
    };
    let compare = |from: &ObjectId| {
        differing(git, Some(from), to)
            .map_err(|error| git.unreadable(format!("compare {} with {}", from.short(), to.short()), error))
    };
    let mut differing = compare(&head)?;
    // Who committed or went elsewhere since has what git brought still lying there, and nobody else's.
    if head != *from {
        let brought: HashSet<PathBuf> = compare(from)?.into_iter().map(|file| file.path).collect();
        differing.retain(|file| brought.contains(&file.path));
    }
    let index = IndexChanges::read(git, place, &head)?;
    // git writes the index as a whole: where it has a path as it was, a person staged the others.
    let is_index_left = differing.iter().any(|file| index.side(file) == IndexSide::Left);
    let mut paths: Vec<LookedAt> = differing
        .into_iter()
        .map(|file| {
            let side = match index.side(&file) {
                IndexSide::Reached if is_index_left => IndexSide::Neither,
                side => side,
            };
            LookedAt::at(git, place, &intent.written, side, file)
        })
        .collect();
    ask_git(git, place, to, &mut paths)?;
    let seen = paths.into_iter().map(|path| (path.file, path.seen));
    let ours: Vec<_> = seen.filter(|(_, seen)| seen.is_ours()).collect();
    if ours.is_empty() {
        intent.done(git);
        return Ok(None);
    }
    Ok(Some(Remains { intent, ours }))
}

/// The paths that a switch is about to bring back, as they are gone already: a person removed them.
pub(super) fn removed_before(git: &GitRepository, place: &SwitchPlace, from: &ObjectId, to: &ObjectId) -> Vec<PathBuf> {
    // What cannot be compared is for git to say.
    let files = differing(git, Some(from), to).unwrap_or_default();
    let files = files.into_iter().filter(|file| file.before.is_some() && file.lying(&place.top).is_none());
    files.map(|file| file.path).collect()
}

/// The files that git brought of a commit into a work tree where there was nothing before.
pub(super) fn brought_to(
    git: &GitRepository,
    place: &SwitchPlace,
    to: &ObjectId,
    since: SystemTime,
    has_filters: bool,
) -> Result<HashSet<PathBuf>, PortError> {
    let files =
        differing(git, None, to).map_err(|error| git.unreadable(format!("read the files of {}", to.short()), error))?;
    let written = Written::of_new(to.clone(), since);
    let look = |file| LookedAt::at(git, place, &written, IndexSide::Left, file);
    let mut paths: Vec<LookedAt> = files.into_iter().map(look).collect();
    if has_filters {
        ask_git(git, place, to, &mut paths)?;
    }
    let brought = paths.into_iter().filter(|path| path.seen.lies == Lies::Brought && path.seen.is_ours());
    Ok(brought.map(|path| path.file.path).collect())
}

/// The files that differ between two commits, or all of one.
fn differing(git: &GitRepository, from: Option<&ObjectId>, to: &ObjectId) -> gix::Result<Vec<DifferingPath>> {
    let tree = |id: &ObjectId| -> gix::Result<gix::Tree<'_>> {
        git.reads.find_object(to_gix(git, id).map_err(gix::Error::from_error)?)?.peel_to_tree()
    };
    let before = from.map_or_else(|| Ok(git.reads.empty_tree()), tree)?;
    let changes = diff::differing(&git.reads, &before, &tree(to)?, None)?;
    let mut found: HashMap<PathBuf, (Side, Side)> = HashMap::new();
    for change in changes {
        use gix::diff::tree_with_rewrites::Change;
        let (location, before, after) = match change {
            Change::Addition { location, entry_mode, id, .. } => (location, None, Some((entry_mode, id))),
            Change::Deletion { location, entry_mode, id, .. } => (location, Some((entry_mode, id)), None),
            Change::Modification { location, previous_entry_mode, previous_id, entry_mode, id } => {
                (location, Some((previous_entry_mode, previous_id)), Some((entry_mode, id)))
            }
            Change::Rewrite { .. } => continue, // They were not asked for.
        };
        let sides = found.entry(to_path(location.as_bytes())).or_default();
        // Of a file that became a folder, or a folder that became a file, only the file counts here.
        let is_file = |side: &Side| side.is_some_and(|(mode, _)| !mode.is_tree());
        if is_file(&before) {
            sides.0 = before;
        }
        if is_file(&after) {
            sides.1 = after;
        }
    }
    let mut files: Vec<_> =
        found.into_iter().map(|(path, (before, after))| DifferingPath { path, before, after }).collect();
    files.retain(|file| file.before.is_some() || file.after.is_some());
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

impl DifferingPath {
    /// What lies there. An empty folder is nothing, but where it stands for a submodule.
    fn lying(&self, top: &Path) -> Option<Metadata> {
        // Behind a link is another place.
        if !has_folders(top, &self.path) {
            return None;
        }
        let path = top.join(&self.path);
        let is_empty = || std::fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none());
        let is_module = self.before.is_some_and(|(mode, _)| mode.is_commit());
        path.symlink_metadata().ok().filter(|metadata| is_module || !metadata.is_dir() || !is_empty())
    }
}

/// What the index has that the commit has not.
struct IndexChanges {
    /// `None` of what is conflicted.
    changed: HashMap<PathBuf, Option<Side>>,
    /// What a sparse checkout leaves out of the work tree.
    left_out: HashSet<PathBuf>,
}

impl IndexChanges {
    fn read(git: &GitRepository, place: &SwitchPlace, from: &ObjectId) -> Result<Self, PortError> {
        let doing = "compare the index";
        let run = |arguments: &[&str]| git.output(&GitRun::new(doing, arguments).within(place.folder()).reading());
        let listed = run(&["diff-index", "--cached", "--raw", "--no-abbrev", "--no-renames", "-z", from.as_str()])?;
        let mut fields = listed.split(|byte| *byte == 0);
        let mut changed = HashMap::new();
        while let (Some(what), Some(path)) = (fields.next().filter(|what| !what.is_empty()), fields.next()) {
            changed.insert(to_path(path), staged_side(what));
        }
        let is_sparse = git.reads.config_snapshot().boolean("core.sparseCheckout").unwrap_or(false);
        let tagged = if is_sparse { run(&["ls-files", "-t", "-z"])? } else { Vec::new() };
        let left_out =
            tagged.split(|byte| *byte == 0).filter_map(|line| line.strip_prefix(b"S ")).map(to_path).collect();
        Ok(Self { changed, left_out })
    }

    fn side(&self, file: &DifferingPath) -> IndexSide {
        match self.changed.get(&file.path) {
            _ if self.left_out.contains(&file.path) => IndexSide::Neither,
            None => IndexSide::Left,
            Some(Some(side)) if *side == file.after => IndexSide::Reached,
            Some(_) => IndexSide::Neither,
        }
    }
}

/// The new side of a line of `--raw`: `:100644 100644 <id> <id> M`; `None` of what is conflicted.
fn staged_side(line: &[u8]) -> Option<Side> {
    let mut fields = line.split(|byte| *byte == b' ').skip(1);
    let (mode, id) = (EntryMode::from_bytes(fields.next()?), gix::ObjectId::from_hex(fields.nth(1)?).ok()?);
    (fields.next() != Some(b"U")).then(|| mode.filter(|_| !id.is_null()).map(|mode| (mode, id)))
}

fn to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

/// A path, as far as it was looked at.
struct LookedAt {
    file: DifferingPath,
    seen: SwitchedPath,
    /// The objects that it may be a beginning of, and only git can tell: a filter may have written it.
    to_ask: Vec<gix::ObjectId>,
}

impl LookedAt {
    fn at(git: &GitRepository, place: &SwitchPlace, written: &Written, index: IndexSide, file: DifferingPath) -> Self {
        let metadata = file.lying(&place.top);
        let is_since = |metadata: &Metadata| metadata.modified().is_ok_and(|at| at >= written.since);
        let mut seen = SwitchedPath {
            was_there: file.before.is_some() && !written.has_removed_before(&file.path),
            would_be_there: file.after.is_some(),
            lies: if metadata.is_some() { Lies::Other } else { Lies::Nothing },
            written_since: metadata.as_ref().is_some_and(is_since),
            index,
        };
        let mut to_ask = Vec::new();
        if let Some(metadata) = metadata.filter(|_| seen.written_since && seen.index != IndexSide::Neither) {
            let path = place.top.join(&file.path);
            // Who was taking it back may have been cut short as well.
            let before = file.before.filter(|_| written.is_taken_back);
            for (mode, id) in file.after.into_iter().chain(before) {
                match is_brought(git, &path, &metadata, mode, id) {
                    Some(true) => seen.lies = Lies::Brought,
                    Some(false) => {}
                    None => to_ask.push(id),
                }
            }
        }
        Self { file, seen, to_ask }
    }
}

/// Whether what is above a path is nothing but folders.
fn has_folders(top: &Path, path: &Path) -> bool {
    let above = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    above.into_iter().all(|folder| top.join(folder).symlink_metadata().is_ok_and(|metadata| metadata.is_dir()))
}

/// Whether a file can be written at a path without anything being in its way.
fn is_free(top: &Path, path: &Path) -> bool {
    let _ = std::fs::remove_dir(top.join(path)); // Only an empty one.
    let is_nothing = |path: &Path| top.join(path).symlink_metadata().is_err();
    let mut above = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    is_nothing(path)
        && above.all(|folder| is_nothing(folder) || top.join(folder).symlink_metadata().is_ok_and(|it| it.is_dir()))
}

fn remove_empty_folders(top: &Path, path: &Path) {
    for folder in path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()) {
        if std::fs::remove_dir(top.join(folder)).is_err() {
            return;
        }
    }
}

/// Whether a file is that of a commit, or a beginning of it; `None` where filters may have a say.
fn is_brought(
    git: &GitRepository,
    path: &Path,
    metadata: &Metadata,
    mode: EntryMode,
    id: gix::ObjectId,
) -> Option<bool> {
    let blob = || git.reads.find_blob(id).ok().map(|mut blob| blob.take_data());
    match mode.kind() {
        EntryKind::Link => {
            let target = std::fs::read_link(path).ok();
            Some(target.is_some_and(|target| blob().is_some_and(|blob| target.as_os_str().as_bytes() == blob)))
        }
        EntryKind::Blob | EntryKind::BlobExecutable => {
            if !metadata.is_file() || !has_mode(git, metadata, mode) {
                return Some(false);
            }
            if metadata.len() == 0 {
                return Some(true);
            }
            let size = git.reads.find_header(id).ok().map(|header| header.size());
            if size.is_none_or(|size| size > MAX_READ_BYTES) || metadata.len() > MAX_READ_BYTES {
                return None;
            }
            let is_beginning = blob()?.starts_with(&std::fs::read(path).ok()?);
            is_beginning.then_some(true)
        }
        EntryKind::Tree | EntryKind::Commit => Some(false),
    }
}

/// Whether a file is executable where git would have made it so.
fn has_mode(git: &GitRepository, metadata: &Metadata, mode: EntryMode) -> bool {
    let is_told = git.reads.config_snapshot().boolean("core.fileMode").unwrap_or(true);
    let is_executable = metadata.permissions().mode() & 0o100 != 0;
    !is_told || is_executable == (mode.kind() == EntryKind::BlobExecutable)
}

/// Lets git say of the paths that are left whether they are what its filters make of the files.
fn ask_git(git: &GitRepository, place: &SwitchPlace, to: &ObjectId, paths: &mut [LookedAt]) -> Result<(), PortError> {
    let mut asked: Vec<&mut LookedAt> =
        paths.iter_mut().filter(|path| path.seen.lies == Lies::Other && !path.to_ask.is_empty()).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let run = |arguments: &[&str]| {
        let run = GitRun::new("tell what git brought", arguments).within(place.folder()).reading();
        // Which of the attributes lie here depends on how far git came; older gits do not know the variable.
        run.variable("GIT_ATTR_SOURCE", to.as_str())
    };
    // All at once first: of most files one question is enough.
    let list = asked.iter().flat_map(|path| quoted(&path.file.path)).collect();
    let hashes = git.program.run(&run(&["hash-object", "--stdin-paths"]).reading_bytes(list))?.stdout;
    // A filter that fails ends the list; what is not in it is asked about one by one.
    let mut hashes = hashes.lines().map(|line| gix::ObjectId::from_hex(line).ok());
    for path in &mut asked {
        let hash = hashes.next().flatten();
        if hash.is_some_and(|hash| path.to_ask.contains(&hash)) {
            path.seen.lies = Lies::Brought;
            continue;
        }
        for id in &path.to_ask {
            let id = id.to_string();
            let mut option = OsString::from("--path=");
            option.push(&path.file.path);
            let content = run(&["cat-file", "--filters"]).arguments([option]).arguments([id]);
            if is_beginning(git, &content, &place.top.join(&path.file.path))? {
                path.seen.lies = Lies::Brought;
            }
        }
    }
    Ok(())
}

/// A path as a line that git reads.
fn quoted(path: &Path) -> Vec<u8> {
    let escape = |byte: &u8| match byte {
        b'\n' => b"\\n".to_vec(),
        b'"' | b'\\' => vec![b'\\', *byte],
        byte => vec![*byte],
    };
    let inner: Vec<u8> = path.as_os_str().as_bytes().iter().flat_map(escape).collect();
    [b"\"".as_slice(), &inner, b"\"\n"].concat()
}

/// Whether a file is a beginning of what git prints, or all of it.
fn is_beginning(git: &GitRepository, content: &GitRun, path: &Path) -> Result<bool, PortError> {
    // To say no where it cannot be read would be to call it the person's, and to forget what was cut short.
    let unreadable = |error: std::io::Error| failed(format!("read {}", path.display()))(error);
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), IoErrorKind::NotFound | IoErrorKind::PermissionDenied) => {
            return Ok(false);
        }
        Err(error) => return Err(unreadable(error)),
    };
    let (mut is_same, mut failed) = (true, None);
    git.program.read_through(content, |printed| {
        let mut lying = Vec::with_capacity(printed.len());
        failed = file.by_ref().take(printed.len() as u64).read_to_end(&mut lying).err();
        is_same = is_same && failed.is_none() && printed.starts_with(&lying);
        is_same && lying.len() == printed.len()
    })?;
    if let Some(error) = failed {
        return Err(unreadable(error));
    }
    // What git did not print is not its beginning.
    Ok(is_same && file.read(&mut [0]).map_err(unreadable)? == 0)
}

/// What gives a path back to the index as it was, where git had come as far as that.
fn index_line(file: &DifferingPath, seen: SwitchedPath) -> Option<Vec<u8>> {
    if seen.index != IndexSide::Reached {
        return None;
    }
    let (mode, id) = match (file.before, file.after) {
        (Some((mode, id)), _) => (mode.value(), id),
        // The mode says that it goes; some id has to stand there.
        (None, after) => (0, after?.1),
    };
    Some([format!("{mode:06o} {id}\t").as_bytes(), file.path.as_os_str().as_bytes(), b"\0"].concat())
}
