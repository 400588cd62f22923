//! The outside: what implements the ports. Knows `port` and `domain` only.

pub mod system;
