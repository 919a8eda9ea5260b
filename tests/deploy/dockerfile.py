"""A lint for Dockerfiles, no larger than what ours may get wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_SECRET = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE|API_?KEY", re.IGNORECASE)
_AFTER_USER = {"CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "WORKDIR", "HEALTHCHECK"}


@dataclass(frozen=True)
class Instruction:
    keyword: str
    arguments: str

    @property
    def words(self) -> list[str]:
        return [word for word in self.arguments.split() if not word.startswith("--")]

    def flag(self, name: str) -> str | None:
        found = re.search(rf"(?:^|\s)--{name}=(\S+)", self.arguments)
        return found[1] if found else None


@dataclass
class Stage:
    base: str
    name: str | None
    instructions: list[Instruction] = field(default_factory=list)


def stages_of(text: str) -> list[Stage]:
    stages: list[Stage] = []
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        keyword, _, arguments = line.strip().partition(" ")
        if keyword.upper() == "FROM":
            base, *name = re.split(r"\s+AS\s+", arguments, flags=re.IGNORECASE)
            stages.append(Stage(base.strip(), name[0] if name else None))
        elif keyword:
            stages[-1].instructions.append(Instruction(keyword.upper(), arguments.strip()))
    return stages


def faults_of(text: str, context: Path) -> list[str]:
    """What is wrong with a Dockerfile that is built in this folder, in the order of its lines."""
    stages = stages_of(text)
    faults = []
    for number, stage in enumerate(stages):
        earlier = [str(n) for n in range(number)] + [s.name for s in stages[:number] if s.name]
        if stage.base not in earlier:
            faults += _base_faults(stage.base)
        for instruction in stage.instructions:
            faults += _faults(instruction, earlier, context)
    return [*faults, *_user_faults(stages[-1])]


def _base_faults(base: str) -> Iterator[str]:
    tag = base.rpartition("/")[2].partition(":")[2]
    if tag in ("", "latest") and "@sha256:" not in base:
        yield f"{base}: no tag that stays"


def _faults(instruction: Instruction, earlier: list[str], context: Path) -> Iterator[str]:
    match instruction.keyword:
        case "ADD":
            yield "ADD fetches and unpacks: COPY"
        case "COPY":
            yield from _copy_faults(instruction, earlier, context)
        case "RUN":
            yield from _run_faults(instruction.arguments)
        case "ENV" | "ARG":
            names = re.findall(r"(?:^|\s)(\w+)(?==|$)", instruction.arguments)
            yield from (f"{name}: a secret in the image" for name in names if _SECRET.search(name))
        case "WORKDIR":
            if not instruction.arguments.startswith("/"):
                yield f"WORKDIR {instruction.arguments}: not absolute"
        case "CMD" | "ENTRYPOINT":
            try:
                json.loads(instruction.arguments)
            except ValueError:
                yield f"{instruction.keyword}: a shell would stand between signals and the program"


def _copy_faults(instruction: Instruction, earlier: list[str], context: Path) -> Iterator[str]:
    stage = instruction.flag("from")
    if stage is not None:
        if stage not in earlier:
            yield f"COPY --from={stage}: no stage before it has this name"
        return
    for source in instruction.words[:-1]:
        if not (context / source).exists():
            yield f"COPY {source}: not there"
        elif is_ignored(source, context):
            yield f"COPY {source}: left out by .dockerignore"


def _run_faults(command: str) -> Iterator[str]:
    if re.search(r"\bsudo\b", command):
        yield "RUN sudo"
    if re.search(r"\b(curl|wget)\b", command):
        yield "RUN fetches what no lock names"
    if re.search(r"\bapt-get\s+install\b", command):
        if "--no-install-recommends" not in command:
            yield "apt-get install without --no-install-recommends"
        if "rm -rf /var/lib/apt/lists" not in command:
            yield "apt's lists stay in the layer"
    if re.search(r"\bpip\s+install\b", command) and "--no-deps" not in command:
        yield "pip install resolves: --no-deps, from the lock"


def _user_faults(last: Stage) -> Iterator[str]:
    keywords = [instruction.keyword for instruction in last.instructions]
    users = [instruction.arguments for instruction in last.instructions if instruction.keyword == "USER"]
    if not users or not re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]):
        yield "the last USER is not the number of somebody without rights"
    elif not set(keywords[len(keywords) - keywords[::-1].index("USER") :]) <= _AFTER_USER:
        yield "files are made after the last USER: they would be theirs to change"


def is_ignored(path: str, context: Path) -> bool:
    """Whether .dockerignore leaves this path out: its last pattern that fits the path or a folder above decides."""
    ignored = False
    for line in (context / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        fits = re.compile(_regex(pattern.removeprefix("!").strip("/")))
        parts = path.strip("/").split("/")
        if any(fits.fullmatch("/".join(parts[: n + 1])) for n in range(len(parts))):
            ignored = not pattern.startswith("!")
    return ignored


def _regex(pattern: str) -> str:
    one = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return "".join(one.get(piece, re.escape(piece)) for piece in pieces)
