# SPDX-License-Identifier: MIT
"""A certificate as HTML: one page of its own, or the tables alone for a notebook."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulations.certification.certificate import Certificate

_TABLES = """{% macro tables(c) %}
{% for line in c.headline %}<p class="lead">{{ line }}.</p>
{% endfor %}
<h2>Guarantees</h2>
{% for quantity, rows in c.quantities.items() %}
<section><h3><code>{{ quantity }}</code> <span class="soft">measured {{ rows[0].shown.measured }}</span></h3>
{% if rows[0].interval %}<p class="soft small">in [{{ rows[0].interval[0] }}, {{ rows[0].interval[1] }}]</p>
{% endif %}
<table class="numbers">
<thead><tr><th>theorem</th><th class="n">bound</th><th class="n">slack</th><th>arithmetic</th></tr></thead>
<tbody>
{% for row in rows %}
<tr><td><code>{{ row.theorem }}</code>
{%- if row.verdict != "holds" %} <b class="bad">{{ row.verdict }}</b>{% endif %}
{%- if row.remark %}<br><span class="soft">{{ row.remark }}</span>{% endif %}</td>
<td class="n">{{ row.direction }} {{ row.shown.bound }}</td><td class="n">{{ row.shown.slack }}</td>
<td class="{{ "good" if row.arithmetic == "rigorous" else "soft" }}">{{ row.arithmetic }}</td></tr>
{% endfor %}
</tbody></table></section>
{% else %}<p>None.</p>
{% endfor %}
<h2>Hypotheses</h2>
<ul class="plain">
{% for row in c.hypotheses %}
<li><b class="{{ "good" if row.met else "bad" }}">{{ "yes" if row.met else "no" }}</b> {{ row.hypothesis }}
{%- if row.found %}<br><span class="soft">found: {{ row.found }}</span>{% endif %}
<details><summary>{{ row.theorems | length }} {{ "need it" if row.met else "lost by it" }}</summary>
{% for name in row.theorems %}<code>{{ name }}</code>{{ ", " if not loop.last }}{% endfor %}</details></li>
{% endfor %}
</ul>
{% if c.lost %}
<h2>No guarantee from</h2>
<dl>
{% for row in c.lost %}<dt><code>{{ row.theorem }}</code></dt><dd>{{ row.unmet | join("; ") }}</dd>
{% endfor %}
</dl>
{% endif %}
{% endmacro %}
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Certificate of neural collapse</title>
<style>
:root { color-scheme: light dark; --ink: #1c1f23; --paper: #fff; --soft: #59616b; --line: #dfe3e8;
  --good: #00664a; --bad: #a33b00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #15181c; --soft: #a3abb5;
  --line: #343a42; --good: #5cc9a3; --bad: #ff9a66; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 50rem; padding: 1.5rem 1rem 3rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .8rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-top: .8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.3rem 0 .3rem; }
p.lead { margin: .3rem 0; } p.small { margin: 0 0 .3rem; font-size: .82rem; }
.soft { color: var(--soft); font-weight: 400; } .good { color: var(--good); } .bad { color: var(--bad); }
table { border-collapse: collapse; width: 100%; font-size: .88rem; table-layout: fixed; }
th, td { text-align: left; padding: .3rem .5rem .3rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { font-weight: 600; color: var(--soft); }
th:nth-child(2) { width: 8.2rem; } th:nth-child(3) { width: 6rem; } th:nth-child(4) { width: 6.5rem; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-right: 1rem; }
code { font: .92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
ul.plain { list-style: none; padding: 0; margin: 0; } ul.plain li { padding: .45rem 0;
  border-bottom: 1px solid var(--line); }
details { font-size: .85rem; color: var(--soft); } summary { cursor: pointer; }
dt { margin-top: .5rem; } dd { margin: 0; color: var(--soft); font-size: .9rem; }
footer { margin-top: 2.2rem; color: var(--soft); font-size: .88rem; }
@media (max-width: 36rem) { table.numbers thead { display: none; }
  table.numbers, table.numbers tbody { display: block; }
  table.numbers tr { display: grid; grid-template-columns: 1fr 1fr 1fr; padding: .3rem 0;
    border-bottom: 1px solid var(--line); }
  table.numbers td { border: 0; padding: 0; } table.numbers td:first-child { grid-column: 1 / -1; }
  table.numbers td.n { text-align: left; }
  table.numbers td:nth-child(3)::before { content: "slack "; color: var(--soft); } }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } tr, li { break-inside: avoid; }
  h2, h3 { break-after: avoid; } }
</style>
</head>
<body>
<h1>What is guaranteed about this network</h1>
{{ tables(c) }}
<footer>Rigorous: the features as the network computed them, its last layer, the labels and the weight decay
are taken as the exact numbers that their floats are; everything else is enclosed in ball arithmetic, bounds
are rounded outward and slacks down. Floating point: evaluated in float64, true up to rounding.</footer>
</body>
</html>
"""


def page(certificate: Certificate) -> str:
    """The whole page."""
    return _render(_TABLES + _PAGE, certificate)


def fragment(certificate: Certificate) -> str:
    """The tables alone, without style."""
    return _render(_TABLES + "{{ tables(c) }}", certificate)


def _render(template: str, certificate: Certificate) -> str:
    return str(_compiled(template).render(c=_content(certificate))).strip() + "\n"


@lru_cache(maxsize=2)
def _compiled(template: str) -> Any:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(template)


def _content(certificate: Certificate) -> dict[str, Any]:
    from simulations.certification.certificate import shown
    from simulations.trivial_bounds import remark

    quantities: dict[str, list[dict]] = {}
    for row in certificate.guarantees:
        quantities.setdefault(row["quantity"], []).append({**row, "shown": shown(row), "remark": remark(row)})
    return {
        "headline": certificate.headline,
        "quantities": quantities,
        "hypotheses": certificate.hypotheses,
        "lost": certificate.lost,
    }
