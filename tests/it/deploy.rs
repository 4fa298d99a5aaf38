//! The files of `deploy/` agree, as far as no other program is needed to check that. `.ci/check-manifests` and
//! `.ci/check-alerts` run the programs that read them.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;

use ipnet::IpNet;
use origin_probe::cloudfront::{Reach, reach};
use origin_probe::rules::{Effect, RULES};
use serde_json::Value;

const CHART: &str = "deploy/helm/origin-probe";
const BASE: &str = "deploy/kustomize/base";
const MONITORING: &str = "deploy/kustomize/components/monitoring";

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_chart_and_kustomize_have_the_alerts_and_the_dashboard() {
    let hint = "run deploy/write-copies";
    let alerts = read("deploy/prometheus/alerts.yaml");
    assert!(read(&format!("{CHART}/files/alerts.yaml")) == alerts, "{hint}");
    let dashboard = read("deploy/grafana/origin-probe.json");
    for place in [format!("{CHART}/files"), MONITORING.to_owned()] {
        assert!(read(&format!("{place}/origin-probe.json")) == dashboard, "{place}: {hint}");
    }
    let indented: String = alerts
        .lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") })
        .collect();
    let rule = read(&format!("{MONITORING}/prometheusrule.yaml"));
    let (head, spec) = rule.split_once("spec:\n").unwrap();
    assert!(head.contains("\nkind: PrometheusRule\n"), "{head}");
    assert!(spec == indented, "{hint}");
}

#[test]
fn the_import_form_is_the_dashboard_that_asks_for_its_data_source() {
    let json = |path| serde_json::from_str::<Value>(&read(path)).unwrap();
    let mut dashboard = json("deploy/grafana/origin-probe.json");
    let mut import = json("deploy/grafana/origin-probe-import.json");
    let inputs = import.as_object_mut().unwrap().remove("__inputs").unwrap();
    assert_eq!(inputs[0]["name"], "DS_PROMETHEUS");
    assert_eq!(inputs[0]["pluginId"], "prometheus");
    let required = import.as_object_mut().unwrap().remove("__requires").unwrap();
    let required = required.as_array().unwrap().iter();
    let required: BTreeSet<&str> = required
        .filter(|plugin| plugin["type"] == "panel")
        .map(|panel| panel["id"].as_str().unwrap())
        .collect();
    let mut used: BTreeSet<&str> = dashboard["panels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|panel| panel["type"].as_str().unwrap())
        .collect();
    used.remove("row");
    assert_eq!(required, used);
    for variable in dashboard["templating"]["list"].as_array_mut().unwrap() {
        if variable["type"] == "datasource" {
            variable["current"] = serde_json::json!({
                "selected": false, "text": "Prometheus", "value": "${DS_PROMETHEUS}",
            });
        }
    }
    assert!(import == dashboard, "run deploy/write-copies");
}

/// The parts of a text between `begin` and the next `end`.
fn between<'a>(text: &'a str, begin: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    text.split(begin).skip(1).filter_map(move |rest| Some(rest.split_once(end)?.0))
}

/// The number of minutes in a duration such as `10m`.
fn minutes(duration: &str) -> u32 {
    duration.strip_suffix('m').and_then(|minutes| minutes.parse().ok()).expect(duration)
}

#[test]
fn every_alert_has_its_runbook_and_a_test_of_its_text() {
    let alerts = yaml("deploy/prometheus/alerts.yaml");
    let groups = alerts["groups"].as_array().unwrap().iter();
    let alerts: Vec<&Value> = groups.flat_map(|group| group["rules"].as_array().unwrap()).collect();
    assert!(alerts.len() > 20);
    let files = fs::read_dir("deploy/prometheus/tests").unwrap();
    let tests: String = files.map(|file| read(file.unwrap().path().to_str().unwrap())).collect();
    let mut names = BTreeSet::new();
    for alert in alerts {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let name = text(&alert["alert"]);
        let mut severity = text(&alert["labels"]["severity"]);
        assert!(["critical", "warning"].contains(&severity.as_str()), "{name}: {severity}");
        if alert["labels"]["ticket"] == "true" {
            severity += ", ticket";
        }
        for key in ["summary", "description"] {
            assert!(alert["annotations"][key].is_string(), "{name} has no {key}");
        }
        assert_grouped(&name, alert["expr"].as_str().unwrap());

        let page = format!("deploy/runbooks/{name}.md");
        let url = format!("https://github.com/origin-probe/origin-probe/blob/main/{page}");
        assert_eq!(text(&alert["annotations"]["runbook_url"]), url);
        let runbook = read(&page);
        let lines: Vec<&str> = runbook.lines().take(3).collect();
        assert_eq!(lines[0], format!("# {name}"));
        let (wait, mut keep) = (text(&alert["for"]), text(&alert["keep_firing_for"]));
        // An expression that looks back stays true for that much longer.
        if let Some(back) = looks_back(alert["expr"].as_str().unwrap()) {
            keep = format!("{}m", minutes(&keep) + minutes(back));
        }
        let end = format!("ends {keep} after its cause is gone");
        assert_eq!(lines[2], format!("Severity {severity} · fires after {wait} · {end}"), "{page}");
        for link in between(&runbook, "](", ')').filter(|link| !link.contains('#')) {
            let exists = fs::exists(format!("deploy/runbooks/{link}")).unwrap();
            assert!(link.starts_with("https:") || exists, "{page}: {link}");
        }
        assert!(tests.contains(&format!("alertname: {name}\n")), "no test of the text of {name}");
        names.insert(format!("{name}.md"));
    }
    let pages = fs::read_dir("deploy/runbooks").unwrap();
    let pages: BTreeSet<String> =
        pages.map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(pages, names);
}

/// Replicas and shards raise one alert; the same name in two clusters, namespaces or jobs raises two.
fn assert_grouped(name: &str, expression: &str) {
    assert!(!expression.contains("first_failure"), "{name}: a prediction raises an alert");
    let by: Vec<&str> = between(expression, "by (", ')').collect();
    let groups: Vec<&str> = by.iter().copied().chain(between(expression, "on (", ')')).collect();
    assert!(name == "OriginProbeAbsent" || !groups.is_empty(), "{name}");
    for group in groups {
        let is_of_all = name == "OriginProbeAbsent" && group.is_empty();
        assert!(is_of_all || group.starts_with("cluster, namespace, job"), "{name}: {group}");
    }
    for (prefix, labels) in [
        ("CloudFrontOrigin", "distribution, origin, domain"),
        ("CloudFrontBehavior", "distribution, path_pattern, viewer_protocol"),
    ] {
        let labels = format!("cluster, namespace, job, {labels}");
        let is_whole = by.iter().all(|group| group.starts_with(&labels));
        assert!(!name.starts_with(prefix) || is_whole, "{name}: {by:?}");
    }
}

/// The range of `last_over_time` over a metric of origins or behaviors.
fn looks_back(expression: &str) -> Option<&str> {
    let (_, argument) = expression.split_once("last_over_time(")?;
    let range = argument.trim_start().strip_prefix("cloudfront_")?.split_once('[')?.1;
    Some(range.split_once(']')?.0)
}

#[test]
fn short_blindness_pages_nobody() {
    let alerts = read("deploy/prometheus/alerts.yaml");
    let blind = between(&alerts, "- alert: OriginProbeBlind\n", '#').next().unwrap();
    let kept = between(blind, "keep_firing_for: ", '\n').next().unwrap();
    let routes = read("deploy/prometheus/alertmanager.yaml");
    let route = routes.split_once("[alertname=\"OriginProbeBlind\"]\n").unwrap().1;
    let wait = between(route, "group_wait: ", '\n').next().unwrap();
    assert_eq!(minutes(wait), minutes(kept) + 5);
}

#[test]
fn the_alert_on_failing_origins_and_its_runbook_name_a_remedy_of_every_cause() {
    let alerts = read("deploy/prometheus/alerts.yaml");
    let runbook = read("deploy/runbooks/CloudFrontOriginFailing.md");
    let failing = RULES.iter().filter(|rule| rule.class.effect == Effect::Fails);
    let failing: BTreeSet<&str> = failing.map(|rule| rule.name).collect();
    assert!(failing.len() > 20);
    for rule in &failing {
        assert!(runbook.contains(&format!("`{rule}`")), "the runbook has no remedy for {rule}");
    }
    let remedied: BTreeSet<&str> = between(&alerts, "match \"^", '}')
        .filter_map(|matched| matched.trim_end().strip_suffix("$\" .Labels.rule"))
        .flat_map(|group| group.trim_matches(['(', ')']).split('|'))
        .collect();
    assert!(remedied.is_subset(&failing), "{remedied:?}");
    assert!(remedied.len() >= 29, "{remedied:?}");
    // The others are explained by the command that the alert names.
    assert!(alerts.contains("{{- else }} The command prints the remedy."));
}

#[test]
fn every_package_is_of_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    let chart = yaml(&format!("{CHART}/Chart.yaml"));
    assert_eq!((&chart["version"], &chart["appVersion"]), (&version.into(), &version.into()));
    let deployment = yaml(&format!("{BASE}/deployment.yaml"));
    let image = &deployment["spec"]["template"]["spec"]["containers"][0]["image"];
    assert_eq!(image, &format!("ghcr.io/origin-probe/origin-probe:{version}"));
    for (document, reference) in [
        ("README.md", format!("charts/origin-probe --version {version} ")),
        ("README.md", format!("ghcr.io/origin-probe/origin-probe:{version}\n")),
        ("deploy/README.md", format!("charts/origin-probe --version {version} ")),
        ("deploy/README.md", format!("ghcr.io/origin-probe/origin-probe:{version}\n")),
        ("deploy/README.md", format!("overlays/single?ref=v{version}\n")),
        ("SECURITY.md", format!("refs/tags/v{version}\n")),
    ] {
        assert!(read(document).contains(&reference), "{document} does not name {reference}");
    }
    let label = format!("app.kubernetes.io/version: {version}\n");
    for file in [
        format!("{BASE}/kustomization.yaml"),
        "deploy/kustomize/overlays/sharded/service-shards.yaml".to_owned(),
        format!("{MONITORING}/kustomization.yaml"),
        format!("{MONITORING}/servicemonitor.yaml"),
        format!("{MONITORING}/prometheusrule.yaml"),
        "deploy/write-copies".to_owned(),
    ] {
        assert!(read(&file).contains(&label), "{file} is not of version {version}");
    }
}

#[test]
fn every_value_of_the_chart_has_a_schema_and_no_other() {
    let schema: Value =
        serde_json::from_str(&read(&format!("{CHART}/values.schema.json"))).unwrap();
    fn agree(place: &str, values: &Value, schema: &Value) {
        let Some(properties) = schema.get("properties").filter(|_| values.is_object()) else {
            return;
        };
        assert_eq!(schema["additionalProperties"], false, "{place}");
        for (name, value) in values.as_object().unwrap() {
            let of = properties.get(name).unwrap_or_else(|| panic!("no schema of {place}{name}"));
            agree(&format!("{place}{name}."), value, of);
        }
    }
    let values = yaml(&format!("{CHART}/values.yaml"));
    agree("", &values, &schema);
    // What parent charts give every chart comes on top, `enabled` by their conditions.
    let mut known = keys(&schema["properties"]);
    assert!(known.remove("global") && known.remove("enabled"));
    assert_eq!(known, keys(&values));
}

#[test]
fn every_value_of_the_chart_has_a_comment() {
    let mut has_comment = false;
    for line in read(&format!("{CHART}/values.yaml")).lines() {
        has_comment = line.starts_with('#') || has_comment && !line.is_empty();
        assert!(has_comment || line.is_empty() || line.starts_with(' '), "{line} has no comment");
    }
}

/// Argo CD and others that compare must not find a difference at each rendering.
#[test]
fn the_chart_renders_the_same_each_time() {
    for template in fs::read_dir(format!("{CHART}/templates")).unwrap() {
        let text = read(template.unwrap().path().to_str().unwrap());
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"./_".contains(c));
        let unsteady =
            ["lookup", "rand", "genS", "genCA", "genPrivateKey", "now", "uuidv4", "helm.sh/hook"];
        let found = words.find(|word| unsteady.iter().any(|unsteady| word.starts_with(unsteady)));
        assert_eq!(found, None);
    }
}

#[test]
fn the_charts_configuration_has_the_sections_that_the_daemon_has() {
    let schema: Value =
        serde_json::from_str(&read(&format!("{CHART}/values.schema.json"))).unwrap();
    let config = yaml("config/origin-probe.yaml");
    assert_eq!(keys(&schema["properties"]["config"]["properties"]), keys(&config));
}

#[test]
fn what_pods_get_by_default_is_what_the_sizing_table_says() {
    let sizing = read("deploy/docs/sizing.md");
    let row = sizing.lines().find(|line| line.contains("the chart's and kustomize's default"));
    let cells: Vec<&str> = row.unwrap().split('|').map(str::trim).collect();
    let expected = serde_json::json!({
        "requests": {"cpu": cells[3], "memory": cells[4]},
        "limits": {"memory": cells[5]},
    });
    assert_eq!(yaml(&format!("{CHART}/values.yaml"))["resources"], expected);
    let deployment = yaml(&format!("{BASE}/deployment.yaml"));
    assert_eq!(deployment["spec"]["template"]["spec"]["containers"][0]["resources"], expected);
}

#[test]
fn the_network_policy_and_the_unit_keep_from_where_no_probe_goes() {
    let policy = yaml(&format!("{BASE}/networkpolicy.yaml"));
    let kept: BTreeSet<IpNet> = policy["spec"]["egress"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|rule| rule["to"].as_array())
        .flatten()
        .filter_map(|peer| peer["ipBlock"]["except"].as_array())
        .flatten()
        .map(|cidr| cidr.as_str().unwrap().parse().unwrap())
        .collect();
    let unit = read("deploy/systemd/origin-probe.service");
    let denied = unit.lines().find_map(|line| line.strip_prefix("IPAddressDeny=")).unwrap();
    let network = |text: &str| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let denied: BTreeSet<IpNet> =
        denied.split_ascii_whitespace().map(|text| network(text).unwrap()).collect();
    assert_eq!(kept, denied);

    // Each network is forbidden to probes from its first address to its last, and ends where that does.
    for network in &kept {
        for inside in [network.network(), network.broadcast()] {
            assert!(matches!(reach(inside), Reach::Forbidden(_)), "{inside} of {network}");
        }
        for outside in [before(network.network()), after(network.broadcast())] {
            assert!(!matches!(reach(outside), Reach::Forbidden(_)), "{outside} beside {network}");
        }
    }
    for service in [
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:42::42",
        "fd00:a9fe:a9fe::1",
        "fd20:ce::254",
    ] {
        let service: IpAddr = service.parse().unwrap();
        assert!(kept.iter().any(|network| network.contains(&service)), "{service}");
    }
}

fn before(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4((u32::from(v4) - 1).into()),
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) - 1).into()),
    }
}

fn after(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4((u32::from(v4) + 1).into()),
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) + 1).into()),
    }
}
