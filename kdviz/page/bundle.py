"""Join the page's modules into one, at load time: no build step and no committed bundle."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
VENDOR = Path(__file__).parent / "vendor"
# What a bare name leads to: the packages' own builds, with their licenses beside them.
PACKAGES = {
    "preact": "preact.mjs",
    "preact/hooks": "hooks.mjs",
    "@preact/signals-core": "signals-core.mjs",
    "@preact/signals": "signals.mjs",
    "htm": "htm.mjs",
    "lean-qr": "lean-qr.mjs",
}

_NAMES = r"\{([\w\s,$]+)\}"
_IMPORT = re.compile(rf'(?:^|(?<=[;}}]))import\s*(?:{_NAMES}|(\w+))\s*from\s*"([^"]+)";', re.M)
_FILE = re.compile(r'^import (\w+) from "([^"]+)" with \{ type: "(text|bytes|json)" \};$', re.M)
_HANDED_ON = re.compile(rf'(?:^|(?<=[;}}]))export\s*{_NAMES}\s*from\s*"([^"]+)";', re.M)
_EXPORTED = re.compile(rf"(?:^|(?<=[;}}]))export\s*{_NAMES};", re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) (\w+))", re.M)
_DEFAULT = re.compile(r"(?:^|(?<=[;}]))export default ", re.M)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.M)
_MAP = re.compile(r"\n?//# sourceMappingURL=.*$")


def join_modules(entry: Path) -> str:
    """Return one ES module that holds `entry` and everything it imports.

    Each module keeps a scope of its own, so that no name leaks from one to another. A module
    writes `import { a, b as c } from "./x.js";` or the name of a package in `PACKAGES`, and
    `export function`, `const` or `class`; the entry's `export default` becomes the module's.
    `import name from "./x" with { type: "bytes" };` embeds a file as a Uint8Array, with
    `type: "json"` what it holds, and with `type: "text"` a module, joined with all that it
    imports, as the text of a script: a worker.

    Raises:
        ValueError: An import names a module or an export that does not exist, modules import
            each other in a circle, or a statement is of another form.
    """
    return join_views(entry, {}, "$.$default")


def join_views(
    entry: Path, views: Mapping[str, Path], default: str, names: Iterable[str] = ()
) -> str:
    """Join a module and, beside it, those of panels, each of which exports its `View`.

    Args:
        entry: The module that is to show them.
        views: By panel, its module.
        default: What the whole exports: an expression in which `$` is the entry, and `panels`
            are the panels' modules by name.
        names: Of its members, those that are exported by their names too.

    Raises:
        ValueError: As `join_modules`, or if a panel's module exports no `View`.
    """
    joined = _Joined()
    handle = joined.add(entry.resolve())
    handles = {name: joined.add(path.resolve()) for name, path in views.items()}
    for name, path in views.items():
        if "View" not in joined.exports[path.resolve()]:
            raise ValueError(f"panel.js of {name} must export View, and does not")
    shown = ", ".join(f"{name}: {each}" for name, each in handles.items())
    last = re.sub(r"\$(?=\.)", lambda _: handle, default)
    given = [f"export const {{ {', '.join(names)} }} = whole;"] if names else []
    ends = [f"const panels = {{ {shown} }};", f"const whole = {last};", "export default whole;\n"]
    return "\n".join([*joined.scopes, *ends[:2], *given, ends[2]])


def join_styles(sheets: Iterable[Path]) -> str:
    """Return style sheets as one text."""
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


class _Joined:
    """The scopes so far, each after those that it imports from."""

    def __init__(self) -> None:
        self.scopes: list[str] = []
        self.handles: dict[Path, str] = {}
        self.exports: dict[Path, list[str]] = {}

    def add(self, file: Path, path: tuple[Path, ...] = ()) -> str:
        """Add a module after the modules that it imports; return what it is called here."""
        if file in path:
            circle = " > ".join(_name(each) for each in (*path, file))
            raise ValueError(f"modules import each other in a circle: {circle}")
        if file in self.handles:
            return self.handles[file]
        if not file.is_file():
            wanted_by = f", imported by {_name(path[-1])}" if path else ""
            raise ValueError(f"there is no module {_name(file)}{wanted_by}")
        text = _read(file)
        text = _FILE.sub(lambda match: self._embed(file, *match.groups()), text)
        for names, default, source in _IMPORT.findall(text):
            wanted = _split(names) + ([("$default", default)] if default else [])
            self._need(file, source, wanted, path)
        for names, source in _HANDED_ON.findall(text):
            self._need(file, source, _split(names), path)
        self.handles[file] = "$" + re.sub(r"\W", "_", _name(file).rpartition(".")[0])
        self.scopes.append(self._scope(file, text))
        return self.handles[file]

    def _need(self, file: Path, source: str, names: list, path: tuple[Path, ...]) -> None:
        target = _resolve(file, source)
        self.add(target, (*path, file))
        missing = [name for name, _ in names if name not in self.exports[target]]
        if missing:
            raise ValueError(
                f"{_name(file)} imports {missing} from {_name(target)}, "
                f"which exports {self.exports[target]}"
            )

    def _embed(self, file: Path, name: str, source: str, kind: str) -> str:
        target = _resolve(file, source)
        if not target.is_file():
            raise ValueError(f"there is no file {_name(target)}, embedded by {_name(file)}")
        if kind == "bytes":
            text = base64.b64encode(target.read_bytes()).decode()
            return f'const {name} = Uint8Array.from(atob("{text}"), (c) => c.charCodeAt(0));'
        if kind == "json":
            return f"const {name} = {_literal(json.loads(_read(target)))};"
        script = _Joined()
        script.add(target)
        return f"const {name} = {_literal(chr(10).join(script.scopes))};"

    def _scope(self, file: Path, text: str) -> str:
        """Wrap a module's text in a function of its own that returns what it exports."""
        given: dict[str, str] = {}

        def of(source: str) -> str:
            return self.handles[_resolve(file, source)]

        def take(match: re.Match) -> str:
            names, default, source = match.groups()
            if default:
                return f"const {default} = {of(source)}.$default;"
            pairs = ", ".join(f"{a}: {b}" if a != b else a for a, b in _split(names))
            return f"const {{ {pairs} }} = {of(source)};"

        def hand_on(match: re.Match) -> str:
            given.update({b: f"{of(match[2])}.{a}" for a, b in _split(match[1])})
            return ""

        def give(match: re.Match) -> str:
            given.update({b: a for a, b in _split(match[1])})
            return ""

        body = _IMPORT.sub(take, text)
        body = _EXPORTED.sub(give, _HANDED_ON.sub(hand_on, body))
        given |= {name: name for name in _EXPORT.findall(body)}
        body = _EXPORT.sub("", body)
        if _DEFAULT.search(body):
            body = _DEFAULT.sub("const $default = ", body)
            given["$default"] = "$default"
        if odd := _LEFT_OVER.search(body):
            raise ValueError(
                f"{_name(file)} has a statement that can't be joined: {odd[0]!r}; write "
                'import { a } from "./x.js"; or export function, const or class'
            )
        self.exports[file] = list(given)
        pairs = ", ".join(f"{b}: {a}" if a != b else a for b, a in given.items())
        return f"const {self.handles[file]} = (() => {{\n{body}\nreturn {{ {pairs} }};\n}})();"


def _name(file: Path) -> str:
    """A module's path in the package; of one elsewhere, its folder and its name."""
    inside = ROOT in file.parents
    return file.relative_to(ROOT).as_posix() if inside else f"{file.parent.name}/{file.name}"


def _resolve(file: Path, source: str) -> Path:
    if source in PACKAGES:
        return VENDOR / PACKAGES[source]
    return (file.parent / source).resolve() if source.startswith(".") else Path(source)


def _read(file: Path) -> str:
    return _MAP.sub("", file.read_text(encoding="utf-8"))


def _literal(value: object) -> str:
    """As JavaScript; as an escape, < can't end the page's own script early."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _split(names: str) -> list[tuple[str, str]]:
    """From "a, b as c" to [(a, a), (b, c)]."""
    parts = [part.split() for part in names.split(",") if part.strip()]
    return [(part[0], part[-1]) for part in parts]
