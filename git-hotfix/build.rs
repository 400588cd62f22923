//! A release build ends where it panics, so nothing reads its unwind tables, a seventh of the program: the linker leaves them
//! out. What a panic says of its place stays; the frames of a backtrace have no names in a stripped program anyway.

#![expect(clippy::disallowed_methods, reason = "a build script reads what cargo tells it, and writes where cargo says")]

use std::{env, fs, io, path::Path};

/// Added to the linker's own script: GNU ld's manual, "INSERT" and "Output Section Discarding".
const WITHOUT_UNWIND_TABLES: &str = "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) } } INSERT AFTER .text;\n";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let given = |name| env::var(name).unwrap_or_default();
    // A linker that somebody chose may not know such scripts, as gold does not.
    let usual_linker = given("RUSTC_LINKER").is_empty() && given("CARGO_ENCODED_RUSTFLAGS").is_empty();
    if usual_linker && given("TARGET") == "x86_64-unknown-linux-gnu" && given("PROFILE") == "release" {
        let script = Path::new(&given("OUT_DIR")).join("without-unwind-tables.ld");
        fs::write(&script, WITHOUT_UNWIND_TABLES)?;
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
    Ok(())
}
