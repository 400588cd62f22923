//! The drill that a person plays: it stops where users feel it.

use std::fs;
use std::path::PathBuf;

use hotfix_tests::sandbox;
use regex::Regex;

use crate::drill::{at, drill, left_over, program, text};

#[test]
fn leaves_a_person_where_users_feel_it() {
    let sandbox = sandbox!();
    let shown = drill(&sandbox, &["--play"]).success();
    let folder = left_over(&sandbox).pop().expect("it is left");
    let name = Regex::new("hotfix-drill-[A-Za-z0-9]+").expect("the pattern is fixed");
    let shown = name.replace_all(shown.stdout(), "hotfix-drill-X").replace(&sandbox.root().display().to_string(), "");
    insta::assert_snapshot!(shown.trim_start(), @r#"
    ── 1 The stage ─────────────────────────────────────────────────────────────────
    A shop with tests, a remote and a production that runs v1.0.0, all in a
    throwaway folder. Your repositories and settings are not touched.

    ── 2 Users feel it ─────────────────────────────────────────────────────────────
    The alarm goes off: whoever uses a coupon pays more, not less.

    $ cat ../production/error.log
    ERROR  order 1042: paid 5000 for a price of 4000, coupon SAVE25
        at with_coupon (coupon.sh:8)
        at order (order.sh:3)
    ERROR  order 1043: paid 3000 for a price of 2000, coupon HALF
        at with_coupon (coupon.sh:8)
        at order (order.sh:3)

    $ sh script/verify.sh ../production
    v1.0.0: a 4000 order with SAVE25 costs 5000
    [exit 1]

    The shop is yours now; no other repository is touched. Type, and look at
    `git hotfix status` in between:

      cd /tmp/hotfix-drill-X/shop
      git hotfix open "Coupons raise prices" --severity critical
      $EDITOR coupon.sh test/coupon_test.sh
      git add --all && git commit --message "Take coupons off the price"
      git hotfix ship
      git hotfix close

    The bug is in coupon.sh, line 8: a plus that should be a minus. A test for it
    is a file test/coupon_test.sh that ends with an error while it is there, as
    test/order_test.sh does. When you have seen enough:

      rm -rf /tmp/hotfix-drill-X
    "#);
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");

    // A person's own git meets signing, hooks and no identity; the shop works all the same.
    let hostile = "[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = /bin/false\n[core]\n\thooksPath = /nowhere/hooks\n";
    fs::write(sandbox.git_config_file(), hostile).expect("the folder is ours");
    let shop = folder.join("shop");
    let typed = |program: &str, arguments: &[&str]| {
        sandbox.run(sandbox.command(program, &shop).args(arguments)).success().stdout().to_owned()
    };
    typed("git", &["hotfix", "open", "Coupons raise prices", "--severity", "critical"]);
    typed("sed", &["-i.before", "s/ + / - /", "coupon.sh"]);
    fs::remove_file(shop.join("coupon.sh.before")).expect("sed left it");
    fs::write(shop.join("test/coupon_test.sh"), "[ \"$(sh order.sh 4000 SAVE25)\" = 3000 ]\n")
        .expect("the folder is ours");
    typed("git", &["add", "--all"]);
    typed("git", &["commit", "--quiet", "--message", "Take coupons off the price"]);
    typed("git", &["hotfix", "ship", "--yes"]);
    assert!(typed("sh", &["script/verify.sh", "../production"]).contains("costs 3000"));
    assert_eq!(typed("git", &["log", "-1", "--format=%an"]).trim_end(), "On-Call Engineer");
}

#[test]
fn tells_programs_where_it_left_them() {
    let sandbox = sandbox!();
    let document = drill(&sandbox, &["--play", "--json"]).success().json();
    crate::schema::assert_valid(&document);
    let folder = PathBuf::from(text(&document, "/drill/folder"));
    assert_eq!(text(&document, "/drill/next/0"), format!("cd {}", folder.join("shop").display()));
    assert_eq!(*at(&document, "/drill/steps"), serde_json::json!([]));
    let dry = drill(&sandbox, &["--play", "--dry-run"]).success();
    insta::assert_snapshot!(dry, @"
    Users feel it
      $ cat ../production/error.log
      $ sh script/verify.sh ../production
    ");
}

#[test]
fn a_dry_run_lists_the_scenes_and_does_nothing() {
    let sandbox = sandbox!();
    insta::assert_snapshot!(drill(&sandbox, &["--dry-run"]).success(), @r#"
    Users feel it
      $ cat ../production/error.log
      $ sh script/verify.sh ../production
    Open the incident
      $ git hotfix open "Coupons raise prices" --severity critical --impact "an order with a coupon costs more than one without" --scope "everybody with a coupon" --source "monitoring alert" --started-at "25m ago" --detected-at "5m ago"
      $ git hotfix note "error.log: both traces end in with_coupon (coupon.sh:8)"
    Reproduce it
      $ cat test/coupon_test.sh
      $ sh test/run.sh test/coupon_test.sh
    Fix it, and nothing else
      $ sh test/run.sh test/coupon_test.sh
      $ git add coupon.sh migrations test
      $ git diff --staged -- coupon.sh migrations
      $ git commit --quiet -m "Take coupons off the price instead of adding them"
    Is the fix minimal, and does it work?
      $ git hotfix guard
      $ git hotfix test
    The pull request
      $ git hotfix pr --fix "subtract the coupon, and pay back what it added"
    Ship it
      $ git hotfix ship --yes
      $ cat ../production/refunds
      $ sh script/verify.sh ../production
    The morning after
      $ git hotfix follow-up add "refuse an order that costs more than its price" --gap validation
      $ git hotfix follow-up add "alert on the first such order" --gap monitoring
      $ git hotfix postmortem --root-cause "no test used a coupon, so nobody saw the wrong sign" --prevention "the tests order with a coupon from now on"
    Close it
      $ git hotfix close
      $ git hotfix list --all
      $ git log --graph --oneline
    "#);
    let document = drill(&sandbox, &["--dry-run", "--json"]).success().json();
    assert_eq!(document["dry_run"], true);
    assert_eq!(document["drill"]["scenes"][0]["scene"], "Users feel it");
    assert_eq!(left_over(&sandbox), [] as [PathBuf; 0]);
}

#[test]
fn on_a_narrow_screen_no_word_is_broken() {
    let sandbox = sandbox!();
    let shown = sandbox.run(program(&sandbox).arg("drill").env("HOTFIX_COLUMNS", "40")).success();
    let part = |from: &str, to: &str| {
        let lines: Vec<&str> = shown.stdout().lines().skip_while(|line| *line != from).collect();
        lines.iter().take_while(|line| **line != to).map(|line| format!("{line}\n")).collect::<String>()
    };
    insta::assert_snapshot!(part("── 6 Is the fix minimal, and does it", "$ git hotfix guard"), @"
    ── 6 Is the fix minimal, and does it
        work? ──────────────────────────────
    `ship` would run whatever is missing by
    itself; here it is one by one.
    ");
    insta::assert_snapshot!(part("test/coupon_test.sh", "✓ proven: the regression test fails on"), @"
    test/coupon_test.sh
      on production  fails
      with the fix   passes
      verdict        catches the bug
                     (fail_to_pass)
    ");
    insta::assert_snapshot!(part("$ git hotfix pr \\", "  ✓ fetch origin: main and"), @r#"
    $ git hotfix pr \
        --fix "subtract the coupon, and \
    pay back what it added"
    "#);
    // What files hold, and what was changed in them, is shown as it is.
    let (mut is_listed, mut too_long) = (false, Vec::new());
    for line in shown.stdout().lines() {
        is_listed =
            if line.starts_with("$ ") { line.starts_with("$ cat ") || line.contains(" diff ") } else { is_listed };
        too_long.extend((!is_listed && line.chars().count() > 40).then_some(line));
    }
    assert_eq!(too_long, [] as [&str; 0]);
    assert!(shown.stdout().lines().any(|line| line == "# A coupon of 25 percent takes 25 percent off."), "{shown}");
}
