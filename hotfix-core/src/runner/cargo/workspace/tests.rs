use super::*;

/// A workspace of three: `web` needs `cart`, whose tests need `kit`.
pub(crate) fn shop() -> Workspace {
    let package = |name: &str, dependencies: &str, targets: &str| {
        format!(
            r#"{{"name":"{name}","version":"1.0.0","manifest_path":"/shop/{name}/Cargo.toml","dependencies":[{dependencies}],"targets":[{targets}]}}"#
        )
    };
    let target = |kind: &str, name: &str, path: &str| {
        format!(
            r#"{{"kind":["{kind}"],"name":"{name}","src_path":"/shop/{path}","test":true,"doctest":{}}}"#,
            kind == "lib"
        )
    };
    let cart_targets = [
        target("lib", "cart", "cart/src/lib.rs"),
        target("test", "prices", "cart/tests/prices.rs"),
        target("test", "sums", "cart/tests/sums/main.rs"),
        target("custom-build", "build-script-build", "cart/build.rs"),
    ];
    let web_targets = [target("lib", "web", "web/src/lib.rs"), target("bin", "web", "web/src/main.rs")];
    let packages = [
        package("cart", r#"{"kind":"dev","path":"/shop/kit"}"#, &cart_targets.join(",")),
        package("kit", "", &target("lib", "kit", "kit/src/lib.rs")),
        package("web", r#"{"kind":null,"path":"/shop/cart"},{"kind":null,"path":null}"#, &web_targets.join(",")),
    ];
    let answer = format!(
        r#"{{"packages":[{}],"workspace_root":"/shop","target_directory":"/shop/target"}}"#,
        packages.join(",")
    );
    Workspace::parse(&answer, Path::new("/shop")).unwrap()
}

#[test]
fn packages_and_what_they_need_are_read() {
    let shop = shop();
    let names: Vec<&str> = shop.packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!((names, shop.build_directory.as_str()), (vec!["cart", "kit", "web"], "/shop/target"));
    assert_eq!((&shop.packages[0].tests_need, &shop.packages[2].needs), (&vec![1], &vec![0]));
    assert_eq!(shop.package_of("cart/src/a.rs"), Some(0));
    assert_eq!((shop.package_of("cartoon/a.rs"), shop.package_of("README.md")), (None, None));
    assert_eq!(shop.packages[0].inside("cart/tests/x.rs"), Some("tests/x.rs"));
    assert!(Workspace::parse("{", Path::new("/shop")).is_err());
}

#[test]
fn targets_that_need_features_that_are_off_are_left_out() {
    let target = |name: &str, features: &str| {
        format!(
            r#"{{"kind":["test"],"name":"{name}","src_path":"/shop/tests/{name}.rs","test":true,"required-features":[{features}]}}"#
        )
    };
    let answer = format!(
        r#"{{"packages":[{{"name":"shop","version":"1.0.0","manifest_path":"/shop/Cargo.toml","dependencies":[],"features":{{"default":["std"],"std":["alloc"],"alloc":[],"slow":[]}},"targets":[{},{}]}}],"workspace_root":"/shop","target_directory":"/shop/target"}}"#,
        target("on", r#""alloc""#),
        target("off", r#""slow""#)
    );
    let shop = Workspace::parse(&answer, Path::new("/shop")).unwrap();
    let names: Vec<&str> = shop.packages[0].targets.iter().map(|target| target.name.as_str()).collect();
    assert_eq!((names, shop.gate_of("tests/on.rs")), (vec!["on"], None));
    assert_eq!(shop.gate_of("tests/off.rs").as_deref(), Some(r#"required-features = ["slow"]"#));
}

#[test]
fn a_test_with_a_main_of_its_own_is_known() {
    let manifest = "[[test]]\nname = \"ui\"\nharness = false\n[[test]]\nname = \"it\"\n";
    let of = |manifest: &str, kind: &str, name: &str| has_own_harness(manifest, kind, name);
    assert!(of(manifest, "test", "ui") && !of(manifest, "test", "it") && !of(manifest, "bench", "ui"));
    assert!(!of("[", "test", "ui") && of("[lib]\nharness = false\n", "rlib", "shop"));
}
