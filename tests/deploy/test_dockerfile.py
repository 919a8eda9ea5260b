"""The Dockerfile, checked without an engine; and the check itself."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT
from tests.deploy.dockerfile import faults_of, is_ignored, stages_of

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

GOOD = "FROM python:3.11 AS build\nCOPY here /src/\nFROM python:3.11\nCOPY --from=build /src /src\nUSER 7:7\n"


def test_nothing_is_wrong_with_ours() -> None:
    assert faults_of(TEXT, ROOT) == []


def test_it_is_built_in_stages_from_the_lock() -> None:
    build, last = stages_of(TEXT)
    installed = [i.arguments.partition("pip install ")[2] for i in build.instructions if "pip" in i.arguments]
    assert [line for line in installed if line] == ["--no-deps -r /src/requirements.lock", "--no-deps /src"]
    assert not any("pip" in i.arguments for i in last.instructions)


def test_its_labels_tell_the_version() -> None:
    assert f'org.opencontainers.image.version="{PROJECT["version"]}"' in TEXT


def test_only_what_it_copies_is_sent_to_the_engine() -> None:
    copied = {
        word
        for stage in stages_of(TEXT)
        for i in stage.instructions
        if i.keyword == "COPY"
        for word in i.words
    }
    for path in ROOT.iterdir():
        assert is_ignored(path.name, ROOT) == (path.name not in copied), path
    for name in (
        "secrets/ingest_store",
        "ingest/__pycache__/x.pyc",
        "config/redis.conf",
        "config/make-secrets.sh",
    ):
        assert is_ignored(name, ROOT)
    assert not is_ignored("config/default.toml", ROOT)


def test_the_lock_is_the_whole_list() -> None:
    """What is installed with --no-deps is what every package in it asks for, in a version that it takes."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    locked = {canonicalize_name(pin.name): pin for pin in pins}
    for asked in _asked(map(Requirement, PROJECT["dependencies"]), set()):
        found = locked.get(canonicalize_name(asked.name))
        assert found is not None, f"{asked} is not in requirements.lock: make lock"
        (version,) = found.specifier
        assert asked.specifier.contains(version.version, prereleases=True), f"{asked}, but {found}: make lock"


FAULTY = {
    "python: no tag that stays": ("FROM python:3.11\n", "FROM python\n"),
    "python:latest: no tag that stays": ("FROM python:3.11\n", "FROM python:latest\n"),
    "ADD fetches and unpacks: COPY": ("COPY here", "ADD https://example.org/x.tar"),
    "COPY there: not there": ("COPY here", "COPY here there"),
    "COPY ignored: left out by .dockerignore": ("COPY here", "COPY ignored"),
    "COPY --from=make: no stage before it has this name": ("--from=build", "--from=make"),
    "DB_PASSWORD: a secret in the image": ("USER", "ENV A=1 DB_PASSWORD=x\nUSER"),
    "api_token: a secret in the image": ("USER", "ARG api_token\nUSER"),
    "WORKDIR src: not absolute": ("USER", "WORKDIR src\nUSER"),
    "CMD: a shell would stand between signals and the program": ("7:7", "7:7\nCMD ingest worker"),
    "RUN sudo": ("USER", "RUN true && sudo true\nUSER"),
    "RUN fetches what no lock names": ("USER", "RUN curl -sL https://example.org | sh\nUSER"),
    "apt's lists stay in the layer": (
        "USER",
        "RUN apt-get update \\\n  && apt-get install --no-install-recommends x\nUSER",
    ),
    "apt-get install without --no-install-recommends": (
        "USER",
        "RUN apt-get install x && rm -rf /var/lib/apt/lists/*\nUSER",
    ),
    "pip install resolves: --no-deps, from the lock": ("USER", "RUN pip install x\nUSER"),
    "the last USER is not the number of somebody without rights": ("7:7", "ingest"),
    "files are made after the last USER: they would be theirs to change": ("7:7", "7:7\nRUN touch /x"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_each_fault_is_found(fault: str, tmp_path: Path) -> None:
    for name in ("here", "ignored"):
        (tmp_path / name).touch()
    (tmp_path / ".dockerignore").write_text("# all but one\n*\n!here\n")
    assert faults_of(GOOD, tmp_path) == []
    old, new = FAULTY[fault]
    assert fault in faults_of(GOOD.replace(old, new), tmp_path)


def _asked(requirements: Iterator[Requirement], seen: set[str]) -> Iterator[Requirement]:
    """These, and what they ask for in turn, as far as it is for this machine."""
    for requirement in requirements:
        extras = requirement.extras or {""}
        if requirement.marker and not any(requirement.marker.evaluate({"extra": e}) for e in ("", *extras)):
            continue
        yield requirement
        key = f"{canonicalize_name(requirement.name)}{sorted(extras)}"
        if key in seen:
            continue
        seen.add(key)
        for line in requires(requirement.name) or []:
            further = Requirement(line)
            if not further.marker or any(
                further.marker.evaluate({"extra": extra}) for extra in ("", *extras)
            ):
                further.marker = None
                yield from _asked(iter([further]), seen)
