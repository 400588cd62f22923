//! The drill that a person plays: it stops where users feel it.

use std::fs;
use std::path::PathBuf;

use hotfix_tests::sandbox;
use regex::Regex;

use crate::drill::{at, drill, left_over, text};

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
