#!/usr/bin/env python3
"""Renders the Helm chart and the kustomizations in every way that is told apart, and judges them.

Usage: manifests.py TOOLS BINARY FOLDER, with what install-kubernetes-tools installed, the program whose
configuration is rendered, and where the rendered manifests are to be left.
"""

import copy
import ipaddress
import os
import pathlib
import re
import shlex
import subprocess
import sys

import jsonschema
import kubernetes_validate
import yaml
from cloudcoil.models.prometheus_operator import v1 as operator

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHART = ROOT / "deploy/helm/origin-probe"
KUSTOMIZE = ROOT / "deploy/kustomize"
VERSIONS = ["1.35", "1.36", "1.37"]
OPERATORS = {kind: getattr(operator, kind) for kind in ["ServiceMonitor", "PrometheusRule", "Probe"]}
RESTRICTED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
# What a chart says of itself, and kustomize does not.
CHARTS_OWN = {"helm.sh/chart", "app.kubernetes.io/managed-by"}

tools, binary, folder = (pathlib.Path(argument) for argument in sys.argv[1:])
failures = []


def expect(holds, what):
    if not holds:
        failures.append(what)


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def helm(*arguments):
    return run(tools / "bin/helm", "template", "origin-probe", CHART, "--namespace", "monitoring",
               "--kube-version", VERSIONS[-1], *arguments)


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


def rendered(name, process):
    """The documents that were rendered, kept in the folder; nothing, and a failure, if they were not."""
    if process.returncode != 0:
        failures.append(f"{name}: {process.stderr.strip()}")
        return []
    (folder / f"{name}.yaml").write_text(process.stdout)
    return documents(process.stdout)


def closed(schema):
    """The schema with unknown fields refused, wherever it names any."""
    if isinstance(schema, dict):
        schema = {key: closed(value) for key, value in schema.items()}
        if "properties" in schema and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    elif isinstance(schema, list):
        schema = [closed(value) for value in schema]
    return schema


SCHEMAS = {kind: closed(model.model_json_schema(by_alias=True)) for kind, model in OPERATORS.items()}


def faults(document):
    """Why Kubernetes or the operator would refuse a manifest."""
    kind = document["kind"]
    if kind in SCHEMAS:
        errors = jsonschema.Draft202012Validator(SCHEMAS[kind]).iter_errors(document)
        return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in errors]
    found = []
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
            found.append(f"{version}: {getattr(error, 'message', error)}")
    return found


def judge(name, manifests):
    seen = set()
    for document in manifests:
        identity = (document["kind"], document["metadata"].get("namespace"), document["metadata"]["name"])
        expect(identity not in seen, f"{name}: {identity} is there twice")
        seen.add(identity)
        for fault in faults(document):
            failures.append(f"{name}: {document['kind']}: {fault}")
        if document["kind"] in ("Deployment", "StatefulSet"):
            restricted(name, document["spec"]["template"]["spec"])


def restricted(name, pod):
    """The restricted profile of Kubernetes' Pod Security Standards, as far as a pod names it."""
    own = [c for c in pod["containers"] if c["name"] == "origin-probe"]
    context = pod["securityContext"]
    user = None if name == "openshift" else 65532
    expect(context["runAsNonRoot"] and context.get("runAsUser") == user
           and context["seccompProfile"] == {"type": "RuntimeDefault"}
           and len(own) == 1, f"{name}: the pod is not restricted")
    for container in own:
        context = container["securityContext"]
        expect(context.items() >= RESTRICTED.items(), f"{name}: {container['name']} is not restricted")
    expect(pod["automountServiceAccountToken"] is False, f"{name}: a token is mounted")


def admits(policy, protocol, address, port):
    """Whether the policy lets a pod send to this address and port."""
    address = ipaddress.ip_address(address)
    for rule in policy["spec"]["egress"]:
        ports = rule.get("ports")
        if ports and not any(p.get("protocol", "TCP") == protocol and p.get("port", port) == port for p in ports):
            continue
        blocks = [peer["ipBlock"] for peer in rule.get("to", [])]
        within = lambda cidr: address in ipaddress.ip_network(cidr)
        if not blocks or any(within(b["cidr"]) and not any(map(within, b.get("except", []))) for b in blocks):
            return True
    return False


def egress(name, manifests, pod_identity=True):
    """What a policy must let through, and what it must not."""
    policy = next(d for d in manifests if d["kind"] == "NetworkPolicy")
    for protocol, address, port, wanted in [
        ("TCP", "203.0.113.7", 8443, True), ("TCP", "2001:db8::7", 8443, True),
        ("TCP", "203.0.113.7", 443, True), ("TCP", "10.1.2.3", 1024, True),
        ("UDP", "203.0.113.7", 8443, False), ("UDP", "203.0.113.7", 53, True),
        ("TCP", "169.254.20.10", 53, True), ("UDP", "fd00:ec2::253", 53, True),
        ("TCP", "169.254.169.254", 80, False), ("TCP", "fd00:ec2::254", 80, False),
        ("TCP", "169.254.1.1", 8443, False), ("TCP", "fe80::1", 8443, False),
        ("TCP", "100.100.100.200", 80, False), ("TCP", "fd20:ce::254", 80, False),
        ("TCP", "169.254.170.23", 80, pod_identity), ("TCP", "fd00:ec2::23", 80, pod_identity),
        ("TCP", "169.254.170.23", 443, False), ("TCP", "fd00:ec2::23", 443, False),
    ]:
        expect(admits(policy, protocol, address, port) == wanted,
               f"{name}: egress to {protocol} {address} port {port} must be {'open' if wanted else 'closed'}")


def checked(name, manifests):
    """Whether the daemon takes each configuration that is rendered."""
    for document in manifests:
        data = document.get("data") or document.get("stringData") or {}
        if document["kind"] not in ("ConfigMap", "Secret") or "origin-probe.yaml" not in data:
            continue
        place = folder / f"{name}.config"
        place.mkdir(exist_ok=True)
        for file, text in data.items():
            (place / file).write_text(text)
        process = run(binary, "serve", "--check-config", "--config", place / "origin-probe.yaml")
        expect(process.returncode == 0, f"{name}: {process.stderr.strip()}")


def neutral(manifests):
    """Manifests as the chart and kustomize must agree on them."""
    result = {}
    for document in copy.deepcopy(manifests):
        document["metadata"].pop("namespace", None)
        metas = [document["metadata"]]
        if "template" in document.get("spec", {}):
            metas.append(document["spec"]["template"]["metadata"])
        for meta in metas:
            meta["labels"] = {k: v for k, v in meta["labels"].items() if k not in CHARTS_OWN}
        if document["kind"] == "ConfigMap":
            document["data"] = {k: yaml.safe_load(v) for k, v in document["data"].items()}
        result[document["kind"], document["metadata"]["name"]] = document
    return result


def differences(one, other, where=""):
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}, key=str):
            yield from differences(one.get(key), other.get(key), f"{where}/{key}")
    elif one != other:
        yield f"{where}: {one!r} in the chart, {other!r} in kustomize"


def kustomized(name, overlay, monitored):
    """What a user's own kustomization over an overlay gives."""
    own = folder / f"{name}.kustomize"
    own.mkdir(exist_ok=True)
    there = os.path.relpath(KUSTOMIZE, own)
    text = {"namespace": "monitoring", "resources": [f"{there}/overlays/{overlay}"]}
    if monitored:
        text["components"] = [f"{there}/components/monitoring"]
    (own / "kustomization.yaml").write_text(yaml.safe_dump(text))
    return rendered(name, run(tools / "bin/kubectl", "kustomize", own))


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
        checked(f"documented-helm-{number}", manifests)
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
    checked("documented-kustomize", manifests)
    expect(any("mine.example.com" in str(d.get("data")) for d in manifests), "the user's configuration is not taken")
    monitors = [d for d in manifests if d["kind"] in OPERATORS]
    expect(len(monitors) == 2 and all(d["metadata"]["labels"]["release"] for d in monitors), "no label to select by")

    (command,) = re.findall(r"^(helm install .*?)^```$", (ROOT / "README.md").read_text(), re.S | re.M)
    words = shlex.split(command.replace("\\\n", " "))
    sets = [word for flag, value in zip(words, words[1:]) if flag == "--set" for word in (flag, value)]
    manifests = rendered("documented-command", helm(*sets))
    judge("documented-command", manifests)
    checked("documented-command", manifests)
    expect({d["kind"] for d in manifests} >= set(OPERATORS) - {"Probe"}, "README.md: helm install leaves out monitors")


def leaves(values, path=()):
    """Every value that can be set; what is an object for Kubernetes' own fields is one of them."""
    for key, value in values.items():
        if isinstance(value, dict) and value and path + (key,) not in OPAQUE:
            yield from leaves(value, path + (key,))
        else:
            yield path + (key,)


OPAQUE = {(key,) for key in ["strategy", "updateStrategy", "livenessProbe", "readinessProbe", "resources",
                             "podSecurityContext", "securityContext"]}


def is_set(values, path):
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def main():
    cases = {path.name.removesuffix("-values.yaml"): path for path in sorted((CHART / "ci").glob("*-values.yaml"))}
    for name, path in cases.items():
        manifests = rendered(f"helm-{name}", helm("--values", path))
        judge(name, manifests)
        checked(name, manifests)
        if any(d["kind"] == "NetworkPolicy" for d in manifests) and name not in ("restricted-egress", "every-toggle"):
            egress(name, manifests)
    every = [yaml.safe_load(path.read_text()) for path in cases.values()]
    for path in leaves(yaml.safe_load((CHART / "values.yaml").read_text())):
        expect(any(is_set(values, path) for values in every),
               f"values.yaml: no case of ci/ sets {'.'.join(path)}")

    egress("an origin at 8443", rendered("helm-8443", helm(
        "--values", cases["default"], "--set", "config.origins[0].https_port=8443")))
    monitoring = ["--set", "serviceMonitor.enabled=true,prometheusRule.enabled=true,grafanaDashboard.enabled=true"]
    for overlay, case in [("single", "default"), ("sharded", "sharded")]:
        for monitored in (False, True):
            name = f"kustomize-{overlay}{'-monitored' if monitored else ''}"
            ours = kustomized(name, overlay, monitored)
            judge(name, ours)
            checked(name, ours)
            egress(name, ours)
            chart = documents(helm("--values", cases[case], *(monitoring if monitored else [])).stdout)
            failures.extend(f"{name}: {d}" for d in differences(neutral(chart), neutral(ours)))

    documented()

    # What must not be rendered, each with a word of why.
    for arguments, word in [
        ([], "Nothing is to be watched yet"),
        (["--set", "config.origins[0].id=a"], "domain is required"),
        (["--set", "replica=2"], "replica"),
        (["--set", "config.origin[0].id=a"], "origin"),
        (["--set", "configExistingSecretName=a,configExistingConfigMapName=b"], "not"),
        (["--values", cases["default"], "--set", "containerPort=9000"], "config.web.listen"),
        (["--values", cases["default"], "--set", "shards=3,replicas=2"], "replicas"),
        (["--values", cases["default"], "--set", "probe.enabled=true"], "config.probe_endpoint"),
        (["--values", cases["default"], "--set", "ingress.enabled=true"], "ingress.hosts"),
        (["--values", cases["existing-secret"], "--set", "probe.targets=null"], "probe.targets"),
        (["--values", cases["default"], "--set", "serviceMonitor.interval=often"], "interval"),
    ]:
        process = helm(*arguments)
        expect(process.returncode != 0 and word in process.stderr, f"helm {arguments}: not refused for {word!r}")

    # The judges themselves: a slip of the pen must not pass.
    default = documents(helm("--values", cases["monitored"]).stdout)
    for kind, spoil in [("Deployment", lambda d: d["spec"].update(replicaz=1)),
                        ("ServiceMonitor", lambda d: d["spec"]["endpoints"][0].update(intervall="30s")),
                        ("ServiceMonitor", lambda d: d["spec"]["endpoints"][0].update(interval="often")),
                        ("PrometheusRule", lambda d: d["spec"]["groups"][0]["rules"][0].pop("expr"))]:
        spoiled = copy.deepcopy(next(d for d in default if d["kind"] == kind))
        spoil(spoiled)
        expect(faults(spoiled), f"a spoiled {kind} was not refused")

    for failure in failures:
        print(f"manifests: {failure}", file=sys.stderr)
    print(f"{len(list(folder.glob('*.yaml')))} renderings, {len(failures)} faults")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
