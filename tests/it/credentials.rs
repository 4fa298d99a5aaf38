//! Where the daemon's credentials come from: each way that AWS's own tools know, against a double
//! of the service that gives them.

use crate::common::api_documents::{distribution_list, filled};
use crate::common::api_double::{Answer, ApiDouble, Request};
use crate::common::process::{Folder, NO_DNS, Process, without_aws};

const REFRESHED: &str =
    "origin_probe_discovery_last_refresh_successful{source=\"cloudfront:shop\"}";

/// Starts a daemon that finds credentials through `environment` only. In its values, `URL` is the
/// double's URL and `FOLDER` the folder.
async fn daemon(
    folder: &Folder,
    double: &ApiDouble,
    account: &str,
    environment: &[(&str, &str)],
) -> Process {
    let (url, here) = (double.url(), folder.join(""));
    let filled = |value: &str| value.replace("URL", &url).replace("FOLDER", here.to_str().unwrap());
    let mut command = folder.serve(&format!(
        "web: {{listen: \"127.0.0.1:0\"}}\n{NO_DNS}\
         discovery: {{cloudfront: [{{name: shop, endpoint_url: '{url}'{account}}}]}}\n"
    ));
    without_aws(&mut command).env("AWS_REGION", "eu-west-1").env("HOME", &here);
    command.envs(environment.iter().map(|(variable, value)| (variable, filled(value))));
    Process::start(command).await
}

/// Returns a double that lists no distribution and leaves everything else to `others`.
async fn double(others: impl Fn(&Request) -> Answer + Send + 'static) -> ApiDouble {
    let empty = distribution_list(&[], None);
    ApiDouble::start(None, move |request| match request.path() {
        "/distribution" => Answer::Xml(empty.clone()),
        _ => others(request),
    })
    .await
}

/// Waits for a refresh that succeeds, and returns what the list was signed with: access key, day,
/// region, service.
async fn signed_with(process: &Process, double: &ApiDouble) -> Vec<String> {
    process.shows(REFRESHED, "1").await;
    let asked = double.asked();
    let list = asked.iter().find(|request| request.path() == "/distribution").unwrap();
    let (_, scope) = list.head.split_once("Credential=").unwrap();
    scope.split(',').next().unwrap().split('/').map(str::to_owned).collect()
}

fn json(text: &str) -> Answer {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json";
    Answer::Raw(format!("{head}\r\ncontent-length: {}\r\n\r\n{text}", text.len()))
}

fn expiring(key: &str) -> Answer {
    json(&filled(include_str!("common/documents/credentials.json"), &[("key", key)]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_accounts_token_is_exchanged_for_a_role() {
    let folder = Folder::new("credentials-irsa");
    folder.write("token", "the.service.account");
    let double = double(|request| {
        assert!(request.body.contains("AssumeRoleWithWebIdentity"), "{request:?}");
        assert!(request.body.contains("WebIdentityToken=the.service.account"), "{request:?}");
        Answer::Xml(filled(include_str!("common/documents/assumed_role.xml"), &[]))
    })
    .await;
    let environment = [
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/origin-probe"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "FOLDER/token"),
        ("AWS_ENDPOINT_URL_STS", "URL"),
    ];
    let process = daemon(&folder, &double, "", &environment).await;
    assert_eq!(signed_with(&process, &double).await[0], "ASIAIRSA");
}

#[tokio::test(flavor = "multi_thread")]
async fn eks_pod_identity_gives_credentials_for_its_token() {
    let folder = Folder::new("credentials-pod-identity");
    folder.write("token", "the.pod");
    let double = double(|request| {
        assert_eq!(request.path(), "/v1/credentials");
        assert!(request.head.to_lowercase().contains("authorization: the.pod\r\n"), "{request:?}");
        expiring("ASIAPOD")
    })
    .await;
    let environment = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "URL/v1/credentials"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "FOLDER/token"),
    ];
    let process = daemon(&folder, &double, "", &environment).await;
    assert_eq!(signed_with(&process, &double).await[0], "ASIAPOD");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instances_metadata_gives_its_roles_credentials() {
    let folder = Folder::new("credentials-imds");
    let double = double(|request| {
        let path = request.path();
        if path == "/latest/api/token" {
            let head = "HTTP/1.1 200 OK\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600";
            return Answer::Raw(format!("{head}\r\ncontent-length: 5\r\n\r\ntoken"));
        }
        assert!(request.head.to_lowercase().contains("x-aws-ec2-metadata-token: token\r\n"));
        let prefix = "/latest/meta-data/iam/security-credentials";
        match path.strip_prefix(prefix).map(|rest| rest.trim_matches('/')) {
            Some("") => Answer::Xml("probe".to_owned()),
            Some("probe") => expiring("ASIAIMDS"),
            _ => Answer::Raw("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned()),
        }
    })
    .await;
    let environment =
        [("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "URL")];
    let process = daemon(&folder, &double, "", &environment).await;
    assert_eq!(signed_with(&process, &double).await[0], "ASIAIMDS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_read_again_when_its_keys_were_refused() {
    let folder = Folder::new("credentials-profile");
    let keys = |key: &str| format!("[ops]\naws_access_key_id = {key}\naws_secret_access_key = s\n");
    folder.write("credentials", keys("AKIAOLD"));
    let empty = distribution_list(&[], None);
    let answer = move |request: &Request| match request.head.contains("Credential=AKIANEW/") {
        true => Answer::Xml(empty.clone()),
        false => Answer::Error(403, "InvalidClientTokenId"),
    };
    let double = ApiDouble::start(None, answer).await;
    let environment = [("AWS_SHARED_CREDENTIALS_FILE", "FOLDER/credentials")];
    let process = daemon(&folder, &double, ", profile: ops", &environment).await;
    process.says("refused-credentials").await;
    folder.write("credentials", keys("AKIANEW"));
    assert_eq!(process.ask("POST", "/-/reload").await.0, 200);
    process.shows(REFRESHED, "1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_gives_credentials_and_what_it_prints_stays_unsaid() {
    let folder = Folder::new("credentials-process");
    folder.write("printed", "{\"Version\": 1, \"SecretAccessKey\": \"unsaid\"");
    let cat = format!("cat '{}'", folder.join("printed").display());
    folder.write("config", format!("[profile ops]\ncredential_process = {cat}\n"));
    let double = double(|request| panic!("{request:?}")).await;
    let environment =
        [("AWS_CONFIG_FILE", "FOLDER/config"), ("PATH", "/usr/bin:/bin"), ("RUST_LOG", "trace")];
    let process = daemon(&folder, &double, ", profile: ops", &environment).await;
    process.shows(REFRESHED, "0").await;
    process.says("no-credentials").await;

    folder.write(
        "printed",
        "{\"Version\": 1, \"AccessKeyId\": \"ASIAPROCESS\", \"SecretAccessKey\": \"unsaid\", \
         \"SessionToken\": \"unsaid\", \"Expiration\": \"2099-01-01T00:00:00Z\"}",
    );
    assert_eq!(process.ask("POST", "/-/reload").await.0, 200);
    assert_eq!(signed_with(&process, &double).await[0], "ASIAPROCESS");
    assert!(!process.log().contains("unsaid"), "{}", process.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_on_gives_credentials_until_it_runs_out() {
    let folder = Folder::new("credentials-sso");
    folder.write("config", include_str!("common/documents/sign_on.ini"));
    let double = double(|request| {
        assert_eq!(request.line.split('?').next(), Some("GET /federation/credentials"));
        assert_eq!(request.query("role_name"), Some("probe"));
        assert!(request.head.to_lowercase().contains("x-amz-sso_bearer_token: signed.on\r\n"));
        let key = r#""accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t""#;
        json(&format!("{{\"roleCredentials\":{{{key},\"expiration\":4070908800000}}}}"))
    })
    .await;
    let environment = [("AWS_CONFIG_FILE", "FOLDER/config"), ("AWS_ENDPOINT_URL_SSO", "URL")];
    let process = daemon(&folder, &double, ", profile: ops", &environment).await;
    process.shows(REFRESHED, "0").await;
    process.says("no-credentials").await;
    process.says("aws sso login").await;

    // As `aws sso login` leaves it: the SHA-1 of the session's name is the file's.
    folder.write(
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        "{\"accessToken\":\"signed.on\",\"expiresAt\":\"2099-01-01T00:00:00Z\",\
         \"region\":\"eu-west-1\",\"startUrl\":\"https://corp.awsapps.example/start\"}",
    );
    assert_eq!(process.ask("POST", "/-/reload").await.0, 200);
    assert_eq!(signed_with(&process, &double).await[0], "ASIASSO");
}

#[tokio::test(flavor = "multi_thread")]
async fn china_is_signed_for_in_its_own_region() {
    let folder = Folder::new("credentials-china");
    let double = double(|request| panic!("{request:?}")).await;
    let environment = [("AWS_ACCESS_KEY_ID", "AKIACHINA"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let account = ", region: cn-northwest-1";
    let process = daemon(&folder, &double, account, &environment).await;
    let signed = signed_with(&process, &double).await;
    assert_eq!(signed[0], "AKIACHINA");
    assert_eq!(signed[2..], ["cn-northwest-1", "cloudfront", "aws4_request"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_cut_off() {
    let folder = Folder::new("credentials-endless");
    let double = ApiDouble::start(None, |_| Answer::Endless).await;
    let environment = [("AWS_ACCESS_KEY_ID", "AKIAKEY"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let process = daemon(&folder, &double, "", &environment).await;
    process.shows("origin_probe_discovery_api_errors_total{reason=\"malformed\"}", "1").await;
    process.shows(REFRESHED, "0").await;
}
