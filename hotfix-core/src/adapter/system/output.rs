//! What a program printed, however much that is, in bounded memory.

use std::collections::VecDeque;

/// How much of the beginning is kept, in bytes.
// The beginning says what was built, the end what failed; a log of gigabytes has its use in neither.
const HEAD: usize = 64 * 1024;
/// How much of the end is kept, in bytes.
const TAIL: usize = 256 * 1024;

/// The beginning and the end of a stream, and how long it was.
#[derive(Debug)]
pub(super) struct HeadAndTail {
    head_limit: usize,
    tail_limit: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    left_out: u64,
}

impl Default for HeadAndTail {
    fn default() -> Self {
        Self::new(HEAD, TAIL)
    }
}

impl HeadAndTail {
    /// Keeps so many bytes of the beginning and of the end.
    pub(super) fn new(head_limit: usize, tail_limit: usize) -> Self {
        Self { head_limit, tail_limit, head: Vec::new(), tail: VecDeque::new(), left_out: 0 }
    }

    /// Adds what came.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let (head, rest) = bytes.split_at(bytes.len().min(self.head_limit - self.head.len()));
        self.head.extend_from_slice(head);
        // A chunk longer than the tail pushes out all of it, itself included.
        let (dropped, rest) = rest.split_at(rest.len().saturating_sub(self.tail_limit));
        let surplus = (self.tail.len() + rest.len()).saturating_sub(self.tail_limit).min(self.tail.len());
        self.tail.drain(..surplus);
        self.tail.extend(rest);
        self.left_out += (dropped.len() + surplus) as u64;
    }

    /// The last line that is whole and not blank; `None` before there is one, and while what came last is longer than a line.
    pub(super) fn last_line(&self) -> Option<Vec<u8>> {
        // A progress bar may never end its line; looking through megabytes for it would cost each look.
        const LONGEST: usize = 4 * 1024;
        let end: Vec<u8> = if self.tail.is_empty() {
            self.head.get(self.head.len().saturating_sub(LONGEST)..).unwrap_or_default().to_vec()
        } else {
            self.tail.iter().skip(self.tail.len().saturating_sub(LONGEST)).copied().collect()
        };
        let whole = end.iter().rposition(|byte| *byte == b'\n').map(|at| end.get(..at).unwrap_or_default())?;
        let line = whole.rsplit(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty())?;
        Some(line.to_vec())
    }

    /// The whole, with a line in place of what was left out.
    pub(super) fn bytes(&self) -> Vec<u8> {
        joined(self.head.clone(), self.left_out, &self.tail)
    }

    /// The same, of one that was read to its end: it may be long.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        joined(self.head, self.left_out, &self.tail)
    }
}

fn joined(head: Vec<u8>, count: u64, tail: &VecDeque<u8>) -> Vec<u8> {
    let mut bytes = head;
    if count > 0 {
        bytes.extend_from_slice(&left_out(count));
    }
    bytes.extend(tail);
    bytes
}

/// The line in place of so many bytes that were left out.
pub(super) fn left_out(count: u64) -> Vec<u8> {
    format!("\n[{count} bytes left out]\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(pieces: impl IntoIterator<Item = Vec<u8>>) -> HeadAndTail {
        let mut buffer = HeadAndTail::default();
        pieces.into_iter().for_each(|piece| buffer.push(&piece));
        buffer
    }

    #[test]
    fn keeps_everything_that_fits() {
        let all: Vec<u8> = (0..HEAD + TAIL).map(|n| (n % 251) as u8).collect();
        for size in [1000, HEAD, TAIL, HEAD + TAIL] {
            let pieces = all.chunks(size).map(<[u8]>::to_vec);
            assert!(kept(pieces).bytes() == all, "in pieces of {size}");
        }
    }

    #[test]
    fn keeps_both_ends_of_what_does_not_fit() {
        let all: Vec<u8> = (0..3_000_000_u32).flat_map(|n| (n % 65_521).to_le_bytes()).collect();
        let left_out = all.len() - HEAD - TAIL;
        let expected =
            [&all[..HEAD], format!("\n[{left_out} bytes left out]\n").as_bytes(), &all[all.len() - TAIL..]].concat();
        for size in [4099, HEAD, TAIL + 1, all.len()] {
            let buffer = kept(all.chunks(size).map(<[u8]>::to_vec));
            assert!(buffer.bytes() == expected, "in pieces of {size}");
            assert!(buffer.tail.capacity() <= 4 * TAIL, "memory grows with what is printed");
        }
    }
}
