//! `check --distribution-config` as a user meets it, with real servers behind the distributions.

mod documents;
mod impact;
mod origins;
mod remedies;

use serde_json::Value;

use crate::common::stage::{DemoStage, behavior, distribution, now};

async fn stage(name: &str) -> DemoStage {
    DemoStage::new(&format!("distributions-{name}"), now()).await
}

/// Returns a distribution that sends every request to one origin of the demo, by https only.
fn shop(stage: &DemoStage, scenario: &str, cache: &str, origin_request: &str) -> Value {
    let origin = stage.origin(scenario, "https-only");
    distribution(&[origin], behavior(scenario, cache, origin_request))
}
