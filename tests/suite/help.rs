//! Help where people look: manual pages that git finds, and completions that leave git's own whole.

use std::fs;
use std::path::{Path, PathBuf};

use hotfix_tests::{CommandOutput, Repo, Sample, Sandbox, sandbox};

/// Where distributions and git itself keep git's completion for Bash.
pub(crate) const GIT_COMPLETION: [&str; 4] = [
    "/usr/share/bash-completion/completions/git",
    "/usr/local/etc/bash_completion.d/git-completion.bash",
    "/opt/homebrew/etc/bash_completion.d/git-completion.bash",
    "/usr/share/git/completion/git-completion.bash",
];

/// Whether the machine has a program; says so where it has not.
pub(crate) fn has(sandbox: &Sandbox, program: &str) -> bool {
    let there =
        sandbox.command(program, sandbox.root()).arg("--version").output().is_ok_and(|out| out.status.success());
    if !there {
        eprintln!("NOT TESTED: {program} is not on this machine");
    }
    there
}

/// A program installed under a prefix, as a package does it.
fn install(sandbox: &Sandbox, program: &str) -> PathBuf {
    let prefix = sandbox.root().join("prefix");
    fs::create_dir_all(prefix.join("bin")).expect("the sandbox is ours");
    fs::copy(sandbox.root().join("bin").join(program), prefix.join("bin").join(program)).expect("it is there");
    prefix
}

/// Runs a command with the prefix's programs first.
fn run(sandbox: &Sandbox, prefix: &Path, script: &str) -> CommandOutput {
    let script = format!("PATH=\"{}/bin:$PATH\"; export PATH; {script}", prefix.display());
    sandbox.run(sandbox.command("sh", sandbox.root()).args(["-c", &script]))
}

#[test]
fn git_shows_the_manual_once_it_is_installed() {
    let sandbox = sandbox!();
    let prefix = install(&sandbox, "git-hotfix");
    let installed = run(&sandbox, &prefix, "git hotfix man --install").success();
    assert!(installed.stdout().contains("pages to"), "{installed}");
    let pages = prefix.join("share/man/man1");
    for page in ["git-hotfix.1", "git-hotfix-open.1", "git-hotfix-follow-up-add.1", "git-hotfix-man.1"] {
        let text = fs::read_to_string(pages.join(page)).expect("every command has a page");
        assert!(text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"), "{text}");
    }
    assert!(!fs::read_to_string(pages.join("git-hotfix-open.1")).expect("it is there").contains(".SH EXTRA"));
    let again = run(&sandbox, &prefix, "git hotfix man --install").success();
    assert!(again.stdout().starts_with("all "), "{again}");
    if !has(&sandbox, "man") {
        return;
    }
    let shown = run(&sandbox, &prefix, "MANPATH=\"$PWD/prefix/share/man:\" MANWIDTH=80 git hotfix --help").success();
    assert!(shown.stdout().starts_with("GIT-HOTFIX(1)"), "{shown}");
    assert!(shown.stdout().contains("git-hotfix-open(1)"), "{shown}");
    let page = run(&sandbox, &prefix, "MANPATH=\"$PWD/prefix/share/man:\" MANWIDTH=80 man git-hotfix-open").success();
    let examples = page.stdout().split("EXAMPLES\n").nth(1).unwrap_or_default();
    assert!(examples.contains("  git hotfix open \"Login fails\" --severity sev1"), "{page}");
}

#[test]
fn the_doctor_sees_whether_the_manual_is_installed() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    if !has(&sandbox, "man") {
        return;
    }
    let check = |repo: &Repo<'_>| {
        let pages = sandbox.root().join("prefix/share/man");
        let doctor = repo.run(repo.command("git").args(["hotfix", "doctor"]).env("MANPATH", pages));
        let doctor = doctor.success();
        doctor.stdout().lines().last().unwrap_or_default().to_owned()
    };
    assert!(check(&repo).ends_with("fix: git hotfix man --install"), "{}", check(&repo));
    // Installed for this person, where the MANPATH of this test does not look.
    repo.ok(["man", "--install"]);
    let home = sandbox.root().join("home/.local/share/man").display().to_string();
    assert!(check(&repo).contains(&format!("it is in {home}, where man does not look")), "{}", check(&repo));
    let mend = format!("fix: export MANPATH=\"{home}:\" # in your shell's profile");
    assert!(check(&repo).ends_with(&mend), "{}", check(&repo));
    let _ = run(&sandbox, &install(&sandbox, "git-hotfix"), "git hotfix man --install").success();
    assert!(check(&repo).starts_with("✓ ok       man "), "{}", check(&repo));
}

#[test]
fn pages_go_home_where_the_prefix_cannot_be_written() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    // The program under test lies in no `bin`, so there is no prefix.
    let installed = repo.hotfix(["man", "--install"]).success();
    let count = regex::Regex::new(r"^wrote \d+").expect("the pattern is fixed");
    insta::assert_snapshot!(count.replace(&installed.to_string(), "wrote N"), @r#"
    wrote N pages to [ROOT]/home/.local/share/man/man1
    ------- stderr -------
    hint: if `man git-hotfix` finds nothing: export MANPATH="[ROOT]/home/.local/share/man:"
    "#);
    assert!(sandbox.root().join("home/.local/share/man/man1/git-hotfix.1").exists());
    let elsewhere = repo.run(repo.command("git").args(["hotfix", "man", "--install"]).env("XDG_DATA_HOME", "/proc/x"));
    insta::assert_snapshot!(elsewhere.exits_with(3), @"
    ------- stderr -------
    error: failed to write `x/man/man1/git-hotfix.1`: No such file or directory (os error 2)
    [exit status: 3]
    ");
}

#[test]
fn pages_are_written_where_one_says_and_a_dry_run_writes_none() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    let dry = repo.hotfix(["man", "--out", "../pages", "--dry-run"]).success();
    assert!(dry.stdout().starts_with("would write "), "{dry}");
    assert!(!sandbox.root().join("pages").exists());
    let _ = repo.cargo_hotfix(["man", "--out", "../pages"]).success();
    repo.ok(["man", "--out", "../pages"]);
    let names = |prefix: &str| {
        let pages = fs::read_dir(sandbox.root().join("pages")).expect("it is there").flatten();
        pages.filter(|page| page.file_name().to_string_lossy().starts_with(prefix)).count()
    };
    assert_eq!(names("git-hotfix"), names("cargo-hotfix"));
    assert_eq!(
        repo.hotfix(["man"]).success().stdout(),
        fs::read_to_string(sandbox.root().join("pages/git-hotfix.1")).expect("it is there")
    );
}

/// What Bash offers for a line that ends in a tab, by the completion that is registered for its first word.
pub(crate) fn complete(repo: &Repo<'_>, scripts: &[&str], line: &str) -> Vec<String> {
    let sources: String = scripts.iter().map(|script| format!("source {script}\n")).collect();
    let script = format!(
        "{sources}line='{line}'; read -ra COMP_WORDS <<< \"$line\"\n\
         [[ $line == *' ' ]] && COMP_WORDS+=('')\n\
         COMP_LINE=$line COMP_POINT=${{#line}} COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) COMP_TYPE=9\n\
         registered=$(complete -p \"${{COMP_WORDS[0]}}\"); registered=${{registered#*-F }}\n\
         ${{registered%% *}} \"${{COMP_WORDS[0]}}\" \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let output = repo.run(repo.command("bash").args(["--noprofile", "--norc", "-c", &script])).success();
    let mut offered: Vec<String> = output.stdout().lines().map(|line| line.trim_end().to_owned()).collect();
    offered.sort();
    offered
}

#[test]
fn bash_completes_after_git_and_gits_own_stays_whole() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    repo.git_ok(["config", "alias.hf", "hotfix"]);
    repo.write("../ours", repo.hotfix(["completions", "bash"]).success().stdout());
    let ours = sandbox.root().join("ours").display().to_string();
    if !has(&sandbox, "bash") {
        return;
    }
    assert_eq!(complete(&repo, &[&ours], "git-hotfix fol"), ["follow-up"]);
    assert_eq!(complete(&repo, &[&ours], "git-hotfix follow-up d"), ["done"]);
    let Some(gits) = GIT_COMPLETION.into_iter().find(|path| Path::new(path).exists()) else {
        eprintln!("NOT TESTED: git's completion for Bash is not on this machine");
        return;
    };
    let both = [gits, &ours];
    assert_eq!(complete(&repo, &both, "git hotfix fol"), ["follow-up"]);
    assert_eq!(complete(&repo, &both, "git hotfix ship --ski"), ["--skip-deploy"]);
    assert_eq!(complete(&repo, &both, "git -C . hotfix follow-up d"), ["done"]);
    assert_eq!(complete(&repo, &both, "git hf completions p"), ["powershell"]);
    for line in ["git check", "git branch --mer", "git hotf", "git "] {
        assert_eq!(complete(&repo, &both, line), complete(&repo, &[gits], line), "{line}");
    }
    assert!(complete(&repo, &both, "git hotf").contains(&"hotfix".to_owned()));
}

#[test]
fn no_shell_registers_anything_for_gits_or_cargos_own_commands() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    let first_lines = |script: &str, marks: &[&str]| {
        script
            .lines()
            .filter(|line| marks.iter().any(|mark| line.contains(mark)))
            .map(str::trim)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let marks = ["complete -F", "#compdef", "compdef ", "-CommandName", "arg-completer["];
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let git = repo.hotfix(["completions", shell]).success();
        let cargo = repo.cargo_hotfix(["completions", shell]).success();
        let registered = first_lines(git.stdout(), &marks);
        assert!(shell == "fish" || registered.contains("git-hotfix"), "{registered}");
        assert_eq!(
            registered.replace("git-hotfix", "cargo-hotfix").replace("githotfix", "cargohotfix"),
            first_lines(cargo.stdout(), &marks)
        );
    }
    let fish = repo.hotfix(["completions", "fish"]).success();
    let commands = fish.stdout().lines().filter(|line| line.starts_with("complete "));
    assert!(commands.clone().count() > 50);
    let of_git: Vec<&str> = commands.filter(|line| !line.starts_with("complete -c git-hotfix ")).collect();
    // Fish does not ask by name in every version: these hold behind `git hotfix`, and where a command is to be named.
    insta::assert_snapshot!(of_git.join("\n"), @"
    complete -c git -n '__githotfix_behind >/dev/null' -f -k -a '(__githotfix_asked)'
    complete -c git -n '__fish_use_subcommand; and not contains -- (commandline -opc)[-1] $__githotfix_valued' -a hotfix
    ");
    let _ = repo.hotfix(["completions", "tcsh"]).exits_with(2);
}

#[test]
fn zsh_reads_our_completion() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    if !has(&sandbox, "zsh") {
        return;
    }
    repo.write("../_git-hotfix", repo.hotfix(["completions", "zsh"]).success().stdout());
    let _ = repo.run(repo.command("zsh").args(["-f", "-n", "../_git-hotfix"])).success();
}
