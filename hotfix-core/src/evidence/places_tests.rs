//! Secrets in the places where programs show them.

use super::Redactor;

fn masked(text: &str) -> String {
    Redactor::default().redact(text.trim_start_matches('\n')).text
}

#[test]
fn debug_output_is_masked_whole() {
    let shown = masked(
        r##"
panicked: Config { password: Some("hunter2221"), api_key: Some("hunter2222hunter"), secret: SecretString("hunter2223"), user: "shop" }
password: Some(
    "hunter2222",
),
cfg = Config(secret_key=b'hunter2225hunter', user='shop')
["password"]=>
string(8) "hunter26"
["password":protected]=> string(8) "hunter27"
[password:protected] => hunter28
Config(password=Secret(value=hunter2230), user=shop)
Config{password=Optional[hunter2231], user='shop'}
cfg={Password:hunter2232 User:shop}
&main.Config{Password:main.Secret{value:"hunter2233"}, User:"shop"}
Config {password = Just "hunter2234", user = "shop"}
{\"cfg\":\"Config { password: Some(\\\"hunter2235\\\") }\"}
#<Config password=#<Secret hunter2237>>
retrying with postgres://root:p@ss/w0rd!x@10.0.0.1/shop
var shopToken string = "hunter2238"
SHOP_TOKEN ?= "hunter2239"
System.setProperty("SHOP_TOKEN", "hunter2240")
"##,
    );
    insta::assert_snapshot!(shown, @r##"
    panicked: Config { password: [redacted:password], api_key: [redacted:api-key], secret: [redacted:token], user: "shop" }
    password: [redacted:password],
    cfg = Config(secret_key=b'[redacted:token]', user='shop')
    ["password"]=>
    [redacted:password]
    ["password":protected]=> [redacted:password]
    [password:protected] => [redacted:password]
    Config(password=[redacted:password], user=shop)
    Config{password=[redacted:password], user='shop'}
    cfg={Password:[redacted:password] User:shop}
    &main.Config{Password:[redacted:password], User:"shop"}
    Config {password = [redacted:password], user = "shop"}
    {\"cfg\":\"Config { password: [redacted:password] }\"}
    #<Config password=[redacted:password]>
    retrying with postgres://root:[redacted:url-password]@10.0.0.1/shop
    var shopToken string = "[redacted:token]"
    SHOP_TOKEN ?= "[redacted:token]"
    System.setProperty("SHOP_TOKEN", "[redacted:token]")
    "##);
}

#[test]
fn credentials_of_any_scheme() {
    let shown = masked(
        r##"
Authorization: SSWS aB3dE6gH9jK2mN5pQ8rS
Authorization: Bearer: aB3dE6gH9jK2mN5pQ8rS
('authorization', 'Token aB3dE6gH9jK2mN5pQ8rS')
(b'authorization', b'Key aB3dE6gH9jK2mN5pQ8rS')
map[Authorization:[GenieKey hunter2hunter2] Accept:[*/*]]
{"headers":{"Authorization":"Api-Token hunter2hunter2"},"x":1}
curl -H 'Authorization: Hawk id="dh37", mac="6R4rV5iE+NPoym+WwjeHzjAGXUtLNIxmo1vpMofpLAE="' https://shop.example
Stripe-Signature: t=1492774577,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd
X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17
authorization: denied for user shop
"##,
    );
    insta::assert_snapshot!(shown, @r##"
    Authorization: SSWS [redacted:authorization]
    Authorization: Bearer: [redacted:authorization]
    ('authorization', 'Token [redacted:authorization]')
    (b'authorization', b'Key [redacted:authorization]')
    map[Authorization:[GenieKey [redacted:authorization]] Accept:[*/*]]
    {"headers":{"Authorization":"Api-Token [redacted:authorization]"},"x":1}
    curl -H 'Authorization: Hawk [redacted:authorization]' https://shop.example
    Stripe-Signature: [redacted:session]
    X-Hub-Signature-256: [redacted:session]
    authorization: denied for user shop
    "##);
}

#[test]
fn commands_of_programs() {
    let shown = masked(
        r##"
ran curl -u admin:hunter22 https://x/ and it failed
curl --user=admin:hunter4007 https://x/
mysql -uroot -phunter4004 shop
sshpass -p hunter4005 ssh root@x
docker login -u app -p hunter4006 registry
["mysql", "-uroot", "-phunter9", "--password=hunter8"]
app:hunter4008@tcp(10.0.0.1:3306)/shop
docker run -u deploy:wheelgroup shop
chown -R www:data /srv
"##,
    );
    insta::assert_snapshot!(shown, @r##"
    ran curl -u admin:[redacted:password] https://x/ and it failed
    curl --user=admin:[redacted:password] https://x/
    mysql -uroot -p[redacted:password] shop
    sshpass -p [redacted:password] ssh root@x
    docker login -u app -p [redacted:password] registry
    ["mysql", "-uroot", "-p[redacted:password]", "--password=[redacted:password]"]
    app:[redacted:url-password]@tcp(10.0.0.1:3306)/shop
    docker run -u deploy:wheelgroup shop
    chown -R www:data /srv
    "##);
}

#[test]
fn all_values_of_a_kubernetes_secret() {
    let shown = masked(
        r##"
{"apiVersion":"v1","data":{"first":"aHVudGVyMg==","x":"aHVudGVyMw=="},"kind":"Secret","metadata":{"name":"shop"}}
{"m":"{\"kind\":\"Secret\",\"stringData\":{\"first\":\"hunter2\"}}"}
{"kind":"ConfigMap","data":{"first":"plain"}}
---
items:
- apiVersion: v1
  data:
    first: aHVudGVyMg==
    second: |
      hunter3
      hunter4
  kind: Secret
  metadata:
    name: shop
- apiVersion: v1
  data:
    first: plain
  kind: ConfigMap
"##,
    );
    insta::assert_snapshot!(shown, @r##"
    {"apiVersion":"v1","data":{"first":"[redacted:kubernetes-secret]","x":"[redacted:kubernetes-secret]"},"kind":"Secret","metadata":{"name":"shop"}}
    {"m":"{\"kind\":\"Secret\",\"stringData\":{\"first\":\"[redacted:kubernetes-secret]\"}}"}
    {"kind":"ConfigMap","data":{"first":"plain"}}
    ---
    items:
    - apiVersion: v1
      data:
        first: [redacted:kubernetes-secret]
        second: |
          [redacted:kubernetes-secret]
          [redacted:kubernetes-secret]
      kind: Secret
      metadata:
        name: shop
    - apiVersion: v1
      data:
        first: plain
      kind: ConfigMap
    "##);
}

#[test]
fn records_tables_and_phrases() {
    let shown = masked(
        r##"
{"name":"DB_PASSWORD","value":"hunter4001"}
{"value":"hunter4011","name":"DB_PASSWORD"}
  - name: API_TOKEN
    value: "hunter4003"
<add key="Password" value="hunter4005" />
<entry key="api.token">hunter4006</entry>
<property><name>db.password</name><value>hunter3</value></property>
| DB_PASSWORD | hunter4007 |

 username | password
----------+------------
 bob      | hunter4009
 eve      | topsecretword
(2 rows)
GET /callback?code=4/0AX4XfWhabcdefhunter4012&state=xyz
HMAC_KEY="hunter4016"
DBPASS=hunter4018
AWS_CREDS=hunter4019
SMTP_AUTH=hunter4020
password: >-
  hunter4023
  more
next: 1
"Env": ["DB_PASSWORD=hunter 4034", "PATH=/bin"]
CREATE USER shop IDENTIFIED BY 'hunter4028'
machine api.example login bob password hunter4027
openssl rsa -in k.pem -passin pass:hunter4044
http -a bob:hunter4050 https://x
"##,
    );
    insta::assert_snapshot!(shown, @r##"
    {"name":"DB_PASSWORD","value":"[redacted:password]"}
    {"value":"[redacted:password]","name":"DB_PASSWORD"}
      - name: API_TOKEN
        value: "[redacted:token]"
    <add key="Password" value="[redacted:password]" />
    <entry key="api.token">[redacted:token]</entry>
    <property><name>db.password</name><value>[redacted:password]</value></property>
    | DB_PASSWORD | [redacted:password] |

     username | password
    ----------+------------
     bob      | [redacted:password]
     eve      | [redacted:password]
    (2 rows)
    GET /callback?code=[redacted:token]&state=xyz
    HMAC_KEY="[redacted:api-key]"
    DBPASS=[redacted:password]
    AWS_CREDS=[redacted:token]
    SMTP_AUTH=[redacted:password]
    password: >-
      [redacted:password]
    next: 1
    "Env": ["DB_PASSWORD=[redacted:password]", "PATH=/bin"]
    CREATE USER shop IDENTIFIED BY '[redacted:password]'
    machine api.example login bob password [redacted:password]
    openssl rsa -in k.pem -passin pass:[redacted:password]
    http -a bob:[redacted:password] https://x
    "##);
}

#[test]
fn calls_terms_and_encoded_quotes_are_read() {
    let shown = masked(
        r##"
.password("hunter2201") and withPassword(hunter2202)
#{host => <<"db">>,password => <<"hunter2203">>} [{password,"hunter2204"},{port,5432}]
{\u0022password\u0022:\u0022hunter2205\u0022} ?q=%7B%22password%22%3A%22hunter2206%22%7D
{&quot;password&quot;: &quot;hunter2207&quot;} {&#34;password&#34;:&#34;hunter2208&#34;}
**Password:** hunter2209
<td>password</td><td>hunter2210</td>
password: !!str hunter2211
password: &first hunter2212
password:
  hunter2213
app:hunter2214@(db:3306)/shop app:hunter2215@/shop
Paddle-Signature: ts=1671;h1=072014b3ce107f80e222f828767efc2f
X-Shopify-Hmac-Sha256: CuNGMGmSrCGIZEG8pSH4487q7J58m1CiAhzCueQpBenQ=
code=EGvLIyp0OYV3ywTezHrNQR0ueOZIQo7N&grant_type=authorization_code
"##,
    );
    insta::assert_snapshot!(shown, @r#"
    .password("[redacted:password]") and withPassword([redacted:password])
    #{host => <<"db">>,password => <<"[redacted:password]">>} [{password,"[redacted:password]"},{port,5432}]
    {\u0022password\u0022:\u0022[redacted:password]\u0022} ?q=%7B%22password%22%3A%22[redacted:password]%22%7D
    {&quot;password&quot;: &quot;[redacted:password]&quot;} {&#34;password&#34;:&#34;[redacted:password]&#34;}
    **Password:** [redacted:password]
    <td>password</td><td>[redacted:password]</td>
    password: !!str [redacted:password]
    password: &first [redacted:password]
    password:
      [redacted:password]
    app:[redacted:url-password]@(db:3306)/shop app:[redacted:url-password]@/shop
    Paddle-Signature: [redacted:session]
    X-Shopify-Hmac-Sha256: [redacted:session]
    code=[redacted:token]&grant_type=authorization_code
    "#);
}

#[test]
fn commands_that_take_a_secret_without_a_flag_are_known() {
    let shown = masked(
        r##"
AUTH hunter2201
redis> AUTH default hunter2202
1700000000.1 [0 127.0.0.1:5] "AUTH" "hunter2203"
setx DB_PASSWORD hunter2204 /M
ENV DB_PASSWORD hunter2205
login=app:hunter2206
curl -uapp:hunter2207 https://x
rabbitmqctl add_user app hunter2208
htpasswd -b users app hunter2209
echo hunter2210 | docker login -u app --password-stdin
chpasswd <<< app:hunter2211
"##,
    );
    insta::assert_snapshot!(shown, @r#"
    AUTH [redacted:password]
    redis> AUTH default [redacted:password]
    1700000000.1 [0 127.0.0.1:5] "AUTH" "[redacted:password]"
    setx DB_PASSWORD [redacted:password] /M
    ENV DB_PASSWORD [redacted:password]
    login=app:[redacted:password]
    curl -uapp:[redacted:password] https://x
    rabbitmqctl add_user app [redacted:password]
    htpasswd -b users app [redacted:password]
    echo [redacted:password] | docker login -u app --password-stdin
    chpasswd <<< app:[redacted:password]
    "#);
}

#[test]
fn kubernetes_secrets_in_one_line_are_masked() {
    let shown = masked("kind: \"Secret\"\ndata: {first: aHVudGVyMjIyMg==, second: c3VtbWVy}\n");
    insta::assert_snapshot!(shown, @r#"
    kind: "Secret"
    data: {[redacted:kubernetes-secret]}
    "#);
}

#[test]
fn columns_shares_and_codes() {
    for (text, safe) in [
        ("user,password,role\napp,hunter2222,x\n", "user,password,role\napp,[redacted:password],x\n"),
        ("\"user\";\"api_key\"\n\"app\";\"k9PqLm2zX7q\"", "\"user\";\"api_key\"\n\"app\";\"[redacted:api-key]\""),
        (r"net use z: \\host\share hunter2222 /user:app", r"net use z: \\host\share [redacted:password] /user:app"),
        ("mc alias set m https://x app hunter2222", "mc alias set m https://x app [redacted:password]"),
        ("docker run --rm mysql mysql -phunter2222", "docker run --rm mysql mysql -p[redacted:password]"),
        (
            "{\"code\": \"4/0AX4XfWhjyWy4AZj5OapM\", \"grant_type\": \"authorization_code\"}",
            "{\"code\": \"[redacted:token]\", \"grant_type\": \"authorization_code\"}",
        ),
    ] {
        assert_eq!(masked(text), safe);
        assert_eq!(masked(safe), safe);
    }
    for text in [
        "user,token_count,role\nbob,12,x\n",
        "name,password\nno table follows\n",
        r"net use z: \\host\share /user:app",
        "{\"code\": \"PAYMENT_REQUIRED_INVALID_1\", \"message\": \"no\"}",
    ] {
        assert_eq!(masked(text), text);
    }
}
