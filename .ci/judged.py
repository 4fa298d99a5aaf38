"""What Kubernetes, the operator and the cluster's users would say of manifests: no rendering, judgement only."""

import functools
import ipaddress
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
# What keeps each mesh's webhook, or its program on the node, from a pod.
NO_MESH_LABELS = {"sidecar.istio.io/inject": "false", "istio.io/dataplane-mode": "none",
                  "kuma.io/sidecar-injection": "disabled"}
NO_MESH_ANNOTATIONS = {"sidecar.istio.io/inject": "false", "linkerd.io/inject": "disabled",
                       "consul.hashicorp.com/connect-inject": "false"}
# kubectl apply writes the whole object into an annotation, and all of those may have this many bytes.
APPLIED = 262144

# Read once, not for every object.
utils.schema_contents = functools.cache(utils.schema_contents)


class Strict(yaml.CSafeLoader):
    """YAML as Flux and the API server read it: a key that is there twice is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"{twice} there twice", node.start_mark)
        return super().construct_mapping(node, deep)


def documents(text):
    return [document for document in yaml.load_all(text, Strict) if document]


def closed(schema):
    """The schema with unknown fields refused, wherever it names any."""
    if isinstance(schema, dict):
        schema = {key: closed(value) for key, value in schema.items()}
        if "properties" in schema and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    elif isinstance(schema, list):
        schema = [closed(value) for value in schema]
    return schema


SCHEMAS = {kind: jsonschema.Draft202012Validator(closed(model.model_json_schema(by_alias=True)))
           for kind, model in OPERATORS.items()}


def faults(document):
    """Why Kubernetes or the operator would refuse a manifest."""
    kind = document["kind"]
    found = list(rules(document))
    if kind in SCHEMAS:
        errors = SCHEMAS[kind].iter_errors(document)
        return found + [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in errors]
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
            found.append(f"{version}: {getattr(error, 'message', error)}")
    return found


def rules(document):
    """What the API server refuses although the types are right."""
    kind, meta, spec = document["kind"], document["metadata"], document.get("spec", {})
    name = r"[a-z]([-a-z0-9]*[a-z0-9])?" if kind == "Service" else r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?"
    if not re.fullmatch(name, str(meta["name"])) or len(meta["name"]) > 63:
        yield f"{meta['name']!r} is no name"
    pod = spec.get("template", {}).get("metadata", {})
    for key, value in [*meta.get("labels", {}).items(), *pod.get("labels", {}).items()]:
        if not re.fullmatch(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", str(value)) or len(str(value)) > 63:
            yield f"{value!r} is no value of the label {key}"
    if len(str(document)) > APPLIED:
        yield "too long for kubectl apply"
    if kind in SCHEMAS:
        # The operator's models say this by type; an object of Kubernetes' own has it in its schema.
        for key, value in [*meta.get("labels", {}).items(), *meta.get("annotations", {}).items()]:
            if not isinstance(value, str):
                yield f"{key}: {value!r} is no text"
    if kind == "PodDisruptionBudget" and {"minAvailable", "maxUnavailable"} <= spec.keys():
        yield "minAvailable and maxUnavailable exclude each other"
    strategy = spec.get("strategy", {})
    rolling = strategy.get("rollingUpdate")
    if strategy.get("type") == "Recreate" and rolling:
        yield "rollingUpdate may not be there where the strategy is Recreate"
    if rolling and not int(str(rolling.get("maxSurge", 1)).strip("%")) + \
            int(str(rolling.get("maxUnavailable", 1)).strip("%")):
        yield "maxSurge and maxUnavailable are both 0"
    if kind in WORKLOADS and not spec["selector"]["matchLabels"].items() <= pod["labels"].items():
        yield "selects other pods than its own"


def rolls(workload):
    """Why a rollout would leave origins unwatched for longer than it must."""
    spec = workload["spec"]
    if workload["kind"] == "StatefulSet":
        if spec.get("podManagementPolicy") != "Parallel":
            yield "a shard waits for another one that is not ready"
    elif spec.get("strategy", {}).get("rollingUpdate") != {"maxSurge": 1, "maxUnavailable": 0}:
        yield "the old pod goes before the new one is ready"
    (container,) = [c for c in spec["template"]["spec"]["containers"] if c["name"] == "origin-probe"]
    if container.get("readinessProbe", {}).get("httpGet", {}).get("path") != "/-/ready":
        yield "a pod is taken for ready before its first round"
    if "cpu" in container["resources"]["limits"] or "memory" not in container["resources"]["limits"]:
        yield "memory is to be limited, CPU is not"


def selected(selector, objects):
    return [o for o in objects if selector.items() <= o["metadata"].get("labels", {}).items()]


def wired(manifests, outside=()):
    """What does not fit together among the manifests of one installation. Somebody else makes what is outside."""
    of = lambda *kinds: [d for d in manifests if d["kind"] in kinds]
    pods = [{**d["spec"]["template"], "namespace": d["metadata"].get("namespace")} for d in of(*WORKLOADS)]
    if len(pods) != 1:
        yield f"{len(pods)} workloads"
        return
    (pod,) = pods
    (container,) = [c for c in pod["spec"]["containers"] if c["name"] == "origin-probe"]
    services = [s for s in of("Service") if s["spec"].get("clusterIP") != "None"]
    for one in of("Service", "PodDisruptionBudget", "NetworkPolicy"):
        spec = one["spec"]
        selector = spec.get("podSelector", spec.get("selector"))
        if not selected(selector.get("matchLabels", selector), pods):
            yield f"{one['kind']} {one['metadata']['name']} selects no pod"
        if one["metadata"].get("namespace") != pod["namespace"]:
            yield f"{one['kind']} {one['metadata']['name']} is in another namespace than the pods"
    for spread in pod["spec"].get("topologySpreadConstraints", []):
        if not selected(spread["labelSelector"]["matchLabels"], pods):
            yield "spreads other pods than its own"
    ports = {port["name"] for port in container["ports"]}
    for service in of("Service"):
        if not {port["targetPort"] for port in service["spec"]["ports"]} <= ports:
            yield "a Service leads to a port that the pod has not"
    for monitor in of("ServiceMonitor"):
        spec = monitor["spec"]
        found = selected(spec["selector"]["matchLabels"], of("Service"))
        if found != services:
            yield f"the ServiceMonitor selects {[s['metadata']['name'] for s in found]}"
        space = spec.get("namespaceSelector", {}).get("matchNames", [monitor["metadata"].get("namespace")])
        if space != [pod["namespace"]]:
            yield f"the ServiceMonitor looks in {space}"
    for probe in of("Probe"):
        host, _, port = probe["spec"]["prober"]["url"].partition(":")
        there = {(f"{s['metadata']['name']}.{s['metadata']['namespace']}.svc", str(p["port"]))
                 for s in services for p in s["spec"]["ports"]}
        if (host, port) not in there:
            yield f"the Probe asks {host}:{port}, where no Service is"
    made = {(d["kind"], d["metadata"]["name"]) for d in manifests}
    (config,) = [volume for volume in pod["spec"]["volumes"] if volume["name"] == "config"]
    kind, name = (("Secret", config["secret"]["secretName"]) if "secret" in config
                  else ("ConfigMap", config["configMap"]["name"]))
    if ((kind, name) in made) == (name in outside):
        yield f"the {kind} {name} is mounted and not made"
    account = pod["spec"]["serviceAccountName"]
    if of("ServiceAccount") and ("ServiceAccount", account) not in made:
        yield f"the service account {account} is not made"


def restricted(pod, openshift=False, token=False):
    """The restricted profile of Kubernetes' Pod Security Standards, as far as a pod names it."""
    own = [c for c in pod["containers"] if c["name"] == "origin-probe"]
    context = pod["securityContext"]
    if not (context["runAsNonRoot"] and context.get("runAsUser") == (None if openshift else 65532)
            and context["seccompProfile"] == {"type": "RuntimeDefault"} and len(own) == 1):
        yield "the pod is not restricted"
    for container in own:
        if not container["securityContext"].items() >= RESTRICTED.items():
            yield f"{container['name']} is not restricted"
    if pod["automountServiceAccountToken"] is not token:
        yield f"a token is {'not ' if token else ''}mounted"


def meshed(template):
    """What of the pod lets a service mesh in."""
    meta = template["metadata"]
    for kind, wanted in [("labels", NO_MESH_LABELS), ("annotations", NO_MESH_ANNOTATIONS)]:
        for key, value in wanted.items():
            if meta[kind].get(key) != value:
                yield f"{kind}: {key} is {meta[kind].get(key)}"


def admits(policy, protocol, to, port):
    """Whether the policy lets a pod send there: to an address outside of the cluster, or to a pod of the
    namespace whose name is given. An ipBlock is not for pods: some networks, such as Cilium, never match
    them by it, for others the address decides."""
    try:
        to = ipaddress.ip_address(to)
    except ValueError:
        pass
    for rule in policy["spec"]["egress"]:
        ports = rule.get("ports")
        if ports and not any(p.get("protocol", "TCP") == protocol and p.get("port", port) == port for p in ports):
            continue
        if "to" not in rule or any(holds(peer, to) for peer in rule["to"]):
            return True
    return False


def holds(peer, to):
    if isinstance(to, str):
        labels = peer.get("namespaceSelector", {"matchLabels": {"none": ""}}).get("matchLabels", {})
        return labels.items() <= {"kubernetes.io/metadata.name": to}.items()
    within = lambda cidr: to in ipaddress.ip_network(cidr)
    block = peer.get("ipBlock")
    return bool(block) and within(block["cidr"]) and not any(map(within, block.get("except", [])))


def egress(policy, pods=True, pod_identity=True, instance_metadata=False, exceptions=True):
    """Where a policy must let through and does not, and the other way round."""
    for protocol, to, port, wanted in [
        ("TCP", "203.0.113.7", 8443, True), ("TCP", "2001:db8::7", 8443, True),
        ("TCP", "203.0.113.7", 443, True), ("TCP", "10.1.2.3", 1024, True),
        # An origin behind a load balancer of this very cluster: its packets are sent to pods at once.
        ("TCP", "ingress-nginx", 8443, pods), ("UDP", "ingress-nginx", 8443, False),
        ("UDP", "203.0.113.7", 8443, False), ("UDP", "203.0.113.7", 53, True),
        ("UDP", "kube-system", 53, True), ("TCP", "kube-system", 53, True),
        ("UDP", "169.254.20.10", 53, True), ("TCP", "169.254.20.10", 53, True), ("UDP", "fd00:ec2::253", 53, True),
        # OpenShift's nameservers listen at another port than their Service.
        ("UDP", "openshift-dns", 5353, True), ("TCP", "openshift-dns", 5353, True),
        ("UDP", "somewhere", 5353, False), ("UDP", "203.0.113.7", 5353, False),
        ("TCP", "169.254.169.254", 80, instance_metadata or not exceptions),
        ("TCP", "fd00:ec2::254", 80, instance_metadata or not exceptions),
        ("TCP", "169.254.169.254", 443, not exceptions), ("TCP", "169.254.1.1", 8443, not exceptions),
        ("TCP", "fe80::1", 8443, not exceptions), ("TCP", "100.100.100.200", 80, not exceptions),
        ("TCP", "fd20:ce::254", 80, not exceptions), ("TCP", "fd00:42::42", 80, not exceptions),
        ("TCP", "fd00:a9fe:a9fe::1", 80, not exceptions),
        ("TCP", "169.254.170.23", 80, pod_identity or not exceptions),
        ("TCP", "fd00:ec2::23", 80, pod_identity or not exceptions),
        ("TCP", "169.254.170.23", 443, not exceptions), ("TCP", "fd00:ec2::23", 443, not exceptions),
    ]:
        if admits(policy, protocol, to, port) != wanted:
            yield f"egress to {protocol} {to} port {port} must be {'open' if wanted else 'closed'}"
