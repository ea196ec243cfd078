# SPDX-License-Identifier: MIT
"""Synthetic records in the shape of the real ones, so that figures are tested without training anything."""

import math
from types import SimpleNamespace

import pytest


def _measurement(*, decay: float, batch_norm: str, progress: float, seed: int, classes: int = 10) -> dict:
    """A plausible measurement: `progress` in 0..1 is how far training is, more decay and batch norm "
    "collapse more."""
    rate = (0.5 + 0.5 * math.log10(decay / 1e-5)) * (1.5 if batch_norm != "none" else 0.7)
    nu = 0.9 * math.exp(-2.5 * rate * progress) * (1 + 0.05 * seed)
    loss = 2.3 * math.exp(-5 * progress)
    small = 0.8 * math.exp(-2 * progress)
    bounds = {
        "within-class-variability": min(0.99, 2.2 * nu),
        "within-class-variability-weight-decay": min(0.99, 2.6 * nu),
    }
    return {
        "num_classes": classes,
        "loss": loss,
        "accuracy": 1.0,
        "feature_norm": 6.0,
        "weight_norm": 1.5,
        "minimum_loss": 0.2 * loss,
        "loss_gap": 0.8 * loss,
        "regularized_loss": loss + 0.1,
        "minimum_regularized_loss": 0.09,
        "gap_decomposition": {
            "wrong_class_spread": 0.8 * loss * 0.2,
            "margin_spread": 0.8 * loss * (0.5 - 0.4 * progress),
            "misalignment": 0.8 * loss * (0.3 + 0.4 * progress),
        },
        "nc1": {"trace_ratio": nu, "pinv_trace": nu / 2, "cdnv": nu},
        "within_class_variability": nu,
        "nc2": {
            f"{name}_{what}": small * (1.0 if "means" in what else 0.8)
            for name in ("equinorm", "equiangular", "max_angle")
            for what in ("means", "weights", "means_unbiased", "weights_unbiased")
        },
        "nc3": {"self_duality": 1.5 * small},
        "nc4": {"ncc_mismatch": 0.1 * small},
        "intra_class_cosine": {"mean": 1 - nu, "min": 1 - 1.5 * nu},
        "inter_class_cosine": {"mean": -1 / (classes - 1) + 0.02 * nu, "max": -1 / (classes - 1) + 0.4 * nu},
        "guarantees": [
            {
                "theorem": theorem,
                "quantity": "within_class_variability",
                "direction": "<=",
                "measured": nu,
                "bound": bound,
                "delta": None,
                "holds": True,
                "unmet": [],
            }
            for theorem, bound in bounds.items()
        ],
    }


def _record(*, epochs: int = 200, classes: int = 10, **config) -> SimpleNamespace:
    schedule = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, epochs]
    history = []
    for epoch in schedule:
        progress = math.log1p(epoch) / math.log1p(epochs)
        collapse = _measurement(
            decay=config["weight_decay"],
            batch_norm=config["batch_norm"],
            progress=progress,
            seed=config["seed"],
            classes=classes,
        )
        reach = 0.995 if config["weight_decay"] >= 1e-2 and config["batch_norm"] == "none" else 1.0
        accuracy = min(reach, 0.4 + 0.9 * progress)
        history.append(
            {"epoch": epoch, "train_accuracy": accuracy, "train_loss": collapse["loss"], "collapse": collapse}
        )
    name = "-".join(f"{value}" for value in config.values())
    return SimpleNamespace(
        key=f"key-{name}",
        config={**config, "epochs": epochs},
        history=history,
        final=history[-1],
        provenance={"seconds": 1.0},
    )


@pytest.fixture(scope="session")
def fake_records() -> dict[str, list[SimpleNamespace]]:
    """Records of the four sweeps; Fashion-MNIST is present."""
    decays, seeds = (2e-4, 1e-3, 3e-3, 1e-2), (0, 1, 2)
    synthetic = [
        _record(dataset=d, network="mlp", depth=k, batch_norm=b, weight_decay=w, seed=s, classes=4)
        for d in ("conic-hull", "mlp3")
        for k in (4, 6)
        for b in ("none", "affine")
        for w in decays
        for s in seeds
    ]
    real = {
        name: [
            _record(dataset=name, network="mlp", depth=3, batch_norm=b, weight_decay=w, seed=s)
            for b in ("none", "scale-only")
            for w in decays
            for s in seeds
        ]
        for name in ("digits", "fashion-mnist")
    }
    terminal = [
        _record(dataset="digits", network="mlp", depth=3, batch_norm=b, weight_decay=1e-3, seed=0)
        for b in ("none", "scale-only")
    ]
    return {"synthetic": synthetic, **real, "terminal-phase": terminal}


@pytest.fixture
def context(fake_records, tmp_path):
    """A context of fake records with an empty store, at the preset of the tests."""
    from paper_figures.context import Context

    return Context(preset="tiny", records=fake_records, store=tmp_path / "store")


class _AllProved(dict):
    """A ledger that says PROVED of every theorem: these tests are about figures."""

    def __missing__(self, name: str) -> dict:
        return {"name": name, "verdict": "PROVED"}


@pytest.fixture(scope="session")
def ledger():
    """Verdict rows by theorem name."""
    return _AllProved()


def _overlap(one, other) -> bool:
    """Whether two boxes share more than a pixel in both directions."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return bool(width > 1.0 and height > 1.0)


def _texts(canvas, renderer) -> list:
    """(words, corners of the box, turned or not) of every visible text of a drawn figure."""
    from matplotlib.text import Text

    axis = [axis for axes in canvas.axes for axis in (axes.xaxis, axes.yaxis)]
    every = {label for one in axis for tick in one.majorTicks + one.minorTicks for label in _labels(tick)}
    # Ticks beyond the limits exist and are not drawn.
    drawn = {label for one in axis for tick in one._update_ticks() for label in _labels(tick)}
    candidates = [text for text in canvas.findobj(Text) if text not in every or text in drawn]
    shown = [text for text in candidates if text.get_visible() and text.get_text().strip()]
    return [(text.get_text(), text.get_window_extent(renderer), text.get_rotation() % 90) for text in shown]


def _labels(tick) -> tuple:
    return tick.label1, tick.label2


@pytest.fixture(scope="session")
def legibility():
    """A function of a drawn figure that lists what a referee would circle: texts that overlap or are cut off,
    and series on one panel that look alike in grey print."""

    def circled(canvas) -> list[str]:
        renderer = canvas.canvas.get_renderer()
        texts = _texts(canvas, renderer)
        found = [
            f"{words!r} is cut off"
            for words, box, _ in texts
            if box.x0 < -1 or box.y0 < -1 or box.x1 > canvas.bbox.x1 + 1 or box.y1 > canvas.bbox.y1 + 1
        ]
        for i, (words, box, turned) in enumerate(texts):
            for others, other, also in texts[i + 1 :]:
                # The box of turned text is larger than the text.
                if not (turned or also) and _overlap(box, other):
                    found.append(f"{words!r} lies on {others!r}")
        return found + [words for axes in canvas.axes for words in _alike(axes)]

    return circled


def _alike(axes) -> list[str]:
    """Pairs of colours of a panel that share a dash pattern, a marker and, nearly, their grey."""
    from matplotlib.colors import to_rgb

    looks: dict[str, tuple[set, set]] = {}
    for line in axes.get_lines():
        dashes, markers = looks.setdefault(line.get_color(), (set(), set()))
        dashes.add(str(line._dash_pattern) if line.get_linestyle() != "None" else "no line")
        markers.add((line.get_marker(), line.get_markerfacecolor() == "white"))
    found = []
    for i, (one, (dashes, markers)) in enumerate(list(looks.items())):
        for other, (also, shapes) in list(looks.items())[i + 1 :]:
            greys = [
                sum(w * c for w, c in zip((0.3, 0.59, 0.11), to_rgb(x), strict=True)) for x in (one, other)
            ]
            same = (_drawn(markers) & _drawn(shapes)) and (dashes & also)
            if same and abs(greys[0] - greys[1]) < 0.15:
                found.append(f"lines {one} and {other} look alike in grey")
    return found


def _drawn(markers: set) -> set:
    """The markers of a colour, without "none" if it has another: lines and their markers are drawn apart."""
    return {one for one in markers if one[0] not in ("None", "none", "")} or markers
