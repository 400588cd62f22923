//! Stack traces of Dart and Flutter.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, frame, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &["Unhandled exception:", "[ERROR:flutter/"],
    frames: &[".dart:"],
    is_upside_down: false,
    is_dense: true,
};

/// Packages that come with the languages and their tests.
const BUILT_IN: [&str; 7] = ["flutter", "flutter_test", "test", "test_api", "async", "stack_trace", "sky_engine"];

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    let begins = line.text.contains("Unhandled exception:") || line.text.contains("[ERROR:flutter/");
    begins.then_some(Sign::Begins)
}

/// `#0      Cart.total (package:shop/cart.dart:12:7)`, `#1  main (file:///srv/bin/main.dart:5:3)`.
fn read(line: &TraceLine<'_>) -> Option<Frame> {
    let text = line.text.trim_end();
    let (before, place) = text.strip_suffix(')')?.rsplit_once(" (")?;
    let (file, number, _) = position(place).filter(|(file, ..)| file.ends_with(".dart"))?;
    let (_, function) = before.rsplit_once('#')?;
    let function = function.trim_start_matches(|character: char| character.is_ascii_digit());
    match file.strip_prefix("package:").and_then(|file| file.split_once('/')) {
        Some((package, _)) if BUILT_IN.contains(&package) => {
            frame(&format!("<{package}>/{file}"), number, Some(function))
        }
        // A package's sources are below `lib`.
        Some((package, inside)) => frame(&format!("{package}/lib/{inside}"), number, Some(function)),
        None if file.starts_with("dart:") => frame(&format!("<{file}>"), number, Some(function)),
        None => frame(file.trim_start_matches("file://"), number, Some(function)),
    }
}
