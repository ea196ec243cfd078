# SPDX-License-Identifier: MIT
"""What theorems cite besides the papers on neural collapse, and the list of all papers."""

from __future__ import annotations

from theory.rendering.papers import COLLAPSE, Paper

CLASSICS = (
    Paper(
        "webb1990",
        "Webb and Lowe",
        "",
        1990,
        ("Webb & Lowe 1990",),
        extra=(("note", "as cited by Papyan, Han and Donoho (2020)"),),
    ),
    Paper(
        "lin2017",
        r"Lin, Tsung-Yi and Goyal, Priya and Girshick, Ross and He, Kaiming and Doll{\'a}r, Piotr",
        "Focal Loss for Dense Object Detection",
        2017,
        ("Lin et al. 2017",),
        venue="ICCV",
    ),
    Paper(
        "szegedy2016",
        "Szegedy, Christian and others",
        "Rethinking the Inception Architecture for Computer Vision",
        2016,
        ("Szegedy et al. 2016",),
        venue="CVPR",
    ),
    Paper(
        "bach2010",
        "Bach, Francis",
        "Self-concordant analysis for logistic regression",
        2010,
        ("Bach 2010",),
        venue="Electronic Journal of Statistics",
        extra=(("volume", "4"),),
    ),
    Paper(
        "eckart1936",
        "Eckart, Carl and Young, Gale",
        "The approximation of one matrix by another of lower rank",
        1936,
        ("Eckart & Young 1936",),
        venue="Psychometrika",
        extra=(("volume", "1"),),
    ),
    Paper(
        "alefeld1982",
        "Alefeld, G. and Schneider, N.",
        "On square roots of M-matrices",
        1982,
        ("Alefeld & Schneider 1982",),
        venue="Linear Algebra and its Applications",
        extra=(("volume", "42"),),
    ),
    Paper(
        "rankin1955",
        "Rankin, Robert A.",
        "The closest packing of spherical caps in n dimensions",
        1955,
        ("Rankin 1955",),
        venue="Proceedings of the Glasgow Mathematical Association",
        extra=(("volume", "2"),),
    ),
    Paper(
        "radon1921",
        "Radon, Johann",
        r"Mengen konvexer K{\"o}rper, die einen gemeinsamen Punkt enthalten",
        1921,
        ("Radon 1921",),
        venue="Mathematische Annalen",
        extra=(("volume", "83"),),
    ),
)

PAPERS = (*COLLAPSE, *CLASSICS)
