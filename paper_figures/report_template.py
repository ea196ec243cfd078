# SPDX-License-Identifier: MIT
"""The page of the report: HTML and CSS with nothing loaded from outside."""

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Neural collapse: bounds and measurements</title>
<style>
:root { --ink: #1c1f23; --soft: #5b636d; --line: #dfe3e8; --good: #00664a; --bad: #a33b00; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.5rem 4rem; background: #fff; color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .4rem; }
h2 { font-size: 1.2rem; margin: 3rem 0 .6rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.02rem; margin: 0 0 .6rem; }
p.lead, figcaption, .note { color: var(--soft); }
nav a { margin-right: 1.1rem; color: #0072b2; text-decoration: none; }
nav a:hover, nav a:focus { text-decoration: underline; }
figure { margin: 0 0 2.6rem; }
figure img { width: 100%; height: auto; display: block; }
figcaption { font-size: .92rem; margin-top: .5rem; }
figcaption .source { display: block; font-size: .82rem; margin-top: .3rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; }
th, td { text-align: left; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { font-weight: 600; color: var(--soft); white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.PROVED, .CERTIFIED, .holds { color: var(--good); font-weight: 600; }
.REFUTED, .UNDECIDED { color: var(--bad); font-weight: 600; }
.contradicted { color: var(--bad); font-weight: 600; } .not-applicable { color: var(--soft); }
.violated { color: #fff; background: var(--bad); font-weight: 600; padding: 0 .4rem; }
small { display: block; color: var(--soft); min-width: 14rem; }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; font-size: .88rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; } figure, tr { break-inside: avoid; }
  nav { display: none; } }
</style>
</head>
<body>
<h1>Neural collapse: what is proved and what was measured</h1>
<p class="lead">Proved bounds beside small networks trained on this machine.
{{ figures | length }} figure{{ "" if figures | length == 1 else "s" }},
{{ ledger | length }} theorem{{ "" if ledger | length == 1 else "s" }}, preset
{{ provenance["preset"] }}.</p>
<nav><a href="#bounds">Bounds and measurements</a><a href="#figures">Figures</a>
<a href="#theorems">Theorems</a><a href="#provenance">Provenance</a></nav>

<h2 id="bounds">Bounds and measurements</h2>
<p class="note">Each theorem at the measurement where its slack was least (of a loss: relative to it), over
every run and every measured epoch where all its hypotheses hold ("checked" counts those). Slack is the
distance from measured value to bound; it is negative only if a bound is violated.</p>
{% if summary %}
<div class="scroll"><table>
<thead><tr><th>Theorem</th><th>Quantity</th><th class="n">Measured</th><th></th><th class="n">Bound</th>
<th class="n">Slack</th><th class="n">Checked</th><th>Verdict</th><th>Closest at</th></tr></thead>
<tbody>
{% for row in summary %}
<tr><td><code>{{ row.theorem }}</code></td><td>{{ row.quantity }}</td>
<td class="n">{{ row.measured | number }}</td><td>{{ row.direction }}</td>
<td class="n">{{ row.bound | number }}</td>
<td class="n">{{ row.slack | number }}</td><td class="n">{{ row.applicable }} of {{ row.cases }}</td>
<td><span class="{{ row.verdict.replace(" ", "-") }}">{{ row.verdict }}</span></td>
<td>{{ row.where }}</td></tr>
{% endfor %}
</tbody></table></div>
{% else %}
<p>No training runs belong to the chosen figures, so there is nothing to set beside the bounds.</p>
{% endif %}
{% for sweep, reason in skipped.items() %}
<p class="note">Skipped: {{ sweep }}. {{ reason }}</p>
{% endfor %}

<h2 id="figures">Figures</h2>
{% for figure in figures %}
<figure id="{{ figure.name }}">
<h3>{{ figure.title }}</h3>
<img src="{{ figure.image }}" alt="{{ figure.title }}">
<figcaption>{{ figure.caption }}
<span class="source">Source: {{ figure.source }}.
{% if figure.records %}{{ figure.records }} training run{{ "" if figure.records == 1 else "s" }}. {% endif %}
{% for name, verdict in figure.theorems.items() %}<code>{{ name }}</code>
<span class="{{ verdict }}">{{ verdict }}</span>
{%- if name in partly %} (not the whole statement: see <a href="#theorem-{{ name }}">its row</a>){% endif %}.
{% endfor %}
Files: <code>{{ figure.name }}.pdf</code>, <code>.png</code>, <code>.json</code>; content
<code>{{ figure.content_key }}</code>.</span></figcaption>
</figure>
{% endfor %}

<h2 id="theorems">Theorems</h2>
<p class="note">PROVED: derived by the rules of the kernel for all numbers of classes, samples and dimensions.
CERTIFIED: with interval arithmetic on the stated region. REFUTED: a witness is stored and re-evaluated.
UNDECIDED: neither; published statements and conjectures may stay so. A verdict on a published statement is
about the region below it, and says nothing about what is named as not covered.</p>
<div class="scroll"><table>
<thead><tr><th>Name</th><th>Says</th><th>Kind</th><th>Verdict</th><th class="n">Steps</th>
<th>Evidence</th><th>Source</th></tr></thead>
<tbody>
{% for row in ledger %}
<tr id="theorem-{{ row.name }}"><td><code>{{ row.name }}</code></td><td>{{ row.says }}</td>
<td>{{ row.kind }}</td>
<td><span class="{{ row.verdict }}">{{ row.verdict }}</span>
{% if row.region %}<small>Proved for: {{ row.region }}.</small>{% endif %}
{% if row.uncovered %}<small>Not covered: {{ row.uncovered }}.</small>{% endif %}
</td><td class="n">{{ row.steps }}</td>
<td>{{ row.evidence }}</td><td>{{ row.source }}</td></tr>
{% endfor %}
</tbody></table></div>

<h2 id="provenance">Provenance</h2>
<dl>
{% for label, text in provenance.items() %}
<dt>{{ label }}</dt><dd>{{ text }}</dd>
{% endfor %}
</dl>
</body>
</html>
"""
