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
import config_schema
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
    own = folder / "documented.kustomize"
    own.mkdir()
    there = os.path.relpath(ROOT, own)
    block, replaced = re.subn(r"https://github.com/origin-probe/origin-probe//(\S+)\?ref=v\S+", rf"{there}/\1", block)
    expect(replaced == 2, "deploy/README.md: the kustomization names two places of the repository")
    (own / "kustomization.yaml").write_text(block)
    (own / "origin-probe.yaml").write_text("origins: [{id: mine, domain: mine.example.com}]\n")
    manifests = rendered("documented-kustomize", run(tools / "bin/kubectl", "kustomize", own))
    judge("documented-kustomize", manifests)
    expect(any("mine.example.com" in str(d.get("data")) for d in manifests), "the user's configuration is not taken")
    monitors = [d for d in manifests if d["kind"] in OPERATORS]
    expect(len(monitors) == 2 and all(d["metadata"]["labels"]["release"] for d in monitors), "no label to select by")

    text = (ROOT / "deploy/docs/troubleshooting.md").read_text()
    (block,) = re.findall(r"^  ```yaml\n(  extraManifests:\n.*?)^  ```$", text, re.S | re.M)
    path = folder / "documented-cilium.values"
    path.write_text("config: {origins: [{id: shop, domain: origin.example.com}]}\n" + textwrap.dedent(block))
    manifests = rendered("documented-cilium", helm("--values", path), keep=False)
    pods = [d["spec"]["template"] for d in manifests if d["kind"] == "Deployment"]
    (policy,) = [d for d in manifests if d["kind"] == "CiliumNetworkPolicy"]
    expect(judged.selected(policy["spec"]["endpointSelector"]["matchLabels"], pods) == pods,
           "troubleshooting.md: the policy for Cilium selects no pod")

    (command,) = re.findall(r"^(helm install .*?)^```$", (ROOT / "README.md").read_text(), re.S | re.M)
    words = shlex.split(command.replace("\\\n", " "))
    sets = [word for flag, value in zip(words, words[1:]) if flag == "--set" for word in (flag, value)]
    manifests = rendered("documented-command", helm(*sets))
    judge("documented-command", manifests)
    expect({d["kind"] for d in manifests} >= set(OPERATORS) - {"Probe"}, "README.md: helm install leaves out monitors")


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
    expect(schema["properties"]["config"] == config_schema.config(), "values.schema.json: run .ci/sync-manifests")
    failures.extend(values_tried.try_each(defaults, cases, helm, tried, faults))

    for failure in failures:
        print(f"manifests: {failure}", file=sys.stderr)
    print(f"{len(list(folder.glob('*.yaml')))} renderings, {len(to_start)} of them and others started, "
          f"{len(list(values_tried.leaves(defaults)))} values tried, {len(failures)} faults")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
