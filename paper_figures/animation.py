# SPDX-License-Identifier: MIT
"""A figure's animation as a GIF: its frames drawn one by one, in one palette, the same bytes every time."""

from __future__ import annotations

import io
from typing import Any

from paper_figures import style
from paper_figures.figure import Data, Figure

#: Dots per inch and colours: of a column's width, legible on a phone, and well below a megabyte.
RESOLUTION, COLOURS = 110, 128


def gif(figure: Figure, data: Data) -> bytes:
    """The animation of `figure` drawn from `data`, which plays without end and rests on its last frame.

    Raises
    ------
    ValueError
        If the figure has no animation.
    """
    from PIL import Image

    movie = figure.animation
    if movie is None:
        raise ValueError(f"figure {figure.name!r} has no animation")
    pictures = [_frame(figure, data, number) for number in range(movie.frames(data))]
    # One palette, of the first and the last frame side by side: colours that stay the same do not flicker.
    both = Image.new("RGB", (2 * pictures[0].width, pictures[0].height))
    both.paste(pictures[0], (0, 0))
    both.paste(pictures[-1], (pictures[0].width, 0))
    palette = both.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    first, *others = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    durations = [movie.milliseconds] * len(pictures)
    durations[0] = durations[-1] = movie.rest
    stream = io.BytesIO()
    first.save(
        stream, format="GIF", save_all=True, append_images=others, duration=durations, loop=0, optimize=False
    )
    return stream.getvalue()


def _frame(figure: Figure, data: Data, number: int) -> Any:
    """One frame as a Pillow picture."""
    from PIL import Image

    movie = figure.animation
    assert movie is not None  # the caller's condition
    with style.applied(width=movie.width, height=movie.height):
        canvas = movie.render(data, number)
        canvas.set_dpi(RESOLUTION)
        canvas.canvas.draw()
        size, pixels = canvas.canvas.get_width_height(), bytes(canvas.canvas.buffer_rgba())
        return Image.frombytes("RGBA", size, pixels).convert("RGB")
