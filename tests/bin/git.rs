//! `git hotfix`, for the tests.

fn main() -> std::process::ExitCode {
    git_hotfix::main()
}
