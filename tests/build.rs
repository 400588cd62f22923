//! The programs under test are linked to lie where they say: a debug program has some 170,000 addresses that would be set anew at
//! each of the thousands of starts.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
