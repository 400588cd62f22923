//! Canonical JSON: UTF-8, keys sorted, integers only, no white space, one newline at the end.

use std::borrow::Cow;

use serde_json::Value;

/// serde reads no deeper either.
const MAX_DEPTH: usize = 127;

/// The canonical form of a value without floats.
pub(super) fn write(mut value: Value) -> Result<Vec<u8>, serde_json::Error> {
    value.sort_all_objects();
    let mut bytes = serde_json::to_vec(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Whether [`write`] could have written these bytes. Reading, sorting and writing again would tell too, and take three
/// times as long as all else that a cold list does.
pub(super) fn is_written(bytes: &[u8]) -> bool {
    let mut reader = CanonicalReader(bytes);
    std::str::from_utf8(bytes).is_ok() && reader.value(MAX_DEPTH).is_some() && reader.0 == b"\n"
}

/// What is still to be read. Each method takes one thing in its canonical form, or gives `None`.
struct CanonicalReader<'b>(&'b [u8]);

impl<'b> CanonicalReader<'b> {
    fn take(&mut self, token: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(token)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match self.0.first()? {
            b'"' => self.string().map(drop),
            b'{' => self.object(depth.checked_sub(1)?),
            b'[' => self.array(depth.checked_sub(1)?),
            b'n' => self.take(b"null"),
            b't' => self.take(b"true"),
            b'f' => self.take(b"false"),
            _ => self.integer(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.take(b"{")?;
        let mut last = None;
        while last.is_none() || self.take(b",").is_some() {
            if last.is_none() && self.take(b"}").is_some() {
                return Some(());
            }
            let key = unescaped(self.string()?)?;
            // Sorted, so that a key that comes twice is noticed too.
            if last.is_some_and(|last| last >= key) {
                return None;
            }
            last = Some(key);
            self.take(b":")?;
            self.value(depth)?;
        }
        self.take(b"}")
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.take(b"[")?;
        if self.take(b"]").is_some() {
            return Some(());
        }
        self.value(depth)?;
        while self.take(b",").is_some() {
            self.value(depth)?;
        }
        self.take(b"]")
    }

    /// A string as it stands there, with its quotes.
    fn string(&mut self) -> Option<&'b [u8]> {
        let whole = self.0;
        self.take(b"\"")?;
        loop {
            let special = self.0.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' '))?;
            match self.0.get(special..)? {
                [b'"', rest @ ..] => {
                    self.0 = rest;
                    return whole.get(..whole.len() - rest.len());
                }
                [b'\\', b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => self.0 = rest,
                // What has a short form is not written by its number.
                [b'\\', b'u', b'0', b'0', b'0', b'0'..=b'7' | b'b' | b'e' | b'f', rest @ ..]
                | [b'\\', b'u', b'0', b'0', b'1', b'0'..=b'9' | b'a'..=b'f', rest @ ..] => self.0 = rest,
                _ => return None,
            }
        }
    }

    /// What serde reads as an integer: anything larger becomes a float.
    fn integer(&mut self) -> Option<()> {
        let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
        let (number, rest) = self.0.split_at_checked(self.0.iter().position(|byte| !is_digit(byte))?)?;
        let number = std::str::from_utf8(number).ok()?;
        let written = match number.strip_prefix('-') {
            Some(_) => number.parse::<i64>().ok()?.to_string(),
            None => number.parse::<u64>().ok()?.to_string(),
        };
        self.0 = rest;
        // `01` and `-0` are other ways to write what has one.
        (written == number).then_some(())
    }
}

/// The text of a string in quotes. Keys are sorted by that.
fn unescaped(string: &[u8]) -> Option<Cow<'_, str>> {
    match string {
        [b'"', plain @ .., b'"'] if !plain.contains(&b'\\') => std::str::from_utf8(plain).ok().map(Cow::Borrowed),
        escaped => serde_json::from_slice(escaped).ok().map(Cow::Owned),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn has_float(value: &Value) -> bool {
        match value {
            Value::Number(number) => number.is_f64(),
            Value::Array(values) => values.iter().any(has_float),
            Value::Object(fields) => fields.values().any(has_float),
            Value::Null | Value::Bool(_) | Value::String(_) => false,
        }
    }

    /// By reading, sorting and writing again.
    fn reads_and_writes_alike(bytes: &[u8]) -> bool {
        let value: Option<Value> = serde_json::from_slice(bytes).ok();
        value.is_some_and(|value| !has_float(&value) && write(value).is_ok_and(|written| written == bytes))
    }

    fn json() -> impl Strategy<Value = Value> {
        let key = || prop_oneof!["[\\x00-\\x20a\"\\\\é]{0,3}", "[a-c]{1,2}"];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            key().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((key(), inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn other_ways_to_write_the_same_are_refused() {
        let good = "{\"a\":[1,-2,\"\\n\\u001fé\",{}],\"b\":{\"\\t\":null,\" \":true}}\n";
        assert!(is_written(good.as_bytes()));
        let same = [
            ("\\u001f", "\\u001F"),
            ("\\n", "\\u000a"),
            ("é", "\\u00e9"),
            ("[1", "[01"),
            ("[1", "[1.0"),
            ("[1", "[1e0"),
            ("-2", "-0"),
            (":", ": "),
            ("\n", "\n\n"),
            ("}\n", "}"),
            ("\"b\"", "\"a\""),
            ("[1", "[18446744073709551616"),
            ("true", "true,\"\\t\":1"),
        ];
        for (old, new) in same {
            let bytes = good.replacen(old, new, 1);
            assert_ne!(bytes, good);
            assert!(!is_written(bytes.as_bytes()), "{bytes}");
        }
        let nested = |depth| format!("{}{}\n", "[".repeat(depth), "]".repeat(depth));
        assert!(is_written(nested(MAX_DEPTH).as_bytes()) && !is_written(nested(MAX_DEPTH + 1).as_bytes()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_reads_and_writes_alike(
            value in json(), at in any::<prop::sample::Index>(), byte in prop::sample::select(b"{}[]\",:\\u01a-. \n\t\xc3".to_vec()),
            edit in 0..3,
        ) {
            let mut bytes = write(value).unwrap();
            prop_assert!(is_written(&bytes));
            let at = at.index(bytes.len());
            match edit {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
            prop_assert_eq!(is_written(&bytes), reads_and_writes_alike(&bytes), "{}", String::from_utf8_lossy(&bytes));
        }
    }
}
