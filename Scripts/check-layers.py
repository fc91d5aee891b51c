#!/usr/bin/env python3
"""Fails when a target depends on a higher layer, when edges import each other, or when Core/Domain use I/O."""
import json
import subprocess
import sys

ORDER = ["Core", "Domain", "Edge", "App"]
PURE_PRODUCTS = {"DequeModule", "BasicContainers"}
# Edge targets that another edge target may use: assets, and C shims or system libraries (named C…).
SHARED_EDGES = {"WebConsole"}

package = json.loads(subprocess.check_output(["swift", "package", "describe", "--type", "json"]))
layer = {t["name"]: t["path"].split("/")[1] for t in package["targets"] if t["path"].startswith("Sources/")}
errors = []
for target in package["targets"]:
    name, mine = target["name"], layer.get(target["name"])
    if mine is None:
        continue
    for other in target.get("target_dependencies") or []:
        theirs = layer[other]
        if mine == "Support":
            if theirs not in ("Core", "Support"):
                errors.append(f"{name} (Support) must not depend on {other} ({theirs}): it shares only Core")
        elif theirs == "Support":
            if name != "tributary":
                errors.append(f"{name} ({mine}) must not depend on {other} (Support)")
        elif ORDER.index(theirs) > ORDER.index(mine):
            errors.append(f"{name} ({mine}) must not depend on {other} ({theirs})")
        elif mine == theirs == "Edge" and other not in SHARED_EDGES and not other.startswith("C" + other[1:2].upper()):
            errors.append(f"{name} must not depend on {other}: edges never import each other")
    if mine in ("Core", "Domain"):
        for product in target.get("product_dependencies") or []:
            if product not in PURE_PRODUCTS:
                errors.append(f"{name} ({mine}) must not use {product}")
print("\n".join(errors) or f"layers: {len(layer)} targets, every arrow points down")
sys.exit(bool(errors))
