# SPDX-License-Identifier: MIT
"""Full checkpoints: everything that a run needs to go on as if it had never stopped.

A file holds weights and buffers, the optimizer, the position in the schedule, the random generators, the
history so far, the configuration and the library versions, in PyTorch's zip format and readable with
``torch.load(file, weights_only=True)``. It is written under another name and moved into place: a process that
is killed leaves the one before. On a CPU a run that goes on from it gives the bytes of an unbroken one, on
the same machine and with the same libraries.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from simulations.configuration import Config
from simulations.datasets import Samples
from simulations.errors import InputError

KIND = "simulations.training checkpoint"
FORMAT = 1
EVERY = 10
_KEYS = frozenset({"kind", "format", "config", "data", "versions", "device", "epoch", "progress", "state"})


@dataclass
class Progress:
    """How far a run has come.

    epoch: the last finished one, 0 before the first. history: rows measured so far. terminal_phase_epoch,
    zero_error_epoch: see `simulations.training.Run`.
    """

    epoch: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    terminal_phase_epoch: int | None = None
    zero_error_epoch: int | None = None


class Keeper:
    """Writes the checkpoints of one run to one file, and reads them back.

    state: the objects with state_dict() and load_state_dict() by name; those called None are left out.
    generator: the run's own random stream. every: epochs between two writes. Before each write the state is
    copied in memory at the end of every epoch, so that an interrupt in mid-epoch, or a loss that is no longer
    finite, leaves the last whole epoch.
    """

    def __init__(
        self,
        file: Path,
        *,
        config: Config,
        samples: Samples,
        state: dict[str, Any],
        generator: torch.Generator,
        device: torch.device,
        every: int = EVERY,
    ) -> None:
        if not isinstance(every, int) or isinstance(every, bool) or every < 1:
            raise InputError(
                f"checkpoint_every = {every!r}; required is a whole number of epochs, at least 1"
            )
        self.file, self.every = Path(file), every
        self._parts = {name: part for name, part in state.items() if part is not None}
        self._config, self._generator, self._device = config, generator, device
        self._data = _digest(samples)
        self._last: dict[str, Any] | None = None
        self.written: int | None = None  # epoch of the state on file

    def begin(self, *, resume: bool) -> Progress:
        """Where the run starts: at the checkpoint if there is one and ``resume``, else at epoch 0, which is
        written at once, so that a file that cannot be written is found out before any training.

        Raises InputError for a file that exists without ``resume``, that is damaged or foreign, that belongs
        to another run, or that cannot be written.
        """
        if self.file.exists():
            if not resume:
                raise InputError(
                    f"checkpoint {self.file} exists; continue it (--resume, resume=True), or remove it"
                )
            return self._restore()
        progress = Progress()
        self._last = self._content(progress)
        try:
            self._write()
        except OSError as error:
            raise InputError(
                f"checkpoint {self.file}: cannot be written ({error.strerror or error})"
            ) from error
        return progress

    def commit(self, progress: Progress, *, last: bool) -> None:
        """Keep the state at the end of an epoch, and write it every few epochs and after the last.

        A write that fails is reported on standard error and tried again at the next; training goes on.
        """
        self._last = self._content(progress)
        if last or progress.epoch % self.every == 0:
            self.rescue()

    def rescue(self) -> None:
        """Write the last state that was kept, if the file does not hold it yet."""
        if self._last is None or self.written == self._last["epoch"]:
            return
        try:
            self._write()
        except OSError as error:
            print(
                f"checkpoint {self.file}: epoch {self._last['epoch']} cannot be written ({error}); the file "
                f"holds epoch {self.written}",
                file=sys.stderr,
            )

    def _content(self, progress: Progress) -> dict[str, Any]:
        generators = {"run": self._generator.get_state(), "torch": torch.get_rng_state()}
        if self._device.type == "cuda":
            generators["cuda"] = torch.cuda.get_rng_state(self._device)
        return {
            "kind": KIND,
            "format": FORMAT,
            "config": json.dumps(self._config.to_dict()),
            "data": self._data,
            "versions": _versions(),
            "device": self._device.type,
            "epoch": progress.epoch,
            "progress": json.dumps(
                {
                    "history": progress.history,
                    "terminal_phase_epoch": progress.terminal_phase_epoch,
                    "zero_error_epoch": progress.zero_error_epoch,
                }
            ),
            "state": {name: _copy(part.state_dict()) for name, part in self._parts.items()}
            | {"generators": generators},
        }

    def _write(self) -> None:
        from simulations.sweeps.store import write_atomically

        assert self._last is not None  # the callers' condition
        buffer = io.BytesIO()
        torch.save(self._last, buffer)
        write_atomically(self.file, buffer.getvalue())
        self.written = self._last["epoch"]

    def _restore(self) -> Progress:
        content = read(self.file)
        _same_run(self.file, content, self._config, self._data)
        state = content["state"]
        _same_layers(self.file, state["module"], self._parts["module"].state_dict())
        for name, value in (("versions", _versions()), ("device", self._device.type)):
            if content[name] != value:
                print(
                    f"checkpoint {self.file} was written with {name} {content[name]}, this is {value}: the "
                    "run goes on, but not to the same bytes as an unbroken one",
                    file=sys.stderr,
                )
        try:
            for name, part in self._parts.items():
                part.load_state_dict(state[name])
            generators = state["generators"]
            self._generator.set_state(generators["run"])
            torch.set_rng_state(generators["torch"])
            if self._device.type == "cuda" and "cuda" in generators:
                torch.cuda.set_rng_state(generators["cuda"], self._device)
        except (KeyError, ValueError, RuntimeError, TypeError) as error:
            raise InputError(
                f"checkpoint {self.file}: its state does not fit this run ({_first_line(error)})"
            ) from error
        progress = json.loads(content["progress"])
        print(f"checkpoint {self.file}: going on after epoch {content['epoch']}", file=sys.stderr)
        self.written = content["epoch"]
        self._last = content
        return Progress(epoch=content["epoch"], **progress)


def read(file: Path | str) -> dict[str, Any]:
    """The content of a checkpoint, tensors on the CPU; "state" holds "module", a state_dict of the network.

    Nothing in the file is executed. Raises InputError, saying what is wrong, for a file that cannot be read,
    is cut short, damaged, or no checkpoint of this project.
    """
    try:
        raw = Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"checkpoint {file}: cannot be read ({error.strerror or error})") from error
    try:
        # torch.load does not compare checksums; the zip format has one for every part.
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            damaged = archive.testzip()
        if damaged is not None:
            raise InputError(f"checkpoint {file}: damaged (checksum of {damaged}); nothing was loaded")
        content = torch.load(io.BytesIO(raw), map_location="cpu", weights_only=True)
    except InputError:
        raise
    except Exception as error:  # whatever the unpickler meets in foreign bytes
        raise InputError(
            f"checkpoint {file}: cut short, damaged or no checkpoint at all ({_first_line(error)})"
        ) from error
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise InputError(f"checkpoint {file}: a PyTorch file, but not a checkpoint of a training run")
    if content.get("format") != FORMAT or not content.keys() >= _KEYS:
        raise InputError(
            f"checkpoint {file}: of format {content.get('format')}; required is format {FORMAT}, written by "
            "this version"
        )
    return content


def _same_run(file: Path, content: dict[str, Any], config: Config, data: str) -> None:
    """Raise InputError, naming every choice that differs, unless the checkpoint is of this very run."""
    theirs, ours = Config.from_dict(json.loads(content["config"])), config
    differing = [
        f"{name} = {getattr(theirs, name)!r} there and {getattr(ours, name)!r} here"
        for name in Config.__dataclass_fields__
        if getattr(theirs, name) != getattr(ours, name)
    ]
    if differing:
        raise InputError(f"checkpoint {file} is of another run: {'; '.join(differing)}")
    if content["data"] != data:
        raise InputError(
            f"checkpoint {file} was trained on other samples: the data set {config.dataset!r} reads "
            "differently now"
        )


def _same_layers(file: Path, theirs: dict[str, Any], ours: dict[str, Any]) -> None:
    """Raise InputError, naming the first layer that differs, for another architecture."""
    for name in dict.fromkeys([*ours, *theirs]):
        there, here = (
            "nothing" if part.get(name) is None else f"a tensor of shape {tuple(part[name].shape)}"
            for part in (theirs, ours)
        )
        if there != here:
            raise InputError(
                f"checkpoint {file} is of another architecture: {name} is {there} there and {here} here"
            )


def _copy(state: Any) -> Any:
    """A copy of a state_dict that training does not change."""
    if isinstance(state, torch.Tensor):
        return state.detach().clone()
    if isinstance(state, dict):
        return {key: _copy(value) for key, value in state.items()}
    return type(state)(_copy(value) for value in state) if isinstance(state, list | tuple) else state


def _digest(samples: Samples) -> str:
    """SHA-256 of what is trained and tested on."""
    found = hashlib.sha256()
    for part in (samples, samples.test):
        if part is not None:
            found.update(part.inputs.tobytes())
            found.update(part.labels.tobytes())
    return found.hexdigest()


def _versions() -> dict[str, str]:
    from simulations.sweeps.store import versions

    return dict(versions())


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
