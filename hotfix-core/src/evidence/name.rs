//! Which names are those of secrets: `DB_PASSWORD`, `clientSecret`, `x-api-key`; not `token_count`.

use crate::domain::{IncidentId, is_among};

/// Of these, each name of a secret has one.
pub(super) const NAME_PARTS: [&str; 14] =
    ["pass", "pwd", "pw", "secret", "token", "key", "cred", "auth", "cookie", "sig", "sess", "mac", "dockerc", "kennw"];

/// What a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretKind {
    Password,
    Token,
    Key,
    /// A key of something that is not known to be secret: its value decides.
    PerhapsKey,
    Session,
    /// `SMTP_AUTH`: a secret or the name of a method.
    Login,
    Authorization,
    Cookie,
}

impl SecretKind {
    /// The rule that is named in place of the value.
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::Password | Self::Login => "password",
            Self::Token => "token",
            Self::Key | Self::PerhapsKey => "api-key",
            Self::Session => "session",
            Self::Authorization => "authorization",
            Self::Cookie => "cookie",
        }
    }
}

/// Last words of names that tell something about a secret, but not the secret.
// `token_count=3` and `password_file=/run/x` are what an incident is about.
const ABOUT: &str = "\
    age algo algorithm alias arn at attempts budget class column count counts dir enabled endpoint env error expired \
    expires expiration expiry field file format group header hint id in index issuer kind label len length limit limits \
    line manager max method min mode name namespace path policy position prefix present provider ref reference refs \
    required reset rotation scope scopes service size status store strength suffix timeout ttl type uri url usage used \
    valid validation validator version";
/// Ends of words that are written together: `PGPASSWORD`, `authtoken`.
const ENDS: [(&str, SecretKind); 11] = [
    ("passwort", SecretKind::Password),
    ("kennwort", SecretKind::Password),
    ("password", SecretKind::Password),
    ("passwd", SecretKind::Password),
    ("passphrase", SecretKind::Password),
    ("secret", SecretKind::Token),
    ("token", SecretKind::Token),
    ("credential", SecretKind::Token),
    ("credentials", SecretKind::Token),
    ("apikey", SecretKind::Key),
    ("dockerconfigjson", SecretKind::Token),
];
/// What comes before `key` in the name of a secret one.
// `key` alone is the name of half of all maps.
const KEYS: &str = "\
    access account admin api app application auth cipher client consumer crypto decryption deploy encryption functions \
    hmac ingest jwt license master private root rsa secret server service shared signing smtp ssh storage subscription \
    tls webhook write";
/// What comes before `key` where it names an entry, a column or a button.
const OTHER_KEYS: &str = "\
    alt arrow bucket cache child column composite config correlation ctrl customer dedup deduplication dict enter escape \
    etag event field foreign group hash host hot i18n id idempotency index item json kafka known line lock lookup map \
    message meta natural object order parent partition path primary product property public publishable redis registry \
    request return routing row s shard shift site sort span surrogate trace translation unique user";
/// What is written together with `pass`; `bypass` and `compass` are words.
const PASSES: &str =
    "require admin db ftp http imap ldap mail mongo my mysql pg postgres proxy redis root smtp sql ssh user vnc wifi";

/// What a name says about its value; `None` when that is no secret.
pub(super) fn kind_of(name: &str) -> Option<SecretKind> {
    // The end of an incident's id may look like a word.
    if !may_be_secret(name) || name.parse::<IncidentId>().is_ok() {
        return None;
    }
    let words = words(name);
    // `X-Shopify-Hmac-Sha256`, `X-Signature-Ed25519`: what comes last is how it was made.
    let is_how = |word: &String| matches!(word.as_str(), "sha" | "ed");
    let before = words.len().checked_sub(2).and_then(|before| words.get(before)).map(String::as_str);
    if words.last().is_some_and(is_how) && matches!(before, Some("hmac" | "signature")) {
        return Some(SecretKind::Session);
    }
    let last = words.last()?.as_str();
    if is_among(ABOUT, last) {
        return None;
    }
    match last {
        "authorization" => return Some(SecretKind::Authorization),
        "cookie" => return Some(SecretKind::Cookie),
        "auth" if words.len() > 1 => return Some(SecretKind::Login),
        // Query parameters of signed links, and fields of signed requests.
        "auth" | "sig" | "signature" | "sessionid" | "phpsessid" | "jsessionid" | "mac" | "hmac" => {
            return Some(SecretKind::Session);
        }
        "pass" | "pwd" | "pw" if words.len() > 1 => return Some(SecretKind::Password),
        // `pass: 12` counts tests.
        "pass" | "pw" => return Some(SecretKind::Login),
        "creds" => return Some(SecretKind::Token),
        // The shell's own variable for the current folder.
        "pwd" if name != "PWD" => return Some(SecretKind::Password),
        _ if last.strip_suffix("pass").is_some_and(|before| is_among(PASSES, before)) => {
            return Some(SecretKind::Password);
        }
        _ => {}
    }
    let end_of = |word: &String| ENDS.iter().find(|(end, _)| word.ends_with(end)).map(|(_, kind)| *kind);
    words.iter().find_map(end_of).or_else(|| key_of(&words))
}

/// What a name says whose words are about a key.
fn key_of(words: &[String]) -> Option<SecretKind> {
    let is_key = |(at, word): (usize, &String)| {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        word == "key" && before.is_some_and(|before| is_among(KEYS, before))
            || word.strip_suffix("key").is_some_and(|before| is_among(KEYS, before))
    };
    if words.iter().enumerate().any(is_key) {
        return Some(SecretKind::Key);
    }
    match words {
        [.., before, last] if last == "key" && !is_among(OTHER_KEYS, before) => Some(SecretKind::PerhapsKey),
        _ => None,
    }
}

/// A cheap look before the careful one.
fn may_be_secret(name: &str) -> bool {
    let windows =
        |part: &str| name.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()));
    NAME_PARTS.into_iter().any(windows)
}

/// The words of a name in lower case, without numbers: at `_`, `-` and `.`, and where a capital begins one.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = '_';
    for character in name.chars() {
        // `clientSecret`; `APIKey` stays one word, which its end tells.
        let begins = previous.is_ascii_lowercase() && character.is_ascii_uppercase();
        if !character.is_ascii_alphabetic() {
            words.push(String::new());
        } else {
            if begins || words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(character.to_ascii_lowercase());
            }
        }
        previous = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for (name, kind) in [
            ("password", SecretKind::Password),
            ("DB_PASSWORD", SecretKind::Password),
            ("PGPASSWORD", SecretKind::Password),
            ("spring.datasource.password", SecretKind::Password),
            ("DB_PASSWORD_STAGING", SecretKind::Password),
            ("redis_pass", SecretKind::Password),
            ("Pwd", SecretKind::Password),
            ("clientSecret", SecretKind::Token),
            ("access_token", SecretKind::Token),
            ("GITHUB_TOKEN2", SecretKind::Token),
            ("aws_secret_access_key", SecretKind::Token),
            ("secretAccessKey", SecretKind::Token),
            ("x-api-key", SecretKind::Key),
            ("apiKey", SecretKind::Key),
            ("STRIPE_APIKEY", SecretKind::Key),
            ("AccountKey", SecretKind::Key),
            ("X-Amz-Signature", SecretKind::Session),
            ("Proxy-Authorization", SecretKind::Authorization),
            ("Set-Cookie", SecretKind::Cookie),
            ("JWT_KEY", SecretKind::Key),
            ("X-Functions-Key", SecretKind::Key),
            ("Ocp-Apim-Subscription-Key", SecretKind::Key),
            ("GEMFURY_KEY", SecretKind::PerhapsKey),
            ("DBPASS", SecretKind::Password),
            ("SHOP_CREDS", SecretKind::Token),
            ("SMTP_AUTH", SecretKind::Login),
            ("pass", SecretKind::Login),
            (".dockerconfigjson", SecretKind::Token),
            ("X-Hub-Signature-256", SecretKind::Session),
            ("X-Shopify-Hmac-Sha256", SecretKind::Session),
            ("X-Signature-Ed25519", SecretKind::Session),
        ] {
            assert_eq!(kind_of(name), Some(kind), "{name}");
        }
    }

    #[test]
    fn names_of_everything_else() {
        for name in [
            "token_count",
            "max_tokens",
            "accessKeyId",
            "key",
            "primary_key",
            "partition_key",
            "bypass",
            "secret_ref",
            "keyboard",
            "monkey",
            "PWD",
            "secretary",
            "password_length",
            "TOKEN_TTL",
            "author",
            "design",
            "passed",
            "secret_name",
            "https",
            "session",
        ] {
            assert_eq!(kind_of(name), None, "{name}");
        }
    }
}
