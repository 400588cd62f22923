#!/usr/bin/env bash
# clap_mangen 0.3.3 with clap 4.6.7: SYNOPSIS of a manual page lists an option without the name of its value, and one that has a
# short name alone with a blank in its place, while OPTIONS of the same page, and clap's own usage, name it.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
cargo init --quiet --vcs none --name page
cargo add --quiet clap@=4.6.7 --no-default-features --features std,usage,help
cargo add --quiet clap_mangen@=0.3.3
cat >src/main.rs <<'RUST'
use clap::{Arg, Command};
fn main() {
    let mut command = Command::new("page")
        .arg(Arg::new("folder").short('C').value_name("DIR"))
        .arg(Arg::new("message").short('m').long("message").value_name("TEXT").required(true));
    println!("{}", command.render_usage());
    clap_mangen::Man::new(command).render(&mut std::io::stdout()).unwrap();
}
RUST
cargo run --quiet >said
cat said
synopsis=$(sed -n '/^\.SH SYNOPSIS/,/^\.SH DESCRIPTION/p' said)
grep -q -- '--message <TEXT>' said && grep -qF '\fI<DIR>\fR' said && [[ $synopsis == *'\-\-message\fR>'* && $synopsis == *'[\fB\-C \fR]'* ]] &&
  [[ $synopsis != *TEXT* && $synopsis != *DIR* ]] || { echo 'it is otherwise now'; exit 1; }
