//! Reports from files anywhere and from standard input, in bounded memory.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::path::PathBuf;

use crate::port::{ErrorKind, EvidenceReport, PortError, Reports};

use super::output::{HeadAndTail, left_out};

/// How much of the beginning and of the end is kept, in bytes each.
const KEPT: usize = 4 * 1024 * 1024;
/// Not more is read of a stream, in bytes: it may have no end.
const LONGEST: u64 = 512 * 1024 * 1024;

/// Reads reports, with paths relative to a folder. What was read once stays as it was then: a log may grow meanwhile, and
/// standard input is gone.
#[derive(Debug)]
pub struct ReportFiles {
    folder: PathBuf,
    read: RefCell<HashMap<String, EvidenceReport>>,
}

impl ReportFiles {
    /// Paths are relative to `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, read: RefCell::default() }
    }

    fn read(&self, name: &str) -> std::io::Result<EvidenceReport> {
        // Named like a file on purpose: `-` is what every tool calls standard input.
        if name == "-" {
            return kept(std::io::stdin().lock());
        }
        let path = self.folder.join(name);
        // Looked at before it is opened: opening a pipe would wait for its other end.
        if !path.metadata()?.is_file() {
            return Err(std::io::Error::other("it is no regular file; pipe it in: … | git hotfix attach -"));
        }
        ends(File::open(path)?)
    }
}

impl Reports for ReportFiles {
    fn report(&self, name: &str) -> Result<EvidenceReport, PortError> {
        // Each round plans anew, and standard input can be read once.
        if let Some(report) = self.read.borrow().get(name) {
            return Ok(report.clone());
        }
        let failed = |error| {
            let what = if name == "-" { "standard input".to_owned() } else { format!("`{name}`") };
            PortError::new(ErrorKind::Precondition, format!("read {what}"), error)
        };
        let report = self.read(name).map_err(failed)?;
        self.read.borrow_mut().insert(name.to_owned(), report.clone());
        Ok(report)
    }

    fn whole(&self, name: &str) -> Result<Vec<u8>, PortError> {
        let mut bytes = Vec::new();
        let read = match name {
            "-" => std::io::stdin().lock().read_to_end(&mut bytes),
            name => File::open(self.folder.join(name)).and_then(|mut file| file.read_to_end(&mut bytes)),
        };
        read.map(|_| bytes).map_err(|error| PortError::new(ErrorKind::Precondition, format!("read `{name}`"), error))
    }
}

/// The beginning and the end of a file. What lies between is not read: it may be gigabytes.
fn ends(mut file: File) -> std::io::Result<EvidenceReport> {
    let length = file.metadata()?.len();
    let end = KEPT as u64;
    let Some(between) = length.checked_sub(2 * end).filter(|between| *between > 0) else { return kept(file) };
    let mut bytes = Vec::with_capacity(2 * KEPT + 64);
    (&mut file).take(end).read_to_end(&mut bytes)?;
    bytes.extend_from_slice(&left_out(between));
    file.seek(SeekFrom::Start(end + between))?;
    file.take(end).read_to_end(&mut bytes)?;
    Ok(EvidenceReport { bytes: bytes.into(), length })
}

fn kept(source: impl Read) -> std::io::Result<EvidenceReport> {
    let mut source = source.take(LONGEST);
    let mut kept = HeadAndTail::new(KEPT, KEPT);
    let mut length = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(EvidenceReport { bytes: kept.into_bytes().into(), length }),
            Ok(count) => {
                kept.push(buffer.get(..count).unwrap_or_default());
                length += count as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests make the files that are read")]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("boot.log"), "one\n").unwrap();
        let reports = ReportFiles::new(folder.path().to_owned());
        let first = reports.report("boot.log").unwrap();
        assert_eq!(first, EvidenceReport { bytes: b"one\n".as_slice().into(), length: 4 });
        std::fs::write(folder.path().join("boot.log"), "one\ntwo\n").unwrap();
        assert_eq!(reports.report("boot.log").unwrap(), first);
    }

    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let reports = ReportFiles::new(folder.path().to_owned());
        let missing = reports.report("none.log").unwrap_err();
        assert_eq!(missing.doing, "read `none.log`");
        for name in [".", "/dev/zero"] {
            let cause = reports.report(name).unwrap_err().source.unwrap().to_string();
            assert!(cause.starts_with("it is no regular file"), "{cause}");
        }
    }

    #[test]
    fn a_huge_file_is_read_as_a_stream_would_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        let text: Vec<u8> = (0..2_500_000_u32).flat_map(|number| (number % 65_521).to_le_bytes()).collect();
        for length in [2 * KEPT - 1, 2 * KEPT, 2 * KEPT + 1, text.len()] {
            std::fs::write(&path, &text[..length]).unwrap();
            let report = ends(File::open(&path).unwrap()).unwrap();
            assert!(report == kept(&text[..length]).unwrap(), "of {length} bytes");
        }
        // Far more than could be read.
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(1 << 40).unwrap();
        assert_eq!(ends(File::open(&path).unwrap()).unwrap().length, 1 << 40);
    }

    #[test]
    fn a_huge_stream_keeps_its_ends() {
        let stream = std::io::repeat(b'a').take(20_000_000).chain(&b"end"[..]);
        let report = kept(stream).unwrap();
        assert_eq!(report.length, 20_000_003);
        assert!(report.bytes.len() < 2 * KEPT + 100 && report.bytes.ends_with(b"aaend"));
    }
}
