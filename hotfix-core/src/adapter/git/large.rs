//! Files that are too long to be compared line by line, read as a stream: git never has to hold one as a whole, and neither
//! do we.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher as _;

use crate::port::{ErrorKind, PortError};

use super::GitRepository;
use super::child::GitRun;

/// Where git looks for a NUL byte.
const BINARY_PROBE_BYTES: usize = 8000;
/// So many kinds of lines are told apart. A fix that changes a few lines of a long file is counted right; of one that
/// changes more than this, it is enough to know that it is far too big.
const KINDS: usize = 1 << 16;

/// What is known of a file that was read as a stream.
pub(super) struct Sketch {
    /// How many lines there are of each kind.
    kinds: Vec<u32>,
    line: DefaultHasher,
    read: usize,
    /// Whether a line has begun that did not end yet.
    is_inside_line: bool,
    is_binary: bool,
}

impl Sketch {
    /// Of a file that is empty, or not there.
    pub(super) fn empty() -> Self {
        Self { kinds: vec![0; KINDS], line: DefaultHasher::new(), read: 0, is_inside_line: false, is_binary: false }
    }

    /// Of a file that is in memory already.
    pub(super) fn of(content: &[u8]) -> Self {
        let mut sketch = Self::empty();
        sketch.add(content);
        sketch.finished()
    }

    fn add(&mut self, bytes: &[u8]) {
        let probed = bytes.get(..BINARY_PROBE_BYTES.saturating_sub(self.read).min(bytes.len()));
        self.is_binary = self.is_binary || probed.unwrap_or_default().contains(&0);
        self.read = self.read.saturating_add(bytes.len());
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.write(part);
            self.is_inside_line = true;
            if part.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        let hash = std::mem::take(&mut self.line).finish();
        // A fixed size, whatever the file: lines of one hash count as the same.
        let kind = usize::try_from(hash % KINDS as u64).unwrap_or_default();
        if let Some(lines) = self.kinds.get_mut(kind) {
            *lines = lines.saturating_add(1);
        }
        self.is_inside_line = false;
    }

    fn finished(mut self) -> Self {
        if self.is_inside_line {
            self.end_line();
        }
        self
    }

    /// Whether it is not text.
    pub(super) fn is_binary(&self) -> bool {
        self.is_binary
    }

    /// Whether there is anything in it.
    pub(super) fn is_empty(&self) -> bool {
        self.read == 0
    }

    /// How many lines the other has that this one lacks.
    pub(super) fn lacks_of(&self, other: &Self) -> u32 {
        let pairs = self.kinds.iter().zip(&other.kinds);
        pairs.fold(0, |sum: u32, (own, others)| sum.saturating_add(others.saturating_sub(*own)))
    }
}

/// Whether a file is not text.
pub(super) fn is_binary(content: &[u8]) -> bool {
    content.iter().take(BINARY_PROBE_BYTES).any(|byte| *byte == 0)
}

/// Reads a file through, however long it is. Of one that is not text, only the beginning.
pub(super) fn sketch(git: &GitRepository, blob: gix::ObjectId) -> Result<Sketch, PortError> {
    let doing = format!("read the file {blob}");
    // Beyond this size git streams what it reads.
    let arguments = ["-c", "core.bigFileThreshold=1m", "cat-file", "blob", &blob.to_hex().to_string()];
    let mut sketch = Sketch::empty();
    let run = GitRun::new(doing.clone(), arguments).reading();
    let answer = git.program.read_through(&run, |bytes| {
        sketch.add(bytes);
        !sketch.is_binary
    })?;
    if sketch.is_binary || answer.status.success() {
        return Ok(sketch.finished());
    }
    let why = String::from_utf8_lossy(&answer.stderr).trim().to_owned();
    Err(PortError::new(ErrorKind::Internal, doing, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_are_counted() {
        let long: String = (0..1000).map(|line| format!("line {line}\n")).collect();
        let changed = long.replace("line 7\n", "line seven\nand more\n") + "no newline";
        let (one, other) = (Sketch::of(long.as_bytes()), Sketch::of(changed.as_bytes()));
        assert_eq!((one.lacks_of(&other), other.lacks_of(&one)), (3, 1));
        assert_eq!((Sketch::empty().lacks_of(&one), one.lacks_of(&one)), (1000, 0));
        let mut in_pieces = Sketch::empty();
        changed.as_bytes().chunks(7).for_each(|piece| in_pieces.add(piece));
        assert_eq!(in_pieces.finished().kinds, other.kinds);
        assert!(!one.is_binary() && Sketch::of(b"a\0").is_binary() && Sketch::empty().is_empty());
    }
}
