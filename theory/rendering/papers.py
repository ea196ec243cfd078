# SPDX-License-Identifier: MIT
"""The papers that theorems cite, one entry each.

A key is the first author's name and the year, with a word of the title where that is not enough.  Only facts
that could be looked up are given: "and others" stands for authors who could not.
"""

from __future__ import annotations

from dataclasses import dataclass

JOURNALS = (
    "PNAS",
    "Applied and Computational Harmonic Analysis",
    "Electronic Journal of Statistics",
    "Psychometrika",
)


@dataclass(frozen=True)
class Paper:
    """One entry, in BibTeX's notation.

    Attributes:
        cited: how the sources of theorems write its authors and year.
        arxiv, venue: arXiv number, and journal or conference; "" where there is none.
        extra: further BibTeX fields.
    """

    key: str
    authors: str
    title: str
    year: int
    cited: tuple[str, ...]
    arxiv: str = ""
    venue: str = ""
    extra: tuple[tuple[str, str], ...] = ()


COLLAPSE = (
    Paper(
        "papyan2020",
        "Papyan, Vardan and Han, X. Y. and Donoho, David L.",
        "Prevalence of neural collapse during the terminal phase of deep learning training",
        2020,
        ("Papyan, Han & Donoho 2020",),
        "2008.08186",
        "PNAS",
        (("volume", "117"), ("number", "40"), ("pages", "24652--24663")),
    ),
    Paper(
        "pan2023",
        "Pan, Leyan and Cao, Xinyuan",
        "Towards Understanding Neural Collapse: The Effects of Batch Normalization and Weight Decay",
        2023,
        ("Pan & Cao 2023",),
        "2309.04644",
    ),
    Paper(
        "zhu2021",
        "Zhu, Zhihui and Ding, Tianyu and Zhou, Jinxin and Li, Xiao and You, Chong and Sulam, Jeremias "
        "and Qu, Qing",
        "A Geometric Analysis of Neural Collapse with Unconstrained Features",
        2021,
        ("Zhu et al. 2021",),
        "2105.02375",
        "NeurIPS",
    ),
    Paper(
        "zhou2022mse",
        "Zhou, Jinxin and Li, Xiao and Ding, Tianyu and You, Chong and Qu, Qing and Zhu, Zhihui",
        "On the Optimization Landscape of Neural Collapse under MSE Loss: Global Optimality with "
        "Unconstrained Features",
        2022,
        ("Zhou et al. 2022", "Zhou et al. 2022 (ICML)"),
        "2203.01238",
        "ICML",
    ),
    Paper(
        "zhou2022losses",
        "Zhou, Jinxin and You, Chong and Li, Xiao and Liu, Kangning and Liu, Sheng and Qu, Qing "
        "and Zhu, Zhihui",
        "Are All Losses Created Equal: A Neural Collapse Perspective",
        2022,
        ("Zhou et al. 2022",),
        "2210.02192",
        "NeurIPS",
    ),
    Paper(
        "tirer2022",
        "Tirer, Tom and Bruna, Joan",
        "Extended Unconstrained Features Model for Exploring Deep Neural Collapse",
        2022,
        ("Tirer & Bruna 2022",),
        "2202.08087",
        "ICML",
    ),
    Paper(
        "dang2023",
        "Dang, Hien and Tran, Tho and Osher, Stanley and Tran-The, Hung and Ho, Nhat and Nguyen, Tan",
        "Neural Collapse in Deep Linear Networks: From Balanced to Imbalanced Data",
        2023,
        ("Dang et al. 2023",),
        "2301.00437",
        "ICML",
    ),
    Paper(
        "dang2024",
        "Dang, Hien and Tran, Tho and Nguyen, Tan and Ho, Nhat",
        "Neural Collapse for Cross-entropy Class-Imbalanced Learning with Unconstrained ReLU Features Model",
        2024,
        ("Dang et al. 2024",),
        "2401.02058",
        "ICML",
    ),
    Paper(
        "fang2021",
        "Fang, Cong and He, Hangfeng and Long, Qi and Su, Weijie J.",
        "Exploring Deep Neural Networks via Layer-Peeled Model: Minority Collapse in Imbalanced Training",
        2021,
        ("Fang et al. 2021",),
        "2101.12699",
        "PNAS",
    ),
    Paper(
        "hong2023",
        "Hong, Wanli and Ling, Shuyang",
        "Neural Collapse for Unconstrained Feature Model under Cross-entropy Loss with Imbalanced Data",
        2023,
        ("Hong & Ling 2023",),
        "2309.09725",
    ),
    Paper(
        "thrampoulidis2022",
        "Thrampoulidis, Christos and Kini, Ganesh Ramachandra and Vakilian, Vala and Behnia, Tina",
        "Imbalance Trouble: Revisiting Neural-Collapse Geometry",
        2022,
        ("Thrampoulidis et al. 2022",),
        "2208.05512",
        "NeurIPS",
    ),
    Paper(
        "behnia2023",
        "Behnia, Tina and others",
        "On the Implicit Geometry of Cross-Entropy Parameterizations for Label-Imbalanced Data",
        2023,
        ("Behnia et al. 2023",),
        "2303.07608",
    ),
    Paper(
        "behnia2024",
        "Behnia, Tina and Thrampoulidis, Christos",
        "Supervised Contrastive Representation Learning: Landscape Analysis with Unconstrained Features",
        2024,
        ("Behnia & Thrampoulidis 2024",),
        "2402.18884",
    ),
    Paper(
        "yaras2022",
        "Yaras, Can and Wang, Peng and Zhu, Zhihui and Balzano, Laura and Qu, Qing",
        "Neural Collapse with Normalized Features: A Geometric Analysis over the {R}iemannian Manifold",
        2022,
        ("Yaras et al. 2022",),
        "2209.09211",
        "NeurIPS",
    ),
    Paper(
        "graf2021",
        "Graf, Florian and Hofer, Christoph and Niethammer, Marc and Kwitt, Roland",
        "Dissecting Supervised Contrastive Learning",
        2021,
        ("Graf et al. 2021", "Graf, Hofer, Niethammer & Kwitt 2021"),
        "2102.08817",
        "ICML",
    ),
    Paper(
        "lu2022",
        "Lu, Jianfeng and Steinerberger, Stefan",
        "Neural collapse under cross-entropy loss",
        2022,
        ("Lu & Steinerberger 2022",),
        "2012.08465",
        "Applied and Computational Harmonic Analysis",
    ),
    Paper(
        "e2022",
        "E, Weinan and Wojtowytsch, Stephan",
        "On the emergence of simplex symmetry in the final and penultimate layers of neural network "
        "classifiers",
        2022,
        ("E & Wojtowytsch 2022",),
        "2012.05420",
        "Mathematical and Scientific Machine Learning",
    ),
    Paper(
        "jiang2024",
        "Jiang, Jiachen and Zhou, Jinxin and Wang, Peng and Qu, Qing and Mixon, Dustin G. and You, Chong "
        "and Zhu, Zhihui",
        "Generalized Neural Collapse for a Large Number of Classes",
        2024,
        ("Jiang et al. 2024",),
        "2310.05351",
        "ICML",
    ),
    Paper(
        "sukenik2023",
        r"S{\'u}ken{\'\i}k, Peter and Mondelli, Marco and Lampert, Christoph H.",
        "Deep Neural Collapse Is Provably Optimal for the Deep Unconstrained Features Model",
        2023,
        ("Sukenik et al. 2023",),
        "2305.13165",
        "NeurIPS",
    ),
    Paper(
        "sukenik2024",
        r"S{\'u}ken{\'\i}k, Peter and Lampert, Christoph H. and Mondelli, Marco",
        "Neural Collapse vs. Low-rank Bias: Is Deep Neural Collapse Really Optimal?",
        2024,
        ("Sukenik et al. 2024",),
        "2405.14468",
        "NeurIPS",
    ),
    Paper(
        "garrod2024",
        "Garrod, Connall and Keating, Jonathan P.",
        "The Persistence of Neural Collapse Despite Low-Rank Bias: An Analytic Perspective Through "
        "Unconstrained Features",
        2024,
        ("Garrod & Keating 2024",),
        "2410.23169",
    ),
    Paper(
        "garrod2024hessian",
        "Garrod, Connall and Keating, Jonathan P.",
        "Unifying Low Dimensional Observations in Deep Learning Through the Deep Linear Unconstrained "
        "Feature Model",
        2024,
        ("Garrod & Keating 2024",),
        "2404.06106",
    ),
    Paper(
        "jacot2024",
        r"Jacot, Arthur and S{\'u}ken{\'\i}k, Peter and Wang, Zihan and Mondelli, Marco",
        "Wide Neural Networks Trained with Weight Decay Provably Exhibit Neural Collapse",
        2024,
        ("Jacot et al. 2024",),
        "2410.04887",
    ),
    Paper(
        "li2024",
        "Li, Pengyu and Li, Xiao and Wang, Yutong and Qu, Qing",
        "Neural Collapse in Multi-label Learning with Pick-all-label Loss",
        2024,
        ("Li et al. 2024",),
        "2310.15903",
        "ICML",
    ),
    Paper(
        "han2022",
        "Han, X. Y. and Papyan, Vardan and Donoho, David L.",
        "Neural Collapse Under {MSE} Loss: Proximity to and Dynamics on the Central Path",
        2022,
        ("Han, Papyan & Donoho 2022",),
        "2106.02073",
        "ICLR",
    ),
    Paper(
        "galanti2022",
        r"Galanti, Tomer and Gy{\"o}rgy, Andr{\'a}s and Hutter, Marcus",
        "On the Role of Neural Collapse in Transfer Learning",
        2022,
        ("Galanti, Gyorgy & Hutter 2022",),
        "2112.15121",
        "ICLR",
    ),
    Paper(
        "mixon2020",
        "Mixon, Dustin G. and Parshall, Hans and Pi, Jianzong",
        "Neural collapse with unconstrained features",
        2020,
        ("Mixon, Parshall & Pi 2020",),
        "2011.11619",
    ),
    Paper(
        "ji2021",
        "Ji, Wenlong and Lu, Yiping and Zhang, Yiliang and Deng, Zhun and Su, Weijie J.",
        "An Unconstrained Layer-Peeled Perspective on Neural Collapse",
        2021,
        ("Ji et al. 2021",),
        "2110.02796",
    ),
    Paper(
        "yang2022",
        "Yang, Yibo and Chen, Shixiang and Li, Xiangtai and Xie, Liang and Lin, Zhouchen and Tao, Dacheng",
        "Inducing Neural Collapse in Imbalanced Learning: Do We Really Need a Learnable Classifier at the "
        "End of Deep Neural Network?",
        2022,
        ("Yang et al. 2022",),
        "2203.09081",
        "NeurIPS",
    ),
)
