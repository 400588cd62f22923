//! Stack traces of Java and the languages that run beside it. The last cause is the nearest to the failure.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, after_at, frame, is_of_the_jvm, source_of_class};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &["Caused by: ", "Wrapped by: ", "Suppressed: ", "Exception in thread \""],
    frames: &[".java:", ".kt:", ".kts:", ".scala:", ".groovy:", ".clj:"],
    is_upside_down: false,
    is_dense: true,
};

pub(super) const EXTENSIONS: [&str; 6] = [".java", ".kt", ".kts", ".scala", ".groovy", ".clj"];

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    if line.text.split_once("Caused by: ").is_some_and(|(_, exception)| is_class(exception)) {
        return Some(Sign::Cause);
    }
    if line.text.contains("Wrapped by: ") || line.text.contains("Suppressed: ") {
        return Some(Sign::Joins);
    }
    line.text.contains("Exception in thread \"").then_some(Sign::Begins)
}

/// Whether a text begins with the name of an exception, as prose after these words seldom does.
fn is_class(text: &str) -> bool {
    let end = text.find(|character: char| !character.is_alphanumeric() && !"._$".contains(character));
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    !name.is_empty() && (rest.trim_end().is_empty() || rest.starts_with(':'))
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    after_at(line.text).find_map(called)
}

fn called(text: &str) -> Option<Frame> {
    let (qualified, text) = text.split_once('(')?;
    let (file, number) = text.split(')').next()?.split_once(':')?;
    if !is_of_the_jvm(file) {
        return None;
    }
    let qualified = qualified.rsplit('/').next().unwrap_or(qualified); // Without the module: `java.base/java.util`.
    let (class, _method) = qualified.rsplit_once('.')?;
    frame(&source_of_class(class, file), number.parse().ok()?, Some(qualified))
}
