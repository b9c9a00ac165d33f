"""How the user's page looks: light and dark, narrow and wide, on paper; no font and no picture from anywhere."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --page: #fbfaf8; --card: #fff; --text: #1d1d1f; --soft: #5b5b63; --line: #dcd9d3;
  --accent: #0b5c57; --warn-line: #b3541e; --warn: #fdf1e7; }
@media (prefers-color-scheme: dark) { :root { --page: #16181b; --card: #1e2125; --text: #ececee; --soft: #a9adb5;
  --line: #383c43; --accent: #74d3ca; --warn-line: #e79a63; --warn: #33251a; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.6 system-ui, sans-serif; }
header, nav, main, footer { max-width: 58rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
footer { padding-top: 1rem; padding-bottom: 3rem; color: var(--soft); font-size: .9rem; }
h1 { font-size: clamp(1.6rem, 5vw, 2.2rem); line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0; }
p { margin: .5rem 0; max-width: 44rem; }
.lead { font-size: 1.1rem; }
.soft { color: var(--soft); }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: 1rem 0 0; }
.glance { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.4rem, 1fr)); gap: .75rem; margin: 1rem 0 0; }
.glance div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; }
.glance dt { color: var(--soft); font-size: .85rem; }
.glance dd { margin: 0; font-size: 1.2rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.warning { border: 2px solid var(--warn-line); background: var(--warn); border-radius: .6rem; padding: .75rem 1rem;
  margin: 1.25rem 0; }
.warning p { margin: 0; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  margin: .75rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
caption { text-align: left; padding: .7rem .9rem; color: var(--soft); font-size: .85rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .9rem; border-top: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; font-size: .85rem; }
tbody th { font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .88em ui-monospace, monospace; overflow-wrap: anywhere; }
td.date { white-space: nowrap; font-variant-numeric: tabular-nums; }
.rights dt { margin-top: 1rem; }
.rights dd { margin: .2rem 0 0; max-width: 44rem; }
article { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem;
  margin: .75rem 0; }
article .text { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; max-width: none; }
article p.soft { font-size: .85rem; margin: 0; overflow-wrap: anywhere; }
article h4 { margin: .6rem 0 0; font-size: .85rem; color: var(--soft); }
@media print {
  :root { --page: #fff; --card: #fff; --text: #000; --soft: #333; --line: #999; --accent: #000; --warn: #fff; }
  nav, .skip { display: none; }
  .scroll { overflow: visible; border: 0; }
  tr, .glance div, .warning, h2, h3, caption { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  thead { display: table-header-group; }
  body { font-size: 10.5pt; }
}
"""
