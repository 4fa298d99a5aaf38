"""Starts the daemon as a rendered workload would: with its arguments, variables, files and probes, but on a free
port of this machine."""

import base64
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time
import urllib.request

import yaml

# The label that the controller of a StatefulSet gives pods, from Kubernetes 1.28 on.
POD_INDEX = {"fieldRef": {"fieldPath": "metadata.labels['apps.kubernetes.io/pod-index']"}}
# The configuration if somebody else makes the ConfigMap or Secret.
OUTSIDE = "origins: [{id: mine, domain: mine.example.com}]\n" \
          "probe_endpoint: {enabled: true, allow: {names: [origin.example.com]}}\n"
WEB = {"HTTP": "http_server_config: {headers: {X-Frame-Options: deny}}\n",
       "HTTPS": "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n"}
CERTIFICATE = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=pod -keyout tls.key -out tls.crt".split()
PATIENCE = 20


def contents(manifests, volume):
    """The files of a mounted ConfigMap or Secret; none if it is not rendered."""
    kind, name = (("Secret", volume["secret"]["secretName"]) if "secret" in volume
                  else ("ConfigMap", volume["configMap"]["name"]))
    data = next((d["data"] for d in manifests if (d["kind"], d["metadata"]["name"]) == (kind, name)), {})
    return {k: base64.b64decode(v).decode() for k, v in data.items()} if kind == "Secret" else data


def succeeds(probe, port):
    """Whether a probe succeeds when the kubelet runs it. A probe by `exec` is replaced."""
    if not probe or "exec" in probe:
        probe = {"httpGet": {"path": "/-/healthy"}}
    try:
        if "tcpSocket" in probe:
            return not socket.create_connection(("127.0.0.1", port)).close()
        scheme, path = probe["httpGet"].get("scheme", "HTTP").lower(), probe["httpGet"]["path"]
        url, context = f"{scheme}://127.0.0.1:{port}{path}", ssl._create_unverified_context()
        return urllib.request.urlopen(url, context=context, timeout=5).status == 200
    except OSError:
        return False


def start(binary, place, manifests):
    """Why the daemon does not do what its workload says."""
    (workload,) = [d for d in manifests if d["kind"] in ("Deployment", "StatefulSet")]
    pod = workload["spec"]["template"]["spec"]
    (container,) = [c for c in pod["containers"] if c["name"] == "origin-probe"]
    (declared,) = [port["containerPort"] for port in container["ports"]]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    ready = container["readinessProbe"].get("httpGet", {})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, arguments = listener.getsockname()[1], container["args"]
    for mount in container["volumeMounts"]:
        if mount["name"] in ("config", "web"):
            own = place / mount["name"]
            own.mkdir(parents=True)
            for file, text in contents(manifests, volumes[mount["name"]]).items():
                (own / file).write_text(text)
            arguments = [argument.replace(f"{mount['mountPath']}/", f"{own}/") for argument in arguments]
    given = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    config = pathlib.Path(given["--config"])
    if place not in config.parents:
        yield f"nothing is mounted at {config}"
        return
    settings = yaml.safe_load(config.read_text() if config.exists() else OUTSIDE)
    listen = settings.setdefault("web", {}).get("listen", "0.0.0.0:10502")
    if not listen.endswith(f":{declared}"):
        yield f"the daemon listens at {listen}, which is not the port of the container"
    settings["web"]["listen"] = f"127.0.0.1:{port}"
    # The check sends nothing to the internet.
    for account in settings.get("discovery", {}).get("cloudfront", []):
        account["endpoint_url"] = "http://127.0.0.1:9"
    config.write_text(yaml.safe_dump(settings))
    if "--web.config.file" in given:
        web = pathlib.Path(given["--web.config.file"])
        web.write_text(WEB[ready.get("scheme", "HTTP")])
        subprocess.run(CERTIFICATE, cwd=web.parent, check=True, capture_output=True)
    if ready.get("path") not in (None, "/-/ready"):
        yield "the readiness probe does not ask whether the daemon is ready"
    # The variables of the pod with the number 1.
    variables = {v["name"]: v.get("value", "1" if v.get("valueFrom") == POD_INDEX else "")
                 for v in container.get("env", [])}
    environment = {"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true", **variables}
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([binary, *arguments], env=environment, **pipes)
    try:
        for name in ("startupProbe", "livenessProbe"):
            end = time.monotonic() + PATIENCE
            while not succeeds(container.get(name), port):
                if process.poll() is not None or time.monotonic() > end:
                    yield f"{name} fails"
                    return
                time.sleep(0.02)
        if "ORIGIN_PROBE_SHARDS" in variables:
            text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
            for line in ("origin_probe_shard_ordinal 1", f"origin_probe_shards {workload['spec']['replicas']}"):
                if f"\n{line}\n" not in text:
                    yield f"no {line!r}"
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=pod["terminationGracePeriodSeconds"])
    finally:
        if process.poll() is None:
            process.kill()
        errors = process.communicate()[1]
        if process.returncode != 0:
            yield f"ends with {process.returncode}: {errors.strip()[-500:]}"
