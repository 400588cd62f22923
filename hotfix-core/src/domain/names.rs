//! What the types of names have in common: enums that are written as a key, and texts that were checked once.

/// An enum that is written as a key: its variants, each with its own.
macro_rules! keys {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$about:meta])* $variant:ident = $key:literal,)+
        }
    ) => {
        $(#[$meta])*
        $visibility enum $name {
            $($(#[$about])* $variant,)+
        }

        impl $name {
            /// All of them, in their usual order.
            pub const ALL: [Self; [$($key),+].len()] = [$(Self::$variant),+];

            /// The key in flags, JSON and the ledger.
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $key),+
                }
            }
        }
    };
}

/// Reads an enum by its key, in any case, and shows it by that.
macro_rules! typed_keys {
    ($name:ident, $unknown:ident) => {
        impl std::str::FromStr for $name {
            type Err = $unknown;

            fn from_str(text: &str) -> Result<Self, $unknown> {
                let wanted = text.trim().to_ascii_lowercase();
                let found = Self::ALL.into_iter().find(|known| known.key() == wanted);
                found.ok_or_else(|| $unknown(text.trim().chars().take(40).collect()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.key())
            }
        }
    };
}

/// Shows the text that a type is made of.
macro_rules! as_text {
    ($($name:ident),+) => {$(
        impl $name {
            /// The same as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                // `pad` and not `write_str`, so that `{:<12}` works in tables.
                formatter.pad(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    )+};
}

/// The same for one that may only hold what its `checked` gives back.
macro_rules! checked_text {
    ($($name:ident, $invalid:ident);+) => {$(
        as_text!($name);

        impl std::str::FromStr for $name {
            type Err = $invalid;

            fn from_str(text: &str) -> Result<Self, $invalid> {
                Self::checked(text).map(|text| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = $invalid;

            fn try_from(text: String) -> Result<Self, $invalid> {
                // As a rule all of it is kept: then it need not be copied.
                match Self::checked(&text)? {
                    kept if kept.len() < text.len() => Ok(Self(kept.to_owned())),
                    _ => Ok(Self(text)),
                }
            }
        }
    )+};
}

pub(crate) use {as_text, checked_text, keys, typed_keys};
