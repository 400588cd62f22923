//! Stack traces: the lines they name, nearest to the failure first, without those of libraries and runtimes.
//!
//! A language is one file: how its frames are written, what begins a trace, and at which end the failure is.

mod go;
mod java;
mod javascript;
mod python;
mod rust;

use std::collections::HashMap;

use crate::domain::Frame;

/// How a language writes stack traces.
pub(super) struct TraceLanguage {
    /// The frame that a line names, knowing the line before it.
    read: fn(line: &str, before: &str) -> Option<Frame>,
    /// Whether the line begins a trace.
    begins: fn(line: &str) -> bool,
    /// Whether the line begins the cause of the trace before it, which is nearer to the failure.
    causes: fn(line: &str) -> bool,
    /// Whether the failure is at the end.
    is_upside_down: bool,
}

// Rust first: its frames could be read as JavaScript's.
pub(super) const LANGUAGES: [TraceLanguage; 5] =
    [rust::LANGUAGE, python::LANGUAGE, javascript::LANGUAGE, java::LANGUAGE, go::LANGUAGE];

/// Parts of the paths of libraries and runtimes.
const FOREIGN: &str = "\
    /rustc/ /rustlib/ .cargo/registry/ .cargo/git/ site-packages/ dist-packages/ /lib/python node_modules/ node: \
    < internal/modules/ internal/process/ /go/src/runtime/ /go/src/net/ /usr/local/go/ /usr/lib/go /pkg/mod/ \
    /goroot/";
/// Packages of Java and its languages that come with them.
const FOREIGN_PACKAGES: [&str; 6] = ["java/", "javax/", "jdk/", "sun/", "kotlin/", "scala/"];

/// A trace, or the part of one that tells of one cause.
struct Block {
    frames: Vec<Frame>,
    language: usize,
    is_cause: bool,
}

/// The frames of all stack traces in a text, nearest to the failure first, each once.
///
/// ```
/// let text = "Traceback (most recent call last):\n  File \"/app/main.py\", line 9, in <module>\n    total()\n  \
///     File \"/app/shop/cart.py\", line 12, in total\n    return 1 / 0\nZeroDivisionError: division by zero\n";
/// let frames = hotfix_core::evidence::frames(text);
/// assert_eq!(frames[0].to_string(), "/app/shop/cart.py:12 in total");
/// ```
pub fn frames(text: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut indexes: HashMap<(String, u32), usize> = HashMap::new();
    for frame in in_order(blocks(text)).into_iter().flat_map(|block| block.frames) {
        if is_foreign(&frame.file) {
            continue;
        }
        // A recursion names the same line many times.
        let index = *indexes.entry((frame.file.clone(), frame.line)).or_insert(frames.len());
        match frames.get_mut(index) {
            // A later frame of the same line may have the name that an inlined one lacked.
            Some(known) => known.function = known.function.take().or(frame.function),
            None => frames.push(frame),
        }
    }
    frames
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut begins_anew = false;
    let mut causes = false;
    let mut before = "";
    for line in text.lines() {
        begins_anew |= LANGUAGES.iter().any(|language| (language.begins)(line));
        causes |= LANGUAGES.iter().any(|language| (language.causes)(line));
        // A log holds traces of several programs: a front end's and a server's.
        let found = LANGUAGES.iter().enumerate().find_map(|(at, language)| Some((at, (language.read)(line, before)?)));
        before = line;
        let Some((language, frame)) = found else { continue };
        match blocks.last_mut().filter(|block| block.language == language && !begins_anew && !causes) {
            Some(block) => block.frames.push(frame),
            None => blocks.push(Block { frames: vec![frame], language, is_cause: causes }),
        }
        (begins_anew, causes) = (false, false);
    }
    blocks
}

/// Causes before what they caused, and each block from the failure outwards.
fn in_order(blocks: Vec<Block>) -> Vec<Block> {
    let mut ordered: Vec<Block> = Vec::new();
    let mut trace = 0;
    for mut block in blocks {
        if LANGUAGES.get(block.language).is_some_and(|language| language.is_upside_down) {
            block.frames.reverse();
        }
        if !block.is_cause {
            trace = ordered.len();
        }
        // Java prints what was thrown last first.
        ordered.insert(trace, block);
    }
    ordered
}

fn is_foreign(file: &str) -> bool {
    FOREIGN.split(' ').any(|part| file.contains(part))
        || FOREIGN_PACKAGES.iter().any(|package| file.starts_with(package))
}

/// Reads `file:12` or `file:12:5`, and says whether there was a column.
fn position(text: &str) -> Option<(&str, u32, bool)> {
    let (rest, last) = text.trim_end_matches(':').rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    match rest.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
        Some((file, line)) if !file.is_empty() => Some((file, line, true)),
        // A drive's letter on Windows has a colon too: `C:\a.py:3`.
        _ if !rest.is_empty() => Some((rest, last, false)),
        _ => None,
    }
}

/// What follows the `at` of a frame, whatever a logger wrote before it.
fn after_at(line: &str) -> Option<&str> {
    let line = line.trim_end();
    line.trim_start()
        .strip_prefix("at ")
        // Log lines begin with time and level.
        .or_else(|| line.rsplit_once("\tat ").map(|(_, rest)| rest))
        .or_else(|| line.rsplit_once("   at ").map(|(_, rest)| rest))
}

/// A frame, unless its file or line is none.
fn frame(file: &str, line: u32, function: Option<&str>) -> Option<Frame> {
    let function = function.map(str::trim).filter(|function| !function.is_empty());
    // Generated code says line 0.
    (line > 0 && !file.trim().is_empty()).then(|| Frame {
        file: file.trim().trim_start_matches("./").replace('\\', "/"),
        line,
        function: function.map(str::to_owned),
    })
}

/// For languages whose traces have no causes of that kind.
fn never(_: &str) -> bool {
    false
}
