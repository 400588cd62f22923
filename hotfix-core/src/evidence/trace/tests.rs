//! What stack traces say, whatever they are wrapped in.

use std::path::Path;

use serde_json::json;

use super::super::*;

/// The files of the programs that made the traces in `fixtures/real`.
const FILES: &str = "\
    main.py group.py shop/__init__.py shop/cart.py shop/prices.py tests/test_cart.py \
    main.ts src/cart.ts src/prices.ts main.js main.mjs broken.js src/cart.js src/prices.js \
    main.go cart/cart.go \
    src/com/acme/shop/Cart.java src/com/acme/shop/Checkout.java src/com/acme/shop/Main.java \
    src/main.rs src/cart.rs \
    lib/shop/cart.ex test/cart_test.exs test/test_helper.exs \
    main.rb lib/cart.rb spec/cart_spec.rb test/cart_test.rb \
    main.php src/Cart.php src/Cart.cs \
    src/cart.c src/cart.h src/main.c";

/// What each names as its culprit, and how many of its frames are ours.
const CULPRITS: &[(&str, &str, usize)] = &[
    ("c-assert", "src/cart.c:11", 1),
    ("c-free", "src/cart.c:6", 5),
    ("c-gdb", "src/cart.c:6", 3),
    ("c-leak", "src/main.c:6", 1),
    ("c-null", "src/cart.c:6", 3),
    ("c-over", "src/cart.c:6", 4),
    ("c-valgrind", "src/cart.c:6", 4),
    ("csharp-mono-checkout", "src/Cart.cs:21", 4),
    ("csharp-mono-total", "src/Cart.cs:21", 3),
    ("deno-checkout", "src/prices.ts:4", 5),
    ("deno-total", "src/prices.ts:4", 3),
    ("elixir-genserver", "lib/shop/cart.ex:11", 3),
    ("elixir-task", "lib/shop/cart.ex:11", 2),
    ("elixir-test", "lib/shop/cart.ex:11", 3),
    ("elixir-total", "lib/shop/cart.ex:11", 2),
    ("go-again", "cart/cart.go:23", 5),
    ("go-all", "cart/cart.go:18", 5),
    ("go-fill", "cart/cart.go:23", 2),
    ("go-goroutine", "cart/cart.go:18", 4),
    ("go-http", "cart/cart.go:18", 3),
    ("go-http-trim", "cart/cart.go:18", 3),
    ("go-total", "cart/cart.go:18", 3),
    ("go-trimpath", "cart/cart.go:18", 3),
    ("java-checkout", "src/com/acme/shop/Cart.java:19", 6),
    ("java-thread", "src/com/acme/shop/Cart.java:19", 6),
    ("java-total", "src/com/acme/shop/Cart.java:19", 3),
    ("node-all", "src/prices.js:4", 5),
    ("node-checkout", "src/prices.js:4", 5),
    ("node-inspect", "src/prices.js:4", 5),
    ("node-later", "src/prices.js:4", 5),
    ("node-syntax", "broken.js:2", 1),
    ("node-total", "src/prices.js:4", 3),
    ("php-checkout", "src/Cart.php:20", 5),
    ("php-errorlog", "src/Cart.php:20", 3),
    ("php-log", "src/Cart.php:20", 5),
    ("php-missing", "main.php:14", 1),
    ("php-total", "src/Cart.php:20", 3),
    ("py-again-3.12.1", "shop/prices.py:5", 8),
    ("py-checkout-3.11.7", "shop/prices.py:5", 6),
    ("py-checkout-3.8.18", "shop/prices.py:5", 6),
    ("py-deep", "shop/cart.py:31", 2),
    ("py-group", "shop/prices.py:5", 6),
    ("py-syntax", "shop/cart.py:13", 2),
    ("py-total-3.13.0", "shop/prices.py:5", 4),
    ("py-total-3.8.18", "shop/prices.py:5", 4),
    ("pytest-auto", "shop/prices.py:5", 8),
    ("pytest-line", "shop/prices.py:5", 3),
    ("pytest-long", "shop/prices.py:5", 8),
    ("pytest-native", "shop/prices.py:5", 8),
    ("pytest-short", "shop/prices.py:5", 8),
    ("ruby-checkout", "lib/cart.rb:17", 6),
    ("ruby-minitest", "lib/cart.rb:17", 3),
    ("ruby-parse", "lib/cart.rb:27", 2),
    ("ruby-rspec", "lib/cart.rb:17", 3),
    ("ruby-total", "lib/cart.rb:17", 3),
    ("rust-expect", "src/main.rs:10", 1),
    ("rust-full", "src/cart.rs:9", 3),
    ("rust-none", "src/cart.rs:9", 1),
    ("rust-thread", "src/cart.rs:9", 3),
    ("rust-total", "src/cart.rs:9", 3),
];

/// The traces that runtimes wrote, by name, with the paths of where they ran replaced.
fn real_traces() -> impl Iterator<Item = (&'static str, String, &'static str, usize)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/evidence/fixtures/real");
    CULPRITS.iter().map(move |&(name, culprit, ours)| {
        (name, std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap(), culprit, ours)
    })
}

fn our_files() -> Vec<String> {
    FILES.split_whitespace().map(str::to_owned).collect()
}

/// The promise is 95 of a hundred. Those that are not first are named, so that none is lost unseen.
#[test]
fn the_culprit_comes_first_in_real_traces() {
    let files = our_files();
    let (mut traces, mut missed) = (0, Vec::new());
    for (name, text, culprit, ours) in real_traces() {
        let kept = StackTraces::of(&text).kept(&files);
        let first = locate(&kept.frames, &files).into_iter().next();
        let first = first.map_or_else(|| "-".to_owned(), |located| format!("{}:{}", located.path, located.line));
        traces += 1;
        if first != culprit || kept.ours != ours {
            missed.push(format!("{name}: {first} of {}, not {culprit} of {ours}", kept.ours));
        }
    }
    assert!(missed.is_empty(), "{} of {traces}: {missed:#?}", missed.len());
    let there = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/evidence/fixtures/real")).unwrap();
    assert_eq!(there.count(), traces, "each trace has its line here");
}

/// What loggers, collectors and people make of a text.
type Wrapping = (&'static str, fn(&str) -> String);

const WRAPPINGS: &[Wrapping] = &[
    ("compose", |text| each(text, |line| format!("shop-api-1  | {line}"))),
    ("journald", |text| each(text, |line| format!("Nov 28 12:00:01 web-1 shop[4711]: {line}"))),
    ("CRI", |text| each(text, |line| format!("2026-11-28T12:00:01.000000001Z stderr F {line}"))),
    ("kubectl", |text| each(text, |line| format!("2026-11-28T12:00:01.000000001Z {line}"))),
    ("stern", |text| each(text, |line| format!("shop-7d4f9c-x2x api {line}"))),
    ("pod and container", |text| each(text, |line| format!("[pod/shop-7d4f9c-x2x/api] {line}"))),
    ("Heroku", |text| each(text, |line| format!("2026-11-28T12:00:01.000000+00:00 app[web.1]: {line}"))),
    ("GitHub Actions", |text| each(text, |line| format!("2026-11-28T12:00:01.1234567Z {line}"))),
    ("GitLab", |text| each(text, |line| format!("2026-11-28T12:00:01.123456Z 01E {line}"))),
    ("gh run view", |text| each(text, |line| format!("test\tRun tests\t2026-11-28T12:00:01.1234567Z {line}"))),
    ("syslog", |text| each(text, |line| format!("<11>1 2026-11-28T12:00:01Z web-1 shop 4711 - - {line}"))),
    ("rsyslog", |text| each(text, |line| format!("Nov 28 12:00:01 web-1 shop: {}", line.replace('\t', "#011")))),
    ("pm2", |text| each(text, |line| format!("0|shop  | {line}"))),
    ("foreman", |text| each(text, |line| format!("12:00:01 web.1  | {line}"))),
    ("lnav", |text| each(text, |line| format!("[2026-11-28 12:00:01,123] ERROR [worker-1] {line}"))),
    ("quoted", |text| each(text, |line| format!("> {line}"))),
    ("quoted twice", |text| each(text, |line| format!("> > {line}"))),
    ("indented", |text| each(text, |line| format!("    {line}"))),
    ("carriage returns", |text| each(text, |line| format!("{line}\r"))),
    ("quote marks", |text| each(text, |line| format!("\"{line}\""))),
    ("as a list", |text| each(text, |line| format!("    {},", json!(line)))),
    ("message", |text| format!("{}\n", json!({"level": "error", "time": 1_764_331_201, "message": text}))),
    ("message behind a prefix", |text| format!("shop-api-1  | {}\n", json!({"level": "error", "message": text}))),
    ("exc_info", |text| format!("{}\n", json!({"event": "failed", "exc_info": text, "level": "error"}))),
    ("error.stack", |text| format!("{:#}\n", json!({"error": {"stack": text, "message": "it failed"}}))),
    ("pino", |text| format!("{}\n", json!({"level": 50, "err": {"type": "E", "message": "m", "stack": text}}))),
    ("ECS", |text| format!("{}\n", json!({"@timestamp": "2026-11-28T12:00:01Z", "error.stack_trace": text}))),
    ("logback", |text| format!("{}\n", json!({"level": "ERROR", "logger_name": "shop.Cart", "stack_trace": text}))),
    ("zap", |text| format!("{}\n", json!({"level": "error", "caller": "cart/cart.go:12", "stacktrace": text}))),
    ("log in log", |text| format!("{}\n", json!({"log": json!({"msg": text}).to_string() + "\n", "stream": "stderr"}))),
    ("otel", |text| {
        format!("{}\n", json!({"attributes": [{"key": "exception.stacktrace", "value": {"stringValue": text}}]}))
    }),
    ("docker", |text| {
        each(text, |line| {
            json!({"log": format!("{line}\n"), "stream": "stderr", "time": "2026-11-28T12:00:01.1Z"}).to_string()
        })
    }),
    ("fluentd", |text| each(text, |line| json!({"log": line, "time": "2026-11-28T12:00:01.1Z"}).to_string())),
    ("slog", |text| format!("time=2026-11-28T12:00:01Z level=ERROR msg=failed stack={}\n", json!(text))),
    ("Lambda", |text| {
        let lines: Vec<&str> = text.lines().collect();
        format!("{}\n", json!({"errorMessage": "it failed", "errorType": "Error", "stackTrace": lines}))
    }),
    ("Lambda over lines", |text| {
        let lines: Vec<&str> = text.lines().collect();
        format!("{:#}\n", json!({"errorMessage": "it failed", "stackTrace": lines}))
    }),
    ("a page", |text| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        format!("<pre>{}</pre>\n", text.replace('\n', "<br>"))
    }),
    ("a table", |text| format!("2026-11-28,error,\"{}\"\n", text.replace('"', "\"\""))),
    ("util.inspect", |text| each(text, |line| format!("      '{}\\n' +", line.replace('\'', "\\'")))),
];

fn each(text: &str, wrapped: impl Fn(&str) -> String) -> String {
    text.lines().map(|line| wrapped(line) + "\n").collect()
}

#[test]
fn what_a_trace_is_wrapped_in_changes_nothing() {
    let mut wrong = Vec::new();
    for (name, text, ..) in real_traces() {
        let plain = frames(&text);
        for (wrapping, wrap) in WRAPPINGS {
            let wrapped = frames(Printable::new(&wrap(&text)).as_str());
            if wrapped != plain {
                let differs = wrapped.iter().zip(&plain).position(|(one, other)| one != other).unwrap_or(0);
                let shown = |frames: &[crate::domain::Frame]| frames.get(differs).map(ToString::to_string);
                let (one, other) = (shown(&wrapped), shown(&plain));
                wrong.push(format!("{wrapping}: {name}: {} of {}, {one:?} not {other:?}", wrapped.len(), plain.len()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

/// The lines that traces name are written there, each is named once, and a text is kept up to its cap.
#[test]
fn fuzz_traces() {
    crate::tests::fuzz("traces", |input| {
        let text = String::from_utf8_lossy(input);
        let frames = frames(&text);
        for (index, frame) in frames.iter().enumerate() {
            assert!(text.contains(&frame.line.to_string()), "{frame}");
            assert!(
                !frames[..index].iter().any(|other| (&other.file, other.line) == (&frame.file, frame.line)),
                "{frame}"
            );
        }
        let Ok(kept) = read("report.log", input, input.len() as u64, &Redactor::default()) else { return };
        assert!(kept.attachment.text.len() <= MAX_STORED);
    });
}

#[test]
fn stack_traces_of_every_language() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/evidence/fixtures");
    let mut reports: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    reports.retain(|path| path.is_file());
    reports.sort();
    let shown: String = reports
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let frames: String = frames(&text).iter().map(|frame| format!("  {frame}\n")).collect();
            format!("{}\n{frames}", path.file_stem().unwrap().to_string_lossy())
        })
        .collect();
    insta::assert_snapshot!(shown, @"
    browser
      static/js/cart.js:102 in total
      src/components/Checkout.jsx:48 in onClick
    go
      /build/shop/internal/cart/cart.go:41 in example.com/shop/internal/cart.(*Cart).Total
      /build/shop/cmd/shop/server.go:77 in main.(*server).checkout
    java
      com/example/shop/Cart.java:41 in com.example.shop.Cart.total
      com/example/shop/Cart.java:88 in com.example.shop.Cart$Line.price
      com/example/shop/web/CheckoutController.java:61 in com.example.shop.web.CheckoutController.checkout
      com/example/shop/web/CheckoutController.java:64 in com.example.shop.web.CheckoutController.checkout
      org/springframework/web/method/support/InvocableHandlerMethod.java:255 in org.springframework.web.method.support.InvocableHandlerMethod.doInvoke
    node
      /srv/app/src/prices.js:8 in load
      /srv/app/src/cart.js:31 in Cart.total
      /srv/app/src/routes/checkout.mjs:12 in checkout
    python
      /srv/app/shop/cart.py:23 in total
      /srv/app/shop/views.py:58 in checkout
    rust-old
      crates/pricing/src/coupon.rs:77
    rust
      src/cart.rs:41 in shop::cart::Cart::total
      src/http.rs:112 in shop::http::checkout::{{closure}}
      src/main.rs:9 in shop::main
    two-incidents
      /srv/app/shop/db.py:7 in connect
      /srv/app/shop/views.py:12 in index
    ");
}

#[test]
fn every_language_of_the_folder_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/evidence/trace");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let files = files.filter(|name| name != "mod.rs" && name != "tests.rs");
    assert_eq!(files.count(), trace::LANGUAGES.len());
}

/// The words of a language are looked for before its lines are read.
#[test]
fn no_line_of_a_language_is_without_its_words() {
    let lines = ["fixtures/real", "fixtures"].into_iter().flat_map(|folder| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/evidence").join(folder);
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.is_file()).map(|path| std::fs::read_to_string(path).unwrap()).collect::<Vec<_>>()
    });
    for text in lines {
        let lines: Vec<&str> = text.lines().collect();
        for (at, text) in lines.iter().enumerate() {
            let before = at.checked_sub(1).map_or("", |before| lines[before]);
            let line = trace::TraceLine { text, before, recent: before, is_inside: true };
            let languages = trace::LineLanguages::of(text);
            for (number, language) in trace::LANGUAGES.iter().enumerate() {
                let has = |mut languages: Box<dyn Iterator<Item = usize>>| languages.any(|at| at == number);
                assert!((language.sign)(&line).is_none() || has(Box::new(languages.signs().map(|it| it.0))), "{text}");
                assert!((language.read)(&line).is_none() || has(Box::new(languages.frames().map(|it| it.0))), "{text}");
            }
        }
    }
}

#[test]
fn files_of_a_trace_are_found_among_ours() {
    let paths = [
        "src/cart.rs",
        "src/main.rs",
        "crates/pricing/src/main.rs",
        "shop/cart.py",
        "packages/web/src/cart.js",
        "packages/admin/src/cart.js",
        "src/main/java/com/example/shop/Cart.java",
        "main.go",
        "lib/util.js",
    ]
    .map(str::to_owned);
    let found = |file: &str| {
        let frame = crate::domain::Frame { file: file.to_owned(), line: 3, function: None };
        locate(&[frame], &paths).first().map_or_else(|| "-".to_owned(), |located| located.path.clone())
    };
    assert_eq!(found("./src/cart.rs"), "src/cart.rs");
    assert_eq!(found("src/main.rs"), "src/main.rs");
    assert_eq!(found("/build/crates/pricing/src/main.rs"), "crates/pricing/src/main.rs");
    assert_eq!(found("/srv/app/shop/cart.py"), "shop/cart.py");
    assert_eq!(found("/srv/packages/web/src/cart.js"), "packages/web/src/cart.js");
    assert_eq!(found("/srv/app/src/cart.js"), "-", "two files could be meant");
    assert_eq!(found("com/example/shop/Cart.java"), "src/main/java/com/example/shop/Cart.java");
    assert_eq!(found("/build/main.go"), "main.go");
    assert_eq!(found("/opt/other/util.js"), "-");
}

/// A place in a log, a search or what a compiler says is no frame: a wrong suspect costs more than none.
#[test]
fn what_is_no_stack_trace_has_no_frame() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/evidence/fixtures/none");
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy();
        let mut look = |wrapping: &str, text: &str| {
            let frames = frames(Printable::new(text).as_str());
            found.extend(frames.iter().map(|frame| format!("{name}, {wrapping}: {frame}")));
        };
        look("as it is", &text);
        WRAPPINGS.iter().for_each(|(wrapping, wrap)| look(wrapping, &wrap(&text)));
    }
    assert!(found.is_empty(), "{} found: {found:#?}", found.len());
}

/// The deepest documents, and those without an end. How the time of a text grows, the bench `growth` judges.
#[test]
fn no_text_is_too_deep_for_the_reader() {
    let cut_off = format!("{{\"stack\":[{{\"file\":\"a.py\"\n{}\n", json!({"file": "b.py", "line": 3}));
    assert_eq!(frames(&cut_off), []);
    let deep = format!("{}{}", "{\"stack\":[".repeat(10_000), "\"at f (/a.js:1:1)\"");
    assert_eq!(frames(&deep).len(), 1);
}

/// What services and loggers make of a trace where they take it apart.
#[test]
fn lists_of_objects_are_stack_traces() {
    let shown = |record: serde_json::Value| {
        let line: Vec<String> = frames(&format!("{record}\n")).iter().map(ToString::to_string).collect();
        let lines: Vec<String> = frames(&format!("{record:#}\n")).iter().map(ToString::to_string).collect();
        assert_eq!(line, lines, "on one line and over several");
        line.join(", ")
    };
    let sentry = json!([
        {"filename": "shop/views.py", "abs_path": "/srv/app/shop/views.py", "function": "checkout", "lineno": 58, "in_app": true},
        {"filename": "shop/cart.py", "function": "total", "lineno": 23, "context_line": "    return 1 / 0"},
    ]);
    assert_eq!(
        shown(json!({"exception": {"values": [{"type": "E", "stacktrace": {"frames": sentry}}]}})),
        "shop/cart.py:23 in total, shop/views.py:58 in checkout"
    );
    let structlog = "{\"exception\": [{\"exc_type\": \"Outer\", \"is_cause\": false, \"frames\": [{\"filename\": \"a.py\", \
        \"lineno\": 1, \"name\": \"a\"}]}, {\"exc_type\": \"Cause\", \"is_cause\": true, \"frames\": [{\"filename\": \"b.py\", \
        \"lineno\": 2, \"name\": \"b\"}]}]}";
    assert_eq!(frames(structlog).first().map(ToString::to_string).as_deref(), Some("b.py:2 in b"));
    let log4j = json!([
        {"class": "com.acme.Cart", "method": "total", "file": "Cart.java", "line": 8},
        {"class": "com.acme.Api", "method": "run", "file": "Api.java", "line": 13},
    ]);
    assert_eq!(
        shown(json!({"thrown": {"extendedStackTrace": log4j}})),
        "com/acme/Cart.java:8 in total, com/acme/Api.java:13 in run"
    );
    let zerolog = json!([{"func": "total", "line": "8", "source": "cart.go"}]);
    assert_eq!(shown(json!({"level": "error", "stack": zerolog})), "cart.go:8 in total");
    let bugsnag = json!([{"file": "lib/cart.rb", "lineNumber": 17, "method": "price", "inProject": true}]);
    assert_eq!(shown(json!({"exceptions": [{"stacktrace": bugsnag}]})), "lib/cart.rb:17 in price");
    let lambda = json!(["com.acme.Cart.total(Cart.java:8)", "com.acme.Api.run(Api.java:13)"]);
    assert_eq!(
        shown(json!({"errorMessage": "it failed", "stackTrace": lambda})),
        "com/acme/Cart.java:8 in com.acme.Cart.total, com/acme/Api.java:13 in com.acme.Api.run"
    );
    let laravel =
        json!([{"file": "/app/app/Api.php", "line": 13, "function": "total", "class": "App\\Cart", "type": "->"}]);
    assert_eq!(
        shown(json!({"a_message": "it failed", "file": "/app/app/Cart.php", "line": 8, "trace": laravel})),
        "/app/app/Cart.php:8, /app/app/Api.php:13 in total"
    );
    let old_lambda =
        json!([["/var/task/app.py", 12, "handler", "cart.total()"], ["/var/task/cart.py", 3, "total", "1 / 0"]]);
    assert_eq!(
        shown(json!({"stackTrace": old_lambda})),
        "/var/task/cart.py:3 in total, /var/task/app.py:12 in handler"
    );
}

#[test]
fn the_repository_decides_whose_a_frame_is() {
    let files = [
        "src/shop/cart.py",
        "packages/cart/src/cart.js",
        "internal/process/cart.go",
        "src/lib.rs",
        "server.go",
        "http/server.go",
    ]
    .map(str::to_owned);
    let found = |file: &str| {
        let frame = crate::domain::Frame { file: file.to_owned(), line: 3, function: None };
        locate(&[frame], &files).first().map_or_else(|| "-".to_owned(), |located| located.path.clone())
    };
    for (file, ours) in [
        ("/app/.venv/lib/python3.12/site-packages/shop/cart.py", "src/shop/cart.py"),
        ("/usr/lib/python3/dist-packages/shop/cart.py", "src/shop/cart.py"),
        ("/app/.venv/lib/python3.12/site-packages/other/shop/cart.py", "-"),
        ("/app/node_modules/@acme/cart/src/cart.js", "packages/cart/src/cart.js"),
        ("/app/node_modules/other/src/cart.js", "-"),
        ("/src/internal/process/cart.go", "internal/process/cart.go"),
        ("/app/src/lib.rs", "src/lib.rs"),
        ("/usr/local/cargo/registry/src/index.crates.io-1949cf8c6b5b557f/chrono-0.4.38/src/lib.rs", "-"),
        ("/root/.cargo/git/checkouts/axum-3a1b/9c2d/src/lib.rs", "-"),
        ("/build/vendor/anyhow/src/lib.rs", "-"),
        ("/build/anyhow-1.0.86/src/lib.rs", "-"),
        ("/rustc/17067e9ac6d7e6f9c0d6ab1d87549aaa0ba8ca0d/src/lib.rs", "-"),
        ("example.com/shop/server.go", "server.go"),
        ("/build/server.go", "server.go"),
        ("net/http/server.go", "-"),
        ("/usr/local/go/src/net/http/server.go", "-"),
        ("github.com/gin-gonic/gin@v1.10.0/http/server.go", "-"),
        ("/go/pkg/mod/github.com/x/y@v1.2.3/server.go", "-"),
    ] {
        assert_eq!(found(file), ours, "{file}");
    }
}

#[test]
fn of_too_many_traces_the_last_counts() {
    let trace = |at: usize| format!("WARN handled\nTypeError: w\n    at f (/app/src/cart.js:{at}:2)\n");
    let first = |traces: usize| {
        let text: String = (1..=traces).map(trace).collect();
        StackTraces::of(&text).kept(&our_files()).frames.first().map(|frame| frame.line)
    };
    assert_eq!(first(10), Some(1));
    assert_eq!(first(11), Some(11));
    assert_eq!(first(60), Some(60));
    let foreign: String = (1..=80).map(|at| format!("\tat org.spring.A.b(A.java:{at})\n")).collect();
    let text = format!("java.lang.X\n{foreign}\tat com.acme.shop.Cart.total(Cart.java:8)\n");
    let kept = StackTraces::of(&text).kept(&our_files());
    assert_eq!((kept.ours, kept.all, kept.frames.len(), kept.frames[0].line), (1, 81, 50, 8));
}

#[test]
fn other_languages_are_read_from_what_they_print() {
    let rich = "╭──── Traceback (most recent call last) ────╮\n│ /srv/main.py:4 in <module>                │\n│ ❱ 4 total([])                             │\n│ /srv/shop/cart.py:2 in total              │\n│ ❱ 2 │   return 1 / len(items)             │\n╰───────────────────────────────────────────╯\nZeroDivisionError: division by zero\n";
    let dart = "Unhandled exception:\nUnsupported operation: Infinity\n#0      double.toInt (dart:core-patch/double.dart:1:2)\n#1      Cart.total (package:shop/cart.dart:12:7)\n#2      main (file:///srv/bin/main.dart:5:3)\n";
    let swift = "shop/Cart.swift:4: Fatal error: Division by zero\n\nThread 0 crashed:\n\n0 0x0000aaab total(_:) + 52 in shop at /srv/Sources/shop/Cart.swift:4:23\n1 [ra] 0x0000aaac static Main.main() + 8 in shop at /srv/Sources/shop/main.swift:9:5\n";
    let perl = "empty cart at lib/Cart.pm line 3.\n\tCart::total() called at main.pl line 2\nUse of uninitialized value $x in addition (+) at lib/Other.pm line 9.\nno more at lib/Log.pm line 8, <STDIN> line 7.\n";
    let shown = |text: &str| frames(text).iter().map(|frame| format!("{frame}\n")).collect::<String>();
    insta::assert_snapshot!([rich, dart, swift, perl].map(shown).join("\n"), @"
    /srv/shop/cart.py:2 in total
    /srv/main.py:4 in <module>

    shop/lib/cart.dart:12 in Cart.total
    /srv/bin/main.dart:5 in main

    shop/Cart.swift:4
    /srv/Sources/shop/Cart.swift:4 in total(_:)
    /srv/Sources/shop/main.swift:9 in Main.main()

    lib/Cart.pm:3
    main.pl:2
    lib/Log.pm:8
    ");
}

#[test]
fn documents_in_quoted_text_and_in_lists_are_read() {
    let trace = "Traceback (most recent call last):\n  File \"/srv/shop/cart.py\", line 2, in total\n";
    let record = json!({"level": "error", "exc_info": trace}).to_string();
    let in_list = json!({"errorMessage": "x", "stackTrace": [record.clone()]}).to_string();
    for text in [in_list, format!("level=ERROR msg=failed stack={}\n", json!(record))] {
        let found: Vec<String> = frames(&text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["/srv/shop/cart.py:2 in total"], "{text}");
    }
}
