"""Starts the daemon as a rendered workload would: its arguments, variables, files and probes, but for the
port, which is a free one of this machine."""

import base64
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import yaml

# What a StatefulSet's controller labels pods with, from Kubernetes 1.28 on.
POD_INDEX = "metadata.labels['apps.kubernetes.io/pod-index']"
# What a workload reads that somebody else makes, by the name of the file.
OUTSIDE = {"origin-probe.yaml": "origins: [{id: mine, domain: mine.example.com}]\nprobe_endpoint:\n"
                                "  enabled: true\n  allow: {names: [origin.example.com]}\n",
           "config.yaml": "origins: [{id: mine, domain: mine.example.com}]\n"}
PATIENCE = 20


def contents(manifests, volume):
    """The files of a mounted ConfigMap or Secret, as they are in the pod; none if it is not rendered."""
    name = volume["secret"]["secretName"] if "secret" in volume else volume["configMap"]["name"]
    kind = "Secret" if "secret" in volume else "ConfigMap"
    for document in manifests:
        if (document["kind"], document["metadata"]["name"]) == (kind, name):
            data = document.get("data", {})
            return {k: base64.b64decode(v).decode() for k, v in data.items()} if kind == "Secret" else data
    return {}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def web(place, key, tls):
    """A web configuration, with a certificate of its own if it is to be TLS."""
    if tls:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=pod", "-days", "1", "-keyout", place / "tls.key", "-out", place / "tls.crt"],
                       check=True, capture_output=True)
        (place / key).write_text("tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n")
    else:
        (place / key).write_text("http_server_config: {headers: {X-Frame-Options: deny}}\n")


def asked(probe, port):
    """Whether a container's probe succeeds, as the kubelet does it; `exec` is left to the caller."""
    if "tcpSocket" in probe:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0
    get = probe["httpGet"]
    scheme = get.get("scheme", "HTTP").lower()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"{scheme}://127.0.0.1:{port}{get['path']}", context=context, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def start(binary, place, manifests):
    """Why the daemon does not do what its workload says."""
    workload = next(d for d in manifests if d["kind"] in ("Deployment", "StatefulSet"))
    pod = workload["spec"]["template"]["spec"]
    container = next(c for c in pod["containers"] if c["name"] == "origin-probe")
    (declared,) = [p["containerPort"] for p in container["ports"]]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    port = free_port()
    places = {}
    for mount in container["volumeMounts"]:
        if mount["name"] not in ("config", "web"):
            continue
        own = places[mount["mountPath"]] = place / mount["name"]
        own.mkdir(parents=True)
        files = contents(manifests, volumes[mount["name"]])
        for file, text in files.items():
            (own / file).write_text(text)

    def moved(argument):
        for there, here in places.items():
            argument = argument.replace(f"{there}/", f"{here}/")
        return argument

    arguments = [moved(argument) for argument in container["args"]]
    for flag, argument in [argument.split("=", 1) for argument in arguments if "=" in argument]:
        path = pathlib.Path(argument)
        if flag == "--web.config.file":
            web(path.parent, path.name, container["readinessProbe"].get("httpGet", {}).get("scheme") == "HTTPS")
        elif flag == "--config" and path.parent not in places.values():
            yield f"nothing is mounted where {argument} is to be"
            return
        elif flag == "--config":
            config = yaml.safe_load(path.read_text() if path.exists() else OUTSIDE[path.name])
            listen = config.setdefault("web", {}).get("listen", "0.0.0.0:10502")
            if listen.rpartition(":")[2] != str(declared):
                yield f"the daemon listens at {listen}, the container at {declared}"
            config["web"]["listen"] = f"127.0.0.1:{port}"
            # Nothing is asked of the internet, nor of Amazon's.
            for account in config.get("discovery", {}).get("cloudfront", []):
                account["endpoint_url"] = "http://127.0.0.1:9"
            path.write_text(yaml.safe_dump(config))
    # As the pod with the number 1 has them.
    fields = {"fieldRef": {"fieldPath": POD_INDEX}}
    variables = {v["name"]: v.get("value", "1" if v.get("valueFrom") == fields else "")
                 for v in container.get("env", [])}
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME")}
    process = subprocess.Popen([binary, *arguments], env={**keep, **variables, "AWS_EC2_METADATA_DISABLED": "true"},
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        for name in ("startupProbe", "livenessProbe"):
            probe = container.get(name)
            if not probe or "exec" in probe:
                probe = {"httpGet": {"path": "/-/healthy"}}
            end = time.monotonic() + PATIENCE
            while not asked(probe, port):
                if process.poll() is not None or time.monotonic() > end:
                    yield f"{name} fails"
                    return
                time.sleep(0.02)
        if container["readinessProbe"].get("httpGet", {}).get("path") not in (None, "/-/ready"):
            yield "the readiness probe does not ask whether the daemon is ready"
        if "ORIGIN_PROBE_SHARDS" in variables:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                text = answer.read().decode()
            for line in ("origin_probe_shard_ordinal 1", f"origin_probe_shards {workload['spec']['replicas']}"):
                if f"\n{line}\n" not in text:
                    yield f"no {line!r}"
        process.send_signal(signal.SIGTERM)
        if process.wait(timeout=pod["terminationGracePeriodSeconds"]) != 0:
            yield f"ends with {process.returncode}"
    finally:
        if process.poll() is None:
            process.kill()
        errors = process.communicate()[1]
        if process.returncode != 0:
            yield errors.strip()[-500:]
