//! Stack traces of Java and the languages that run beside it. The last cause is the nearest to the failure.

use crate::domain::Frame;

use super::{TraceLanguage, after_at, frame};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage { read, begins, causes, is_upside_down: false };

const EXTENSIONS: [&str; 4] = [".java", ".kt", ".scala", ".groovy"];

fn begins(line: &str) -> bool {
    line.contains("Exception in thread \"")
}

fn causes(line: &str) -> bool {
    line.trim_start().starts_with("Caused by: ")
}

fn read(line: &str, _: &str) -> Option<Frame> {
    let (qualified, text) = after_at(line)?.split_once('(')?;
    let (file, number) = text.split(')').next()?.split_once(':')?;
    if !EXTENSIONS.iter().any(|extension| file.ends_with(extension)) {
        return None;
    }
    let qualified = qualified.rsplit('/').next().unwrap_or(qualified); // Without the module: `java.base/java.util`.
    let (class, _method) = qualified.rsplit_once('.')?;
    // A frame has the file's name only; its folders are those of the package.
    let path = match class.rsplit_once('.') {
        Some((package, _)) => format!("{}/{file}", package.replace('.', "/")),
        None => file.to_owned(),
    };
    frame(&path, number.parse().ok()?, Some(qualified))
}
