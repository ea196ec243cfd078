# SPDX-License-Identifier: MIT
"""The page of the report: HTML and CSS with nothing loaded from outside."""

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Neural collapse: bounds and measurements</title>
<style>
:root { color-scheme: light dark; --page: #fff; --ink: #1c1f23; --soft: #555d66; --line: #dfe3e8;
  --good: #00614a; --bad: #a33b00; --link: #005a9c; }
@media (prefers-color-scheme: dark) { :root { --page: #15181c; --ink: #e6e8eb; --soft: #a7afb9;
  --line: #343a42; --good: #5fd0ab; --bad: #ff9d66; --link: #7db8ee; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.5rem 4rem; background: var(--page);
  color: var(--ink); overflow-wrap: anywhere;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .4rem; }
h2 { font-size: 1.2rem; margin: 3rem 0 .6rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.02rem; margin: 0 0 .6rem; }
a { color: var(--link); }
p.lead, figcaption, .note, summary { color: var(--soft); }
nav a { display: inline-block; margin-right: 1.1rem; padding: .2rem 0; }
figure { margin: 0 0 2.6rem; }
.paper { background: #fff; border-radius: 4px; overflow-x: auto; }
.paper img { width: 100%; height: auto; display: block; }
.paper.column img { max-width: 34rem; }
figcaption { font-size: .92rem; margin-top: .5rem; }
figcaption .source, figcaption details { display: block; font-size: .82rem; margin-top: .3rem; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; }
th, td { text-align: left; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { font-weight: 600; color: var(--soft); overflow-wrap: normal; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.PROVED, .CERTIFIED, .holds { color: var(--good); font-weight: 600; }
.REFUTED, .UNDECIDED, .contradicted { color: var(--bad); font-weight: 600; }
.not-applicable { color: var(--soft); }
.PROVED, .CERTIFIED, .REFUTED, .UNDECIDED { overflow-wrap: normal; }
.violated { color: #fff; background: #a33b00; font-weight: 600; padding: 0 .4rem; }
small { display: block; color: var(--soft); }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; font-size: .88rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; }
@media (max-width: 48rem) {
  body { padding: 1.2rem 1rem 3rem; }
  .paper.page img { width: 42rem; max-width: none; }
  thead { display: none; }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td, td.n { display: block; border: 0; padding: .05rem 0; text-align: left; white-space: normal; }
  td[data-label]:not(:empty)::before { content: attr(data-label) ": "; color: var(--soft); }
  dl { display: block; } dd { margin: 0 0 .5rem; }
}
@media print {
  :root { --page: #fff; --ink: #000; --soft: #333; --line: #bbb; --good: #00614a; --bad: #a33b00;
    --link: #000; }
  body { max-width: none; padding: 0; font-size: 11px; } nav { display: none; }
  figure, tr { break-inside: avoid; } .paper { overflow: visible; }
}
</style>
</head>
<body>
<h1>Neural collapse: what is proved and what was measured</h1>
<p class="lead">Proved or judged: {{ ledger | length }} theorem{{ "" if ledger | length == 1 else "s" }}
{%- if counts %} ({{ counts }}){% endif %}.
Measured: {{ runs | length }} training run{{ "" if runs | length == 1 else "s" }}
{%- if kept %}, {{ kept }} of them frozen, that is, read from the repository;
{%- if not frozen_compared %} the others are{% endif %}{% else %},
{%- endif %} compared with the bounds {{ comparisons }} times, {{ violated }} violated.
{% for label in ("hardware", "time of this call") if label in provenance %}
{{ label | capitalize }}: {{ provenance[label] }}.
{% endfor %}
Preset {{ provenance["preset"] }}.</p>
<nav><a href="#figures">Figures</a> <a href="#bounds">Bounds and measurements</a>
<a href="#theorems">Theorems</a> <a href="#runs">Runs</a> <a href="#provenance">Provenance</a></nav>

<h2 id="figures">Figures</h2>
{% for figure in figures %}
<figure id="{{ figure.name }}">
<h3>{{ figure.title }}</h3>
<div class="paper {{ "page" if figure.width > 4 else "column" }}"><img src="{{ figure.image }}"
 alt="{{ figure.title }}"></div>
<figcaption>{{ figure.caption }}
<span class="source">Source: {{ figure.source }}.
{% for name, verdict in figure.theorems.items() %}
{%- if name in listed %}<a href="#theorem-{{ name }}"><code>{{ name }}</code></a>
{%- else %}<code>{{ name }}</code>{% endif %}
 <span class="{{ verdict }}">{{ verdict }}</span>
{%- if name in partly %} (not the whole statement: see its row){% endif %}.
{% endfor %}
Files: <a href="{{ figure.name }}.pdf">PDF</a>, <a href="{{ figure.name }}.png">PNG</a>,
{% if figure.moving %}<a href="{{ figure.name }}.gif">GIF</a>,
{% endif %}
<a href="{{ figure.name }}.json">data and provenance</a>;
content <code>{{ figure.content_key }}</code>.</span>
{% if figure.moving %}<details><summary>Animation</summary>
<div class="paper column"><img src="{{ figure.moving }}" alt="{{ figure.title }}: animation"></div>
</details>{% endif %}
{% if figure.table %}<details><summary>As a table</summary>
<table><thead><tr>{% for text in figure.table.head %}<th>{{ text }}</th>{% endfor %}</tr></thead>
<tbody>{% for row in figure.table.rows %}
<tr>{% for text in row %}
<td data-label="{{ figure.table.head[loop.index0] }}">{{ text }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></details>{% endif %}
{% if figure.records %}<details><summary>{{ figure.records | length }} training run
{{- "" if figure.records | length == 1 else "s" }}</summary>
{% for key in figure.records %}<a href="#run-{{ key }}"><code>{{ key[:12] }}</code></a> {% endfor %}
</details>{% endif %}
</figcaption>
</figure>
{% endfor %}

<h2 id="bounds">Bounds and measurements</h2>
<p class="note">Each theorem at the measurement where its slack was least (of a loss: relative to it), over
every run and every measured epoch where all its hypotheses hold ("checked" counts those)
{%- if frozen_compared %}; of frozen runs, the last epoch{% endif %}. Slack is the
distance from measured value to bound; it is negative only if a bound is violated.</p>
{% if summary %}
<table>
<thead><tr><th>Theorem</th><th>Quantity</th><th class="n">Measured</th><th class="n">Bound</th>
<th class="n">Slack</th><th class="n">Checked</th><th>Verdict</th><th>Closest at</th></tr></thead>
<tbody>
{% for row in summary %}
<tr><td>{% if row.theorem in listed %}
<a href="#theorem-{{ row.theorem }}"><code>{{ row.theorem }}</code></a>
{%- else %}<code>{{ row.theorem }}</code>{% endif %}</td>
<td data-label="quantity">{{ row.quantity }}</td>
<td class="n" data-label="measured">{{ row.measured | number }}</td>
<td class="n" data-label="bound">{{ row.direction }} {{ row.bound | number }}</td>
<td class="n" data-label="slack">{{ row.slack | number }}</td>
<td class="n" data-label="checked">{{ row.applicable }} of {{ row.cases }}</td>
<td><span class="{{ row.verdict.replace(" ", "-") }}">{{ row.verdict }}</span></td>
<td data-label="closest at">{{ row.where }}</td></tr>
{% endfor %}
</tbody></table>
{% else %}
<p>No training runs belong to the chosen figures, so there is nothing to set beside the bounds.</p>
{% endif %}
{% for sweep, reason in skipped.items() %}
<p class="note">Skipped: {{ sweep }}. {{ reason }}</p>
{% endfor %}

<h2 id="theorems">Theorems</h2>
<p class="note">PROVED: derived by the rules of the kernel for all numbers of classes, samples and dimensions.
CERTIFIED: with interval arithmetic on the stated region. REFUTED: a witness is stored and re-evaluated.
UNDECIDED: neither; published statements and conjectures may stay so. A verdict on a published statement is
about the region below it, and says nothing about what is named as not covered.</p>
<table>
<thead><tr><th>Name</th><th>Says</th><th>Kind</th><th>Verdict</th><th class="n">Steps</th>
<th>Evidence</th><th>Source</th></tr></thead>
<tbody>
{% for row in ledger %}
<tr id="theorem-{{ row.name }}"><td><code>{{ row.name }}</code></td><td>{{ row.says }}</td>
<td data-label="kind">{{ row.kind }}</td>
<td><span class="{{ row.verdict }}">{{ row.verdict }}</span>
{% if row.region %}<small>Proved for: {{ row.region }}.</small>{% endif %}
{% if row.uncovered %}<small>Not covered: {{ row.uncovered }}.</small>{% endif %}
</td><td class="n" data-label="steps">{{ row.steps }}</td>
<td data-label="evidence">{{ row.evidence }}</td>
<td data-label="source">{{ row.source }}</td></tr>
{% endfor %}
</tbody></table>

<h2 id="runs">Runs</h2>
{% if runs %}
<p class="note">The training runs that the figures use, by the key of their record; how each ended.</p>
<table>
<thead><tr><th>Record</th><th>Sweep</th><th>Run</th><th class="n">Accuracy</th><th class="n">Loss</th>
<th class="n">Variability</th><th class="n">Seconds</th></tr></thead>
<tbody>
{% for row in runs %}
<tr id="run-{{ row.key }}"><td><code>{{ row.key }}</code></td><td data-label="sweep">{{ row.sweep }}</td>
<td>{{ row.what }}</td><td class="n" data-label="training accuracy">{{ row.accuracy | number }}</td>
<td class="n" data-label="loss">{{ row.loss | number }}</td>
<td class="n" data-label="within-class variability">{{ row.variability | number }}</td>
<td class="n" data-label="seconds">{{ row.seconds | number }}</td></tr>
{% endfor %}
</tbody></table>
{% else %}
<p>No figure of this page uses training runs.</p>
{% endif %}
{% if again %}
<h3 id="again">Frozen runs made again</h3>
<p class="note">Runs whose sweep begins with "frozen/" were not trained by this build: their records are kept
in the repository. These were drawn at random from them, trained again with this code on this machine, and
every number at every measured epoch was compared; the largest relative difference is shown.</p>
<table>
<thead><tr><th>Records</th><th>Run</th><th>Verdict</th><th class="n">Numbers</th>
<th class="n">Same bits</th><th>Largest difference</th><th class="n">Seconds</th></tr></thead>
<tbody>
{% for row in again %}
<tr><td>{{ row.file }}</td><td>{{ row.what }}</td>
<td><span class="{{ "violated" if row.verdict == "differs" else "holds" if row.verdict != "not run" }}">
{{- row.verdict }}</span></td>
<td class="n" data-label="numbers">{{ row.numbers }}</td>
<td class="n" data-label="same bits">{{ row.identical }}</td>
<td data-label="largest difference">{{ row.worst }}</td>
<td class="n" data-label="seconds">{{ row.seconds | number }}</td></tr>
{% endfor %}
</tbody></table>
{% endif %}

<h2 id="provenance">Provenance</h2>
<dl>
{% for label, text in provenance.items() %}
<dt>{{ label }}</dt><dd>{{ text }}</dd>
{% endfor %}
</dl>
</body>
</html>
"""
