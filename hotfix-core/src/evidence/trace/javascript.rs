//! Stack traces of JavaScript: V8's (Node.js, Deno, Chrome), Bun's, and those of Firefox and Safari.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, after_at, frame, last_word, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &["[cause]: ", "Uncaught ", "UnhandledPromiseRejection"],
    frames: &["at ", "@", "SyntaxError: "],
    is_upside_down: false,
    is_dense: true,
};

/// What files of JavaScript and of what becomes it end with.
const EXTENSIONS: &str = "js mjs cjs jsx ts mts cts tsx vue svelte astro coffee bundle jsbundle html htm";
/// What files of languages end with whose frames look alike.
const OTHERS: &str = "rs py rb php go java kt scala cs vb fs ex exs erl c cc cpp cxx h hpp swift dart";

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    if line.text.contains("[cause]: ") {
        return Some(Sign::Cause);
    }
    let begins = line.text.contains("Uncaught ") || line.text.contains("UnhandledPromiseRejection");
    begins.then_some(Sign::Begins)
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    // An error with fields goes on with a bracket.
    let text = line.text.trim_end_matches(['{', ' ']);
    after_at(text).find_map(v8).or_else(|| elsewhere(text)).or_else(|| misspelt(line))
}

/// The head of Node's report of a syntax error: its frames are all Node's own.
fn misspelt(line: &TraceLine<'_>) -> Option<Frame> {
    let heads = line.recent.lines().rev().take(6).filter(|_| line.text.contains("SyntaxError: "));
    heads.filter_map(|head| position(last_word(head))).find_map(|(file, number, _)| {
        let is_whole = file.starts_with('/') || file.contains(":\\");
        (is_whole && is_script(file, None)).then(|| frame(file, number, None)).flatten()
    })
}

/// `total (file:///srv/cart.mjs:3:9)` or `/srv/cart.js:3:9`.
fn v8(text: &str) -> Option<Frame> {
    let (function, text) = match text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        Some((function, text)) => (Some(function.trim_start_matches("async ")), text),
        None => (None, text.trim_start_matches("async ")),
    };
    // Rust's frames have an `at` and a column as well.
    let (file, line, _) = position(text).filter(|(file, _, has_column)| *has_column && is_script(file, function))?;
    frame(without_origin(file), line, function)
}

fn is_script(file: &str, function: Option<&str>) -> bool {
    let name = without_origin(file);
    let extension = name.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
    let is_one_of = |list: &str| extension.is_some_and(|extension| list.split(' ').any(|known| known == extension));
    let is_named = is_one_of(EXTENSIONS) || file.contains("://") || file.starts_with("node:");
    // A script need not have an extension; what stands in brackets after a function is one all the same.
    !is_one_of(OTHERS) && if function.is_some() { is_named || file.contains(['/', '\\', '<']) } else { is_named }
}

/// Firefox and Safari: `total@https://…/cart.js:3:9`.
fn elsewhere(text: &str) -> Option<Frame> {
    let (function, text) = last_word(text).split_once('@')?;
    let (file, line, has_column) = position(text)?;
    let is_ours = has_column && (file.contains("://") || file.starts_with('/'));
    if is_ours { frame(without_origin(file), line, Some(function)) } else { None }
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
