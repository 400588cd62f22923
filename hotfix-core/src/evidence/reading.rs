//! Puts the frames of a text together to traces, line by line, in bounded memory.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::Frame;

use super::structured::LogPiece;
use super::trace::{LineLanguages, Sign, TraceLanguage, TraceLine, may_name_a_line};

/// A longer line is no frame, in bytes.
const LONGEST: usize = 16 * 1024;
/// How many lines may stand between what belongs together.
const NEAR: usize = 64;
/// How many lines a trace is near before and after what only names a line inside of one.
const INSIDE: usize = 20;
/// How many kinds of strings of a log are told apart.
const MAX_CARRIERS: usize = 32;
/// How much of the lines before is kept, in bytes.
const RECENT: usize = 4 * 1024;
/// How many frames of one exception are kept: a recursion has the same few at its ends.
const MAX_BLOCK: usize = 2_000;
/// How many frames are kept; of more, those of the last traces.
const MAX_FRAMES: usize = 50_000;
/// Stands for what is no language: lists of objects.
const OBJECTS: usize = usize::MAX;

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct TraceReader {
    traces: VecDeque<Trace>,
    frames: usize,
    /// What the next frame begins, and how many lines ago that was said.
    pending: Option<(Sign, usize)>,
    /// How many lines ago the last frame was.
    quiet: usize,
    carriers: Vec<Carrier>,
}

/// A trace in the making.
#[derive(Debug)]
struct Trace {
    language: usize,
    /// Of each of its exceptions, the one nearest to the failure first.
    blocks: VecDeque<Block>,
    /// Whether frames are added to the first of them, or to the last.
    is_first: bool,
}

/// The part of a trace that tells of one exception.
#[derive(Debug, Default)]
struct Block {
    frames: VecDeque<Frame>,
    is_upside_down: bool,
}

/// One kind of strings of a log, or its plain lines: what the lines before are, each knows by itself.
#[derive(Debug, Default)]
struct Carrier {
    key: String,
    recent: String,
    /// How many lines it has had, and at which of them each language was seen last.
    lines: usize,
    seen: BTreeMap<usize, usize>,
    /// How many lines ago the last frame was.
    gap: usize,
}

impl TraceReader {
    pub(super) fn take(&mut self, piece: LogPiece<'_>) {
        match piece {
            LogPiece::Line(key, line) => self.line(key, line),
            LogPiece::Element(line) => self.read("[]", line, true),
            LogPiece::Stack { is_upside_down, is_cause } => {
                let sign = if is_cause { Sign::Cause } else { Sign::Begins };
                self.begin(OBJECTS, Some(sign), is_upside_down);
            }
            LogPiece::Frame(frame) => self.add(frame),
        }
    }

    /// Reads a line of one kind of strings.
    pub(super) fn line(&mut self, key: &str, text: &str) {
        self.read(key, text, false);
    }

    fn read(&mut self, key: &str, text: &str, is_element: bool) {
        let text = if text.len() > LONGEST { "" } else { unquoted(text) };
        let mut carrier = self.carrier(key);
        let recent = &*carrier.recent;
        let before = recent.rsplit('\n').next().unwrap_or_default();
        let line = TraceLine { text, before, recent, is_inside: false };
        carrier.lines += 1;
        // A time or a level by itself says nothing of a trace.
        let says_something = text.contains(' ') || text.ends_with(':');
        let languages = LineLanguages::of(text);
        for (at, language) in languages.signs().filter(|_| says_something) {
            if let Some(sign) = (language.sign)(&line) {
                self.sign(sign);
                carrier.seen.insert(at, carrier.lines);
            }
        }
        let is_near = |at: usize| carrier.seen.get(&at).is_some_and(|seen| carrier.lines - seen <= INSIDE);
        let find = |text: &str, languages: LineLanguages| {
            languages.frames().find_map(|(at, language)| {
                let line = TraceLine { text, before, recent, is_inside: is_near(at) };
                Some((at, language, (language.read)(&line)?))
            })
        };
        let mut found = None;
        if may_name_a_line(text) {
            found = find(text, languages);
            if found.is_none() && is_element && text.ends_with(')') {
                // AWS Lambda's lists have frames of Java without their first word.
                let text = format!("at {}", text.trim_start());
                found = find(&text, LineLanguages::of(&text));
            }
        }
        // What else is in a record, such as its time, makes no line of a trace.
        if found.is_some() || !carrier.seen.is_empty() || key.is_empty() {
            self.quiet += 1;
            self.pending = self.pending.map(|(sign, ago)| (sign, ago + 1));
        }
        match found {
            Some((at, language, frame)) => {
                carrier.seen.insert(at, carrier.lines);
                self.frame(at, language, frame, carrier.gap > 0);
                carrier.gap = 0;
            }
            None if is_filler(text) => {}
            None => carrier.gap += 1,
        }
        carrier.remember(text);
        self.carriers.push(carrier);
    }

    /// The traces, and of each the frames, nearest to the failure first.
    pub(super) fn finish(self) -> Vec<Vec<Frame>> {
        self.traces.into_iter().map(Trace::in_order).filter(|frames| !frames.is_empty()).collect()
    }

    /// Takes a kind of strings out; it is put back as the one that was used last.
    fn carrier(&mut self, key: &str) -> Carrier {
        if let Some(at) = self.carriers.iter().position(|carrier| carrier.key == key) {
            return self.carriers.remove(at);
        }
        if self.carriers.len() >= MAX_CARRIERS {
            self.carriers.remove(0);
        }
        Carrier { key: key.to_owned(), ..Carrier::default() }
    }

    fn sign(&mut self, sign: Sign) {
        if sign == Sign::GoesOn {
            return;
        }
        let is_new = match (self.pending.filter(|(_, ago)| *ago <= NEAR), sign) {
            (None, _) | (_, Sign::Cause) => true,
            (Some((Sign::Cause, ago)), Sign::Begins) => ago > 2,
            // What was said first is said of the whole: a traceback after "During handling" is that one's.
            (Some(_), _) => false,
        };
        if is_new {
            self.pending = Some((sign, 0));
        }
    }

    fn frame(&mut self, at: usize, language: &TraceLanguage, frame: Frame, is_apart: bool) {
        let sign = match self.pending.take() {
            Some((sign, 0..=NEAR)) => Some(sign),
            Some(_) => Some(Sign::Begins),
            None => (language.is_dense && is_apart).then_some(Sign::Begins),
        };
        self.begin(at, sign, language.is_upside_down);
        self.add(frame);
    }

    /// Makes room for the frames of another trace or exception, unless it is the same one that goes on.
    fn begin(&mut self, language: usize, sign: Option<Sign>, is_upside_down: bool) {
        let block = Block { frames: VecDeque::new(), is_upside_down };
        let known = self.traces.back_mut().filter(|trace| trace.language == language && trace.blocks.len() < MAX_BLOCK);
        match (known, sign) {
            (Some(_), None) => {}
            (Some(trace), Some(Sign::Joins)) if self.quiet <= NEAR => {
                trace.blocks.push_back(block);
                trace.is_first = false;
            }
            // Java prints what was thrown last first.
            (Some(trace), Some(Sign::Cause)) => {
                trace.blocks.push_front(block);
                trace.is_first = true;
            }
            _ => self.traces.push_back(Trace { language, blocks: VecDeque::from([block]), is_first: false }),
        }
    }

    fn add(&mut self, frame: Frame) {
        self.quiet = 0;
        let Some(trace) = self.traces.back_mut() else { return };
        let block = if trace.is_first { trace.blocks.front_mut() } else { trace.blocks.back_mut() };
        let Some(block) = block else { return };
        if block.frames.len() < MAX_BLOCK {
            self.frames += 1;
            block.frames.push_back(frame);
        } else if block.is_upside_down {
            block.frames.pop_front();
            block.frames.push_back(frame);
        }
        while self.frames > MAX_FRAMES && self.traces.len() > 1 {
            let oldest = self.traces.pop_front();
            self.frames -= oldest.map_or(0, |trace| trace.blocks.iter().map(|block| block.frames.len()).sum());
        }
    }
}

impl Carrier {
    /// Keeps a line as the one before the next.
    fn remember(&mut self, text: &str) {
        if self.recent.len() + text.len() > RECENT {
            self.recent.clear();
        }
        self.recent.push('\n');
        self.recent.push_str(text);
    }
}

impl Trace {
    fn in_order(self) -> Vec<Frame> {
        let mut frames = Vec::new();
        for block in self.blocks {
            if block.is_upside_down {
                frames.extend(block.frames.into_iter().rev());
            } else {
                frames.extend(block.frames);
            }
        }
        frames
    }
}

/// Whether a line stands between frames of one trace: Java's `... 3 more`, and calls without a place.
fn is_filler(text: &str) -> bool {
    let text = text.trim_end();
    text.contains("... ") && [" more", "omitted", " ..."].iter().any(|end| text.ends_with(end))
        || text.ends_with([')', '>', ']']) && text.contains("at ")
        || ["[internal function]", "{main}", "--- End of ", "[stacktrace]"].iter().any(|words| text.contains(words))
        || text.ends_with("Stack trace:")
}

/// A line without the quotes that it was printed in.
fn unquoted(text: &str) -> &str {
    let text = text.trim_end();
    let inner = text.trim_end_matches([' ', '+', ',', '"', '\'']);
    inner.strip_suffix("\\n").filter(|_| inner.len() < text.len()).unwrap_or(inner)
}
