//! Names and values whose quotes a page, a URL or another program has written in its own way: `&quot;password&quot;:…`.

use super::name::kind_of;
use super::secret::is_secret;
use super::span::{Span, Spans, has_mask, occurrences};

/// How a quote is written.
const QUOTES: [&str; 5] = ["&quot;", "&#34;", "&#x22;", "%22", "\\u0022"];
/// The longest name and the longest value, in bytes.
const LONGEST_NAME: usize = 96;
const LONGEST: usize = 4 * 1024;

/// Finds the values.
pub(super) fn find(text: &str, spans: &mut Spans) {
    for quote in QUOTES {
        // Of each four quotes in a row the first two are a name's, and the last two its value's.
        let mut last = [None; 3];
        for at in occurrences(text, quote) {
            if let [Some(begin), Some(end), Some(value)] = last {
                spans.extend(assigned(text, quote, [begin, end, value, at]));
            }
            last = [last[1], last[2], Some(at)];
        }
    }
}

fn assigned(text: &str, quote: &str, [begin, end, value, close]: [usize; 4]) -> Option<Span> {
    let inside = |from: usize, to: usize| text.get(from + quote.len()..to);
    let name = inside(begin, end).filter(|name| name.len() <= LONGEST_NAME)?;
    let between = inside(end, value).filter(|between| between.len() <= 12)?.trim_matches([' ', '+']).replace("%20", "");
    let shown = inside(value, close).filter(|shown| shown.len() <= LONGEST && !shown.contains('\n'))?;
    let kind = kind_of(name).filter(|_| matches!(&*between, ":" | "%3A" | "=" | "%3a"))?;
    (!has_mask(shown) && is_secret(kind, shown)).then(|| (value + quote.len()..close, kind.rule()))
}
