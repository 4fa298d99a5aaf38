"""Judges manifests: their schemas, what the API server refuses beyond them, and the policies of this project."""

import functools
import json
import re

import jsonschema
import kubernetes_validate
import yaml
from cloudcoil.models.prometheus_operator import v1 as operator
from kubernetes_validate import utils

VERSIONS = ["1.35", "1.36", "1.37"]
OPERATORS = {kind: getattr(operator, kind) for kind in ["ServiceMonitor", "PrometheusRule", "Probe"]}
WORKLOADS = ("Deployment", "StatefulSet")
RESTRICTED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
# These keep each mesh's webhook, or its program on the node, from a pod.
NO_MESH = [("labels", "sidecar.istio.io/inject", "false"), ("labels", "istio.io/dataplane-mode", "none"),
           ("labels", "kuma.io/sidecar-injection", "disabled"), ("annotations", "sidecar.istio.io/inject", "false"),
           ("annotations", "linkerd.io/inject", "disabled"),
           ("annotations", "consul.hashicorp.com/connect-inject", "false")]
SERVICE_NAME, NAME = r"[a-z]([-a-z0-9]*[a-z0-9])?", r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?"
LABEL = r"(?=.{0,63}$)(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
# kubectl apply stores the object in an annotation; all annotations together have this limit in bytes.
APPLIED = 262144
# The packets that network policies let out; `tests/deploy.rs` judges the networks that are excepted.
DNS = ["UDP/53 TCP/53 to anything", "UDP/5353 TCP/5353 to openshift-dns"]
AGENT, METADATA = "TCP/80 to 169.254.170.23/32 fd00:ec2::23/128", "TCP/80 to 169.254.169.254/32 fd00:ec2::254/128"
EGRESS = [*DNS, "TCP/any to pods 0.0.0.0/0-4 ::/0-5", AGENT]
OTHER_EGRESS = {"restricted-egress": [*DNS, "TCP/any to 0.0.0.0/0 ::/0"],
                "every-toggle": [*EGRESS, METADATA, "UDP/443 to anything"]}

# Read once, not for every object.
utils.schema_contents = functools.cache(utils.schema_contents)


class Strict(yaml.CSafeLoader):
    """YAML as Flux and the API server read it: a repeated key is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        if len(keys) > len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a repeated key", node.start_mark)
        return super().construct_mapping(node, deep)


def documents(text):
    return [document for document in yaml.load_all(text, Strict) if document]


def closed(schema):
    """The schema with unknown fields refused, wherever it names any."""
    names = lambda part: "properties" in part and part.get("type") == "object"
    close = lambda part: {"additionalProperties": False, **part} if names(part) else part
    return json.loads(json.dumps(schema), object_hook=close)


SCHEMAS = {kind: jsonschema.Draft202012Validator(closed(model.model_json_schema(by_alias=True)))
           for kind, model in OPERATORS.items()}


def broken(*facts):
    """The texts of the facts that do not hold."""
    return [text for holds, text in facts if not holds]


@functools.cache
def faults(text):
    """Why Kubernetes or the operator would refuse manifests; each is judged once however often it is rendered."""
    if "\n---\n" in text:
        return [fault for part in text.split("\n---\n") for fault in faults(part)]
    return [f"{document['kind']}: {fault}" for document in documents(text) for fault in refusals(document)]


def refusals(document):
    kind, meta, spec = document["kind"], document["metadata"], document.get("spec", {})
    yield from of_server(kind, meta, spec, len(str(document)))
    if kind in SCHEMAS:
        for error in SCHEMAS[kind].iter_errors(document):
            yield f"{'/'.join(map(str, error.path))}: {error.message[:200]}"
        return
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
            yield f"{version}: {getattr(error, 'message', error)}"


def of_server(kind, meta, spec, length):
    """What the API server refuses although the types are right."""
    pod, strategy = spec.get("template", {}).get("metadata", {}), spec.get("strategy", {})
    labels = [*meta.get("labels", {}).values(), *pod.get("labels", {}).values()]
    texts = [*meta.get("labels", {}).values(), *meta.get("annotations", {}).values()]
    rolling = strategy.get("rollingUpdate") or {}
    pace = [int(str(rolling.get(key, 1)).strip("%")) for key in ("maxSurge", "maxUnavailable")]
    return broken(
        (re.fullmatch(SERVICE_NAME if kind == "Service" else NAME, str(meta["name"])) and len(meta["name"]) <= 63,
         f"{meta['name']!r} is not a valid name"),
        (all(re.fullmatch(LABEL, str(value)) for value in labels), f"not valid labels: {labels}"),
        (length <= APPLIED, "too long for kubectl apply"),
        # The schemas of Kubernetes' own objects contain this.
        (kind not in SCHEMAS or all(isinstance(text, str) for text in texts), f"not strings: {texts}"),
        (not {"minAvailable", "maxUnavailable"} <= spec.keys(), "minAvailable excludes maxUnavailable"),
        (strategy.get("type") != "Recreate" or not rolling, "Recreate excludes rollingUpdate"),
        (any(pace), "maxSurge and maxUnavailable are both 0"),
        (kind not in WORKLOADS or spec["selector"]["matchLabels"].items() <= pod["labels"].items(),
         "selects pods other than its own"))


def policies(manifests, name, outside):
    """Which policies the manifests of one installation break. Somebody else makes what is `outside`."""
    of = lambda *kinds: [d for d in manifests if d["kind"] in kinds]
    (workload,) = of(*WORKLOADS)
    spec, space = workload["spec"], workload["metadata"].get("namespace")
    pod, labels = spec["template"]["spec"], spec["template"]["metadata"]["labels"]
    (own,) = [c for c in pod["containers"] if c["name"] == "origin-probe"]
    context, limits, requests = pod["securityContext"], own["resources"]["limits"], own["resources"]["requests"]
    is_openshift = name == "openshift"
    # The restricted profile of Kubernetes' Pod Security Standards, and what auditors ask for beyond it.
    yield from broken(
        (context["runAsNonRoot"] and context.get("runAsUser") == (None if is_openshift else 65532)
         and context["seccompProfile"] == {"type": "RuntimeDefault"}, "the pod is not restricted"),
        (own["securityContext"].items() >= RESTRICTED.items() and not own["securityContext"].get("privileged"),
         "the container is not restricted"),
        (pod["automountServiceAccountToken"] is is_openshift, "mounting of the service account's token"),
        (not any(pod.get(key) for key in ("hostPID", "hostIPC", "hostNetwork")), "a namespace of the host"),
        (not any("hostPath" in volume for volume in pod["volumes"]), "a path of the host"),
        (not any("hostPort" in port for port in own["ports"]), "a port of the host"),
        (not re.search("secretKeyRef|secretRef", str([own.get("env"), own.get("envFrom")])), "a secret as a variable"),
        ({"cpu", "memory"} <= requests.keys() and "memory" in limits, "no requests, or no limit of memory"),
        (own.get("livenessProbe") and own.get("readinessProbe"), "no liveness or readiness probe"),
        (re.search(r":(?!latest$)[\w.-]+$", own["image"]), f"the image {own['image']} has no version"),
        (of("NetworkPolicy") or name == "bare", "no NetworkPolicy"),
        (not any("snippet" in key for one in of("Ingress") for key in one["metadata"].get("annotations", {})),
         "an Ingress with a snippet of NGINX"),
        (all(d["metadata"].get("namespace") not in (None, "default") for d in manifests), "no namespace, or default"),
        (("ServiceAccount", "default") not in [(d["kind"], d["metadata"]["name"]) for d in manifests],
         "the default service account"))
    if name in ("default", "sharded") or name.startswith("kustomize"):
        get = own.get("readinessProbe", {}).get("httpGet", {})
        yield from broken(
            (workload["kind"] == "Deployment" or spec.get("podManagementPolicy") == "Parallel",
             "a shard waits for another shard that is not ready"),
            (workload["kind"] == "StatefulSet"
             or spec["strategy"].get("rollingUpdate") == {"maxSurge": 1, "maxUnavailable": 0},
             "the old pod ends before the new one is ready"),
            (get.get("path") == "/-/ready", "a pod counts as ready before its first round"),
            ("memory" in limits and "cpu" not in limits, "memory must have a limit, CPU must not"))
    meta = spec["template"]["metadata"]
    meshes = [row for row in NO_MESH if meta[row[0]].get(row[1]) != row[2]]
    yield from broken((meshes == (NO_MESH if name == "bare" else []), f"a service mesh gets in: {meshes}"))
    # How the manifests refer to each other.
    selects = lambda selector: selector.get("matchLabels", selector).items() <= labels.items()
    services = [s for s in of("Service") if s["spec"].get("clusterIP") != "None"]
    ports = {port["name"] for port in own["ports"]}
    for one in of("Service", "PodDisruptionBudget", "NetworkPolicy"):
        yield from broken(
            (selects(one["spec"].get("podSelector", one["spec"].get("selector"))), f"{one['kind']} selects no pod"),
            (one["metadata"].get("namespace") == space, f"{one['kind']} is not in the namespace of the pods"),
            ({port.get("targetPort", "http") for port in one["spec"].get("ports", [])} <= ports,
             f"{one['kind']} leads to a port that the pod does not have"))
    made = {(d["kind"], d["metadata"]["name"]) for d in manifests}
    (config,) = [volume for volume in pod["volumes"] if volume["name"] == "config"]
    source = (("Secret", config["secret"]["secretName"]) if "secret" in config
              else ("ConfigMap", config["configMap"]["name"]))
    yield from broken(
        (all(selects(each["labelSelector"]) for each in pod.get("topologySpreadConstraints", [])),
         "spreads pods other than its own"),
        ((source in made) != (source[1] in outside), f"{source} is mounted and not made"),
        (not of("ServiceAccount") or ("ServiceAccount", pod["serviceAccountName"]) in made, "no such account"))
    for spec in [monitor["spec"] for monitor in of("ServiceMonitor")]:
        wanted = spec["selector"]["matchLabels"].items()
        yield from broken(
            ([s for s in of("Service") if wanted <= s["metadata"]["labels"].items()] == services,
             "the ServiceMonitor does not select the Service"),
            (spec.get("namespaceSelector", {}).get("matchNames", [space]) == [space],
             "the ServiceMonitor looks in another namespace"))
    urls = {f"{s['metadata']['name']}.{s['metadata']['namespace']}.svc:{port['port']}"
            for s in services for port in s["spec"]["ports"]}
    yield from broken((all(p["spec"]["prober"]["url"] in urls for p in of("Probe")), "the Probe asks no Service"))


def egress(policy):
    """Each rule of a network policy in the form of EGRESS; a minus precedes the number of excepted networks."""
    for rule in policy["spec"]["egress"]:
        ports = [f"{port['protocol']}/{port.get('port', 'any')}" for port in rule["ports"]]
        to = []
        for peer in rule.get("to", []):
            block, spaces = peer.get("ipBlock", {}), peer.get("namespaceSelector", {}).get("matchLabels", {})
            excepted = f"-{len(block['except'])}" if "except" in block else ""
            to += [block["cidr"] + excepted] if block else [*spaces.values()] or ["pods"]
        yield f"{' '.join(ports)} to {' '.join(to) or 'anything'}"
