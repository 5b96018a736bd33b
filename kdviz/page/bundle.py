"""Join the page's modules into one, at load time: no build step and no committed bundle."""

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"

_IMPORT = re.compile(r'^import \{([\w\s,]+)\} from "\./([\w-]+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:function|const|class) (\w+)", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


def join_modules(entry: str, folder: Path = STATIC) -> str:
    """Return one ES module that holds `entry` and everything it imports.

    Each module keeps a scope of its own, so that no name leaks from one to another. Modules
    write `import { a, b } from "./x.js";` and `export function`, `const` or `class`;
    the entry's `export default` becomes the module's.

    Args:
        entry: Name of the first module, without `.js`.
        folder: Where the modules lie.

    Returns:
        The text of the module.

    Raises:
        ValueError: An import names a module or an export that does not exist, modules import
            each other in a circle, or a statement is of another form.
    """
    scopes: dict[str, str] = {}
    exports: dict[str, list[str]] = {}
    _add(entry, folder, scopes, exports, path=())
    return "\n".join(scopes.values()) + f"\nexport default {_handle(entry)}.$default;\n"


def join_styles(*names: str, folder: Path = STATIC) -> str:
    """Return the named style sheets as one text, or all of them, the shell's tokens first."""
    sheets = [folder / f"{name}.css" for name in names] or folder.glob("*.css")
    sheets = sorted(sheets, key=lambda sheet: (sheet.stem != "lab", sheet.stem))
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


def _add(name: str, folder: Path, scopes: dict, exports: dict, path: tuple[str, ...]) -> None:
    """Add a module to `scopes` after the modules that it imports."""
    if name in path:
        raise ValueError(f"modules import each other in a circle: {' > '.join((*path, name))}")
    if name in scopes:
        return
    file = folder / f"{name}.js"
    if not file.is_file():
        wanted_by = f", imported by {path[-1]}.js" if path else ""
        raise ValueError(f"there is no module {name}.js in {folder}{wanted_by}")
    text = file.read_text(encoding="utf-8")
    for names, source in _IMPORT.findall(text):
        _add(source, folder, scopes, exports, (*path, name))
        missing = [n for n in _split(names) if n not in exports[source]]
        if missing:
            raise ValueError(
                f"{name}.js imports {missing} from {source}.js, which exports {exports[source]}"
            )
    exports[name] = _EXPORT.findall(text)
    scopes[name] = _scope(name, text, exports[name])


def _scope(name: str, text: str, names: list[str]) -> str:
    """Wrap a module's text in a function of its own that returns what it exports."""
    body = _IMPORT.sub(lambda m: f"const {{{m[1]}}} = {_handle(m[2])};\n", text)
    if re.search(r"^export default ", body, re.MULTILINE):
        body = re.sub(r"^export default ", "const $default = ", body, flags=re.MULTILINE)
        names = [*names, "$default"]
    body = _EXPORT.sub(lambda m: m[0].removeprefix("export "), body)
    if odd := _LEFT_OVER.search(body):
        raise ValueError(
            f"{name}.js has a statement that can't be joined: {odd[0]!r}; write "
            'import { a } from "./x.js"; or export function, const or class'
        )
    return f"const {_handle(name)} = (() => {{\n{body}\nreturn {{ {', '.join(names)} }};\n}})();"


def _handle(name: str) -> str:
    return "$" + name.replace("-", "_")


def _split(names: str) -> list[str]:
    return [n for n in re.split(r"[\s,]+", names) if n]
