#!/usr/bin/env python3
"""Writes CWebAssets.c: one #embed per file of Web/.

Run it after adding, renaming or removing a file there; changed contents need nothing, the compiler
follows #embed. `make-assets.py --check` says when the listing is stale and exits 1. It also keeps the
list of modules that index.html asks the browser to load ahead, so that the console opens in one round trip.
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
WEB = HERE.parents[2] / "Web"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}


def listing():
    files = sorted(p for p in WEB.rglob("*") if p.is_file() and not p.name.startswith("."))
    unknown = [p for p in files if p.suffix not in TYPES]
    if unknown:
        sys.exit(f"no content type for {unknown[0].relative_to(WEB)}: add its suffix to make-assets.py")
    lines = [
        "// Written by make-assets.py from the files of Web/; do not edit.",
        '#include "CWebAssets.h"',
        "",
    ]
    for n, path in enumerate(files):
        place = path.relative_to(WEB).as_posix()
        lines += [f"static const unsigned char file_{n}[] = {{", f'#embed "../../../Web/{place}"', "};"]
    lines += ["", "static const tributary_web_asset assets[] = {"]
    for n, path in enumerate(files):
        place = path.relative_to(WEB).as_posix()
        lines.append(f'  {{"/{place}", "{TYPES[path.suffix]}", file_{n}, sizeof file_{n}}},')
    lines += [
        "};",
        "",
        "size_t tributary_web_asset_count(void) { return sizeof assets / sizeof assets[0]; }",
        "",
        "const tributary_web_asset *tributary_web_asset_at(size_t index) {",
        "  return index < tributary_web_asset_count() ? &assets[index] : NULL;",
        "}",
        "",
    ]
    return "\n".join(lines)


def index_page():
    page = (WEB / "index.html").read_text(encoding="utf-8")
    modules = sorted(p.relative_to(WEB).as_posix() for p in (WEB / "js").rglob("*.js"))
    preloads = "\n".join(f'  <link rel="modulepreload" href="/{m}">' for m in modules)
    return re.sub(r"(<!-- modules -->\n).*?(\n  <!-- /modules -->)", rf"\1{preloads}\2", page, flags=re.S)


def main():
    wanted = {HERE / "CWebAssets.c": listing(), WEB / "index.html": index_page()}
    stale = [p for p, text in wanted.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is stale: run Sources/Edge/CWebAssets/make-assets.py")
        sys.exit(1 if stale else 0)
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
        print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
