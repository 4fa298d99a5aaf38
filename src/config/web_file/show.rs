//! A web configuration file in use, without its secrets.

use std::fmt::Write;

use crate::config::duration::format_duration;
use crate::config::show::list;
use crate::config::show::quoted;
use crate::config::show::spelling;

use super::Pem;
use super::TlsSettings;
use super::TlsVersion;
use super::WebFile;
use super::tls::CLIENT_POLICIES;
use super::tls::GROUPS;
use super::tls::VERSIONS;

impl WebFile {
    /// Returns what it says as YAML: PEM texts and passwords are `<secret>`.
    pub fn show(&self) -> String {
        let mut text = String::new();
        // Writing to a text cannot fail.
        if let Some(tls) = &self.tls {
            text.push_str(&show_tls(tls));
        }
        if !self.headers.is_empty() {
            text.push_str("http_server_config:\n  headers:\n");
            for (name, value) in &self.headers {
                let _ = writeln!(text, "    {name}: {}", quoted(value));
            }
        }
        if !self.users.is_empty() {
            text.push_str("basic_auth_users:\n");
            for user in self.users.keys() {
                let _ = writeln!(text, "  {}: {SECRET}", quoted(user));
            }
        }
        if let Some(limit) = self.rate_limit {
            let interval = format_duration(limit.interval);
            let _ = writeln!(text, "rate_limit: {{interval: {interval}, burst: {}}}", limit.burst);
        }
        text
    }
}

fn show_tls(tls: &TlsSettings) -> String {
    let version =
        |version: Option<&TlsVersion>| version.map_or("", |version| spelling(&VERSIONS, *version));
    let mut text = String::from("tls_server_config:\n");
    let pems = [("cert", Some(&tls.certificate)), ("key", Some(&tls.key))];
    for (key, pem) in pems.into_iter().chain([("client_ca", tls.client_ca.as_ref())]) {
        let _ = match pem {
            Some(Pem::File(path)) => writeln!(text, "  {key}_file: {}", quoted(path.display())),
            Some(Pem::Inline(_)) => writeln!(text, "  {key}: {SECRET}"),
            None => Ok(()),
        };
    }
    let _ = write!(
        text,
        "  client_auth_type: {}\n  client_allowed_sans: {}\n  min_version: {}\n  \
         max_version: {}\n  cipher_suites: {}\n  curve_preferences: {}\n",
        spelling(&CLIENT_POLICIES, tls.client),
        list(&tls.client_allowed_sans),
        version(tls.versions.first()),
        version(tls.versions.last()),
        list(&tls.cipher_suites),
        list(tls.groups.iter().map(|group| spelling(&GROUPS, *group))),
    );
    text
}

const SECRET: &str = "\"<secret>\"";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::WebFile;

    #[test]
    fn everything_is_shown_but_secrets() {
        let hash = "$2b$10$8A5ATkZ6W3hLktVgDJklk.R1lyZ05./Mg2oxRkbQGvxCX1iLc4b2e";
        let text = format!(
            "tls_server_config: {{cert: C, key: K, client_ca_file: /ca.pem, client_auth_type: \
             RequireAndVerifyClientCert, client_allowed_sans: [a], min_version: TLS13,\n  curve_preferences: [CurveP384, X25519]}}\n\
             http_server_config: {{headers: {{X-Frame-Options: deny}}}}\n\
             basic_auth_users: {{\"b: c\": \"{hash}\"}}\nrate_limit: {{interval: 1s, burst: 4}}\n"
        );
        let web = WebFile::parse(Path::new("web.yaml"), &text).unwrap();
        assert_eq!(
            web.show(),
            "tls_server_config:\n  cert: \"<secret>\"\n  key: \"<secret>\"\n  client_ca_file: \
             \"/ca.pem\"\n  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: \
             [\"a\"]\n  min_version: TLS13\n  max_version: TLS13\n  cipher_suites: []\n  \
             curve_preferences: [\"CurveP384\", \"X25519\"]\nhttp_server_config:\n  headers:\n    X-Frame-Options: \
             \"deny\"\nbasic_auth_users:\n  \"b: c\": \"<secret>\"\nrate_limit: {interval: 1s, \
             burst: 4}\n"
        );
    }
}
