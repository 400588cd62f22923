//! Panics of Go: a line with the function, then one with the file.

use crate::domain::Frame;

use super::{TraceLanguage, frame, never, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage { read, begins, causes: never, is_upside_down: false };

fn begins(line: &str) -> bool {
    line.starts_with("goroutine ") && line.trim_end().ends_with("]:")
}

fn read(line: &str, before: &str) -> Option<Frame> {
    // The offset in the function comes after the line's number.
    let text = line.trim().split(" +0x").next()?;
    let (file, number, _) = position(text).filter(|(file, ..)| file.ends_with(".go") && !file.contains(' '))?;
    frame(file, number, function(before))
}

/// The function of `main.(*Cart).Total(0xc000012345, 0x2)` or `created by main.serve in goroutine 1`.
fn function(line: &str) -> Option<&str> {
    let line = line.trim();
    // Since Go 1.21 it also says in which goroutine.
    if let Some(creator) = line.strip_prefix("created by ") {
        return creator.split(" in goroutine").next();
    }
    line.strip_suffix(')').and_then(|call| call.rsplit_once('(')).map(|(function, _)| function)
}
