//! The table of live servers: what stands there, what a distribution says of it, and what is to
//! be found. Two tests share it: what this program says, and what AWS's own TLS library does.
mod compiled;
mod files;
mod host;
mod kit;
mod peer;
pub mod pem;
mod process;
mod products;
mod program;
mod row;
mod rows_addresses;
mod rows_alerts;
mod rows_apache;
mod rows_bad_input;
mod rows_caddy;
mod rows_chains;
mod rows_client_certificates;
mod rows_constraints;
mod rows_dates;
mod rows_envoy;
mod rows_erlang;
mod rows_gnutls;
mod rows_go;
mod rows_groups;
mod rows_haproxy;
mod rows_http_proxies;
mod rows_java;
mod rows_lighttpd;
mod rows_names;
mod rows_nginx;
mod rows_node;
mod rows_offer;
mod rows_order;
mod rows_python;
mod rows_signatures;
mod rows_suites;
mod rows_tls_proxies;
mod rows_trust;
mod rows_versions;
mod stage;
pub mod staple;
mod suitable_client;

pub use process::Absent;
pub use row::{Oracle, Row};
pub use stage::{DOMAIN, Stage, now};
pub use suitable_client::Served;

/// Every row, in the order of its files.
pub fn rows() -> Vec<Row> {
    let products: Vec<Row> = [
        rows_nginx::rows(),
        rows_apache::rows(),
        rows_haproxy::rows(),
        rows_lighttpd::rows(),
        rows_tls_proxies::rows(),
        rows_http_proxies::rows(),
        rows_node::rows(),
        rows_java::rows(),
        rows_go::rows(),
        rows_caddy::rows(),
        rows_envoy::rows(),
        rows_python::rows(),
        rows_erlang::rows(),
        rows_gnutls::rows(),
    ]
    .into_iter()
    .flatten()
    .collect();
    for row in &products {
        let says_nothing_of_aws =
            row.expected.answer == "undecided" && row.oracle == Oracle::Agrees;
        assert!(!says_nothing_of_aws, "{}: what does AWS's library do?", row.name);
    }
    let rows: Vec<Row> = [
        rows_versions::rows(),
        rows_suites::rows(),
        rows_groups::rows(),
        rows_signatures::rows(),
        rows_client_certificates::rows(),
        rows_names::rows(),
        rows_offer::rows(),
        rows_alerts::rows(),
        rows_chains::rows(),
        rows_order::rows(),
        rows_trust::rows(),
        rows_dates::rows(),
        rows_constraints::rows(),
        staple::rows(),
        rows_bad_input::rows(),
        rows_addresses::rows(),
        products,
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows.len(), "two rows have one name");
    match std::env::var("ORIGIN_PROBE_ROWS") {
        Ok(wanted) => rows.into_iter().filter(|row| row.name.contains(&wanted)).collect(),
        Err(_) => rows,
    }
}

/// Tells whether a row that cannot run here is a failure, as it is where every program has been
/// installed.
pub fn are_peers_required() -> bool {
    std::env::var("ORIGIN_PROBE_REQUIRE_PEERS").is_ok_and(|value| value == "1")
}
