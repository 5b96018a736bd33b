"""Says what is installed, found and missing, and how to get what is missing."""

import platform
from importlib.metadata import PackageNotFoundError, requires, version

import kdviz

REPAIR = "run `make app`, or `pip install .`, in a clone of its repository"


def examine() -> int:
    """Print the findings; 0 when the app can run, 1 when something it needs is missing."""
    print(f"kdviz {kdviz.__version__}, Python {platform.python_version()}, {platform.platform()}")
    faults = _packages()
    if not faults:
        faults = _page()
        print(f"device: {_device()}")
    print("data:")
    for line in _data():
        print(f"  {line}")
    for fault in faults:
        print(f"MISSING: {fault}")
    print("The app cannot run yet." if faults else "Everything that the app needs is here.")
    return 1 if faults else 0


def _packages() -> list[str]:
    """Print the version of each package that kdviz names; return what is missing or too old."""
    try:
        from packaging.requirements import Requirement

        named = requires("kdviz") or []
    except (ImportError, PackageNotFoundError):
        return [f"kdviz is not installed, only found in this folder; {REPAIR}"]
    faults = []
    for requirement in map(Requirement, named):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            faults.append(f"{requirement} is not installed; {REPAIR}")
            continue
        print(f"  {requirement.name} {found}")
        if not requirement.specifier.contains(found, prereleases=True):
            faults.append(f"{requirement} is needed, {found} is installed; {REPAIR}")
    return faults


def _page() -> list[str]:
    from kdviz.serve import find_page

    try:
        find_page()
    except FileNotFoundError as error:
        return [str(error)]
    return []


def _device() -> str:
    from kdviz.recipe import device_name, pick_device

    return device_name(pick_device("auto"))


def _data() -> list[str]:
    """Where each dataset is, and how to get those that are not here."""
    try:
        from kdviz.data import DATASETS, dataset_location

        places = {name: dataset_location(name) for name in DATASETS}
    except (ImportError, OSError) as error:
        return [str(error)]
    lines = [f"{name}: {place or 'not here'}" for name, place in places.items()]
    if None in places.values():
        lines.append("kdviz.load_dataset(name) downloads what is not here. By hand: put its files")
        lines.append("into a folder of its name, and set KDVIZ_DATA to the folder around that.")
    return lines
