//! Distributions found by the API: how long a whole account takes from the start of the daemon
//! until every origin is scheduled, and what that weighs.
//!
//! This process is the API: a double that lists 500 distributions, a hundred a page, each with 20
//! origins, an alias and Host forwarded. Hardly any origin is probed meanwhile.
//!
//! `cargo bench --bench discovery`
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, unreachable_pub)]

#[path = "../it/common/api_documents.rs"]
mod api_documents;
#[path = "../it/common/api_double.rs"]
mod api_double;
#[path = "../it/common/http.rs"]
mod http;
mod measure;
#[path = "../it/common/process.rs"]
mod process;
#[path = "../it/common/section.rs"]
mod section;

use std::time::{Duration, Instant};

use api_documents::Distribution;
use api_double::{Answer, ApiDouble};
use process::{Folder, Process};

const DISTRIBUTIONS: usize = 500;
const ORIGINS: usize = 20;
const PAGE: usize = 100;

fn main() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let without = run("none", 0).await;
        let with = run("all", DISTRIBUTIONS).await;
        let origins = (DISTRIBUTIONS * ORIGINS) as f64;
        println!("figure discovery_origins {origins} origins");
        println!("figure discovery_time {:.2} s", with.time.as_secs_f64());
        println!("figure discovery_cpu {:.2} s", with.cpu - without.cpu);
        println!("figure discovery_again_time {:.2} s", with.again.as_secs_f64());
        println!("figure discovery_resident {:.1} MiB", with.resident / 1024.0);
        println!("figure discovery_resident_peak {:.1} MiB", with.peak / 1024.0);
        let each = (with.resident - without.resident) / origins;
        println!("figure discovery_resident_per_origin {each:.2} KiB");
    });
}

/// What one daemon took; memory in KiB.
struct Cost {
    /// Until everything was scheduled.
    time: Duration,
    /// A second refresh, of which nothing is new.
    again: Duration,
    cpu: f64,
    resident: f64,
    peak: f64,
}

async fn run(name: &str, distributions: usize) -> Cost {
    let pages: Vec<String> = (0..distributions.div_ceil(PAGE).max(1))
        .map(|page| {
            let ids = (page * PAGE)..((page + 1) * PAGE).min(distributions);
            let summaries: Vec<String> = ids.clone().map(summary).collect();
            let next = (ids.end < distributions).then(|| (page + 1).to_string());
            api_documents::distribution_list(&summaries, next.as_deref())
        })
        .collect();
    let double = ApiDouble::start(None, move |request| {
        let page = request.query("Marker").map_or(0, |marker| marker.parse().unwrap());
        Answer::Xml(pages[page].clone())
    })
    .await;
    let folder = Folder::new(&format!("discovery-{name}"));
    let began = Instant::now();
    let process = Process::start(command(&folder, &double.url())).await;
    let origins = distributions * ORIGINS;
    let refreshes = "origin_probe_discovery_refreshes_total{source=\"cloudfront:bench\"}";
    if origins > 0 {
        // Those that are there at the start are told of at once, the others when they come.
        let found = async {
            loop {
                let log = process.log();
                let at_once = log.contains(&format!(" origins={origins} "));
                if at_once || log.contains(&format!(" added={origins} ")) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), found).await.unwrap();
    }
    let time = began.elapsed();
    let pid = process.pid().as_raw_nonzero().get().cast_unsigned();
    let [resident, peak] = ["VmRSS", "VmHWM"].map(|field| measure::status_of(pid, field));
    let cpu = measure::cpu_of(pid).as_secs_f64();
    let asked = Instant::now();
    assert_eq!(process.ask("POST", "/-/reload").await.0, 200);
    process.shows(refreshes, "2").await;
    let again = asked.elapsed();
    assert_eq!(process.metric("origin_probe_origins").await, Some(origins.to_string()));
    Cost { time, again, cpu, resident, peak }
}

fn command(folder: &Folder, url: &str) -> std::process::Command {
    let yaml = format!(
        "web: {{listen: \"127.0.0.1:0\"}}\nprobe: {{interval: 24h, start_rate: 1}}\n\
         resolver: {{nameservers: [\"127.0.0.1:9\"]}}\n\
         discovery: {{cloudfront: [{{name: bench, endpoint_url: '{url}'}}]}}\n"
    );
    let mut command = folder.serve(&yaml);
    command.env_clear().envs([
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "key"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]);
    command
}

fn summary(number: usize) -> String {
    let origins = (0..ORIGINS).map(|origin| match origin {
        0 => api_documents::origin("app", &format!("app.d{number}.example.com")),
        _ => api_documents::origin(
            &format!("origin-{origin}"),
            &format!("origin-{origin}.d{number}.example.com"),
        ),
    });
    // All of them are used: what no behavior leads to is not probed.
    let others: String = (1..ORIGINS)
        .map(|origin| {
            format!(
                "<CacheBehavior><PathPattern>/{origin}/*</PathPattern>\
                 <TargetOriginId>origin-{origin}</TargetOriginId>\
                 <ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>\
                 <OriginRequestPolicyId>216adef6-5c7f-47e4-b989-5492eafa07d3\
                 </OriginRequestPolicyId></CacheBehavior>"
            )
        })
        .collect();
    let distribution = Distribution {
        aliases: vec![format!("www.d{number}.example.com")],
        ..Distribution::new(format!("E{number}"), origins)
    };
    distribution.summary().replace(
        "<CacheBehaviors><Quantity>0</Quantity></CacheBehaviors>",
        &format!(
            "<CacheBehaviors><Quantity>{}</Quantity><Items>{others}</Items></CacheBehaviors>",
            ORIGINS - 1
        ),
    )
}
