//! Stack traces of Elixir and Erlang, as Elixir prints them.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, frame, last_word, of_package};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &["** (", "tacktrace:"],
    frames: &[".ex:", ".exs:", ".erl:", ".eex:", ".heex:", ".leex:"],
    is_upside_down: false,
    is_dense: false,
};

const EXTENSIONS: [&str; 6] = [".ex", ".exs", ".erl", ".eex", ".heex", ".leex"];
/// The applications that come with the languages: their paths begin like ours.
const BUILT_IN: &str = "elixir stdlib kernel erts mix ex_unit logger iex eex compiler ssl inets crypto";

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    let begins = line.text.contains("** (") || line.text.ends_with("tacktrace:");
    (begins && !line.text.contains("CompileError")).then_some(Sign::Begins)
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    let text = line.text.trim_end();
    let (before, number, function) = text.match_indices(": ").find_map(|(at, _)| {
        let (file, number) = text.get(..at)?.rsplit_once(':')?;
        let is_ours = EXTENSIONS.iter().any(|extension| file.ends_with(extension));
        Some((file, number.parse().ok()?, text.get(at + 2..)?)).filter(|_| is_ours)
    })?;
    let file = last_word(before);
    let application = before.strip_suffix(file).and_then(of_package);
    // The compiler's warnings look alike, but for the application and what stands around them.
    let is_indented = before.strip_suffix(file).is_some_and(|before| before.ends_with("    "));
    if !is_call(function) || application.is_none() && !(line.is_inside && is_indented) {
        return None;
    }
    if application.is_some_and(|name| BUILT_IN.split(' ').any(|known| known == name)) {
        return frame(&format!("<{}>/{file}", application.unwrap_or_default()), number, Some(function));
    }
    frame(file, number, Some(function))
}

/// `Shop.Cart.total/1`, `:lists.map/2`, `anonymous fn/1 in Shop.Cart.total/1`, `(test)`; what the compiler says is none.
fn is_call(function: &str) -> bool {
    let begins = function.starts_with(|first: char| first.is_uppercase() || ":(".contains(first));
    let arity = function.rsplit_once('/').map(|(_, arity)| arity);
    let ends = function.ends_with(')') || arity.is_some_and(|arity| arity.parse::<u8>().is_ok());
    (begins || function.starts_with("anonymous fn")) && ends
}
