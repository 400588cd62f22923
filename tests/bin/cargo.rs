//! `cargo hotfix`, for the tests.

fn main() -> std::process::ExitCode {
    cargo_hotfix::main()
}
