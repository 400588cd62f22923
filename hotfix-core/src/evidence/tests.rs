//! What is masked, and what stays.

use proptest::prelude::*;

use super::*;

fn masked(text: &str) -> String {
    Redactor::default().redact(text).text
}

/// Joined here, so that no scanner of repositories takes this file for a leak.
fn joined(parts: &[&str]) -> String {
    parts.concat()
}

#[test]
fn an_id_of_an_incident_names_no_column_of_secrets() {
    let table = |head: &str| {
        format!("| Incident | {head} |\n| --- | --- |\n| Severity | High |\n| Started | 2026-11-30 09:59 UTC |\n")
    };
    assert_eq!(masked(&table("HF-2026-abcde7pw")), table("HF-2026-abcde7pw"));
    assert!(masked(&table("db_pw")).contains("[redacted:password]"));
}

#[test]
fn tokens_of_providers() {
    let shown: String = [
        joined(&["token is ghp", "_abcdefghijklmnopqrstuvwxyz0123456789"]),
        joined(&["ghs", "_abcdefghijklmnopqrstuvwxyz0123456789"]),
        joined(&["github", "_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz"]),
        joined(&["glp", "at-aBcDeFgHiJkLmNoPqRsT"]),
        joined(&["AKI", "AQYLPMN5HIZ7KWXYZ and more"]),
        joined(&["xox", "b-123456789012-abcdefghijkl"]),
        joined(&["POST https://hooks.sl", "ack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX 200"]),
        joined(&["sk", "_live_abcdefghijklmnop"]),
        joined(&["npm", "_abcdefghijklmnopqrstuvwxyz0123456789"]),
        joined(&["pypi", "-AgEIcHlwaS5vcmcCJGFiY2RlZmdoaWprbG1ub3A"]),
        joined(&["AIz", "aSyA-abcdefghijklmnopqrstuvwxyz01234"]),
        joined(&["S", "G.abcdefghijklmnopqrst.uvwxyz0123456789ABCDEF"]),
        joined(&["S", "K0123456789abcdef0123456789abcdef"]),
        joined(&[
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
            "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9",
        ]),
    ]
    .iter()
    .map(|text| masked(text) + "\n")
    .collect();
    insta::assert_snapshot!(shown, @"
    token is [redacted:github-token]
    [redacted:github-token]
    [redacted:github-token]
    [redacted:gitlab-token]
    [redacted:aws-access-key] and more
    [redacted:slack-token]
    POST https://[redacted:slack-webhook] 200
    [redacted:stripe-key]
    [redacted:npm-token]
    [redacted:pypi-token]
    [redacted:google-key]
    [redacted:sendgrid-key]
    [redacted:twilio-key]
    [redacted:jwt]
    ");
}

#[test]
fn values_whose_name_says_it() {
    let shown: String = [
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz",
        "x-api-key: 0123456789abcdef0123456789abcdef",
        "Authorization: Bearer abcdef0123456789abcdef0123",
        "Authorization: Basic YWxhZGRpbjpvcGVu, retrying",
        "Authorization: Digest username=\"bob\", response=\"6629fae4\"",
        "authorization: 0123456789abcdef",
        "curl -H 'Authorization: Bearer abcdef' -u bob:hunter2 https://api.example/v1",
        "got header Bearer abcdef0123456789abcdef0123 for /cart",
        "Cookie: session=abc123; theme=dark",
        "{\"user\":\"bob\",\"password\":\"hunter2\",\"api_key\": \"k\\\"ey\", \"n\":1}",
        "{\\\"user\\\":\\\"bob\\\",\\\"password\\\":\\\"hunter2\\\"}",
        "{'clientSecret': 'abc', 'pin': 12}",
        "export DB_PASSWORD=p@ss,w;d)x",
        "SPRING_DATASOURCE_PASSWORD=hunter2 java -jar shop.jar",
        "POST /login user=bob&password=hunter2&remember=1",
        "connect failed (host=db, password=hunter2)",
        "Server=db;User Id=sa;Password=hunter2;Encrypt=true",
        "password: hunter2",
        "  token: abc123def456",
        "mysql --user bob --password hunter2 shop",
        "<settings><password>hunter2</password></settings>",
        "ALTER ROLE app PASSWORD = 'hunter2'",
        "config['secret_key'] = \"abc\"",
        "secrets => { :password=>\"hunter2\" }",
    ]
    .map(|text| masked(text) + "\n")
    .concat();
    insta::assert_snapshot!(shown, @r#"
    aws_secret_access_key = [redacted:token]
    x-api-key: [redacted:api-key]
    Authorization: Bearer [redacted:authorization]
    Authorization: Basic [redacted:authorization], retrying
    Authorization: Digest [redacted:authorization]
    authorization: [redacted:authorization]
    curl -H 'Authorization: Bearer [redacted:authorization]' -u bob:[redacted:password] https://api.example/v1
    got header Bearer [redacted:authorization] for /cart
    Cookie: [redacted:cookie]
    {"user":"bob","password":"[redacted:password]","api_key": "[redacted:api-key]", "n":1}
    {\"user\":\"bob\",\"password\":\"[redacted:password]\"}
    {'clientSecret': '[redacted:token]', 'pin': 12}
    export DB_PASSWORD=[redacted:password]
    SPRING_DATASOURCE_PASSWORD=[redacted:password] java -jar shop.jar
    POST /login user=bob&password=[redacted:password]&remember=1
    connect failed (host=db, password=[redacted:password])
    Server=db;User Id=sa;Password=[redacted:password];Encrypt=true
    password: [redacted:password]
      token: [redacted:token]
    mysql --user bob --password [redacted:password] shop
    <settings><password>[redacted:password]</password></settings>
    ALTER ROLE app PASSWORD = '[redacted:password]'
    config['secret_key'] = "[redacted:token]"
    secrets => { :password=>"[redacted:password]" }
    "#);
}

#[test]
fn passwords_in_urls() {
    let shown: String = [
        "postgres://app:hunter2@db.internal/prod is down",
        "DATABASE_URL=postgres://u:p@h/db?sslmode=require\nDEBUG=1",
        "redis://:p%40ss@cache:6379/0",
        "amqp://guest:gu/est@queue/vhost",
        "https://x-access-token:abc@github.com/o/r.git",
        "https://abcdefghijklmnopqrstuvwxyz@github.com/o/r.git",
        "https://shop.example:8443/cart?mail=bob@example.com",
        "ssh://git@github.com/o/r.git and bob@example.com",
    ]
    .map(|text| masked(text) + "\n")
    .concat();
    insta::assert_snapshot!(shown, @"
    postgres://app:[redacted:url-password]@db.internal/prod is down
    DATABASE_URL=postgres://u:[redacted:url-password]@h/db?sslmode=require
    DEBUG=1
    redis://:[redacted:url-password]@cache:6379/0
    amqp://guest:[redacted:url-password]@queue/vhost
    https://x-access-token:[redacted:url-password]@github.com/o/r.git
    https://[redacted:url-password]@github.com/o/r.git
    https://shop.example:8443/cart?mail=bob@example.com
    ssh://git@github.com/o/r.git and bob@example.com
    ");
}

#[test]
fn private_keys_whole_and_cut_off() {
    let begin = joined(&["-----BEGIN RSA PRIV", "ATE KEY-----"]);
    let end = joined(&["-----END RSA PRIV", "ATE KEY-----"]);
    let body = "MIIEpAIBAAKCAQEA7kq2mcXk8zX9LrY5cP0Qa1v3n4m6b8t2u5w7y9z1x3c5v7b9";
    assert_eq!(masked(&format!("a\n{begin}\n{body}\n{end}\nb")), "a\n[redacted:private-key]\nb");
    assert_eq!(masked(&format!("a\n{begin}\n{body}\nb")), "a\n[redacted:private-key]");
    assert_eq!(masked(&format!("log {body}\nlog {body}\nlog {end}\nb")), "[redacted:private-key]\nb");
    assert_eq!(masked(&format!("{{\"k\":\"{begin}\\n{body}\\n{end}\\n\"}}")), "{\"k\":\"[redacted:private-key]\\n\"}");
    let glued = format!("{begin}\n{body}\n{}{begin}\n{body}\n{end}\nb", end.trim_end_matches('-'));
    assert_eq!(masked(&glued), "[redacted:private-key]\nb");
    let tail_and_whole = format!("{body}\n{end}\na\n{begin}\n{body}\n{end}\nb");
    assert_eq!(masked(&tail_and_whole), "[redacted:private-key]\na\n[redacted:private-key]\nb");
    let certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    assert_eq!(masked(certificate), certificate);
}

#[test]
fn what_is_no_secret_stays() {
    for text in [
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "request 550e8400-e29b-41d4-a716-446655440000 failed",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "token_count=3, max_tokens: 512",
        "SyntaxError: Unexpected token: }",
        "SyntaxError: Unexpected token < in JSON at position 0",
        "password: required",
        "password=$DB_PASSWORD token=${{ secrets.TOKEN }}",
        "PASSWORD=********",
        "PWD=/srv/app",
        "Authorization: denied",
        "keyboard: broken, monkey=1, key=7",
        "Login fails for all EU users",
        "Steps:\n1. open page\n2. see 500",
        "at com.shop.TokenStore.get(TokenStore.java:12)",
        "std::token::Kind",
        "see #1 and GH-2 and https://github.com/o/r/issues/3",
        "%0A::set-env name=PATH::/tmp/evil",
        "token = \u{1b}[31m",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn invisible_characters_hide_no_secret() {
    let hidden = joined(&["ghp", "_abcdefghij\u{200b}klmnopqrstuv\u{1b}[0mwxyz0123456789"]);
    assert_eq!(masked(&hidden), "[redacted:github-token]");
    assert_eq!(masked("pass\u{8}word=hunter2\r\nok"), "password=[redacted:password]\nok");
}

#[test]
fn our_own_secrets_are_masked_wherever_they_stand() {
    let known = ["correct-horse-battery", "short", "/run/secrets/token"].map(str::to_owned);
    let redacted = Redactor::new(known).redact("x=correct-horse-battery; short; /run/secrets/token");
    assert_eq!(redacted.text, "x=[redacted:environment]; short; /run/secrets/token");
    assert_eq!(redacted.masked.to_string(), "1 secret masked: environment");
}

#[test]
fn commands_lose_what_follows_a_flag() {
    let mut command = ["deploy", "--token", "abc1234567", "--retries", "3", "--password=hunter2", "https://u:p@h/"]
        .map(str::to_owned);
    let masked = Redactor::default().redact_command(&mut command);
    assert_eq!(
        command.join(" "),
        "deploy --token [redacted:token] --retries 3 --password=[redacted:password] https://u:[redacted:url-password]@h/"
    );
    assert_eq!(masked.to_string(), "3 secrets masked: password, token, url-password");
}

/// Texts around a secret that a line-based or greedy rule may trip over.
fn surroundings() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(" "),
        Just("\n"),
        Just("\""),
        Just("'"),
        Just("="),
        Just(": "),
        Just("password"),
        Just("token="),
        Just("https://"),
        Just("@host"),
        Just(":"),
        Just("[redacted:password]"),
        Just("Authorization: "),
        Just("Bearer "),
        Just("{\"secret\": \""),
        Just("\"}"),
        Just("&x=1"),
        Just(", "),
        Just("é🔥"),
        Just("\\"),
        Just("-----BEGIN "),
        Just("--password "),
        Just("Cookie: a=b"),
        Just("<password>"),
        Just("</password>"),
        Just("eyJhbGciOi."),
        Just("//"),
        Just("word"),
        Just("]"),
        Just("\u{1b}[1m"),
        Just("\r\n"),
        Just("-----END X PRIVATE KEY-----"),
        Just("-----"),
        Just("PRIVATE KEY-----"),
        Just("MIIEpAIBAAKCAQEA7kq2mcXk8zX9\n"),
        Just("curl -u admin:"),
        Just("mysql -p"),
        Just("Some("),
        Just(")"),
        Just("string(8) "),
        Just("b'"),
        Just("|\n  "),
        Just(">"),
        Just("@tcp("),
        Just("@"),
        Just("t=1,v1="),
        Just("mac="),
        Just("hunter2222"),
        Just("| "),
        Just("\n|---|---|\n"),
        Just("\"name\":\"DB_PASSWORD\","),
        Just("\"value\":\""),
        Just("kind: Secret\n"),
        Just("data:\n  "),
        Just("{\"kind\":\"Secret\",\"data\":{"),
        Just(" password "),
        Just("IDENTIFIED BY "),
        Just("?code="),
        Just("key=\"token\">"),
        Just("abcdefghijklmnopqrstuvwxyz0123456789"),
    ]
    .prop_map(str::to_owned)
}

/// What was masked is masked: doing it again changes nothing. Secrets that are known stay nowhere.
#[test]
fn fuzz_redactor() {
    let known = joined(&["q7Zp", "2Lw9", "XkT4vB8n"]);
    let redactor = Redactor::new([known.clone()]);
    crate::tests::fuzz("redactor", |input| {
        let text = String::from_utf8_lossy(input).replace("KNOWN", &known);
        let masked = redactor.redact(&text).text;
        assert!(!masked.contains(&known), "{masked:?}");
        assert_eq!(redactor.redact(&masked).text, masked);
    });
}

proptest! {
    #[test]
    fn no_planted_canary_survives(
        canary in "[A-Za-z0-9]{24,36}",
        form in 0..12_usize,
        before in prop::collection::vec("[a-z ]{0,12}\n", 0..4),
        after in prop::collection::vec("\n[a-z ]{0,12}", 0..4),
    ) {
        let planted = match form {
            0 => joined(&["ghp", "_", &canary]),
            1 => format!("password={canary}"),
            2 => format!("\"api_key\": \"{canary}\""),
            3 => format!("https://bob:{canary}@shop.example/x"),
            4 => format!("Authorization: Bearer {canary}"),
            5 => format!("Set-Cookie: id={canary}; Secure"),
            6 => joined(&["-----BEGIN PRIV", "ATE KEY-----\n", &canary]),
            7 => format!("run --secret {canary} now"),
            8 => joined(&["https://hooks.sl", "ack.com/services/", &canary]),
            9 => format!("<clientSecret>{canary}</clientSecret>"),
            10 => format!("error (token={canary}), retrying"),
            _ => joined(&["xox", "p-", &canary]),
        };
        let text = format!("{}{planted}{}", before.concat(), after.concat());
        let redacted = Redactor::default().redact(&text);
        prop_assert!(!redacted.text.contains(&canary), "{}", redacted.text);
        prop_assert!(!redacted.masked.is_empty());
        prop_assert!(redacted.text.starts_with(&before.concat()));
    }

    #[test]
    fn masking_twice_is_masking_once(parts in prop::collection::vec(surroundings(), 0..16)) {
        let once = masked(&parts.concat());
        prop_assert_eq!(masked(&once), once.clone(), "{:?}", parts.concat());
    }

    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        let once = masked(&text);
        prop_assert_eq!(masked(&once), once.clone());
        let _ = frames(&text);
    }

    #[test]
    fn ordinary_words_stay(words in prop::collection::vec("[a-z]{1,9}|[0-9]{1,6}|[A-Z][a-z]{1,7}[.,!?]|HTTP|[0-9a-f]{40}", 0..40)) {
        let text = words.join(" ");
        prop_assert_eq!(masked(&text), text);
    }
}

#[test]
fn a_report_becomes_an_attachment() {
    let report = format!("password=hunter2\n{}\nlast line\n", "line of a log\n".repeat(20_000));
    let made = read("boot.log", report.as_bytes(), report.len() as u64, &Redactor::default()).unwrap().attachment;
    assert!(made.text.len() <= MAX_STORED);
    assert!(made.text.starts_with("password=[redacted:password]\n") && made.text.ends_with("last line\n"));
    assert!(made.text.contains(" bytes left out …]\n"));
    assert_eq!(made.masked, std::collections::BTreeMap::from([("password".to_owned(), 1)]));
    let again = read("other.log", report.as_bytes(), 1, &Redactor::default()).unwrap().attachment;
    assert_eq!(again.digest, made.digest);
}

#[test]
fn binaries_and_blanks_are_no_evidence() {
    let refused = |bytes: &[u8]| read("x", bytes, 0, &Redactor::default()).map(|made| made.attachment.text);
    assert_eq!(refused(b"\x7fELF\x02\0\0\0"), Err(NoEvidence::Binary));
    assert_eq!(refused(b" \n\x1b[0m\n"), Err(NoEvidence::Empty));
    assert_eq!(refused(b"\xff\xfeo\0k\0"), Ok("ok".to_owned()));
    assert_eq!(refused(b"caf\xe9"), Ok("caf\u{fffd}".to_owned()));
    assert_eq!(refused(b"\xce\xf8\xe8\xe1\xea\xe0 3"), Ok("\u{fffd} 3".to_owned()), "what is no UTF-8 does not grow");
    let random: Vec<u8> = (1..=255).cycle().take(3000).collect();
    assert_eq!(refused(&random), Err(NoEvidence::Binary));
    assert_eq!(
        refused(b"8=FIX.4.4\x019=65\x0135=A\x01"),
        Ok("8=FIX.4.49=6535=A".to_owned()),
        "separators are no binary"
    );
}

/// A text may be nothing but secrets: what is kept of them has a bound, and none stays readable.
#[test]
fn a_text_of_nothing_but_secrets_stays_bounded() {
    for piece in ["a://b:c@", "setx password ", "password=hunter2 ", "kind: Secret\ndata: {a: hunter2}\n"] {
        let text = piece.repeat(600_000 / piece.len());
        let redacted = Redactor::default().redact(&text);
        assert!(!redacted.text.contains("hunter2"), "{piece}");
        assert!(redacted.text.len() < 3 * text.len(), "{piece}: {}", redacted.text.len());
    }
}

/// Of a long text only the pieces with a mask are looked at again.
#[test]
fn masking_a_long_text_twice_is_masking_it_once() {
    let line = "2026-11-22 INFO GET https://shop.example/cart?id=12 token=abc123def456\n";
    let log =
        format!("{}curl -u bob:hunter22 https://x\npassword: hunter2\n{}", line.repeat(3_000), "ok\n".repeat(90_000));
    let once = masked(&log);
    assert!(!once.contains("hunter2") && !once.contains("abc123def456"));
    assert_eq!(masked(&once), once);
}

/// Nested or repeated without an end: the stack must not grow with a text. How its time grows, the bench `growth` judges.
#[test]
fn no_text_is_too_deep() {
    for text in [format!("mysql {}", "\"".repeat(100_000)), "{\"a\":".repeat(10_000), "password=(".repeat(10_000)] {
        let _ = masked(&text);
    }
    let log = "2026-11-22T09:40:12Z INFO GET https://shop.example/cart?id=12 status=200 user=bob took=12ms key: 7\n"
        .repeat(200);
    assert_eq!(masked(&log), log);
}
