//! The program `cargo-hotfix`.
fn main() -> std::process::ExitCode {
    cargo_hotfix::main()
}
