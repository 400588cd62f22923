//! The program `git-hotfix`.
fn main() -> std::process::ExitCode {
    git_hotfix::main()
}
