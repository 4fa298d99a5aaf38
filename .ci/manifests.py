#!/usr/bin/env python3
"""Renders the Helm chart and the kustomizations in every way that is told apart, and judges them.

Usage: manifests.py TOOLS BINARY FOLDER, with what install-kubernetes-tools installed, the program whose
configuration is rendered, and where the rendered manifests are to be left.
"""

import copy
import json
import os
import re
import shlex
import sys
import textwrap

import yaml

import chart_cases
import judged
import values_tried
from judged import OPERATORS, documents
from kustomizations import differences, kustomized, neutral
from rendering import (CHART, ROOT, egress, expect, failures, faults, folder, helm, judge, rendered, run, start_all,
                       to_start, tools)


def documented():
    """What the documents tell users to write, as they would write it."""
    text = (ROOT / "deploy/README.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.S | re.M)
    values = [block for block in blocks if block.startswith("config:\n")]
    expect(len(values) == 2, "deploy/README.md: two examples of values are expected")
    for number, block in enumerate(values):
        path = folder / f"documented-{number}.values"
        path.write_text(block)
        manifests = rendered(f"documented-helm-{number}", helm("--values", path))
        judge(f"documented-helm-{number}", manifests)
    (block,) = [block for block in blocks if "kind: Kustomization" in block]
    checkout = yaml.safe_load(block)
    (block,) = [block for block in blocks if block.startswith("resources:\n")]
    release = {**checkout, **yaml.safe_load(block)}
    del release["images"]
    (block,) = [block for block in blocks if block.startswith("patches:\n")]
    patches = yaml.safe_load(block)["patches"]
    sharded = {**checkout, "resources": [each.replace("single", "sharded") for each in checkout["resources"]],
               "patches": patches}
    for name, kustomization, wanted in [
        ("documented-kustomize", checkout, "registry.example.com/origin-probe:dev"),
        ("documented-kustomize-sharded", sharded, "registry.example.com/origin-probe:dev"),
        ("documented-kustomize-release", release, "ghcr.io/origin-probe/origin-probe:"),
    ]:
        own = folder / f"{name}.kustomize"
        own.mkdir()
        there = os.path.relpath(ROOT, own)
        text, replaced = re.subn(
            r"(?:\.\./origin-probe|https://github\.com/origin-probe/origin-probe/)/(deploy/[^\s?]+)(?:\?ref=v\S+)?",
            rf"{there}/\1", yaml.safe_dump(kustomization))
        expect(replaced == 2, f"deploy/README.md: {name} does not name two places of the repository")
        (own / "kustomization.yaml").write_text(text)
        (own / "origin-probe.yaml").write_text("origins: [{id: mine, domain: mine.example.com}]\n")
        manifests = rendered(name, run(tools / "bin/kubectl", "kustomize", own))
        judge(name, manifests)
        expect(any("mine.example.com" in str(d.get("data")) for d in manifests), f"{name}: not the user's origins")
        monitors = [d for d in manifests if d["kind"] in OPERATORS]
        expect(len(monitors) == 2 and all(d["metadata"]["labels"]["release"] for d in monitors),
               f"{name}: no label to select by")
        (workload,) = [d for d in manifests if d["kind"] in judged.WORKLOADS]
        (container,) = workload["spec"]["template"]["spec"]["containers"]
        expect(container["image"].startswith(wanted), f"{name}: {container['image']}")
        if name.endswith("sharded"):
            variables = {v["name"]: v.get("value") for v in container["env"]}
            expect(str(workload["spec"]["replicas"]) == variables["ORIGIN_PROBE_SHARDS"] != "3", f"{name}: {variables}")
            (account,) = [d for d in manifests if d["kind"] == "ServiceAccount"]
            expect("eks.amazonaws.com/role-arn" in account["metadata"]["annotations"], f"{name}: IRSA")

    text = (ROOT / "deploy/docs/troubleshooting.md").read_text()
    (block,) = re.findall(r"^  ```yaml\n(  extraManifests:\n.*?)^  ```$", text, re.S | re.M)
    path = folder / "documented-cilium.values"
    path.write_text("config: {origins: [{id: shop, domain: origin.example.com}]}\n" + textwrap.dedent(block))
    manifests = rendered("documented-cilium", helm("--values", path), keep=False)
    pods = [d["spec"]["template"] for d in manifests if d["kind"] == "Deployment"]
    (policy,) = [d for d in manifests if d["kind"] == "CiliumNetworkPolicy"]
    expect(judged.selected(policy["spec"]["endpointSelector"]["matchLabels"], pods) == pods,
           "troubleshooting.md: the policy for Cilium selects no pod")

    # Of a checkout, and of a release with values of one's own, which are judged above.
    commands = re.findall(r"^(helm install (?:.*\\\n)*.*\n)", (ROOT / "README.md").read_text(), re.M)
    expect(len(commands) == 2, "README.md: two ways of helm install are expected")
    words = shlex.split(commands[0].replace("\\\n", " "))
    expect(ROOT / words[3] == CHART, f"README.md: helm install takes {words[3]}")
    sets = [word for flag, value in zip(words, words[1:]) if flag == "--set" for word in (flag, value)]
    manifests = rendered("documented-command", helm(*sets))
    judge("documented-command", manifests)
    expect({d["kind"] for d in manifests} >= set(OPERATORS) - {"Probe"}, "README.md: helm install leaves out monitors")
    images = [c["image"] for d in manifests if d["kind"] == "Deployment" for c in d["spec"]["template"]["spec"]["containers"]]
    expect(images == ["registry.example.com/origin-probe:dev"], f"README.md: helm install takes the image {images}")


def judges(cases):
    """The judges themselves: a slip of the pen must not pass."""
    default = documents(helm("--values", cases["monitored"]).stdout)
    for kind, spoil in [("Deployment", lambda d: d["spec"].update(replicaz=1)),
                        ("Deployment", lambda d: d["spec"]["strategy"].update(type="Recreate")),
                        ("Deployment", lambda d: d["spec"]["template"]["metadata"]["labels"].update({"a": "-"})),
                        ("Service", lambda d: d["metadata"].update(name="1")),
                        ("ServiceMonitor", lambda d: d["spec"]["endpoints"][0].update(intervall="30s")),
                        ("ServiceMonitor", lambda d: d["spec"]["endpoints"][0].update(interval="often")),
                        ("PodDisruptionBudget", lambda d: d["spec"].update(minAvailable=1)),
                        ("PrometheusRule", lambda d: d["spec"]["groups"][0]["rules"][0].pop("expr"))]:
        spoiled = copy.deepcopy(next(d for d in default if d["kind"] == kind))
        spoil(spoiled)
        expect(judged.faults(spoiled), f"a spoiled {kind} was not refused")
        other = [spoiled if d["kind"] == kind else d for d in default]
        expect(list(differences(neutral(default), neutral(other))), f"a spoiled {kind} makes no difference")
    for kind, spoil in [("Service", lambda d: d["spec"]["selector"].update(a="b")),
                        ("ServiceMonitor", lambda d: d["spec"]["selector"]["matchLabels"].update(a="b")),
                        ("ConfigMap", lambda d: d["metadata"].update(name="b")),
                        ("ServiceAccount", lambda d: d["metadata"].update(name="b"))]:
        other = copy.deepcopy(default)
        spoil(next(d for d in other if d["kind"] == kind))
        expect(list(judged.wired(other)), f"a spoiled {kind} fits")
    try:
        documents("a: {b: 1, b: 2}")
        failures.append("a key that is there twice is not refused")
    except yaml.YAMLError:
        pass


def main():
    cases = {path.name.removesuffix("-values.yaml"): path for path in sorted((CHART / "ci").glob("*-values.yaml"))}
    for name, path in cases.items():
        manifests = rendered(f"helm-{name}", helm("--values", path))
        judge(name, manifests)
        how = {"restricted-egress": {"pods": False, "pod_identity": False, "exceptions": False},
               "every-toggle": {"instance_metadata": True}}.get(name, {})
        if any(d["kind"] == "NetworkPolicy" for d in manifests):
            egress(name, manifests, **how)
    chart_cases.names(cases["default"])
    chart_cases.dependency(cases["default"])
    chart_cases.words(cases["default"])
    chart_cases.told(cases)

    egress("an origin at 8443", rendered("helm-8443", helm(
        "--values", cases["default"], "--set", "config.origins[0].https_port=8443")))
    monitoring = ["--set", "serviceMonitor.enabled=true,prometheusRule.enabled=true,grafanaDashboard.enabled=true"]
    for overlay, case in [("single", "default"), ("sharded", "sharded")]:
        for monitored in (False, True):
            name = f"kustomize-{overlay}{'-monitored' if monitored else ''}"
            ours = kustomized(name, overlay, monitored)
            judge(name, ours)
            egress(name, ours)
            chart = documents(helm("--values", cases[case], *(monitoring if monitored else [])).stdout)
            failures.extend(f"{name}: {d}" for d in differences(neutral(chart), neutral(ours)))

    documented()
    chart_cases.commented()
    chart_cases.steady()
    chart_cases.refused(cases)
    judges(cases)
    start_all()
    tried = folder / "tried.values"
    tried.mkdir()
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = json.loads((CHART / "values.schema.json").read_text())
    failures.extend(values_tried.try_each(defaults, cases, helm, tried, faults))

    for failure in failures:
        print(f"manifests: {failure}", file=sys.stderr)
    print(f"{len(list(folder.glob('*.yaml')))} renderings, {len(to_start)} of them and others started, "
          f"{len(list(values_tried.leaves(defaults)))} values tried, {len(failures)} faults")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
