//! The stack traces of a text, and which of their frames are worth keeping.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::domain::Frame;

use super::foreign;
use super::located::RepositoryFiles;
use super::reading::TraceReader;
use super::structured::Structure;

/// How many frames go into the ledger.
// An endless recursion prints thousands of the same few.
const MAX_FRAMES: usize = 50;
/// How many frames are looked up.
const MAX_LOOKED_UP: usize = 10_000;
/// More frames than these of ours are too many: the last trace of a log is what ended it.
const TOO_MANY: usize = 10;

/// The stack traces of a text, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackTraces {
    /// The frames of each, nearest to the failure first.
    traces: Vec<Vec<Frame>>,
}

/// What of some stack traces is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptFrames {
    /// Those in files of ours first, nearest to the failure first.
    pub frames: Vec<Frame>,
    /// How many are in files of ours.
    pub ours: usize,
    /// How many there are, each line once.
    pub all: usize,
}

/// The frames of all stack traces in a text, nearest to the failure first, each once, without those of libraries.
///
/// ```
/// let text = "Traceback (most recent call last):\n  File \"/app/main.py\", line 9, in <module>\n    total()\n  \
///     File \"/app/shop/cart.py\", line 12, in total\n    return 1 / 0\nZeroDivisionError: division by zero\n";
/// let frames = hotfix_core::evidence::frames(text);
/// assert_eq!(frames[0].to_string(), "/app/shop/cart.py:12 in total");
/// ```
pub fn frames(text: &str) -> Vec<Frame> {
    let traces = StackTraces::of(text).traces;
    let frames = each_once(traces.iter().flatten()).into_iter();
    frames.filter(|frame| !foreign::is_foreign(frame.file)).map(SeenFrame::whole).collect()
}

impl StackTraces {
    /// Reads the stack traces of a text.
    pub fn of(text: &str) -> Self {
        let mut reader = TraceReader::default();
        let mut structure = Structure::default();
        for line in text.lines() {
            let line = unwrapped(line);
            for line in line.lines() {
                if !structure.read(line, &mut |piece| reader.take(piece)) {
                    reader.line("", line);
                }
            }
        }
        Self { traces: reader.finish() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.traces.is_empty()
    }

    /// What is kept of them where `paths` are the files of ours. Looked up before anything is cut off: ours may be few
    /// among many.
    pub fn kept(&self, paths: &[String]) -> KeptFrames {
        let files = RepositoryFiles::of(paths);
        let all = each_once(self.traces.iter().flatten());
        // A trace names the same few files over and over.
        let names: HashSet<&str> = all.iter().rev().map(|frame| frame.file).take(MAX_LOOKED_UP).collect();
        let found: HashMap<&str, &str> = names.into_iter().filter_map(|name| Some((name, files.find(name)?))).collect();
        // One file may be named in two ways.
        let lines = all.iter().filter_map(|frame| Some((*found.get(frame.file)?, frame.line)));
        let ours = lines.collect::<HashSet<_>>().len();
        let count = all.len();
        let has_too_many = ours > TOO_MANY || ours == 0 && count > MAX_FRAMES;
        let ordered = if has_too_many { each_once(self.traces.iter().rev().flatten()) } else { all };
        let is_ours = |frame: &&SeenFrame<'_>| found.contains_key(frame.file);
        let others = ordered.iter().filter(|frame| !is_ours(frame) && !foreign::is_foreign(frame.file));
        let first = ordered.iter().filter(is_ours).chain(others).take(MAX_FRAMES);
        KeptFrames { frames: first.copied().map(SeenFrame::whole).collect(), ours, all: count }
    }
}

/// A frame among many: there may be a hundred thousand.
#[derive(Debug, Clone, Copy)]
struct SeenFrame<'f> {
    file: &'f str,
    line: u32,
    function: Option<&'f str>,
}

impl SeenFrame<'_> {
    fn whole(self) -> Frame {
        Frame { file: self.file.to_owned(), line: self.line, function: self.function.map(str::to_owned) }
    }
}

/// Each line once: a recursion names the same one many times.
fn each_once<'f>(all: impl Iterator<Item = &'f Frame>) -> Vec<SeenFrame<'f>> {
    let mut frames: Vec<SeenFrame<'f>> = Vec::new();
    let mut indexes: HashMap<(&str, u32), usize> = HashMap::new();
    for Frame { file, line, function } in all {
        let frame = SeenFrame { file, line: *line, function: function.as_deref() };
        let index = *indexes.entry((file, *line)).or_insert(frames.len());
        match frames.get_mut(index) {
            // A later frame of the same line may have the name that an inlined one lacked.
            Some(known) => known.function = known.function.or(frame.function),
            None => frames.push(frame),
        }
    }
    frames
}

/// A line without what pages and collectors made of it.
fn unwrapped(line: &str) -> Cow<'_, str> {
    // syslog's daemons write control characters so.
    let has_octals = line.contains("#011");
    let has_entities =
        line.contains('&') && ["&quot;", "&lt;", "&gt;", "&nbsp;", "&#"].iter().any(|it| line.contains(it));
    if !has_octals && !has_entities && !line.contains("<br") {
        return Cow::Borrowed(line);
    }
    let pairs = [
        ("#011", "\t"),
        ("#012", "\n"),
        ("<br>", "\n"),
        ("<br/>", "\n"),
        ("<br />", "\n"),
        ("&nbsp;", " "),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    Cow::Owned(pairs.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to)))
}
