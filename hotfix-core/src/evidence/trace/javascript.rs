//! Stack traces of JavaScript: V8's (Node.js, Chrome) and those of Firefox and Safari.

use crate::domain::Frame;

use super::{TraceLanguage, after_at, frame, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage { read, begins, causes, is_upside_down: false };

fn begins(line: &str) -> bool {
    line.starts_with("Uncaught ") || line.contains("UnhandledPromiseRejection")
}

fn causes(line: &str) -> bool {
    line.trim_start().starts_with("[cause]: ")
}

fn read(line: &str, _: &str) -> Option<Frame> {
    let (function, text) = match after_at(line) {
        Some(text) => match text.trim_end_matches(['{', ' ']).strip_suffix(')').and_then(|text| text.rsplit_once(" ("))
        {
            Some((function, text)) => (Some(function.trim_start_matches("async ")), text),
            None => (None, text.trim_start_matches("async ")),
        },
        // Firefox and Safari: `total@https://…/cart.js:3:9`.
        None => line.trim().split_once('@').map(|(function, text)| (Some(function), text))?,
    };
    let (file, line, has_column) = position(text)?;
    // Rust's frames have an `at` and a column as well.
    let is_ours = has_column && !file.ends_with(".rs") && !file.contains(' ');
    if is_ours { frame(without_origin(file), line, function) } else { None }
}

/// The path of a URL, or of a module as a bundler names it.
fn without_origin(file: &str) -> &str {
    let file = file.split(['?', '#']).next().unwrap_or(file);
    match file.split_once("://") {
        Some(("http" | "https", rest)) => rest.split_once('/').map_or(rest, |(_host, path)| path),
        // webpack's own scheme: `webpack:///./src/cart.ts`.
        Some((_, rest)) => rest.trim_start_matches("/./").trim_start_matches("./"),
        None => file,
    }
}
