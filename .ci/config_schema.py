#!/usr/bin/env python3
"""The schema of the chart's `config`, made of the configuration reference, which the program writes itself.

Usage: config_schema.py FILE, a values.schema.json whose part is replaced.
"""

import json
import pathlib
import re
import sys

REFERENCE = pathlib.Path(__file__).resolve().parent.parent / "deploy/docs/configuration.md"
TYPES = {
    "boolean": {"type": "boolean"},
    "whole number": {"type": "integer"},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535},
    "length of time": {"type": "string", "pattern": "^([0-9]+(ms|s|m|h|d))+$"},
    "share": {"type": "string", "pattern": "^[0-9]+([.][0-9]+)?%$"},
}


def kind(text, takes, sections, key):
    """The schema of one value, of its type as the reference has it."""
    if text.startswith("list: "):
        return {"type": "array", "items": kind(text.removeprefix("list: "), takes, sections, key)}
    if text == "list of mappings":
        return {"type": "array", "items": section(sections, f"{key}[]")}
    if text == "mapping" and takes == "the keys below":
        return {"type": "object", "additionalProperties": False, "properties": {}}
    if text == "mapping":
        # A number would reach the daemon as Helm writes it, such as 1.2e+11.
        texts = {"type": "array", "items": {"type": "string"}}
        return {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, texts]}}
    if text == "choice":
        choices = re.findall("`([^`]+)`", takes)
        # Helm reads YAML's yes and no as true and false; the template turns them back.
        return {"enum": choices + ([True, False] if {"yes", "no"} <= {*choices} else [])}
    return dict(TYPES.get(text, {"type": "string"}))


def section(sections, name):
    properties, required = {}, []
    for key, text, default, takes in sections[name]:
        *path, last = key.split(".")
        place = properties
        for step in path:
            place = place[step]["properties"]
        place[last] = kind(text, takes, sections, f"{name}.{last}")
        if default == "required":
            required.append(last)
    return {"type": "object", "additionalProperties": False, "properties": properties,
            **({"required": required} if required else {})}


def config():
    text = REFERENCE.read_text().split("\n## Target files\n")[0]
    sections = {}
    for part in re.split(r"^#{2,3} ", text, flags=re.M)[1:]:
        name, _, body = part.partition("\n")
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:5]]
                for line in body.splitlines() if line.startswith("| `")]
        sections[name] = [(key.strip("`"), *rest) for key, *rest in rows]
    properties = {}
    for name in sections:
        if "." not in name and name != "origins[]":
            properties[name] = section(sections, name)
    properties["origins"] = {"type": "array", "items": section(sections, "origins[]")}
    return {"type": "object", "description": "The daemon's configuration file", "additionalProperties": False,
            "properties": properties}


def main():
    path = pathlib.Path(sys.argv[1])
    schema = json.loads(path.read_text())
    schema["properties"]["config"] = config()
    path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
