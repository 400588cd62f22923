//! Values at Tab, in the very shells: what only the repository knows, with what it means.

use std::fs;

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::asked::typed;
use crate::fixtures::sample_with;
use crate::help::{GIT_COMPLETION, complete, has};

/// A sample with two incidents, one of them open, a severity of its own and a release branch.
fn scene<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    sandbox.made("completion::scene", |sandbox| {
        let rules = "[severity.low]\ndefinition = \"an annoyance\"\n[release]\nlines = [\"release/*\"]\n";
        let repo = sample_with(sandbox, rules);
        repo.git_ok(["push", "--quiet", "origin", "main:release/1.4", "main:release/2.0"]);
        repo.git_ok(["fetch", "--quiet"]);
        repo.ok(["open", "Search is down", "--severity", "high"]);
        repo.ok(["abort"]);
        repo.ok(["open", "Coupons: raise prices", "--severity", "low"]);
        repo
    })
}

/// What is offered for these words, the last as far as it is typed.
fn offered(repo: &Repo<'_>, words: &[&str]) -> String {
    let output = repo.run(repo.command("git-hotfix").arg("__complete").arg("--").args(words)).success();
    assert_eq!(output.stderr(), "");
    output.stdout().to_owned()
}

#[test]
fn values_are_offered_with_what_they_mean() {
    let sandbox = sandbox!();
    let repo = scene(&sandbox);
    // Nobody is asked, and nothing of the repository's runs.
    repo.git_ok(["remote", "set-url", "origin", "git://127.0.0.1:1/none.git"]);
    let before = repo.state();
    insta::assert_snapshot!(offered(&repo, &["open", "x", "--severity", ""]), @"
    critical	down, or data at risk, for many users
    high	a main function is broken for a part of the users
    medium	users are hindered but can work
    low	an annoyance
    ");
    assert_eq!(offered(&repo, &["triage", "--severity=m"]), "medium\tusers are hindered but can work\n");
    let incidents = hotfix_tests::redact(&offered(&repo, &["show", ""]), sandbox.root());
    insta::assert_snapshot!(incidents, @"
    coupons-raise-prices	Coupons: raise prices (active)
    search-is-down	Search is down (canceled)
    HF-YYYY-ID	Coupons: raise prices (active)
    HF-YYYY-ID	Search is down (canceled)
    ");
    for command in ["log", "status"] {
        assert_eq!(offered(&repo, &[command, "sea"]), "search-is-down\tSearch is down (canceled)\n");
    }
    let ended = hotfix_tests::redact(&offered(&repo, &["reopen", ""]), sandbox.root());
    insta::assert_snapshot!(ended, @"
    search-is-down	Search is down (canceled)
    HF-YYYY-ID	Search is down (canceled)
    ");
    assert_eq!(offered(&repo, &["ship", "--incident", "HF"]).lines().count(), 2);
    assert_eq!(offered(&repo, &["mark", "de"]), "detected\t\ndeployed\t\n");
    assert_eq!(offered(&repo, &["guard", "--waive", "rena"]), "rename\tthe fix moves or renames a file\n");
    assert_eq!(offered(&repo, &["backport", "--to", ""]), "release/2.0\t\nrelease/1.4\t\n");
    assert_eq!(offered(&repo, &["propagation", "--waive", "release/2"]), "release/2.0\t\n");
    assert_eq!(offered(&repo, &["config", "set", "severity.low.lab"]).split('\t').next(), Some("severity.low.label"));
    assert!(offered(&repo, &["config", ""]).starts_with("set\tSet a key"));
    assert_eq!(offered(&repo, &["list", "--status", "ca"]), "canceled\t\n");
    assert_eq!(offered(&repo, &["follow-up", "add", "x", "--gap", "mon"]), "monitoring\t\n");
    assert_eq!(offered(&repo, &["list", "--fields", "id,tit"]), "id,title\t\n");
    assert_eq!(repo.state(), before);
}

#[test]
fn where_nothing_can_be_told_nothing_is_said() {
    let sandbox = sandbox!();
    let repo = scene(&sandbox);
    assert_eq!(offered(&repo.at(".."), &["show", ""]), "");
    assert_eq!(offered(&repo.at(".."), &["-C", "nowhere", "show", ""]), "");
    for words in [&[][..], &[""], &["sh"], &["open", ""], &["open", "x", "--sev"], &["nope", ""], &["show", "\u{1b}"]] {
        assert_eq!(offered(&repo, words), "", "{words:?}");
    }
    // Rules that cannot be read leave what is built in.
    repo.git_ok(["config", "hotfix.guard.max-files", "many"]);
    assert!(offered(&repo, &["open", "--severity", "crit"]).starts_with("critical\t"));
    assert!(offered(&repo, &["config", "set", "guard.max_f"]).starts_with("guard.max_files\t"));
}

#[test]
fn bash_offers_values() {
    let sandbox = sandbox!();
    let repo = scene(&sandbox);
    if !has(&sandbox, "bash") {
        return;
    }
    repo.write("../ours", repo.hotfix(["completions", "bash"]).success().stdout());
    let ours = sandbox.root().join("ours").display().to_string();
    assert_eq!(complete(&repo, &[&ours], "git-hotfix mark det"), ["detected"]);
    let listed = complete(&repo, &[&ours], "git-hotfix show ");
    assert!(listed.contains(&"coupons-raise-prices  -- Coupons: raise prices (active)".to_owned()), "{listed:?}");
    assert!(complete(&repo, &[&ours], "git-hotfix mark ").contains(&"rolled-back".to_owned()));
    assert_eq!(complete(&repo, &[&ours], "git-hotfix show coup"), ["coupons-raise-prices"]);
    assert_eq!(complete(&repo, &[&ours], "git-hotfix open --sev"), ["--severity"]);
    let Some(gits) = GIT_COMPLETION.into_iter().find(|path| std::path::Path::new(path).exists()) else {
        eprintln!("NOT TESTED: git's completion for Bash is not on this machine");
        return;
    };
    for (line, value) in [
        ("git hotfix open x --severity=hi", "high"),
        ("git hotfix guard --waive rena", "rename"),
        ("git -C . hotfix backport --to release/1", "release/1.4"),
        ("git hotfix config set guard.max_f", "guard.max_files"),
        ("git hotfix reopen s", "search-is-down"),
    ] {
        assert_eq!(complete(&repo, &[gits, &ours], line), [value], "{line}");
    }
    let commands = complete(&repo, &[gits, &ours], "git hotfix ");
    assert!(commands.contains(&"open".to_owned()) && commands.contains(&"ship".to_owned()), "{commands:?}");
}

/// Git completes without a blank behind a word; a path goes on all the same.
#[test]
fn bash_ends_a_word_with_a_blank() {
    let sandbox = sandbox!();
    let repo = scene(&sandbox);
    let Some(gits) = GIT_COMPLETION.into_iter().find(|path| std::path::Path::new(path).exists()) else {
        eprintln!("NOT TESTED: git's completion for Bash is not on this machine");
        return;
    };
    repo.write("../ours", repo.hotfix(["completions", "bash"]).success().stdout());
    repo.write("folder/file", "");
    let told = r#"told() { printf 'LINE=<%s>\n' "$READLINE_LINE"; READLINE_LINE=; READLINE_POINT=0; }"#;
    repo.write("../rc", &format!("source {gits}; source ../ours\nPS1='type: '\n{told}\nbind -x '\"\\C-xt\": told'\n"));
    let lines = [
        ("git hotfix op", "git hotfix open "),
        ("git hotfix open x --sev", "git hotfix open x --severity "),
        ("git hotfix open x --severity hi", "git hotfix open x --severity high "),
        ("git hotfix open x --severity=hi", "git hotfix open x --severity=high "),
        ("git hotfix show s", "git hotfix show search-is-down "),
        ("git hotfix show ", "git hotfix show "),
        ("git hotfix attach fol", "git hotfix attach folder/"),
        ("git-hotfix op", "git-hotfix open "),
        // What git completes is as it was.
        ("git log --format=shor", "git log --format=short "),
        ("git log --forma", "git log --format="),
    ];
    let keys: String = lines.iter().map(|(line, _)| format!("{line}\t\u{18}t")).collect();
    let Some(said) = typed(&repo, "bash --noprofile --rcfile ../rc -i", &(keys + "exit\n")) else { return };
    for (line, becomes) in lines {
        assert!(said.stdout().contains(&format!("LINE=<{becomes}>")), "{line}: {said}");
    }
}

/// Types lines with a Tab at their end into an interactive Zsh, and prints what became of each, with what was listed.
const ZSH: &str = r#"
zmodload zsh/zpty
zpty -b shell zsh -f -i
wait_for() {
    local got; seen=''
    for _ in {1..1200}; do
        zpty -r -t shell got && seen+=$got
        [[ $seen == *$~1* ]] && return 0
        sleep 0.05
    done
    return 1
}
zpty -w shell "PS1='> '; COLUMNS=200; fpath=($PWD/.. \$fpath); autoload -U compinit; compinit -u -D"
zpty -w shell 'told() { zle -I; print -r -- "LINE=<$BUFFER>" }; zle -N told; bindkey "^X" told; print re''ady'
# The prompt after it: what is typed before the editor reads is taken by the terminal.
wait_for '2004l*ready*2004h' || exit 1
for line in "$@"; do
    # What was typed before goes away first.
    zpty -w -n shell $'\x15'"$line"$'\t\x18'
    wait_for 'LINE=<*>' || exit 1
    print -r -- "$seen"
done
zpty -d shell
"#;

#[test]
fn zsh_offers_values() {
    let sandbox = sandbox!();
    let repo = scene(&sandbox);
    if !has(&sandbox, "zsh") {
        return;
    }
    repo.write("../_git-hotfix", repo.hotfix(["completions", "zsh"]).success().stdout());
    repo.write("../typed.zsh", ZSH);
    let lines = [
        ("git-hotfix mark det", "git-hotfix mark detected "),
        ("git-hotfix show coup", "git-hotfix show coupons-raise-prices "),
        ("git hotfix open x --severity=hi", "git hotfix open x --severity=high "),
        ("git hotfix guard --waive rena", "git hotfix guard --waive rename "),
        ("git hotfix backport --to release/1", "git hotfix backport --to release/1.4 "),
        ("git hotfix config set guard.max_f", "git hotfix config set guard.max_files "),
        ("git hotfix fol", "git hotfix follow-up "),
        ("git hotfix reopen ", "git hotfix reopen "),
        ("git hotfix mark de", "git hotfix mark de"),
        ("git hotfix show ", "git hotfix show "),
        ("git hotfix ", "git hotfix "),
    ];
    let mut zsh = repo.command("zsh");
    zsh.args(["-f", "../typed.zsh"]).args(lines.map(|(typed, _)| typed)).env("TERM", "dumb");
    let seen = repo.run(&mut zsh).success().stdout().to_owned();
    for (typed, becomes) in lines {
        assert!(seen.contains(&format!("LINE=<{becomes}>")), "{typed}: {seen}");
    }
    assert!(seen.contains("-- Coupons: raise prices (active)"), "{seen}");
    assert!(seen.contains("ship         -- Merge the fix"), "{seen}");
    // What is behind the line, up to the next one, is what was listed for it.
    let listed = |typed: &str| {
        let seen = seen.split_once(&format!("LINE=<{typed}>")).map(|(before, _)| before).unwrap_or_default();
        seen.rsplit_once("LINE=<").map(|(_, listed)| listed.to_owned()).unwrap_or_default()
    };
    // What needs no explanation has no hyphens behind it, and what is open cannot be opened again.
    let milestones = listed("git hotfix mark de");
    assert!(milestones.contains("detected") && !milestones.contains("--"), "{milestones}");
    let ended = listed("git hotfix reopen ");
    assert!(ended.contains("Search is down (canceled)") && !ended.contains("coupons"), "{ended}");
}

/// Writes our completions where Fish reads them at its start, as the book says.
fn in_fish(sandbox: &Sandbox, repo: &Repo<'_>) {
    let folder = sandbox.root().join("home/.config/fish/conf.d");
    fs::create_dir_all(&folder).expect("the sandbox is ours");
    let scripts = [
        ("git-hotfix.fish", repo.hotfix(["completions", "fish"])),
        ("cargo-hotfix.fish", repo.cargo_hotfix(["completions", "fish"])),
    ];
    for (name, script) in scripts {
        fs::write(folder.join(name), script.success().stdout()).expect("the sandbox is ours");
    }
}

/// What Fish offers for each of these lines, which end in a tab.
fn fish(repo: &Repo<'_>, lines: &[String]) -> Vec<String> {
    // In one process: it takes longer to start than to complete.
    let ask = "for line in $argv; complete -C \"$line\"; echo \u{1e}; end";
    let output = repo.run(repo.command("fish").args(["-c", ask, "--"]).args(lines)).success();
    assert_eq!(output.stderr(), "", "{lines:?}");
    let offered: Vec<String> = output.stdout().split("\u{1e}\n").map(str::to_owned).collect();
    assert_eq!(offered.len(), lines.len() + 1, "{output}");
    offered
}

#[test]
fn fish_offers_values() {
    let sandbox = sandbox!();
    let repo = scene(&sandbox);
    if !has(&sandbox, "fish") {
        return;
    }
    in_fish(&sandbox, &repo);
    let values = [
        ("mark det", "detected\n"),
        ("show coup", "coupons-raise-prices\tCoupons: raise prices (active)\n"),
        ("open x --severity hi", "high\ta main function is broken for a part of the users\n"),
        ("open 'two words' --severity=hi", "--severity=high\ta main function is broken for a part of the users\n"),
        ("backport --to release/1", "release/1.4\n"),
        ("reopen s", "search-is-down\tSearch is down (canceled)\n"),
        ("fol", "follow-up\tKeep account of remaining work\n"),
        ("ship --skip-d", "--skip-deploy\tMerge only; deploy and verify later with their own commands\n"),
    ];
    let programs = ["git-hotfix", "git hotfix", "cargo hotfix", "git -C . -c a.b=c hotfix", "cargo +stable hotfix"];
    let typed = values.iter().flat_map(|(line, value)| programs.map(|program| (format!("{program} {line}"), value)));
    let (lines, values): (Vec<String>, Vec<&&str>) = typed.unzip();
    for ((line, value), offered) in lines.iter().zip(values).zip(fish(&repo, &lines)) {
        assert_eq!(offered, *value, "{line}");
    }
    // No file of the folder among them.
    for program in ["git", "cargo"] {
        let offered = fish(&repo, &["hotfix show ", "hotfix ", "hotf"].map(|line| format!("{program} {line}")));
        let incidents = hotfix_tests::redact(&offered[0], sandbox.root());
        let mut incidents: Vec<&str> = incidents.lines().collect();
        incidents.sort_unstable();
        insta::allow_duplicates! {
            insta::assert_snapshot!(incidents.join("\n"), @"
            HF-YYYY-ID	Coupons: raise prices (active)
            HF-YYYY-ID	Search is down (canceled)
            coupons-raise-prices	Coupons: raise prices (active)
            search-is-down	Search is down (canceled)
            ");
        }
        assert!(offered[1].contains("ship\t"));
        assert!(offered[2].contains("hotfix\n"));
    }
}

#[test]
fn what_fish_offers_for_git_stays_whole() {
    let sandbox = sandbox!();
    let repo = scene(&sandbox);
    if !has(&sandbox, "fish") {
        return;
    }
    let lines =
        ["git che", "git branch --mer", "git switch ", "git -C ", "git show hotfix ", "git notes --ref hotfix "]
            .map(str::to_owned);
    let before = fish(&repo, &lines);
    in_fish(&sandbox, &repo);
    assert_eq!(fish(&repo, &lines), before);
}
