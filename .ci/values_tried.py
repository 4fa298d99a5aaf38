"""Tries every value of the chart by itself: each does something, and each can be taken away."""

import concurrent.futures
import copy

import yaml

# Objects of Kubernetes' own fields, which are set as a whole.
OPAQUE = {(key,) for key in ["strategy", "updateStrategy", "livenessProbe", "readinessProbe", "resources",
                             "podSecurityContext", "securityContext", "nodeSelector"]}


def leaves(values, path=()):
    """Every value that can be set; what is an object for Kubernetes' own fields is one of them."""
    for key, value in values.items():
        if isinstance(value, dict) and value and path + (key,) not in OPAQUE:
            yield from leaves(value, path + (key,))
        else:
            yield path + (key,)


def sections(values, path=()):
    for key, value in values.items():
        if isinstance(value, dict) and value and path + (key,) not in OPAQUE:
            yield path + (key,)
            yield from sections(value, path + (key,))


def is_set(values, path):
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def without(values, path):
    values = copy.deepcopy(values)
    place = values
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return values


def null(path):
    value = None
    for key in reversed(path):
        value = {key: value}
    return value


def try_each(defaults, cases, helm, folder, faults):
    """What is wrong with a value. `helm` renders files of values, `faults` judges a rendering."""

    def render(name, *files):
        path = folder / f"{name}.values"
        path.write_text(yaml.safe_dump(files[-1]))
        return helm(*[f"--values={file}" for file in files[:-1]], f"--values={path}")

    plain = {name: helm(f"--values={path}").stdout for name, path in cases.items()}
    given = {name: yaml.safe_load(path.read_text()) for name, path in cases.items()}

    def does_something(path):
        name = ".".join(path)
        setting = [case for case, values in given.items() if is_set(values, path)]
        if not setting:
            return f"no case of ci/ sets {name}"
        if all(render(f"without-{name}-{case}", without(given[case], path)).stdout == plain[case] for case in setting):
            return f"{name} makes no difference in {', '.join(setting)}"
        return None

    def can_go(path):
        """Null takes a default away. Then the rest holds, or schema or template say what is missing."""
        name = ".".join(path)
        process = render(f"null-{name}", cases["monitored"], null(path))
        if process.returncode != 0:
            said = process.stderr.strip().splitlines()
            # Helm's words for the template's own `fail`, as against a slip in it.
            meant = "execution error at" in process.stderr or f"{path[-1]} is required" in process.stderr
            return None if meant else f"{name}: null fails with {said[:1]}"
        return "; ".join(f"{name}: null: {fault}" for fault in faults(process.stdout)) or None

    paths = list(leaves(defaults))
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        found = [*pool.map(does_something, paths), *pool.map(can_go, [*paths, *sections(defaults)])]
    return [f"values.yaml: {fault}" for fault in found if fault]
