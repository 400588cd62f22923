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

    /// What came after the first `seen` bytes, as far as it is kept.
    pub(super) fn since(&self, seen: u64) -> Vec<u8> {
        let head = self.head.get(usize::try_from(seen).unwrap_or(usize::MAX)..).unwrap_or_default();
        let before = self.length() - self.tail.len() as u64;
        let passed = usize::try_from(seen.saturating_sub(before)).unwrap_or(usize::MAX).min(self.tail.len());
        head.iter().chain(self.tail.range(passed..)).copied().collect()
    }

    /// How much came, in bytes.
    pub(super) fn length(&self) -> u64 {
        self.head.len() as u64 + self.left_out + self.tail.len() as u64
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
    fn what_is_seen_while_it_comes_is_all_of_it_in_its_order() {
        let all: Vec<u8> = (0..HEAD + TAIL + 5_000).map(|n| (n % 251) as u8).collect();
        let (mut buffer, mut seen) = (HeadAndTail::default(), Vec::new());
        for (number, piece) in all.chunks(977).enumerate() {
            buffer.push(piece);
            // Not at each piece: somebody else looks, at its own pace.
            if number % 3 == 0 {
                seen.extend(buffer.since(seen.len() as u64));
            }
        }
        seen.extend(buffer.since(seen.len() as u64));
        assert!(seen == all && buffer.since(seen.len() as u64).is_empty());
        assert_eq!(buffer.length(), all.len() as u64);
        // Too slow a look gets what is kept.
        assert_eq!(buffer.since(0).len(), HEAD + TAIL);
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
