//! Short texts: titles, notes, paths. To make an automaton of all words that secrets are known by takes a third of a whole
//! command, and to look for them one by one in a few short texts takes nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What counts as short, in bytes.
const SHORT: usize = 1024;

/// After so many bytes an automaton would have paid.
const ENOUGH: usize = 4 * 1024;

/// The short texts that were looked through word by word for the words of one automaton.
pub(super) struct ShortTexts {
    bytes: AtomicUsize,
}

impl ShortTexts {
    pub(super) const fn new() -> Self {
        Self { bytes: AtomicUsize::new(0) }
    }

    /// Whether a text may hold one of these words, so that the automaton is needed to tell.
    pub(super) fn may_hold<'a>(&self, text: &str, mut words: impl Iterator<Item = &'a str>) -> bool {
        text.len() > SHORT
            || self.bytes.fetch_add(text.len(), Ordering::Relaxed) > ENOUGH
            || words.any(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_short_texts_are_looked_through_word_by_word() {
        let texts = ShortTexts::new();
        let may_hold = |text: &str| texts.may_hold(text, ["ghp_", "redis-cli"].into_iter());
        assert!(!may_hold("retries do not help"));
        assert!(may_hold("a token: ghp_x") && may_hold("redis-cli"));
        assert!(may_hold(&"x".repeat(SHORT + 1)));
        let asked = (0..).take_while(|_| !may_hold(&"x".repeat(SHORT))).count();
        assert_eq!(asked, ENOUGH / SHORT, "then it is made");
    }
}
